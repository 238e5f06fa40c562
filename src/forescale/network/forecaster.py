"""The main path: Curve in, Forecast out, in a forward pass of a released network. NumPy only, no torch.

`prepare` the context, `ask` the network, give the answer back in the user's units: that is all of it. Many curves
are batched by their number of context points, so that no padding can leak into an answer. Long contexts are read
twice (truncation.py).
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..curves.curve import Curve
from ..curves.thinning import MAX_CONTEXT, Reading, distinct, pool, thin
from ..errors import Caveat, CheckpointError
from ..forecasts.caveats import taught
from ..forecasts.distributions import Marginals
from ..forecasts.forecast import KINDS, Forecast, Kind, asked_of, check_kind, finished
from ..forecasts.scaling import LinearScaling, LogScaling, Scaling, measured
from ..numerics import Floats, one_thread
from . import truncation
from .checkpoint import Weights, load_weights
from .encodings.base import Contexts, Tokens
from .encodings.linear import RAW_TOP, unit_of
from .encodings.registry import ENCODINGS
from .forward import Forward
from .heads import Bins, make_head

RELEASED = ("base", "nsl-pfn", "lc-pfn")

_Answer = tuple[Marginals, Scaling]


class Forecaster:
    """A trained network that answers for curves.

    One that was loaded is pickled as its name or path with its sha256, and so are its forecasts: weights stay behind.

    >>> Forecaster.load("base").forecast(curve, at=[1e12, 1e13])  # doctest: +SKIP
    """

    def __init__(
        self, weights: Weights, method: str = "network", *, read_twice: bool = True, origin: str | None = None
    ):
        self.weights = weights
        self.origin = origin
        self.method = method
        self.encoding = ENCODINGS[weights.config.scaling]
        self.head = make_head(weights.config, len(self.encoding.anchors))
        self.read_twice = read_twice and self.encoding.in_logs and weights.config.head != "bars"
        self._forward = Forward(weights.config, weights.arrays)
        edges = np.asarray(weights.arrays.get("edges", np.zeros(0)), np.float64)
        self._bins = Bins(edges, float(np.asarray(weights.arrays.get("tail_scale", np.ones(1))).ravel()[0]))

    @classmethod
    def load(cls, name_or_path: str | Path, method: str | None = None, *, read_twice: bool = True) -> Self:
        """A released network by name ("base", "nsl-pfn", "lc-pfn") or one of your own by path.

        Args:
            name_or_path: which weights.
            method: what its forecasts are called.
            read_twice: long contexts also without their earliest part (truncation.py); never for the paper's encoding.

        Raises:
            CheckpointError: no such weights, or a truncated, altered or incompatible file.
        """
        path = _file(str(name_or_path))
        origin = str(name_or_path) if str(name_or_path) in RELEASED else str(path.resolve())
        network = cls(load_weights(path), method or path.stem, read_twice=read_twice, origin=origin)
        _remember(network, read_twice)
        return network

    def forecast(self, curve: Curve, at: ArrayLike, *, kind: Kind = "run") -> Forecast:
        """Forecast y at x not measured yet; each point of `at` is answered on its own.

        Args:
            curve: at least 3 context points.
            at: shape (T,), in the unit of `curve.x`, any order.
            kind: "run", what one new measurement would read; "curve", the noise-free trend.

        Raises:
            CurveError: too few points, or targets that are not positive and finite.

        Source: Lee et al. 2025 (arXiv 2505.23032). Departs: docs/departures.md.
        """
        return self.forecast_many({"curve": curve}, at, kind=kind)["curve"]

    def forecast_many(
        self, curves: Mapping[str, Curve], at: ArrayLike | Mapping[str, ArrayLike], *, kind: Kind = "run"
    ) -> dict[str, Forecast]:
        """`forecast` for many curves of any lengths; the same answers, batched.

        Args:
            curves: name -> Curve.
            at: one array for all curves, or name -> array.
        """
        return self.answer_many(curves, asked_of(curves, at), check_kind(kind))

    def answer_many(self, curves: Mapping[str, Curve], asked: Mapping[str, Floats], kind: Kind) -> dict[str, Forecast]:
        """`forecast_many` once kind and targets, an array (T,) for each curve, are checked."""
        distinct = {name: self._distinct(curve.as_context().as_shortfall()) for name, curve in curves.items()}
        read = self._read(distinct)
        parts = {name: truncation.late_part(context) for name, context in read.items() if self.read_twice}
        late = {name: part for name, part in parts.items() if part is not None}
        answers, late_answers = self._answers(read, asked, kind), self._answers(late, asked, kind)
        out: dict[str, Forecast] = {}
        for name, curve in curves.items():
            marginals, scaling = answers[name]
            if name in late:
                share_T = truncation.late_share(read[name], late[name], asked[name])
                marginals, scaling = truncation.average(answers[name], late_answers[name], share_T)
            answer = Forecast(
                x=asked[name],
                marginals=marginals,
                scaling=measured(scaling, curve.measure),
                kind=kind,
                method=self.method,
                context=curve,
                warnings=self._caveats(distinct[name], read[name]),
                details={"weights": {"name": self.weights.name, "sha256": self.weights.sha256}},
                reads_targets=self.reads_targets,
            )
            out[name] = finished(answer, self._again(curve, kind))
        return out

    @property
    def reads_targets(self) -> bool:
        """Whether asking another x can move an answer: true of the paper's scaling."""
        return not self.encoding.in_logs

    @property
    def reads_units(self) -> bool:
        """Whether another unit of y can move an answer: true where y is read raw, as the paper does."""
        return self.encoding.name == "raw"

    def __reduce__(self) -> tuple[Any, ...]:
        if self.origin is None:  # made in memory: nowhere else to fetch it from
            return _bare, (type(self),), self.__dict__
        return recall, (self.origin, self.method, self.weights.sha256, self.read_twice)

    def _again(self, curve: Curve, kind: Kind) -> "Again | partial[Forecast]":
        if self.origin is None:
            return partial(self.forecast, curve, kind=kind)
        return Again(self.origin, self.weights.sha256, self.method, self.read_twice, curve, kind)

    def _answers(self, contexts: Mapping[str, Reading], asked: Mapping[str, Floats], kind: Kind) -> dict[str, _Answer]:
        """One pass for all contexts of a size: what the network says, and the scaling it says it in."""
        answers: dict[str, _Answer] = {}
        for names in _by_size(contexts, asked).values():
            raw_BTO, tokens = self._ask([contexts[n] for n in names], [asked[n] for n in names])
            raw_NO = raw_BTO.reshape(-1, raw_BTO.shape[2])
            every = self.head.marginals(raw_NO, tokens.frame(), self._bins, KINDS.index(kind))
            starts = range(0, len(raw_NO), raw_BTO.shape[1])
            parts = every.split([slice(at, at + len(asked[n])) for at, n in zip(starts, names, strict=True)])
            ways = zip(tokens.shift_B.tolist(), tokens.scale_B.tolist(), strict=True)
            for name, marginals, (shift, scale) in zip(names, parts, ways, strict=True):
                answers[name] = marginals, self._scaling(shift, scale)
        return answers

    def _ask(self, readings: list[Reading], asked: list[Floats]) -> tuple[NDArray[np.float32], Tokens]:
        """Raw outputs (B, T, O) of curves with equal n; targets shorter than the longest repeat their last one."""
        longest = max(len(x) for x in asked)
        x_BT = np.stack([x if len(x) == longest else np.pad(x, (0, longest - len(x)), mode="edge") for x in asked])
        contexts = Contexts.of(readings)
        unit_B = unit_of(self.encoding.name, contexts.y_BM)
        tokens = self.encoding.encode(replace(contexts, y_BM=contexts.y_BM / unit_B[:, None]), x_BT)
        with one_thread():
            raw = self._forward(tokens.context_BMF, tokens.target_BTF)
        return raw, replace(tokens, scale_B=tokens.scale_B * unit_B)

    def _distinct(self, curve: Curve) -> Curve:
        """Copies of a row once; the paper's network reads each."""
        rows = distinct(curve.x, curve.y) if self.encoding.in_logs else np.arange(curve.n)
        return curve.take(rows) if 3 <= len(rows) < curve.n else curve

    def _scaling(self, shift: float, scale: float) -> Scaling:
        return LogScaling(shift, scale) if self.encoding.in_logs else LinearScaling(scale)

    def _read(self, curves: Mapping[str, Curve]) -> dict[str, Reading]:
        """Points a network can take: all of them, or as many pooled or picked."""
        pooled = {n: pool(c.x, c.y) for n, c in curves.items() if c.n > MAX_CONTEXT and self.encoding.pools}
        rows = {n: (c.x, c.y) for n, c in curves.items() if n not in pooled}
        for name, (x, y) in rows.items():
            if len(x) > MAX_CONTEXT:
                picked = thin(x)
                rows[name] = x[picked], y[picked]
        read = pooled | dict(zip(rows, Reading.of_rows(list(rows.values())), strict=True))
        return {name: read[name] for name in curves}

    def _caveats(self, curve: Curve, used: Reading) -> tuple[Caveat, ...]:
        out = []
        if used.n < curve.n:
            how = "pooled in" if self.encoding.pools else "thinned to"
            text = f"{curve.n} context points were {how} {used.n}, evenly in rank and in ln {curve.x_name}."
            out.append(Caveat("thinned", text))
        if self.reads_targets:
            text = "the paper's scaling reads the range of the targets: asking another x can move this answer."
            out.append(Caveat("depends_on_targets", text))
        if self.reads_units and curve.y.max() <= RAW_TOP:
            text = f"y is read as it is, as the paper does up to {RAW_TOP}: its unit can move this answer."
            out.append(Caveat("depends_on_unit", text))
        return (*out, *(taught(curve, used) if self.encoding.pools else ()))


