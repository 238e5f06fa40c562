"""The training loop: draw, step, now and then write down where we are.

The loss is the mean of -ln p over the targets of a batch, for `run` plus `curve_weight` times `curve`. What is
logged is that in the unit of the score, nats per ln y, so that scalings and heads compare.
"""

from __future__ import annotations

import json
import math
import time
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..errors import CheckpointError, ConfigError
from ..network import answers, checkpoint
from ..network.config import SURFACES, NetworkConfig, TrainConfig, named_config
from ..network.heads import NO_BINS, BarsHead, Bins, equal_mass_edges
from ..spelling import option
from . import data, surfaces
from .folder import check_seed, device_of, hold, set_threads
from .model import Network
from .muon import make_optimisers, schedule
from .pace import Pace
from .progress import Interruption, Monitor, check_finite
from .ranks import Ranks, ranks

CHECKPOINT = "checkpoint.safetensors"
WEIGHTS = "weights.safetensors"
LOG = "log.jsonl"


AnyNetwork = Network | surfaces.SurfaceNetwork


@dataclass
class Run:
    """A training run in flight: all that a checkpoint must hold."""

    config: TrainConfig
    network: AnyNetwork
    optimisers: dict[str, torch.optim.Optimizer]
    step: int = 0
    curves: int = 0
    seconds: float = 0.0
    validation: dict[str, float] = field(default_factory=dict)
    ranks: Ranks = field(default_factory=Ranks)
    began: dict[str, Any] | None = None
    """Of a run that goes on from weights: their sha256 and how they were trained."""

    @property
    def finished(self) -> bool:
        return self.step >= self.config.steps

    def facts(self) -> dict[str, Any]:
        facts = {
            "train": self.config.to_dict(),
            "steps": self.step,
            "curves": self.curves,
            "seconds": round(self.seconds, 1),
            "validation": self.validation,
            "world_size": self.ranks.size,
        }
        return facts | ({"began": self.began} if self.began else {})


def train(
    config: TrainConfig | str,
    out_dir: str | Path,
    *,
    resume: bool = False,
    start: str | Path | None = None,
    steps: int | None = None,
    seed: int | None = None,
    prior_options: dict[str, Any] | None = None,
    threads: int = 1,
    device: str | None = None,
    workers: int = 0,
    progress: bool = True,
    stop_after: int | None = None,
    until: float | None = None,
) -> Run:
    """Trains a network; Ctrl-C or SIGTERM writes a checkpoint and returns.

    Args:
        config: a configuration or the name of one.
        out_dir: gets `checkpoint.safetensors`, `log.jsonl` and, when finished, `weights.safetensors` with its sha256.
        resume: continue the checkpoint in `out_dir`, bit for bit on the same machine, device and thread count.
        start: weights to begin with, on a schedule of this run's own; its facts say where they came from.
        steps, seed, prior_options: changes to the configuration.
        threads: of the CPU; one is the fastest for networks of this size.
        device: "cpu" or "cuda"; by default a GPU if there is one.
        workers: processes that draw curves ahead of time; 0 draws between steps. Does not change the result.
        stop_after: stop as if interrupted after so many steps of this call.
        until: a `time.time()`; the steps are set while the run goes, so that it ends about then (pace.py).

    Raises:
        CheckpointError: `out_dir` holds a run and `resume` is off, holds none and it is on, or holds a different one,
            or another process trains in it; or `start` is no network of this shape.
        ConfigError: a setting that cannot be: no thread, an unknown device, `start` together with `resume`.
        FitError: the loss is no longer finite; the last checkpoint stands.
    """
    changes = {"steps": steps, "seed": seed, "prior_options": prior_options}
    config = named_config(config, **changes) if isinstance(config, str) else config.with_overrides(**changes)
    config, out, device = data.resolved(config), Path(out_dir), device_of(device)
    if resume and start:
        raise ConfigError(
            f"expected {option('resume', True)} or {option('start', shell='from')}, got both. "
            "A run that is resumed knows where it began: leave the second out."
        )
    check_seed(config.seed)
    set_threads(threads)
    with ranks(device) as group:
        run = _resume(config, out, device, group) if resume else _start(config, out, device, group, start)
        last = min(config.steps, run.step + stop_after) if stop_after else config.steps
        _train(run, out, last, workers, progress, Pace(until) if until else None)
    return run


def _train(run: Run, out: Path, last: int, workers: int, progress: bool, pace: Pace | None) -> None:
    """The loop on this rank, and on the one that writes all that is written."""
    config, rank = run.config, run.ranks.rank
    stream = _stream(config.with_overrides(rank=config.rank + rank), run.network, workers)
    if not run.ranks.writes:
        with Interruption() as stopped:
            _loop(run, stream, last, out, None, stopped)
        return
    with hold(out), _monitor(run, out, progress) as monitor, Interruption() as stopped:
        _loop(run, stream, last, out, monitor, stopped, pace)
    if run.finished:
        checkpoint.export(out / CHECKPOINT, out / WEIGHTS)


