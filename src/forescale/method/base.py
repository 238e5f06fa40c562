"""What every method promises: one question, one answer, and what it can do as fields.

A class is either this contract or final. Fields are facts about a method that others act on; nobody reads them off a
name or a sentence. `tests/contracts/` holds every method to them.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal, NamedTuple

from numpy.typing import ArrayLike

from ..curves.curve import Curve
from ..errors import CurveError, MissingExtraError
from ..forecasts.forecast import KINDS, Forecast, Kind, check_targets, finished, in_units_of
from ..numerics import Floats
from ..progress import counted

Cost = Literal["quick", "slow"]


class Extra(NamedTuple):
    """What has to be installed beside the default: the extra's name and a module that it brings."""

    name: str
    module: str


class Method(ABC):
    """Answers for a curve at x not measured.

    Attributes:
        name: what `method=` takes.
        summary: what it is, with its source, in a line.
        kinds: the kinds that it offers.
        whole_curves: whether a sampled row is one possible curve; else rows share a quantile level (a coupling).
        any_shape: whether it was made for curves of any shape, such as ratios of curves, and not for one law.
        plug_in: whether its distribution is fitted residuals, not a posterior.
        cost: "quick" answers in about a second, "slow" may take minutes.
        extra: what has to be installed first, if anything.
        batched: whether many curves are cheaper together than one by one.
        seeded: whether it draws, so that another seed is another answer.
        steady_from: distinct x from which no last digit of the input moves an answer by more than it should.
        may_fail: whether curves exist for which it has no answer and says so (a FitError).
    """

    name: str
    summary: str
    kinds: tuple[Kind, ...] = KINDS
    whole_curves: bool = False
    any_shape: bool = False
    plug_in: bool = False
    cost: Cost = "quick"
    extra: Extra | None = None
    batched: bool = False
    seeded: bool = False
    may_fail: bool = False
    steady_from: int = 2

    @property
    def reads_targets(self) -> bool:
        """Whether asking another x can move an answer."""
        return False

    @property
    def fingerprint(self) -> str:
        """What beside the version fixes its digits: the sha256 of weights, or nothing."""
        return ""

    @property
    def reads_units(self) -> bool:
        """Whether another unit of y can move an answer by more than the unit."""
        return False

    @abstractmethod
    def ask(self, curve: Curve, at: Floats, kind: Kind, seed: int) -> Forecast:
        """One forecast over `at` (T,), of a curve that is fit to forecast from; `ask_many` checks and finishes it."""

    def ask_many(
        self, curves: Mapping[str, Curve], at: Mapping[str, Floats], kind: Kind, seed: int
    ) -> dict[str, Forecast]:
        """Finished forecasts of many curves: with the warnings that every answer gives, and able to be asked again.

        Raises:
            CurveError: a kind that the method does not offer, or a curve with fewer than 3 points.
            MissingExtraError: what it needs is not installed.
        """
        self.check(kind)
        out: dict[str, Forecast] = {}
        for name, curve in counted(curves.items(), len(curves), "curve"):
            answer = self.ask(curve.as_context().as_shortfall(), at[name], kind, seed)
            out[name] = finished(in_units_of(curve, answer), Question(self, curve, kind, seed))
        return out

    def check(self, kind: Kind) -> None:
        """Refuses what the method cannot do here."""
        if self.extra and self.missing:
            raise MissingExtraError(
                f"expected the extra [{self.missing}] for method '{self.name}', got no module {self.extra.module!r}. "
                f"Run: pip install 'forescale[{self.missing}]'."
            )
        if kind not in self.kinds:
            raise CurveError(
                f"expected kind {' or '.join(map(repr, self.kinds))} for method '{self.name}', got '{kind}'. "
                "Use 'line' for a trend."
            )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @property
    def missing(self) -> str | None:
        """The extra that has to be installed first, if any."""
        return self.extra.name if self.extra and find_spec(self.extra.module) is None else None


@dataclass(frozen=True)
class Question:
    """The same question at other x: what a Forecast carries to be asked again, small enough to travel."""

    method: Method
    curve: Curve
    kind: Kind
    seed: int

    def __call__(self, at: ArrayLike) -> Forecast:
        asked = check_targets(at, self.curve)
        return self.method.ask_many({"curve": self.curve}, {"curve": asked}, self.kind, self.seed)["curve"]
