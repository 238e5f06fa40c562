"""Model: what every joint method answers. `contract.py` adds what is read from these answers alone.

predict    the loss of N parameters trained on D tokens
allocate   the best split of a budget
best       N* over many budgets, for pictures and plans
parts      what is irreducible, what more parameters buy, what more tokens buy
plan       which run to do next
save       a small versioned file that a team shares
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ..curves.curve import Curve
from ..curves.numbers import parse_number
from ..errors import Caveat, CurveError
from ..forecasts.caveats import FAR
from ..forecasts.forecast import Forecast, Kind
from ..forecasts.quantity import Quantity
from ..laws.chinchilla import FLOPS_PER_PARAMETER_AND_TOKEN
from ..numerics import Floats
from ..spelling import option
from .allocation import Allocation, ComputeRule
from .approaches import Approach, by_line, envelope_optima, parabola_optima
from .fit import JointFit, JointRuns, robust_fit
from .surfaces import LawDraws


@dataclass(frozen=True, eq=False)
class Model(ABC):
    """What a method has learned from the runs of one recipe.

    Attributes:
        runs: the table as it is fitted (sorted, centred); table: "params", "tokens" and "loss", (n,) each.
        context: loss against training FLOPs 6 N D, the context of every forecast.
        warnings: what a reader of any number from here must know.
        options: what `fit_joint` was told, so that a saved model is the same one.
    """

    method: ClassVar[str]
    conditional_on: ClassVar[str]
    """What the intervals take for granted."""

    data: JointRuns
    table: dict[str, Floats]
    runs: Curve
    warnings: tuple[Caveat, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

    @abstractmethod
    def predict(self, params: ArrayLike, tokens: ArrayLike, *, kind: Kind = "run") -> Forecast:
        """Loss of models of N parameters trained on D tokens.

        Args:
            params, tokens: (T,) or numbers, broadcast against each other.
            kind: "run", what one new training run would read; "curve", the noise-free loss.

        Returns:
            Forecast over T points whose x is 6 N D.
        """

    @abstractmethod
    def allocate(self, flops: float, *, served_tokens: float = 0.0, rule: ComputeRule | None = None) -> Allocation:
        """Compute-optimal N*, D* and L* for a budget.

        Args:
            flops: total budget; training alone, or training and serving where `served_tokens` is given.
            served_tokens: tokens the model will serve in its life, at 2 N FLOPs each.
            rule: FLOPs of training and serving; 6 N D + 2 N served_tokens by default.
        """

    @abstractmethod
    def best(self, flops: Floats, levels: Sequence[float]) -> Floats:
        """Quantiles of N* at training budgets 6 N D, (len(levels), F)."""

    @property
    @abstractmethod
    def speaking(self) -> LawDraws:
        """Draws (S,) of the law, in ln N and ln D themselves, that the parts of a loss are read from."""

    @property
    def draws(self) -> dict[str, Floats]:
        """E, A, B, alpha, beta (S,) of `speaking`, as `laws.Chinchilla` takes them."""
        return self.speaking.constants()

    @abstractmethod
    def would_read(self, params: Floats, tokens: Floats, n: int) -> tuple[Floats, Floats]:
        """n draws of ln L of T models as runs, and of the relative spread of a reading, (n, T) each."""

    @abstractmethod
    def optima(self, flops: float, n: int) -> tuple[Floats, Floats]:
        """n draws of ln N* and ln L* at a training budget, (n,) each; draw i is that of `would_read`."""

    @property
    @abstractmethod
    def parameters(self) -> dict[str, Quantity]:
        """The constants of the law, a = beta/(alpha+beta) and b = 1 - a, and the noise of one run."""

    @cached_property
    def fit(self) -> JointFit:
        """The robust point fit of the law (the replication's objective), with its gradient norm."""
        return robust_fit(self.data)

    def approaches(self, flops: float, *, seed: int = 0) -> dict[str, Approach]:
        """Chinchilla's envelope, IsoFLOP parabola and this method's road to N* at a training budget, side by side."""
        budget, rng = float(positive(flops, "flops")), np.random.default_rng(seed)
        constants, best = self.fit.constants, self.allocate(budget)
        roads = (("envelope", envelope_optima), ("parabola", parabola_optima))
        found = {name: by_line(name, road, self.table, constants, budget, rng) for name, road in roads}
        none = np.zeros(0)
        note = f"{len(self.table['loss'])} runs, method {self.method}"
        return found | {"parametric": Approach("parametric", best.exponents["a"], best.params, none, none, note=note)}

    def second_opinion(self, flops: float, rule: ComputeRule | None = None) -> Allocation | None:
        """The split by another method, where each method's N* lies outside the other's 90 % interval."""
        other = self.other
        if other is None:
            return None
        mine, theirs = self.allocate(flops, rule=rule).params, other.allocate(flops, rule=rule)
        (a, b), (c, d) = mine.interval(0.9), theirs.params.interval(0.9)
        return None if a <= theirs.params.median <= b or c <= mine.median <= d else theirs

    @property
    def other(self) -> Model | None:
        """The model of another method for the same runs, where there is one at hand."""
        return None

    def far(self, flops: Floats) -> tuple[Caveat, ...]:
        """Whether a question lies far beyond, or below, what was measured."""
        ratio = float(np.max(flops)) / self.runs.x_max
        low = float(np.min(flops)) / float(self.runs.x.min())
        out = []
        if ratio > FAR:
            said = f"asked at {ratio:.3g} times the largest FLOPs measured; nothing checks it."
            out.append(Caveat("far_extrapolation", said))
        if low < 1:
            out.append(Caveat("below_range", f"asked at {low:.3g} times the smallest FLOPs measured."))
        return tuple(out)

    def __repr__(self) -> str:
        n = len(self.table["loss"])
        top = f"{FLOPS_PER_PARAMETER_AND_TOKEN * np.max(self.table['params'] * self.table['tokens']):.3g}"
        return f"{type(self).__name__}({n} runs to {top} FLOPs, {self.conditional_on})"


def asked(params: ArrayLike, tokens: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """N, D and 6 N D of a question, (T,) each."""
    n, d = positive(params, "params"), positive(tokens, "tokens")
    try:
        n, d = (np.atleast_1d(x) for x in np.broadcast_arrays(n, d))
    except ValueError:
        raise CurveError(
            f"expected as many params as tokens, got {n.size} and {d.size}. Give one of each for every question."
        ) from None
    with np.errstate(over="ignore"):
        flops = FLOPS_PER_PARAMETER_AND_TOKEN * n * d
    if not np.isfinite(flops).all() or not (flops > 0).all():
        raise CurveError(f"expected params and tokens whose product is a number, got {n.max():.3g} and {d.max():.3g}.")
    return n, d, flops


def positive(value: ArrayLike, name: str) -> Floats:
    """Numbers, or text such as "7B", that are positive and finite.

    Raises:
        CurveError: others, or none at all.
    """
    try:
        flat = [parse_number(v) if isinstance(v, str) else float(v) for v in np.ravel(np.asarray(value, object))]
    except (TypeError, ValueError):
        raise CurveError(f"expected positive, finite {name}, got {value!r}. {_cure(name)}") from None
    array = np.asarray(flat, float).reshape(np.shape(value))
    if not np.all(np.isfinite(array) & (array > 0)) or array.size == 0:
        raise CurveError(f"expected positive, finite {name}, got {np.asarray(value).tolist()}. {_cure(name)}")
    return array


def _cure(name: str) -> str:
    if name in ("params", "tokens"):
        return "Write numbers such as 7e9 or 70B."
    return f"Try {option(name, 1e24, shell='compute' if name == 'flops' else None)}."
