"""Asked during the run: a watch at 25, 50, 75 and 90 % of real logs, scored on the mean of the last readings.

Real logs are those of the data folder that are logs of one run over its steps or tokens; beside them logs of our own
under schedules (lab/schedules.py), whose decay a watch cannot see before it begins: small networks, and SGD whose loss
is known exactly. On the latter alone the one number of a watch, GAIN_STD, was chosen: `python -m lab during --gain 0.3`
asks with another.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from benchmark.markdown import markdown
from benchmark.methods import key_of
from benchmark.suites.papers import load_suite
from benchmark.suites.world import world

import forescale as fs
from forescale.integrations import watch
from forescale.method.registry import find_method

from .experiment import Experiment, Found, Task
from .schedules import EXACT, SCHEDULES, Floats, exact_logs, logs

SHARES = (0.25, 0.5, 0.75, 0.9)
LAST = 0.97
"""From this share of the run on, readings are the end; their geometric mean is the truth."""
REAL = ("colpret", "gemstones_tokens", "olmo_tokens_loss", "moe_steps", "rl_crl_shortfall")
FEWEST = 16
"""Logs with fewer readings are left out."""


def runs_of(suite: str, own_runs: int) -> Iterator[tuple[Floats, Floats]]:
    """(steps, readings) of each log, rising in steps."""
    if suite.startswith("sgd_"):
        yield from exact_logs(suite.removeprefix("sgd_"), 100)
        return
    if suite in SCHEDULES:
        yield from logs(suite, own_runs)
        return
    problems = load_suite(suite) if suite == "colpret" else [p for p in world() if p.suite == suite]
    for p in problems:
        x, y = np.concatenate([p.context.x, p.x]), np.concatenate([p.context.y, p.y])
        order = np.argsort(x, kind="stable")
        if len(x) >= FEWEST:
            yield x[order], y[order]


def asked(x: Floats, y: Floats, share: float, method: str) -> dict[str, float] | None:
    """One answer against the truth; None where too little was seen."""
    asking = fs.watch(x[-1], start=0.1, every=1.0, method=method)
    seen = x <= share * x[-1]
    for step, value in zip(x[seen], y[seen], strict=True):
        asking.note(step, value)
    answer = asking.ask()
    if answer is None:
        return None
    truth = float(np.exp(np.log(y[x >= LAST * x[-1]]).mean()))
    last = float(np.exp(np.log(y[seen][-max(1, seen.sum() // 20) :]).mean()))
    (low,), (high,) = answer.interval(0.9)
    return {
        "error": float(np.log(answer.median[0] / truth)),
        "last": float(np.log(last / truth)),
        "inside": float(low <= truth <= high),
        "width": float(np.log(high / low)),
    }


def tasks(own_runs: int = 12, method: str = "pfn", gain: float = watch.GAIN_STD, only: str = "") -> dict[str, Task]:
    """Real logs and our own.

    Args:
        own_runs: networks of our own for each schedule.
        method: who answers.
        gain: GAIN_STD of the watch.
        only: such as sgd_cosine,colpret; all of them where left out.
    """
    key = {**key_of(method), "own_runs": own_runs, "gain": gain}
    suites = only.split(",") if only else [*REAL, *SCHEDULES, *(f"sgd_{schedule}" for schedule in EXACT)]
    return {s: Task(partial(measure, s, own_runs, method, gain), key) for s in suites}


def measure(suite: str, own_runs: int, method: str, gain: float) -> dict[str, Any]:
    """For each share of the run: how many logs, median error, coverage of 90 %, width."""
    watch.GAIN_STD = gain
    runs = list(runs_of(suite, own_runs))
    found: dict[str, Any] = {"weights": find_method(method).fingerprint[:12], "gain": gain}
    for share in SHARES:
        rows = [row for x, y in runs if (row := asked(x, y, share, method)) is not None]
        columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
        found[f"{share:g}"] = {
            "n": len(rows),
            "error": round(float(np.median(np.abs(columns["error"]))), 4),
            "bias": round(float(np.median(columns["error"])), 4),
            "last": round(float(np.median(np.abs(columns["last"]))), 4),
            "coverage": round(float(columns["inside"].mean()), 3),
            "width": round(float(np.median(columns["width"])), 4),
        }
    return found


def page(found: Found) -> str:
    """A row for each set of logs, three columns of figures for each share of the run."""
    head = ["logs", "n", *(f"{100 * s:.0f} %: error / repeating the last / held" for s in SHARES)]
    table = [head]
    for suite, facts in found.items():
        cells = [facts[f"{s:g}"] for s in SHARES]
        row = [f"{c['error']:.3f} ({c['bias']:+.3f}) / {c['last']:.3f} / {c['coverage']:.2f}" for c in cells]
        table.append([suite, str(cells[0]["n"]), *row])
    weights = " and ".join(sorted({facts["weights"] for facts in found.values()}))
    return (
        "Median error of ln y (and its median with sign), that of repeating the mean of the last twentieth, and the "
        f"share of ends inside the 90 % interval; weights {weights}.\n\n{markdown(table)}"
    )


EXPERIMENT = Experiment(
    "during",
    "Asked at half of a run, a watch is nearer to its end than its last readings are, and its 90 % interval holds it.",
    tasks,
    page,
    docs="guides/during-training.md",
)
