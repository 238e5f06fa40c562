"""Forecast: a whole predictive distribution over y at each x asked, in the user's units."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..curves.curve import Curve, count, positive_numbers
from ..errors import Caveat, CurveError
from ..spelling import option
from .distributions import Marginals
from .scaling import LogScaling, Scaling

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
Kind = Literal["run", "curve"]
KINDS: tuple[Kind, Kind] = ("run", "curve")
DEFAULT_LEVELS = (0.5, 0.9)

FAR = 100.0
"""Beyond this multiple of the largest context x a forecast says that it is far."""
MANY_TARGETS = 12
"""Above this many targets a figure shows the band alone, without a whisker at each of them."""
FEW = 5
"""Below this many context points a forecast says that they are few."""


@dataclass(frozen=True, eq=False)
class Forecast:
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

    @property
    def median(self) -> Floats:
        """(T,), unit of y."""
        return self.quantile(0.5)

    @property
    def log_mean(self) -> Floats:
        """Mean of ln y, (T,)."""
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
        return self.scaling.to_units(self.marginals.quantile(levels[..., None] if levels.ndim else levels))

    def interval(self, level: float = 0.9) -> tuple[Floats, Floats]:
        """Central interval that holds a share `level`: lower (T,), upper (T,)."""
        if not 0 < level < 1:
            raise CurveError(f"expected an interval level inside (0, 1), got {level}. Try 0.9.")
        lower, upper = self.quantile([(1 - level) / 2, (1 + level) / 2])
        return lower, upper

    def cdf(self, y: ArrayLike) -> Floats:
        """P(Y ≤ y), (T,) or (..., T); y scalar or broadcastable, 0 where y ≤ 0."""
        y = np.asarray(y, float)
        inside = self.marginals.cdf(self.scaling.to_scaled(np.where(y <= 0, 1.0, y)))
        return np.where(y <= 0, 0.0, inside)

    def prob_below(self, y: ArrayLike) -> Floats:
        """P(Y < y), the same number as `cdf` under a name that reads as the question."""
        return self.cdf(y)

    def log_prob(self, y: ArrayLike) -> Floats:
        """ln density per unit of y, (T,) or (..., T); finite wherever y > 0, -inf elsewhere."""
        y = np.asarray(y, float)
        safe = np.where(y <= 0, 1.0, y)
        log_density = self.marginals.log_pdf(self.scaling.to_scaled(safe)) + self.scaling.log_jacobian(safe)
        return np.where(y <= 0, -np.inf, log_density)

    def sample(self, n: int = 1000, seed: int = 0) -> Floats:
        """(n, T) draws. Posteriors of laws give whole curves; other methods' rows share one quantile level."""
        return self.scaling.to_units(self.marginals.sample_rows(np.random.default_rng(seed), n))

    def with_warnings(self, *more: Caveat) -> Self:
        """The same forecast with further warnings."""
        return replace(self, warnings=(*self.warnings, *more))

    def rows(self, levels: Sequence[float] = DEFAULT_LEVELS) -> list[dict[str, Any]]:
        """One dict for each x: the columns of `forescale forecast --csv`."""
        ends = sorted({end for level in levels for end in ((1 - level) / 2, (1 + level) / 2)})
        columns: dict[str, Any] = {"median": self.median}
        columns |= {quantile_name(p): y for p, y in zip(ends, self.quantile(ends), strict=True)}
        columns["extrapolation_ratio"] = self.extrapolation_ratio
        codes = ";".join(w.code for w in self.warnings)
        head = {"method": self.method, "kind": self.kind}
        return [
            {"group": self.context.name, "x": float(x), **head}
            | {name: float(values[i]) for name, values in columns.items()}
            | {"warnings": codes}
            for i, x in enumerate(self.x)
        ]

    def to_frame(self, levels: Sequence[float] = DEFAULT_LEVELS) -> "pd.DataFrame":
        """`rows` as a pandas DataFrame."""
        import pandas as pd

        return pd.DataFrame(self.rows(levels))

    def plot(self, path: str | Path | None = None, *, hidden: tuple[Floats, Floats] | None = None) -> "Figure":
        """Context, median, 50 and 90 % bands and the targets; saved where a path is given.

        Args:
            path: where to save it; the ending decides the format.
            hidden: x and y of measurements that the forecast did not see, drawn open.
        """
        from ..pages import picture as figures

        figure, axes = figures.new_figure()
        self.draw(axes[0, 0], hidden=hidden)
        figures.legend_outside(figure, axes[0, 0])
        if path is not None:
            figures.save(figure, path)
        return figure

    def draw(
        self,
        ax: "Axes",
        *,
        hidden: tuple[Floats, Floats] | None = None,
        colour: str | None = None,
        context: bool = True,
    ) -> None:
        """The same on one axes of your own; `context=False` leaves out the points and the axes' scales."""
        from ..pages import picture as figures

        colour = colour or figures.COLOURS[0]
        line = self.on_a_grid()
        order = np.argsort(line.x)
        bands = {level: line.interval(level) for level in DEFAULT_LEVELS}
        if context:
            figures.draw_points(ax, self.context.x, self.context.y, "context")
            if hidden is not None:
                figures.draw_points(ax, *hidden, "hidden from the forecast", hidden=True)
        figures.draw_bands(
            ax,
            line.x[order],
            line.median[order],
            {level: (low[order], high[order]) for level, (low, high) in bands.items()},
            f"{self.method} median ({self.kind})",
            colour,
        )
        if hidden is None and len(self.x) <= MANY_TARGETS:
            figures.draw_targets(ax, self.x, self.median, *self.interval(0.9), colour)
        if context:
            every_y = np.concatenate([self.context.y, self.median])
            every_x = np.concatenate([self.context.x, self.x])
            figures.choose_axes(ax, every_x, every_y, self.context.x_name, self.context.y_name)

    def on_a_grid(self) -> "Forecast":
        """The same question at 80 x from the end of the context (or the first target) to the last target.

        The forecast itself where it cannot be asked again.
        """
        if self.ask is None or any(w.code == "depends_on_targets" for w in self.warnings):
            return self
        start, top = min(self.x.min(), self.context.x_max), max(self.x.max(), self.context.x_max)
        if start == top:
            start = self.context.x[0]
        return self.ask(np.geomspace(start, top, 80))

    def _log_moments(self) -> tuple[Floats, Floats]:
        exact = self.marginals.moments() if isinstance(self.scaling, LogScaling) else None
        if exact is not None and isinstance(self.scaling, LogScaling):
            return self.scaling.shift + self.scaling.scale * exact[0], self.scaling.scale * exact[1]
        log_y = np.log(np.maximum(self.quantile((np.arange(1000) + 0.5) / 1000), 1e-300))
        return log_y.mean(0), log_y.std(0)

    def __repr__(self) -> str:
        return f"Forecast({self.method}, kind={self.kind!r}, {len(self.x)} targets, {self.context.n} context points)"


