"""How fast it is, beside what was promised: one small table, in CPU time, so that a busy machine measures the same.

A row holds if its ratio is at most 1: what was measured over what was promised, or the other way round for speeds.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import forescale as fs
from forescale.prior import make_prior

ROOT = Path(__file__).parents[1]
X = np.geomspace(1e6, 1e9, 20)
AT = np.geomspace(2e9, 1e12, 10)


@dataclass(frozen=True)
class Row:
    """One measurement and its promise; `speed` is true where more is better."""

    what: str
    measured: float
    promised: float
    unit: str
    speed: bool = False

    @property
    def ratio(self) -> float:
        return self.promised / self.measured if self.speed else self.measured / self.promised


def cpu_seconds(function: Callable[[], object], repeats: int) -> float:
    """CPU time of one call, the median of `repeats`; all threads counted."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return float(np.median(times))


def a_curve(rng: np.random.Generator, n: int = 20) -> fs.Curve:
    """n points; the first ones of X, or as many more within its range."""
    x = np.geomspace(X[0], X[-1], max(n, X.size))[:n]
    return fs.Curve(x, (0.5 + 60 * x**-0.25) * np.exp(0.01 * rng.normal(size=n)))


def shell() -> Row:
    """`forescale forecast` on 20 points and 10 targets, from the start of Python to the printed table."""
    table = "tokens,loss\n" + "".join(f"{x},{y}\n" for x, y in zip(X, a_curve(np.random.default_rng(0)).y, strict=True))
    command = [sys.executable, "-c", "from forescale.cli import main; main()", "forecast", "-", "--at"]
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*command, ",".join(map(str, AT))], input=table, text=True, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return Row("forescale forecast, 20 points, 10 targets", float(np.median(times)), 1.2, "s")


def warm(n: int) -> Row:
    """One forecast from n points in a running process, with its median and two intervals."""
    curve = a_curve(np.random.default_rng(0), n)
    seconds = cpu_seconds(lambda: fs.forecast(curve, AT).quantile([0.05, 0.25, 0.5, 0.75, 0.95]), 30)
    return Row(f"one warm forecast with its quantiles, {n} points", 1e3 * seconds, 5, "ms")


def during() -> Row:
    """What a watch over a run takes for an answer, its readings noted before."""
    rng, watch = np.random.default_rng(0), fs.watch(2_000)
    for step in range(1, 1_500):
        watch.note(step, (1 + 3 * step**-0.4) * np.exp(0.1 * rng.normal()))
    return Row("an answer during training, 1,500 readings", 1e3 * cpu_seconds(watch.ask, 30), 15, "ms")


def batched() -> Row:
    """A thousand curves of 3 to 20 points, 10 targets each, with their medians; on one core, promised on two."""
    rng = np.random.default_rng(0)
    curves = {str(i): a_curve(rng, 3 + i % 18) for i in range(1000)}
    seconds = cpu_seconds(lambda: [f.median for f in fs.forecast_many(curves, AT).values()], 3)
    return Row("forecasts of 1,000 curves with their medians", 1000 / seconds, 1000, "curves/s", speed=True)


def cheaper_than_mcmc() -> Row:
    """How many forecasts of one of 1,000 curves of 20 points, medians at 10 targets, the CPU of one MCMC of M4 buys."""
    rng = np.random.default_rng(0)
    curves = {str(i): a_curve(rng) for i in range(1000)}
    ours = cpu_seconds(lambda: [f.median for f in fs.forecast_many(curves, AT).values()], 3) / 1000
    mcmc = cpu_seconds(lambda: fs.forecast(curves["0"], AT, method="mcmc-m4").median, 3)
    return Row("pfn cheaper per curve than mcmc-m4, batched", mcmc / ours, 1000, "times", speed=True)


def prior(name: str, n_contexts: np.ndarray, promised: float, label: str) -> Row:
    """Curves drawn in batches of the size that training uses, 10 targets each."""
    generator, rng = make_prior(name), np.random.default_rng(0)
    sizes = [(int(n), max(16, 2500 // (int(n) + 10))) for n in n_contexts]
    generator.sample(rng, 50, 20, 10)
    seconds = cpu_seconds(lambda: [generator.sample(rng, b, n, 10) for n, b in sizes], 3)
    return Row(f"prior '{name}', {label}", sum(b for _, b in sizes) / seconds, promised, "curves/s", speed=True)


def install() -> Row:
    """A fresh environment with the default install, as `du -sm` weighs it."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([f"{folder}/bin/pip", "install", "-q", str(ROOT)], check=True, capture_output=True)
        size = subprocess.run(["du", "-sm", folder], check=True, capture_output=True, text=True).stdout.split()[0]
    return Row("default environment", float(size), 560, "MB")


def speed(with_install: bool = False) -> None:
    """How fast it is, beside what was promised.

    Args:
        with_install: also install the package into a fresh environment and weigh it.
    """
    log_uniform = np.exp(np.random.default_rng(1).uniform(np.log(3), np.log(101), 60))
    rows = [
        shell(),
        warm(20),
        warm(100),
        during(),
        batched(),
        cheaper_than_mcmc(),
        prior("ours", log_uniform, 10_000, "3 to 100 points, log-uniform"),
        prior("paper", np.full(10, 190), 5_000, "200 points"),
        *([install()] if with_install else []),
    ]
    print(f"{'what':<48} {'measured':>9} {'promised':>9}  {'unit':<9} {'ratio':>5}")
    for row in rows:
        print(f"{row.what:<48} {row.measured:>9.4g} {row.promised:>9.4g}  {row.unit:<9} {row.ratio:>5.2f}")
