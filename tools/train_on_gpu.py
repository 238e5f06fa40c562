"""All networks of a release at once on one GPU, ending at a given time: `python3 tools/train_on_gpu.py --minutes 8`.

Each run is a process of its own that sets its steps from the pace it measures (training/pace.py), so that they all end
together on whole cosines, whatever they share the machine with. Weights and logs go to $OUT (or --out) as one archive;
a table is printed last. Where no GPU is, the same runs go on the CPU: `--minutes 1 --runs base:0:0` tries it.

Where the machine lacks our small dependencies, a folder of wheels goes with it: see `--site`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNS = "base:0:4,base:1:4,joint:0:2,joint:1:2,nsl-pfn:0:1,lc-pfn:0:1"
"""name:seed:workers of each run; workers draw the curves."""
KEPT = ("weights.safetensors", "weights.sha256", "log.jsonl")


def train(name: str, seed: int, workers: int, until: float, folder: Path) -> None:
    """One run, in this process."""
    from forescale.training.train import train as run

    if not name.startswith("base"):
        os.nice(5)  # the release's own network comes first where cores are short
    run(name, folder, seed=seed, workers=workers, until=until, progress=False)


def start(run: str, until: float, folder: Path) -> subprocess.Popen[bytes]:
    """A process that trains, its output in a file beside the weights."""
    folder.mkdir(parents=True, exist_ok=True)
    one_thread = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
    path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, __file__, "--one", run, "--until", repr(until), "--folder", str(folder)]
    with (folder / "output.txt").open("wb") as output:
        env = {**os.environ, **one_thread, "PYTHONPATH": path}
        return subprocess.Popen(command, env=env, stdout=output, stderr=subprocess.STDOUT)


def wait(processes: dict[str, subprocess.Popen[bytes]], folders: dict[str, Path], until: float) -> None:
    """Until all have ended or are half a minute late; a run that fails early ends the others, to be told at once."""
    early = time.time() + 60
    while any(p.poll() is None for p in processes.values()) and time.time() < until + 30:
        failed = [run for run, p in processes.items() if p.poll()]
        if failed and time.time() < early:
            for process in processes.values():
                process.kill()
            text = "\n".join(f"== {run}\n{(folders[run] / 'output.txt').read_text()[-1500:]}" for run in failed)
            raise SystemExit(f"Failed at the start, nothing was trained:\n{text}")
        time.sleep(0.5)
    for process in processes.values():
        process.terminate()


def account(folder: Path, until: float) -> str:
    """One line of a run: steps, curves, losses of the fixed batches, share of the time that waited for data."""
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()] if _logged(folder) else []
    last = next((line for line in reversed(lines) if "validation" in line), None)
    plans = [line["planned"] for line in lines if "planned" in line]
    if last is None:
        return "no result: " + (folder / "output.txt").read_text()[-200:].replace("\n", " ")
    waited = [line["data_share"] for line in lines if "data_share" in line]
    losses = " ".join(f"{name} {loss:.3f}" for name, loss in last["validation"].items())
    done = "done" if (folder / "weights.safetensors").exists() else "CUT"
    share = sum(waited) / max(len(waited), 1)
    ended = (folder / "log.jsonl").stat().st_mtime - until
    return (
        f"{done} {last['step']} steps, {last['curves'] / 1e6:.2f} M curves, {last['seconds']:.0f} s, "
        f"ended {ended:+.0f} s, waited for data {share:.0%}, plans {plans}, {losses}"
    )


def _logged(folder: Path) -> bool:
    return (folder / "log.jsonl").exists()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=8.0, help="from now to the last step of all runs")
    parser.add_argument("--runs", default=RUNS, help="name:seed:workers, with commas")
    parser.add_argument("--out", type=Path, default=Path(os.environ.get("OUT", "runs/gpu-out")))
    parser.add_argument("--work", type=Path, default=ROOT / "runs" / "gpu-work", help="where the runs are kept")
    parser.add_argument("--site", type=Path, help="archive of a folder `site` with further packages")
    parser.add_argument("--one", help="one run, in this process")
    parser.add_argument("--until", type=float)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.one:
        name, seed, workers = options.one.split(":")
        train(name, int(seed), int(workers), options.until, options.folder)
        return
    began = time.time()
    until = began + 60 * options.minutes
    options.out.mkdir(parents=True, exist_ok=True)
    if options.site:
        with tarfile.open(options.site) as archive:
            archive.extractall(options.work, filter="data")
        os.environ["PYTHONPATH"] = str(options.work / "site")
    runs = options.runs.split(",")
    folders = {run: options.work / run.rpartition(":")[0].replace(":", "-") for run in runs}
    wait({run: start(run, until, folders[run]) for run in runs}, folders, until)
    with tarfile.open(options.out / "runs.tar.gz", "w:gz", compresslevel=1) as archive:
        for folder in folders.values():
            for name in (*KEPT, "output.txt"):
                if (folder / name).exists():
                    archive.add(folder / name, f"{folder.name}/{name}")
    for run in runs:
        print(f"{run:<12} {account(folders[run], until)}")
    print(f"{time.time() - began:.0f} s in all")


if __name__ == "__main__":
    main()
