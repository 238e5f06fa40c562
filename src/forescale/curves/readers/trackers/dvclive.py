"""DVCLive's `plots/metrics/NAME.tsv`: a step and a value a line. The folder above `plots` is a run."""

from pathlib import Path

from .run import Run

PATTERN = "plots/metrics/**/*.tsv"
WHAT = "DVCLive's plots/metrics/"


def read(folder: Path, files: list[Path]) -> list[Run]:
    """One run for each folder that holds `plots/metrics`, named by its path from `folder`."""
    runs: dict[Path, Run] = {}
    for path in sorted(files):
        home = next(p for p in path.parents if p.name == "metrics" and p.parent.name == "plots")
        root = home.parents[1]
        name = root.relative_to(folder).as_posix() if root != folder else root.resolve().name
        run = runs.setdefault(root, Run(name))
        metric = path.relative_to(home).with_suffix("").as_posix()
        lines = [line.split("\t") for line in path.read_text("utf-8", "replace").splitlines()]
        at = lines[0].index("step") if lines and "step" in lines[0] else 0  # a time may stand before it
        for cells in lines[1:]:
            try:
                run.add(metric, float(cells[at]), float(cells[-1]))
            except (ValueError, IndexError):
                run.truncated = True
    return list(runs.values())
