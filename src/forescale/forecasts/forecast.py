"""Forecast: a whole predictive distribution over y at each x asked, in the user's units."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..curves.curve import Curve
from ..curves.numbers import check_span, parse_number, positive_numbers
from ..errors import Caveat, CurveError
from ..numerics import Floats
from ..pages.answer import Answer
from ..spelling import option
from .caveats import refuse_other_unit, standard_caveats
from .distributions import Marginals
from .scaling import Measured, Scaling, measured

Kind = Literal["run", "curve"]
KINDS: tuple[Kind, Kind] = ("run", "curve")
DEFAULT_LEVELS = (0.5, 0.9)
_ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, eq=False, repr=False)
class Forecast(Answer):
    """T distributions over y, one for each x asked; each is an answer of its own.

    Attributes:
        x: shape (T,), as asked, in the unit of the context.
        kind: "run", what one new measurement would read; "curve", the noise-free trend.
        method: name in `forescale.methods()`.
        context: the Curve that was read.
        warnings: Caveats as data.
        note: what kind of distribution it is where that is less than a posterior, such as "plug-in".
        details: what the method has to report beside the distribution (fitted parameters, R-hat, ...).
        ask: the same method, kind and context at other x; what a smooth line in a figure is drawn from.
        reads_targets: whether it would move if another x were asked too.
    """

    x: Floats
    marginals: Marginals
    scaling: Scaling
    kind: Kind
    method: str
    context: Curve
    warnings: tuple[Caveat, ...] = ()
    note: str = ""
    details: dict[str, Any] | None = None
    ask: "Callable[[Floats], Forecast] | None" = None
    reads_targets: bool = False

    @property
    def median(self) -> Floats:
        """(T,), unit of y."""
        return self.quantile(0.5)

    @property
    def log_mean(self) -> Floats:
        """Mean of ln y, (T,); NaN where y can be negative."""
        return self._log_moments()[0]

    @property
    def log_std(self) -> Floats:
        """Standard deviation of ln y, (T,); infinite for a Student-t with 2 or fewer degrees of freedom."""
        return self._log_moments()[1]

    @property
    def extrapolation_ratio(self) -> Floats:
        """x over the largest context x, (T,)."""
        return self.x / self.context.x_max

    def quantile(self, p: ArrayLike) -> Floats:
        """The y below which a share p lies: (T,) for one level, (Q, T) for Q of them.

        Raises:
            CurveError: a level outside (0, 1).
        """
        levels = np.asarray(p, float)
        if not np.all((levels > 0) & (levels < 1)):
            raise CurveError(f"expected quantile levels inside (0, 1), got {p!r}. Try 0.05.")
        if not self.scaling.increasing:
            levels = 1 - levels
        return self.scaling.to_units(self.marginals.quantile(levels[..., None] if levels.ndim else levels))

    def interval(self, level: float = 0.9) -> tuple[Floats, Floats]:
        """Central interval that holds a share `level`: lower (T,), upper (T,)."""
        if not 0 < level < 1:
            raise CurveError(f"expected an interval level inside (0, 1), got {level}. Try 0.9.")
        lower, upper = self.quantile([(1 - level) / 2, (1 + level) / 2])
        return lower, upper

    def cdf(self, y: ArrayLike) -> Floats:
        """P(Y ≤ y), (T,) or (..., T); y scalar or broadcastable, 0 or 1 beyond what y can take."""
        y = np.asarray(y, float)
        low, high = self.scaling.measure.domain
        inside = self.marginals.cdf(self.scaling.to_scaled(self._within(y)))
        share = inside if self.scaling.increasing else 1.0 - inside
        return np.where(y <= low, 0.0, np.where(y >= high, 1.0, share))

    def prob_below(self, y: ArrayLike) -> Floats:
        """P(Y < y), the same number as `cdf` under a name that reads as the question."""
        return self.cdf(y)

    def prob_above(self, y: ArrayLike) -> Floats:
        """P(Y > y), 1 - `cdf`."""
        return 1.0 - self.cdf(y)

    def prob_better(self, y: ArrayLike) -> Floats:
        """P(Y at least as good as y): at most y for a loss, at least y where the curve is better when higher."""
        return self.prob_below(y) if self.scaling.increasing else self.prob_above(y)

    def log_prob(self, y: ArrayLike) -> Floats:
        """ln density per unit of y, (T,) or (..., T); finite wherever y can be, -inf elsewhere."""
        y = np.asarray(y, float)
        safe = self._within(y)
        low, high = self.scaling.measure.domain
        log_density = self.marginals.log_pdf(self.scaling.to_scaled(safe)) + self.scaling.log_jacobian(safe)
        return np.where((y <= low) | (y >= high), -np.inf, log_density)

    def sample(self, n: int = 1000, seed: int = 0) -> Floats:
        """(n, T) draws. Posteriors of laws give whole curves; other methods' rows share one quantile level."""
        return self.scaling.to_units(self.marginals.sample_rows(np.random.default_rng(seed), n))

    def take(self, index: "NDArray[np.intp] | slice") -> Self:
        """The same forecast of some of its targets."""
        return replace(self, x=self.x[index], marginals=self.marginals.take(index))

    def as_shortfall(self) -> Self:
        """The same answer over what y misses to its best value: positive, better when lower; itself for a loss.

        What ranks, divides or takes logarithms of answers reads this one, and needs no word about directions.
        """
        if not isinstance(self.scaling, Measured):
            return self
        ask = self.ask
        return replace(
            self,
            scaling=self.scaling.inner,
            context=self.context.as_shortfall(),
            ask=None if ask is None else AsShortfall(ask),
        )

    def _within(self, y: Floats) -> Floats:
        """y where it lies inside what the measure can take, elsewhere some value that does."""
        measure = self.scaling.measure
        low, high = measure.domain
        return np.where((y <= low) | (y >= high), measure.value(1.0), y)

    def with_warnings(self, *more: Caveat) -> Self:
        """The same forecast with further warnings."""
        return replace(self, warnings=(*self.warnings, *more))

    def on_a_grid(self) -> "Forecast":
        """The same question at 80 x from the first measurement (or target) to the last target: the trend of a figure.

        The forecast itself where it cannot be asked again.
        """
        if self.ask is None or self.reads_targets:
            return self
        start, top = min(self.x.min(), self.context.x[0]), max(self.x.max(), self.context.x_max)
        return self.ask(np.geomspace(start, top, 80))

    def _log_moments(self) -> tuple[Floats, Floats]:
        exact = self.scaling.log_moments(self.marginals.moments())
        if exact is not None:
            return exact
        y = self.quantile((np.arange(1000) + 0.5) / 1000)
        log_y = np.log(np.maximum(y, 1e-300))
        negative = y[0] < 0
        return np.where(negative, np.nan, log_y.mean(0)), np.where(negative, np.nan, log_y.std(0))


