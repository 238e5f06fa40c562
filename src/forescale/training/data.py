"""Batches for training: each a pure function of (seed, rank, step), so there is no generator state to lose."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..curves.thinning import last_digit
from ..forecasts.scaling import LinearScaling, LogScaling, Scaling
from ..network.config import TrainConfig
from ..network.encodings.base import Contexts, Tokens
from ..network.encodings.registry import ENCODINGS
from ..network.heads import Bins, Head
from ..numerics import Floats
from ..prior import Batch, Prior, SizedPrior, make_prior, read_config
from .workers import Workers

Drawn = TypeVar("Drawn")
VALIDATION_SEED = 20_250_523
"""Seed of the fixed validation batches, the same for every run so that runs compare."""
_EDGES_STEP = 2**32 - 1
"""The step number that the draws behind the bars' edges use; training never gets there."""


@dataclass(frozen=True)
class TrainBatch:
    """What one optimiser step reads, as float32 arrays (bar numbers are integers)."""

    context_BMF: NDArray[np.float32]
    target_BTF: NDArray[np.float32]
    run: dict[str, NDArray[Any]]
    """The head's question about one new reading."""
    curve: dict[str, NDArray[Any]]
    """The head's question about the noise-free trend."""
    log_jacobian: tuple[float, float]
    """Mean of ln |dr / d ln y| for run and curve: takes a loss in r to the unit of ln y."""

    @property
    def n_curves(self) -> int:
        return len(self.context_BMF)


def draw_curves(config: TrainConfig, prior: Prior, key: list[int]) -> Batch:
    """One batch of raw curves: n is drawn and shared, the number of curves follows from the token budget."""
    rng = np.random.default_rng(key)
    if config.sizes == "prior":
        assert isinstance(prior, SizedPrior)
        n_context, n_targets = prior.draw_sizes(rng)
        n_tokens = n_context + prior.n_asked(n_context, n_targets)
        return prior.sample(rng, max(config.min_curves, config.tokens_per_batch // n_tokens), n_context, n_targets)
    low, high = np.log(config.n_min), np.log(config.n_max + 1)
    n_context = min(int(np.exp(rng.uniform(low, high))), config.n_max)
    n_curves = max(config.min_curves, config.tokens_per_batch // (n_context + config.n_targets))
    return prior.sample(rng, n_curves, n_context, config.n_targets)


def read(config: TrainConfig, curves: Batch) -> tuple[Tokens, Scaling]:
    """Tokens of raw curves, and the scaling of the whole batch: a column (B, 1) for each constant."""
    encoding = ENCODINGS[config.network.scaling]
    tokens = encoding.encode(contexts_of(curves), curves.x_BT)
    shift, scale = tokens.shift_B[:, None], tokens.scale_B[:, None]
    # columns (B, 1) where one curve has a number: the arithmetic broadcasts alike
    return tokens, LogScaling(shift, scale) if encoding.in_logs else LinearScaling(scale)  # type: ignore[arg-type]


def contexts_of(curves: Batch) -> Contexts:
    """The contexts of a batch as a network reads them: rows, or what many rows were pooled to."""
    if curves.count_BM is None or curves.scatter_BM is None:
        return Contexts.of_rows(curves.x_BM, curves.y_BM)
    step_BM = np.where(curves.count_BM.max(axis=1, keepdims=True) > 1, 0.0, last_digit(curves.y_BM))
    return Contexts(curves.x_BM, curves.y_BM, curves.count_BM, curves.scatter_BM, step_BM)


def encode_batch(config: TrainConfig, head: Head, bins: Bins, curves: Batch) -> TrainBatch:
    """Turns raw curves into tokens and the two questions of the loss."""
    tokens, scaling = read(config, curves)
    questions, jacobians = [], []
    for y_BT in (curves.y_BT, curves.curve_BT):
        question = head.question(tokens, scaling.to_scaled(y_BT), bins)
        questions.append({k: v.astype(np.float32) if v.dtype.kind == "f" else v for k, v in question.items()})
        jacobians.append(float(np.mean(scaling.log_jacobian(y_BT) + np.log(y_BT))))
    return TrainBatch(tokens.context_BMF, tokens.target_BTF, questions[0], questions[1], (jacobians[0], jacobians[1]))


def draw_batch(config: TrainConfig, prior: Prior, head: Head, bins: Bins, key: list[int]) -> TrainBatch:
    """The batch of a key, drawn and encoded."""
    return encode_batch(config, head, bins, draw_curves(config, prior, key))


def prior_of(config: TrainConfig) -> Prior:
    """The prior that a configuration names, with its options."""
    return make_prior({"name": config.prior, **config.prior_options})


def resolved(config: TrainConfig) -> TrainConfig:
    """The same run with every setting of the prior written out, so that a later default cannot change its account."""
    options = read_config({"name": config.prior, **config.prior_options}).to_dict()
    return config.with_overrides(prior_options={k: v for k, v in options.items() if k != "name"})


def outcomes(config: TrainConfig, prior: Prior, n_batches: int = 200) -> Floats:
    """Scaled outcomes r of `run` over many batches, flat: what the edges of the bars are cut from."""
    drawn = []
    for i in range(n_batches):
        curves = draw_curves(config, prior, [config.seed, config.rank, _EDGES_STEP, i])
        drawn.append(read(config, curves)[1].to_scaled(curves.y_BT).ravel())
    return np.concatenate(drawn)


class Stream(Generic[Drawn]):
    """The batches of a run in order of their step, made here or, ahead of time, by worker processes.

    Workers change when a batch is made, never what is in it. Worth it beside a GPU; on a CPU they take its cores.
    """

    def __init__(self, config: TrainConfig, draw: Callable[[list[int]], Drawn], workers: int = 0) -> None:
        """`draw` makes the batch of a key, and can be pickled."""
        self.config, self.draw, self.workers = config, draw, workers

    def batch(self, step: int) -> Drawn:
        return self.draw([self.config.seed, self.config.rank, step])

    def __call__(self, first: int) -> Generator[Drawn]:
        """Batches from step `first` on, without end; close it to let the workers go."""
        if not self.workers:
            yield from map(self.batch, count(first))
            return
        with Workers(self.batch, first, self.workers) as workers:
            for step in count(first):
                yield workers.take(step)

    def validation(self, n_batches: int = 25) -> list[Drawn]:
        """Fixed batches of this prior that no training step sees."""
        return [self.draw([VALIDATION_SEED, i]) for i in range(n_batches)]


def curve_stream(config: TrainConfig, head: Head, bins: Bins, workers: int = 0) -> Stream[TrainBatch]:
    """The batches of a network of curves."""
    return Stream(config, partial(draw_batch, config, prior_of(config), head, bins), workers)
