"""What every answer must say of its context and its targets, whatever the method: warnings as data."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..curves.curve import Curve
from ..curves.numbers import count
from ..curves.thinning import Reading
from ..curves.words import LOSSES, STEPS, says, unit_in
from ..errors import Caveat, CurveError
from ..numerics import Floats
from ..spelling import option

FAR = 100.0
"""Beyond this multiple of the largest context x a forecast says that it is far."""
DOUBTFUL = 1e4
"""Beyond this multiple a target may be in another unit, and the forecast asks."""
_FLOORS = (1 - np.geomspace(0.01, 1.0, 40))[:, None]
"""Floors of a law, as shares of the smallest y."""
STEEP = 2.0
"""Above this exponent a network says that it was taught few such laws."""
FEW = 5
"""Below this many context points a forecast says that they are few."""
_EVEN = 10
"""From this many evenly spaced steps on, a table is the log of one run."""


def standard_caveats(context: Curve, x: Floats) -> tuple[Caveat, ...]:
    """The caveats of a context and its targets (T,), in the user's words and units."""
    out = list(context.caveats)
    if context.n < FEW:
        out.append(Caveat("few_points", f"only {context.n} context points: the law behind them is a guess."))
    out += _about_targets(context, x)
    turned = turned_up(context)
    if turned is not None:
        out.append(turned)
    elif rises(context):
        out.append(Caveat("not_decreasing", _rising_text(context)))
    if _is_log_of_a_run(context) and float(x.max()) > context.x_max:
        text = (
            f"{context.n} evenly spaced readings by {context.x_name} look like the log of one run: if its learning "
            "rate is yet to decay, the run will end better than this."
        )
        out.append(Caveat("decay_ahead", text))
    return tuple(out)


def refuse_other_unit(context: Curve, x: Floats) -> None:
    """Refuse a target that is meant in another unit, where the name of x says which.

    Raises:
        CurveError: naming the number that was probably meant.
    """
    unit = unit_in(context.x_name)
    top = float(np.max(x))
    if unit is not None and top / context.x_max > DOUBTFUL and 0.1 <= top / unit / context.x_max <= DOUBTFUL:
        raise CurveError(
            f"expected targets in the unit of '{context.x_name}', whose largest is {context.x_max:g}, got {top:g}; "
            f"did you mean {top / unit:g}? ({context.label})"
        )