@dataclass(frozen=True)
class AsShortfall:
    """A question whose answers are wanted over the shortfall."""

    ask: Callable[[Floats], Forecast]

    def __call__(self, x: Floats) -> Forecast:
        return self.ask(x).as_shortfall()


@dataclass(frozen=True)
class InUnits:
    """A question to the shortfall of a curve whose answers are wanted in the unit of its y."""

    curve: Curve
    ask: Callable[[Floats], Forecast]

    def __call__(self, x: Floats) -> Forecast:
        return in_units_of(self.curve, self.ask(x))


def quantiles_of(forecasts: Sequence[Forecast], levels: ArrayLike) -> list[Floats]:
    """`quantile(levels)`, (Q, T), of many forecasts: the same digits, solved together where their shapes are alike."""
    p = np.asarray(levels, float)
    out: list[Floats | None] = [None] * len(forecasts)
    for group in _alike(forecasts):
        ends = np.cumsum([len(forecasts[i].x) for i in group])
        first = forecasts[group[0]]
        together = first.marginals.stacked([forecasts[i].marginals for i in group[1:]])
        asked = p if first.scaling.increasing else 1 - p
        every = np.split(together.quantile(asked[:, None]), ends[:-1], axis=1)
        for i, r_QT in zip(group, every, strict=True):
            out[i] = forecasts[i].scaling.to_units(r_QT)
    return [values for values in out if values is not None]


