"""Which way a measure is better, and its bounds: accuracy rises towards 1, an error falls towards 0.

What methods read is the shortfall, positive and better when lower; answers come back in the user's unit:

    better lower    y - best          (y itself where best is 0)
    better higher   best - y
    with chance     shortfall over distance from chance, |best - y| / |y - chance|: an answer stays between the two

The last is the odds of missing, so that a power law in it is a logistic curve in ln x from chance to best.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import CurveError
from ..numerics import Floats
from ..spelling import option
from .words import pieces

Better = Literal["lower", "higher"]

HIGHER = frozenset({
    "accuracy", "acc", "top1", "top5", "f1", "auc", "auroc", "roc_auc", "auprc", "aucpr", "ap", "map", "precision",
    "recall", "sensitivity", "specificity",
    "bleu", "sacrebleu", "rouge", "rouge1", "rouge2", "rougel", "chrf", "meteor",
    "r2", "ndcg", "mrr", "em", "exact_match", "win_rate", "winrate", "success_rate", "solve_rate", "pass_rate",
    "iou", "miou", "dice", "ssim", "mcc", "kappa", "spearman", "pearson", "hits", "explained_variance", "jaccard",
    "correct", "pass",
    "mmlu", "hellaswag", "gsm8k", "humaneval", "mbpp", "piqa", "winogrande", "boolq", "bbh", "gpqa", "triviaqa",
    "openbookqa", "sciq", "commonsenseqa", "superglue", "glue", "arc_easy", "arc_challenge",
})  # fmt: skip
"""Measures of which more is better, as pieces of a column's name."""
_WEAK = frozenset({"pass", "ap", "em", "hits", "map", "correct"})
"""Words that are also something else: they count as the last word of a name."""
_LOWER = frozenset({"loss", "error", "err", "errors", "inverse", "minus", "neg_log", "nll", "perplexity", "ppl", "bpb"})
AT_ZERO = frozenset(
    {"error", "err", "errors", "wer", "cer", "mse", "rmse", "mae", "mape", "brier", "regret", "fid", "kl"}
)
"""Measures that reach 0 at their best: a reading of 0 lies at the bound; a loss of 0 is refused."""
_NEGATED = ("neg_", "negative_", "log_likelihood", "loglik", "logprob", "log_prob", "elbo")


@dataclass(frozen=True)
class Measure:
    """Direction and bounds of y.

    Attributes:
        better: "lower" or "higher".
        best: the bound that y approaches; 0 for a loss. None stands for 0 with better "lower", where y must be
            positive: a reading of 0 is then refused, and with best=0.0 is a reading at the bound.
        chance: what pure guessing reaches, or None.
        said: the user named the direction, whatever the curve does.
        worst: a value that y never passes on the other side, such as 0 for an accuracy; answers stop there.
    """

    better: Better = "lower"
    best: float | None = None
    chance: float | None = None
    worst: float | None = None
    said: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        if self.better not in ("lower", "higher"):
            raise CurveError(f"expected better 'lower' or 'higher', got '{self.better}'. Accuracy is better higher.")
        for name, value in (("best", self.best), ("chance", self.chance)):
            if value is not None and not np.isfinite(value):
                raise CurveError(f"expected a finite {name}, got {value}. Try {option(name, 1.0)}.")
        if self.chance is not None and not (self.chance < self.bound if self.rises else self.chance > self.bound):
            raise CurveError(
                f"expected chance on the worse side of best {self.bound:g}, got {self.chance:g}. "
                f"Guessing among four reaches {option('chance', 0.25)} in accuracy."
            )

    @property
    def plain(self) -> bool:
        """Whether the shortfall is y itself."""
        return not self.rises and not self.best and self.chance is None

    @property
    def rises(self) -> bool:
        return self.better == "higher"

    @property
    def bound(self) -> float:
        """The best value."""
        return 0.0 if self.best is None else self.best

    @property
    def domain(self) -> tuple[float, float]:
        """The values y can take, without its ends."""
        far = (-np.inf if self.rises else np.inf) if self.chance is None else self.chance
        if self.worst is not None and self.chance is None:
            far = float(np.nextafter(self.worst, -np.inf))
        return (far, self.bound) if self.rises else (self.bound, far)

    def shortfall(self, y: ArrayLike) -> Floats:
        """What is missing to the best value, ≥ 0 inside the domain; any shape. Its digits are those of y: 1 - 0.57
        is 0.43, so that whoever reads the step of a column reads the same."""
        short = self._missing(y)
        if short.size and np.isfinite(short).all():
            scale = max(abs(self.bound), float(np.max(np.abs(short))), 1e-290)
            rounded = np.round(short, 14 - int(np.ceil(np.log10(scale))))
            short = np.where((rounded == 0) | (self.bound == 0), short, rounded)
        if self.chance is None:
            return short
        with np.errstate(divide="ignore"):
            return short / np.abs(np.asarray(y, float) - self.chance)

    def placed(self, y: Floats, name: str = "y", where: str = "the curve") -> Floats:
        """The shortfall of readings (n,), positive and finite: one at the best value is half the smallest shortfall
        among them, one at chance or worse lies half the smallest distance above it.

        Raises:
            CurveError: all readings lie at a bound.
        """
        missing, good = self._missing(y), self._missing(y) > 0
        above = None if self.chance is None else np.sign(self.bound - self.chance) * (y - self.chance)
        if above is not None:
            good &= above > 0
        if not good.any():
            raise CurveError(
                f"expected {name} away from its bound {self.bound:g}, got {y[0]:g} everywhere ({where}). "
                "There is nothing left to forecast."
            )
        out = np.where(missing > 0, self.shortfall(y), 0.5 * self.shortfall(y)[good].min())
        if above is not None and self.chance is not None:
            nearest = self.chance + 0.5 * np.sign(self.bound - self.chance) * above[good].min()
            out = np.where(above > 0, out, self.shortfall(nearest))
        return np.asarray(out)

    def value(self, shortfall: ArrayLike) -> Floats:
        """y of a shortfall; any shape."""
        g = np.asarray(shortfall, float)
        if self.chance is None:
            if not self.rises:
                return self.bound + g
            return self.bound - g if self.worst is None else np.maximum(self.bound - g, self.worst)
        share = np.where(np.isinf(g), 1.0, g / (1.0 + np.where(np.isinf(g), 0.0, g)))
        return self.bound + (self.chance - self.bound) * share

    def log_slope(self, y: ArrayLike) -> Floats:
        """ln |d shortfall / dy|; any shape."""
        y = np.asarray(y, float)
        if self.chance is None:
            return np.zeros_like(y)
        return np.asarray(np.log(abs(self.bound - self.chance)) - 2 * np.log(np.abs(y - self.chance)))

    def beyond(self, y: ArrayLike) -> NDArray[np.bool_]:
        """Where y lies beyond the best value."""
        return np.asarray(self._missing(y) < 0)

    def _missing(self, y: ArrayLike) -> Floats:
        y = np.asarray(y, float)
        return self.bound - y if self.rises else y - self.bound

    def name_of(self, y_name: str) -> str:
        """What the shortfall is called."""
        if self.plain:
            return y_name
        plain = f"{self.bound:g} - {y_name}" if self.rises else f"{y_name} - {self.bound:g}"
        return plain if self.chance is None else f"odds of missing {self.bound:g} in {y_name}"