def _bare(cls: type[Forecaster]) -> Forecaster:
    """A forecaster without anything in it yet: what unpickling fills."""
    return cls.__new__(cls)


@dataclass(frozen=True)
class Again:
    """The same question to the same network at other x; small enough to travel, for the network goes by checksum."""

    origin: str
    sha256: str
    method: str
    read_twice: bool
    curve: Curve
    kind: Kind

    def __call__(self, at: ArrayLike) -> Forecast:
        return recall(self.origin, self.method, self.sha256, self.read_twice).forecast(self.curve, at, kind=self.kind)


_LOADED: "OrderedDict[tuple[str, str, bool], Forecaster]" = OrderedDict()
_MOST_LOADED = 8
"""Networks that are kept in memory, the latest used."""
_RELEASED_SHA256: dict[str, str] = {}
"""Of those read so far: the files of the package do not change under it."""


def recall(origin: str, method: str, sha256: str | None = None, read_twice: bool = True) -> Forecaster:
    """A network by name or path, read once a process for each content: a file that changed is another network.

    Args:
        origin: a released name, or the path of a weight file.
        method: what its forecasts are called.
        sha256: of the content that is meant; what stands in the file now where left out.

    Raises:
        CheckpointError: no such file, or another content than meant.
    """
    found = sha256 or (_RELEASED_SHA256.get(origin, "") if origin in RELEASED else _sha256(_file(origin)))
    key = (found, method, read_twice)
    if key in _LOADED:
        _LOADED.move_to_end(key)
        return _LOADED[key]
    network = Forecaster.load(origin, method, read_twice=read_twice)
    if sha256 not in (None, network.weights.sha256):
        raise CheckpointError(
            f"expected the weights {found[:12]}… that gave this answer, got {network.weights.sha256[:12]}… ({origin}). "
            "The file has changed since; ask the new network instead."
        )
    return network


def _remember(network: Forecaster, read_twice: bool) -> None:
    if network.origin in RELEASED:
        _RELEASED_SHA256[network.origin] = network.weights.sha256
    for asked in (read_twice, network.read_twice):  # of a network that never does, both are one
        _LOADED[network.weights.sha256, network.method, asked] = network
    while len(_LOADED) > _MOST_LOADED:
        _LOADED.popitem(last=False)


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""  # `Forecaster.load` says what is wrong with it


def _file(origin: str) -> Path:
    if origin in RELEASED:
        return Path(str(files("forescale").joinpath("weights", f"{origin}.safetensors")))
    path = Path(origin)
    if path.is_dir():
        raise CheckpointError(
            f"expected a weight file or one of {', '.join(RELEASED)}, got the folder '{path}'. "
            "Name the .safetensors file in it."
        )
    return path


def _by_size(curves: Mapping[str, Reading], asked: Mapping[str, Floats]) -> dict[Any, list[str]]:
    """Names grouped by context length, and by target count up to the next power of two (so that padding is small)."""
    groups: dict[Any, list[str]] = {}
    for name, curve in curves.items():
        groups.setdefault((curve.n, int(np.ceil(np.log2(len(asked[name]))))), []).append(name)
    return groups