def _alike(forecasts: Sequence[Forecast]) -> list[list[int]]:
    """Places of forecasts whose distributions can be stacked, at most `_ROWS_AT_ONCE` targets together."""
    groups: list[list[int]] = []
    open_groups: list[tuple[Forecast, int, list[int]]] = []  # a head, its targets so far, its members
    for i, f in enumerate(forecasts):
        for k, (head, n_targets, members) in enumerate(open_groups):
            same = head.scaling.increasing == f.scaling.increasing and head.marginals.like(f.marginals)
            if same and n_targets + len(f.x) <= _ROWS_AT_ONCE:
                members.append(i)
                open_groups[k] = (head, n_targets + len(f.x), members)
                break
            if same:
                open_groups[k] = (f, len(f.x), [i])
                groups.append(open_groups[k][2])
                break
        else:
            open_groups.append((f, len(f.x), [i]))
            groups.append(open_groups[-1][2])
    return groups


def check_targets(at: ArrayLike, context: Curve) -> Floats:
    """The asked x as (T,) float64; text such as "7B" is read, and "10x" is ten times the largest x measured.

    Raises:
        CurveError: none at all, not 1-D, one that is not positive and finite, or one in another unit.
    """
    x = read_targets(at, context.x_max, context.label)
    ends = np.array([x.min(), x.max(), context.x[0], context.x_max])
    check_span(ends, f"targets and {context.x_name}", context.label)
    refuse_other_unit(context, x)
    return x


def read_targets(at: ArrayLike, x_max: float, where: str) -> Floats:
    """The asked x as (T,) float64, not held against a curve yet.

    Raises:
        CurveError: none at all, not 1-D, or one that is not positive and finite.
    """
    values: Any = [at] if np.isscalar(at) else at
    if isinstance(values, list | tuple) and any(isinstance(v, str) for v in values):
        values = [relative(v) * x_max if is_relative(v) else v for v in values]
    x = positive_numbers(values, "targets", where)
    if x.size == 0:
        raise CurveError(f"expected at least one target, got an empty list ({where}). Try {option('at', 1e12)}.")
    return x


def is_relative(value: object) -> bool:
    """Whether a target is a multiple of the largest x measured, such as "10x"."""
    return isinstance(value, str) and value.strip()[-1:] in ("x", "×", "X") and value.strip()[:-1].strip() != ""


def relative(text: str) -> float:
    """10 of "10x".

    Raises:
        CurveError: no number before the x.
    """
    try:
        return parse_number(text.strip()[:-1])
    except ValueError:
        raise CurveError(f"expected a multiple such as 10x, got '{text}'. It is taken of the largest x.") from None


def asked_of(curves: Mapping[str, Curve], at: ArrayLike | Mapping[str, ArrayLike]) -> dict[str, Floats]:
    """The targets of each curve: the same for all of them, or the curve's own.

    Raises:
        CurveError: unusable targets, or a curve that has none.
    """
    if isinstance(at, Mapping) and (left_out := [name for name in curves if name not in at]):
        raise CurveError(f"expected targets for every curve, got none for {left_out[:3]}. Add them to `at`.")
    return {name: check_targets(at[name] if isinstance(at, Mapping) else at, c) for name, c in curves.items()}


def check_seed(seed: int) -> int:
    """`seed` itself, if every generator takes it.

    Raises:
        CurveError: negative, or of more than 63 bits.
    """
    if not (isinstance(seed, int | np.integer) and 0 <= seed < 2**63):
        raise CurveError(
            f"expected a whole {option('seed')} from 0 to 2^63 - 1, got {seed!r}. Try {option('seed', 0)}."
        )
    return int(seed)


def check_kind(kind: str) -> Kind:
    """`kind` itself, if it is one."""
    if kind not in KINDS:
        raise CurveError(f"expected kind 'run' or 'curve', got '{kind}'. 'run' is one new measurement.")
    return kind


def in_units_of(curve: Curve, answer: Forecast) -> Forecast:
    """A method's answer over the shortfall of a curve, in the unit of its y."""
    if curve.measure.plain and answer.context is curve:
        return answer
    ask = None if answer.ask is None else InUnits(curve, answer.ask)
    return replace(answer, context=curve, scaling=measured(answer.scaling, curve.measure), ask=ask)


def finished(answer: Forecast, ask: Callable[[Floats], Forecast]) -> Forecast:
    """A method's answer with the warnings that every method must give, and a way to ask it again."""
    return replace(answer, warnings=(*answer.warnings, *standard_caveats(answer.context, answer.x)), ask=ask)