def rises(context: Curve) -> bool:
    """Whether the last third lies above the first third and a log-log line through all points does not fall; of what
    is missing to the best value."""
    third = max(1, context.n // 3)
    u, v = np.log(context.x), np.log(context.shortfall)
    slope = float(np.sum((u - np.add.reduce(u) / len(u)) * (v - np.add.reduce(v) / len(v))))  # `mean`, in half its time
    return slope >= 0 and float(np.median(v[-third:])) >= float(np.median(v[:third]))


def refuse_rising(curves: Mapping[str, Curve]) -> None:
    """Refuse to rank or reach by curves that all rise and whose name says nothing: which way is better?

    Raises:
        CurveError: naming the option that says it.
    """
    every = list(curves.values())
    first = every[0]
    open_way = first.measure.plain and not first.measure.said and not says(first.y_name, LOSSES - {"y"})
    if open_way and all(rises(curve) for curve in every):
        raise CurveError(
            f"expected {first.y_name} to fall with {first.x_name}, got "
            f"{'a curve that rises' if len(every) == 1 else f'{len(every)} curves that all rise'}. "
            f"If more is better, say so with {option('better', 'higher')}; if not, with {option('better', 'lower')}."
        )


def turned_up(context: Curve) -> Caveat | None:
    """The caveat of a curve whose best reading is behind it, by more than its noise; None elsewhere."""
    x, v, y = _levels(context)
    if len(v) < 4 or int(np.argmin(v)) >= len(v) - 2:
        return None
    bend = v[1:-1] - 0.5 * (v[:-2] + v[2:])
    noise = 1.4826 * float(np.median(np.abs(bend))) / np.sqrt(1.5)
    if len(v) >= 8:  # one lucky reading is no minimum
        v = np.median(np.stack([np.append(v[0], v[:-1]), v, np.append(v[1:], v[-1])]), axis=0)
    best = int(np.argmin(v))
    after = len(v) - 1 - best
    if after < 2 or best == 0:
        return None
    last = np.arange(len(v)) >= len(v) - max(1, after // 2)
    rise = float(v[last].mean() - v[best])
    if rise <= max(5 * noise, 0.01):
        return None
    now, name = float(np.median(y[last])), context.y_name
    if context.better == "higher" or not context.measure.plain:
        side = "highest" if context.better == "higher" else "lowest"
        told = f"{name} was {side} at {context.x_name} {x[best]:g} ({y[best]:.4g}) and is {now:.4g} since"
    else:
        more = 100 * (now / y[best] - 1)
        told = f"{name} was lowest at {context.x_name} {x[best]:g} and is {more:.2g} % higher since"
    return Caveat("turned_up", f"{told}: over-fitting? The best checkpoint is not a trend.")


def taught(context: Curve, used: Reading) -> tuple[Caveat, ...]:
    """What a network must say: a slope it was hardly taught, readings so smooth that their digits are the noise."""
    out = []
    u, v = np.log(used.x), np.log(used.y)
    u = u - u.mean()
    slope = -float(np.sum(u * v) / np.sum(u * u))
    if slope > STEEP:
        text = (
            f"{context.y_name} falls as {context.x_name} to the power -{slope:.2g}: few of the laws that the network "
            "was taught are so steep, and its medians far out tend to be too high. Compare with m1."
        )
        out.append(Caveat("outside_prior", text))
    digit = float(np.median(used.step)) / np.sqrt(12)
    if 4 <= used.n <= 100 and digit > 0 and _scatter(u, used.y) < 1.5 * digit:
        text = (
            f"{context.y_name} follows a law as closely as its last digit ({float(used.step[0] * used.y[0]):.1g}) can "
            "tell: no reading is taken for better known than that."
        )
        out.append(Caveat("rounded", text))
    return tuple(out)


def _scatter(u: Floats, y: Floats) -> float:
    """Standard deviation in ln y about the closest of the power laws whose floor is 0 to 99 % of the smallest y."""
    above = y - _FLOORS * y.min()
    z = np.log(above)
    left = z - z.mean(axis=1, keepdims=True) - (z @ u / (u @ u))[:, None] * u
    return float(np.sqrt(np.sum((left * above / y) ** 2, axis=1).min() / (len(y) - 3)))


def _rising_text(context: Curve) -> str:
    if context.better == "higher":
        return f"{context.y_name} does not rise with {context.x_name}, though it is better when higher."
    if says(context.y_name, frozenset({"loss", "perplexity", "nll"})):
        return f"{context.y_name} does not fall with {context.x_name}; a loss is expected to."
    return (
        f"{context.y_name} does not fall with {context.x_name}; a loss or error is expected. "
        f"If it is an accuracy, say so with {option('better', 'higher')}: then 1 − accuracy is forecast."
    )


def _about_targets(context: Curve, x: Floats) -> list[Caveat]:
    out = []
    first, low, high = float(context.x[0]), float(x.min()), float(x.max())
    name, ratio = context.x_name, high / context.x_max
    if ratio > FAR:
        text = f"the farthest target is {ratio:.3g} times the largest {name} measured; nothing checks it."
        out.append(Caveat("far_extrapolation", text))
    if ratio > DOUBTFUL:
        out.append(_other_unit(context, high, -1))
    if low <= context.x_max and (inside := int(np.sum((x >= first) & (x <= context.x_max)))):
        lie = "lies" if inside == 1 else "lie"
        text = f"{count(inside, 'target')} {lie} inside the measured range of {name}: that is interpolation."
        out.append(Caveat("interpolation", text))
    if low < first:
        below = int(np.sum(x < first))
        lie = "lies" if below == 1 else "lie"
        text = (
            f"{count(below, 'target')} {lie} below the smallest {name} measured ({first:.4g}): the law may begin later."
        )
        out.append(Caveat("below_range", text))
    if low < first / DOUBTFUL:
        out.append(_other_unit(context, low, 1))
    return out


def _other_unit(context: Curve, x: float, way: int) -> Caveat:
    """The caveat of a target ten thousand times out of range, with the number that may have been meant."""
    unit = unit_in(context.x_name)
    scales = ([] if unit is None else [unit]) + [1e9, 1e6, 1e3, 1e12]
    meant = [x * scale**way for scale in scales]
    likely = [m for m in meant if 0.5 * context.x_max <= m <= DOUBTFUL * context.x_max]
    ask = f"; did you mean {likely[0]:g}?" if likely else ". Is it in the same unit?"
    side, end = ("largest", context.x_max) if way < 0 else ("smallest", float(context.x[0]))
    return Caveat("unit_doubtful", f"{x:g} is asked, where the {side} {context.x_name} measured is {end:g}{ask}")


def _levels(context: Curve) -> tuple[Floats, Floats, Floats]:
    """x, ln of the shortfall and y at up to 40 places: means of repeated x, and of neighbours in a long log."""
    x, v, y = context.x, np.log(context.shortfall), context.y
    if len(x) <= 40 and bool((x[1:] > x[:-1]).all()):
        return x, v, y
    starts = np.flatnonzero(np.append(True, np.diff(x) > 0))
    if len(starts) > 40:
        starts = starts[np.linspace(0, len(starts), 40, endpoint=False).astype(int)]
    sizes = np.diff(np.append(starts, len(x)))
    x, v, y = (np.add.reduceat(values, starts) / sizes for values in (x, v, y))
    return x, v, y


def _is_log_of_a_run(context: Curve) -> bool:
    """Whether x is a step and its readings are evenly spaced: one run's own log."""
    if context.n < _EVEN or not says(context.x_name, STEPS):
        return False
    gaps: NDArray[np.float64] = np.diff(context.x)
    usual = float(np.median(gaps))
    return usual > 0 and float(np.mean(np.abs(gaps - usual) <= 0.01 * usual)) >= 0.9