def _monitor(run: Run, out: Path, show: bool) -> Monitor:
    return Monitor(out / LOG, run.step, run.config.steps, tuple(_weights(run.config)), show=show)


def _loop(
    run: Run,
    stream: data.Stream[Any],
    last: int,
    out: Path,
    monitor: Monitor | None,
    interruption: Interruption,
    pace: Pace | None = None,
) -> None:
    """Steps until `last` or an interruption, with a checkpoint at the end and every `checkpoint_seconds`; a rank that
    does not write has no monitor."""
    fixed = stream.validation() if monitor else []
    batches = stream(run.step)
    saved, stop = time.monotonic(), interruption.requested
    while run.step < last and not stop:
        began = time.monotonic()
        batch = next(batches)
        drawn = time.monotonic()
        losses_K, stop = _step(run, batch, interruption.requested)
        now = time.monotonic()
        run.seconds += now - began
        if monitor is None:
            continue
        monitor.add(run.step, losses_K, batch.log_jacobian, batch.n_curves, now - began, drawn - began)
        if pace and (planned := pace.plan(run.config, run.step)):
            run.config, last = planned, planned.steps
            monitor.expect(last)
            monitor.write(step=run.step, planned=last)
        if now - saved > run.config.checkpoint_seconds and run.step < last and not stop:
            _save(run, fixed, out, monitor)
            saved = time.monotonic()
    batches.close()
    if monitor:
        _save(run, fixed, out, monitor)


def _step(run: Run, batch: Any, stop: bool = False) -> tuple[Tensor, bool]:
    """One optimiser step; its losses in r, (K,), still on their device, and whether any rank stops behind it."""
    config, network = run.config, run.network
    if (
        config.network.dropout
    ):  # what is dropped is a function of seed, step and rank too, so that a run resumes exactly
        torch.manual_seed(config.seed * 2**32 + run.step + (run.ranks.rank << 24))
    for name, peak in (("muon", config.lr_muon), ("adamw", config.lr_adamw)):
        for group in run.optimisers[name].param_groups:
            group["lr"] = peak * schedule(config, run.step)
    loss_K = _losses(network, batch, config.log_p_floor)
    sum(w * loss for w, loss in zip(_weights(config).values(), loss_K, strict=True)).backward()
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    n_curves, stop = run.ranks.add_up(gradients, batch.n_curves, stop)
    torch.nn.utils.clip_grad_norm_(network.parameters(), config.clip)
    for optimiser in run.optimisers.values():
        optimiser.step()
        optimiser.zero_grad()
    run.step += 1
    run.curves += n_curves
    return loss_K.detach(), stop


def _losses(network: AnyNetwork, batch: Any, floor: float = -math.inf) -> Tensor:
    """Mean -ln p(r) of run and curve, (2,), or of each answer about a table of runs."""
    if isinstance(network, surfaces.SurfaceNetwork):
        return surfaces.losses(network, batch, floor)
    device = next(network.parameters()).device
    raw_BTO = network(_moved(batch.context_BMF, device), _moved(batch.target_BTF, device))
    losses = []
    for kind, question in enumerate((batch.run, batch.curve)):
        asked = {name: _moved(values, device) for name, values in question.items()}
        losses.append(-network.head.log_pdf(torch, raw_BTO, asked, kind).clamp(min=floor).mean())
    return torch.stack(losses)


def _moved(values: np.ndarray, device: torch.device) -> Tensor:
    """On the device; by way of pinned memory, so that the step before is not waited for."""
    tensor = torch.from_numpy(values)
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor


@torch.no_grad()
def validate(network: AnyNetwork, batches: list[Any]) -> dict[str, float]:
    """Mean negative log likelihood of ln y, in nats, for run and curve (or of each answer about a table)."""
    network.eval()
    losses = [_losses(network, batch).cpu().numpy() - np.array(batch.log_jacobian) for batch in batches]
    network.train()
    names = answers.ANSWERS if isinstance(network, surfaces.SurfaceNetwork) else ("run", "curve")
    return dict(zip(names, np.mean(losses, axis=0).tolist(), strict=True))


