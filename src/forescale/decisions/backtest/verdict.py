"""The ranking in a sentence or two, and what must be said of it."""

from collections.abc import Mapping, Sequence

from ...curves.curve import Curve
from ...errors import Caveat
from ...numerics import Floats
from .answer import ENOUGH_CURVES, ENOUGH_TARGETS, Measure, Rank, Score
from .ranking import n_hidden


def of_the_curves(curves: Mapping[str, Curve]) -> tuple[Caveat, ...]:
    """What the reader said of the curves, each sentence once with the names it is about."""
    said: dict[Caveat, list[str]] = {}
    for name, curve in curves.items():
        for caveat in dict.fromkeys(curve.caveats):
            said.setdefault(caveat, []).append(name)
    return tuple(
        c if len(who) == len(curves) else Caveat(c.code, f"{', '.join(who)}: {c.message}") for c, who in said.items()
    )


def judge(
    ranking: Sequence[Rank],
    keep: str,
    scores: Sequence[Score],
    hidden: Mapping[str, tuple[Floats, Floats]],
    rank_by: Measure,
) -> tuple[str, tuple[Caveat, ...]]:
    first, *rest = ranking
    n_targets, n_curves = n_hidden(hidden), len(hidden)
    where = f"{n_targets} hidden scale{'s' * (n_targets != 1)} of {n_curves} curve{'s' * (n_curves != 1)}"
    tied = [r.method for r in rest if not r.told_apart]
    warnings = []
    if n_targets < ENOUGH_TARGETS:
        text = f"the scores rest on {where}; below {ENOUGH_TARGETS}, a ranking and a coverage say little."
        warnings.append(Caveat("few_targets", text))
    if n_curves == 1 and rest:
        warnings.append(Caveat("one_curve", _ONE_CURVE))
    if tied:
        text = f"{', '.join(tied)} cannot be told from {first.method}: the gap is within noise."
        warnings.append(Caveat("within_noise", text))
    failed = sorted({s.method for s in scores if s.failed})
    if failed:
        warnings.append(Caveat("failed_methods", f"{', '.join(failed)} failed on some curves; see the reasons."))
    measure = "log density" if rank_by == "ll" else "RMSLE"
    head = f"{first.method} is first by {measure} on {where}"
    if not rest:
        return f"{first.method} alone was scored, on {where}.", tuple(warnings)
    if not tied and keep == first.method:
        return f"{head}, beyond noise.", tuple(warnings)
    if tied:
        few = n_targets < ENOUGH_TARGETS or n_curves == 1
        why = "too few points to tell" if n_targets < ENOUGH_TARGETS else "too few curves to tell"
        head = f"{head}, but that is {why if few else 'too close to tell'} it from {', '.join(tied)}"
    if keep != first.method:
        return f"{head}. Keep {keep}: {_why_keep(n_curves)}.", tuple(warnings)
    return f"{head}.", tuple(warnings)


def _why_keep(n_curves: int) -> str:
    if n_curves == 1:
        return "where one curve names another method, pfn is the better one on what follows in two cases of three"
    return f"another takes its place when {ENOUGH_CURVES} curves or more put it first, beyond noise"


_ONE_CURVE = "one curve cannot tell methods apart: its hidden points share one error."