def quantile_name(p: float) -> str:
    """Column name of a quantile level: q05, q25, q97.5."""
    whole, point, rest = f"{round(100 * p, 6):.9g}".partition(".")
    return f"q{whole:0>2}{point}{rest}"


def check_targets(at: ArrayLike, context: Curve) -> Floats:
    """The asked x as (T,) float64; text such as "7B" is read.

    Raises:
        CurveError: none at all, not 1-D, or one that is not positive and finite.
    """
    values: Any = [at] if np.isscalar(at) else at
    x = positive_numbers(values, "targets", context.label)
    if x.size == 0:
        raise CurveError(
            f"expected at least one target, got an empty list ({context.label}). Try {option('at', 1e12)}."
        )
    return x


def asked_of(curves: Mapping[str, Curve], at: ArrayLike | Mapping[str, ArrayLike]) -> dict[str, Floats]:
    """The targets of each curve: the same for all of them, or the curve's own.

    Raises:
        CurveError: unusable targets, or a curve that has none.
    """
    if isinstance(at, Mapping) and (left_out := [name for name in curves if name not in at]):
        raise CurveError(f"expected targets for every curve, got none for {left_out[:3]}. Add them to `at`.")
    return {name: check_targets(at[name] if isinstance(at, Mapping) else at, c) for name, c in curves.items()}


def check_kind(kind: str) -> Kind:
    """`kind` itself, if it is one."""
    if kind not in KINDS:
        raise CurveError(f"expected kind 'run' or 'curve', got '{kind}'. 'run' is one new measurement.")
    return kind


def finished(answer: Forecast, ask: Callable[[Floats], Forecast]) -> Forecast:
    """A method's answer with the warnings that every method must give, and a way to ask it again."""
    return replace(answer.with_warnings(*standard_caveats(answer.context, answer.x)), ask=ask)


def standard_caveats(context: Curve, x: Floats) -> tuple[Caveat, ...]:
    """What every answer must say of its context and its targets, whatever the method."""
    out = list(context.caveats)
    ratio = float(np.max(x)) / context.x_max
    if context.n < FEW:
        out.append(Caveat("few_points", f"only {context.n} context points: the law behind them is a guess."))
    if ratio > FAR:
        text = f"the farthest target is {ratio:.3g} times the largest {context.x_name} measured; nothing checks it."
        out.append(Caveat("far_extrapolation", text))
    inside = int(np.sum(x <= context.x_max))
    if inside:
        lie = "lies" if inside == 1 else "lie"
        text = f"{count(inside, 'target')} {lie} inside the measured range of {context.x_name}: that is interpolation."
        out.append(Caveat("interpolation", text))
    if _rises(context):
        text = (
            f"{context.y_name} does not fall with {context.x_name}; a loss or error is expected. "
            "If it is an accuracy, forecast 1 − accuracy."
        )
        out.append(Caveat("not_decreasing", text))
    return tuple(out)


def _rises(context: Curve) -> bool:
    """Whether the last third lies above the first third and a log-log line through all points does not fall."""
    third = max(1, context.n // 3)
    u, v = np.log(context.x), np.log(context.y)
    slope = float(np.sum((u - u.mean()) * (v - v.mean())))
    return slope >= 0 and float(np.median(v[-third:])) >= float(np.median(v[:third]))