def _start(config: TrainConfig, out: Path, device: str, group: Ranks, start: str | Path | None = None) -> Run:
    if (out / CHECKPOINT).exists():
        raise CheckpointError(
            f"expected a folder without a training run, got one that holds {CHECKPOINT} ({out}). "
            f"Add {option('resume', True)} to continue it, or choose another folder."
        )
    out.mkdir(parents=True, exist_ok=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        network = _network(config.network)
    began = _begin_with(network, config, start) if start else None
    if not began and isinstance(network, Network) and isinstance(network.head, BarsHead):
        edges, tail_scale = equal_mass_edges(data.outcomes(config, data.prior_of(config)), network.head.n_bins)
        network.edges.copy_(torch.from_numpy(edges))
        network.tail_scale.fill_(tail_scale)
    network.to(device)
    return Run(config, network, make_optimisers(network, config), ranks=group, began=began)


def _begin_with(network: AnyNetwork, config: TrainConfig, path: str | Path) -> dict[str, Any]:
    """Loads released weights into the network; what they say of themselves."""
    weights = checkpoint.load_weights(path)
    if weights.config != config.network:
        ours, theirs = config.network.to_dict(), weights.config.to_dict()
        names = ", ".join(f"{name} {theirs[name]}" for name in ours if theirs[name] != ours[name])
        raise CheckpointError(
            f"expected weights of the network that the configuration describes, got {names} ({path}). "
            "Choose their configuration, or other weights."
        )
    network.load_state_dict({name: torch.from_numpy(values) for name, values in weights.arrays.items()})
    return {"sha256": weights.sha256, **{k: v for k, v in weights.facts.items() if k != "card"}}


def _save(run: Run, fixed: list[Any], out: Path, monitor: Monitor) -> None:
    run.validation = validate(run.network, fixed)
    check_finite(run.step, **run.validation)
    monitor.write(step=run.step, validation=run.validation, curves=run.curves, seconds=round(run.seconds, 1))
    arrays = checkpoint.network_arrays({k: v.cpu().numpy() for k, v in run.network.state_dict().items()})
    for name, optimiser in run.optimisers.items():
        for i, state in optimiser.state_dict()["state"].items():
            arrays |= {f"{name}.{i}.{key}": value.cpu().numpy() for key, value in state.items()}
    checkpoint.write(out / CHECKPOINT, arrays, "training", run.facts())


def _resume(config: TrainConfig, out: Path, device: str, group: Ranks) -> Run:
    arrays, facts = checkpoint.read(out / CHECKPOINT, "training")
    if facts.get("world_size", 1) != group.size:
        raise CheckpointError(
            f"expected the {facts.get('world_size', 1)} processes that the run began with, got {group.size} ({out}). "
            "Start as many with torchrun, or start in another folder."
        )
    if facts["train"] != json.loads(json.dumps(config.to_dict())):
        ours, theirs = config.to_dict(), facts["train"]
        names = ", ".join(name for name in ours if theirs.get(name) != ours[name])
        raise CheckpointError(
            f"expected the settings that the run began with, got a different {names} ({out}). "
            "Repeat them, or start in another folder."
        )
    weights, rest = checkpoint.split_arrays(arrays)
    network = _network(config.network)
    network.load_state_dict({name: torch.from_numpy(values) for name, values in weights.items()})
    network.to(device)
    optimisers = make_optimisers(network, config)
    for name, optimiser in optimisers.items():
        state: dict[int, dict[str, Tensor]] = defaultdict(dict)
        for key, values in rest.items():
            owner, index, field_name = key.split(".")
            if owner == name:
                state[int(index)][field_name] = torch.from_numpy(values)
        optimiser.load_state_dict({**optimiser.state_dict(), "state": dict(state)})
    steps, curves, seconds, validation = (facts[name] for name in ("steps", "curves", "seconds", "validation"))
    return Run(config, network, optimisers, steps, curves, seconds, validation, group, facts.get("began"))


def _network(config: NetworkConfig) -> AnyNetwork:
    return surfaces.SurfaceNetwork(config) if config.scaling == SURFACES else Network(config)


def _weights(config: TrainConfig) -> dict[str, float]:
    """Name and weight of each loss."""
    if config.network.scaling == SURFACES:
        return surfaces.WEIGHTS
    return {"run": config.run_weight, "curve": config.curve_weight}


def _stream(config: TrainConfig, network: AnyNetwork, workers: int) -> data.Stream[Any]:
    if isinstance(network, surfaces.SurfaceNetwork):
        return data.Stream(config, partial(surfaces.draw_batch, config, surfaces.prior_of(config)), workers)
    return data.curve_stream(config, network.head, _bins(network), workers)


def _bins(network: Network) -> Bins:
    """Edges of the bars and scale of the tail as float64."""
    if not isinstance(network.head, BarsHead):
        return NO_BINS
    return Bins(network.edges.cpu().numpy().astype(np.float64), float(network.tail_scale))