def measure_of(
    better: Any, best: float | None, chance: float | None, y: Floats, name: str | None = None, percent: bool = False
) -> tuple[Measure, str | None]:
    """The measure of a column from what the user said, its name and its values; and what is to be said of a guess.

    Args:
        better, best, chance: as the user gave them, None where left open.
        y: readings, for the scale of `best` (1, or 100 for per cent).
        name: of the column, where it may decide the direction.
        percent: the cells carry a per cent sign.

    Raises:
        CurveError: a measure that is better higher, whose best value nothing tells.
    """
    top = float(np.max(y[np.isfinite(y)], initial=-np.inf))
    known = None if better is not None or name is None else direction_of(name, top)
    told = better is not None
    if better is None and chance is not None and best is not None:
        better = "higher" if best > chance else "lower"
    elif better is None and best is not None:
        better = "higher" if bool((y <= best).all()) else "lower"
    chosen: Better = better if better is not None else known or "lower"
    if chosen != "higher":
        return Measure(chosen, best, chance, said=told), None
    if best is None:
        best = _best(name or "", top, percent)
    if best is None:
        raise CurveError(
            f"expected the best value that '{name or 'y'}' can reach, got values up to {top:g} and none given. "
            f"Give it, such as {option('best', 100)}."
        )
    said = f"'{name}' is taken as better when higher, with {best:g} as the best value"
    whole = int(best) if float(best).is_integer() else best
    other = f"say otherwise with {option('better', 'lower')} or {option('best', whole)}"
    worst = 0.0 if best > 0 and float(np.min(y, initial=np.inf)) >= 0 else None
    return Measure("higher", best, chance, worst, told), None if known is None else f"{said}; {other}."


def direction_of(name: str, top: float = 1.0) -> Better | None:
    """What a column's name says: "higher" for accuracy and its kin and for negated losses, "lower" for losses, or
    None. `top` is the largest value: a negated score has none above 0."""
    low, words = name.lower(), pieces(name)
    if top <= 0 and (low.startswith(_NEGATED[:2]) or any(word in low for word in _NEGATED)):
        return "higher"
    if low.startswith(_NEGATED[:2]):
        return None
    if "1-" in low.replace(" ", "") or any(word in _LOWER for word in words):
        return "lower"
    pairs = ["_".join(words[i : i + 2]) for i in range(len(words) - 1)]
    if any(word in HIGHER - _WEAK for word in (*words, *pairs, "".join(words))):
        return "higher"
    last = [word for word in words if not word.isdigit()][-1:]
    return "higher" if last and last[0] in _WEAK else None


def _best(name: str, top: float, percent: bool) -> float | None:
    """The best value that name and values tell: 0 for negated scores, 1, or 100 for per cent."""
    if top <= 0 and not (set(pieces(name)) & {"r2", "mcc", "kappa", "spearman", "pearson"}):
        return 0.0
    if top > 100:
        return None
    named = "%" in name or bool({"percent", "pct", "percentage"}.intersection(pieces(name)))
    return 100.0 if percent or named or top > 1 else 1.0
