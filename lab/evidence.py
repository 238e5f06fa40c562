"""What real curves say of the prior's settings: one network for all priors, then uphill in the settings.

    python -m lab evidence-train --runs runs/evidence-0     a quarter of an hour on one thread
    python -m lab evidence --runs runs/evidence-0           what they say

The likelihood of hidden points depends on the prior, and to see how, one would train a network for each. Here one
network is trained on curves whose prior is drawn anew for every batch, and it is told the settings. So it answers under
each of them, and the likelihood of real curves becomes a smooth function of the settings. `evidence` prints it at the
settings' defaults with its slope in each setting, then climbs it, pulled back to the defaults, and prints where it got.
Curves that are left out of the climb (`--leave`) say whether a gain holds where it was not looked for: without that
this is over-fitting by hand.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from benchmark.markdown import markdown, shown
from benchmark.problem import Floats, Problem
from benchmark.store import digest
from numpy.typing import NDArray

from forescale.network.config import NetworkConfig, TrainConfig
from forescale.network.encodings import features
from forescale.prior import Batch, OursConfig, OursPrior

from .evidence_curves import WEIGHTS, hidden_curves
from .experiment import Experiment, Found, Task

if TYPE_CHECKING:
    import torch

    from forescale.training.model import Network

SCALING = "log, told the settings"
N_ASKED = 16
"""Targets of a curve that are asked, spread evenly over its own."""
STEP = 0.06
"""Of the climb, in units of a setting's range."""
RANGES: dict[str, tuple[float, float]] = {
    **{f"weight_{name}": (0.02, 0.6) for name in ("powfl", "bnsl", "m4", "sigmoid_floor", "dub", "drift")},
    **{f"weight_{name}": (0.01, 0.3) for name in ("m2", "steps", "bump", "expo")},
    "exponent": (0.1, 0.6),
    "exponent_std": (0.5, 1.2),
    "p_no_floor": (0.0, 0.7),
    "p_late": (0.0, 0.9),
    "p_second": (0.0, 0.9),
    "m4_slope": (0.15, 1.0),
    "p_m4_no_floor": (0.0, 0.7),
    "p_sharp": (0.0, 0.9),
    "p_flat_start": (0.0, 0.8),
    "onset": (0.2, 1.5),
    "break_ratio": (0.2, 1.0),
    "break_std": (0.5, 1.8),
    "break_width": (0.03, 0.8),
    "p_recent_breaks": (0.0, 0.8),
    "p_peak_returns": (0.0, 0.9),
    "p_peak_inside": (0.5, 1.0),
    "p_flat_descent": (0.0, 0.7),
    "after_peak": (0.12, 0.7),
    "bump_height": (0.2, 2.0),
    "drift_rate": (0.2, 2.0),
    "p_drift_floor": (0.0, 1.0),
    "p_clean": (0.0, 0.4),
    "p_clean_m2": (0.2, 1.0),
    "p_reversal": (0.0, 0.2),
    "p_saturation": (0.0, 0.6),
    "saturation_depth": (0.2, 3.0),
    "saturation_reach": (0.5, 6.0),
    "saturation_sharpness": (1.5, 20.0),
    "p_prelude": (0.0, 0.7),
    "prelude_reach": (0.2, 0.9),
    "p_transient": (0.0, 0.5),
    "p_lr_decay": (0.0, 0.4),
    "p_wiggle": (0.0, 1.0),
    "wiggle_size": (0.03, 1.0),
    "wiggle_length": (0.05, 0.6),
    "p_upturn": (0.0, 0.15),
    "p_buried": (0.0, 0.3),
    "p_loud": (0.0, 1.0),
    "loud": (0.1, 1.0),
    "p_noise_trend": (0.0, 0.9),
    "p_heavy_tails": (0.0, 0.5),
    "p_skewed": (0.0, 0.4),
    "p_autocorrelated": (0.0, 0.6),
    "p_outliers": (0.0, 0.2),
    "p_spikes": (0.0, 0.3),
    "p_quantised": (0.0, 0.2),
    "p_filtered": (0.0, 0.7),
    "p_monotone": (0.0, 1.0),
    "monotone_noise": (1.0, 10.0),
    "p_records": (0.0, 1.0),
    "p_log_thinned": (0.0, 1.0),
    "filtered_noise": (1.0, 10.0),
    "raw_per_shown": (5.0, 60.0),
}
"""Lowest and highest value of each setting; shares (`p_`) are drawn uniformly, all others log-uniformly."""
DEFAULTS = OursConfig().to_dict()


class Scale(NamedTuple):
    """Coordinates of settings: 0 is the default, one end of the range lies at a distance of 1."""

    default: Floats
    unit: Floats
    low: Floats
    high: Floats


def _scale() -> Scale:
    log = np.array([not name.startswith("p_") for name in RANGES])
    bounds = np.array([(low, DEFAULTS[name], high) for name, (low, high) in RANGES.items()]).T
    bounds[:, log] = np.log(bounds[:, log])
    low, default, high = bounds
    unit = np.maximum(high - default, default - low)
    return Scale(default, unit, (low - default) / unit, (high - default) / unit)


SCALE = _scale()


def settings_at(place: Floats) -> dict[str, float]:
    """The settings at coordinates (S,), kept in their ranges."""
    value = SCALE.default + SCALE.unit * np.clip(place, SCALE.low, SCALE.high)
    return {n: float(v if n.startswith("p_") else np.exp(v)) for n, v in zip(RANGES, value, strict=True)}


class VariedPrior:
    """Our prior with settings drawn anew for every batch, some or all of them; `place` holds the last ones."""

    name, config = "ours", OursConfig()

    def __init__(self) -> None:
        self.place = np.zeros(len(RANGES))

    def sample(self, rng: np.random.Generator, n_curves: int, n_context: int, n_targets: int) -> Batch:
        changed = rng.random(len(RANGES)) < rng.random()
        self.place = np.where(changed, rng.uniform(SCALE.low, SCALE.high), 0.0)
        return OursPrior(replace(self.config, **settings_at(self.place))).sample(rng, n_curves, n_context, n_targets)


def told(values: NDArray[np.float32], place: Floats) -> NDArray[np.float32]:
    """Tokens (B, N, F) with the settings beside every one, (B, N, F + S)."""
    beside = np.broadcast_to(place.astype(np.float32), (*values.shape[:2], len(place)))
    return np.concatenate([values, beside], axis=-1)


def _told_encoder(prior: VariedPrior) -> None:
    """Registers the encoding "log" with the settings of the prior's last batch beside every token."""

    def encode(x_BM: Floats, y_BM: Floats, x_BT: Floats) -> features.Tokens:
        tokens = features.encode("log", x_BM, y_BM, x_BT)
        return replace(
            tokens,
            context_BMF=told(tokens.context_BMF, prior.place),
            target_BTF=told(tokens.target_BTF, prior.place),
        )

    n_context, n_target, n_anchors = features.N_FEATURES["log"]
    features.ENCODERS[SCALING] = encode
    features.N_FEATURES[SCALING] = (n_context + len(RANGES), n_target + len(RANGES), n_anchors)


def train(out: Path, seed: int, steps: int) -> dict[str, list[float]]:
    """Writes out/weights.safetensors; nats per ln y of `run` on varied priors, the mean of every 500 steps."""
    import torch
    from safetensors.torch import save_file

    from forescale.training import data
    from forescale.training.model import Network
    from forescale.training.muon import make_optimisers
    from forescale.training.train import Run, _step

    prior = VariedPrior()
    _told_encoder(prior)
    config = TrainConfig(network=NetworkConfig(scaling=SCALING), steps=steps, seed=seed)
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    network, no_bins = Network(config.network), data.Bins(np.zeros(0), 1.0)
    run = Run(config, network, make_optimisers(network, config))
    out.mkdir(parents=True, exist_ok=True)
    losses: list[float] = []
    while not run.finished:
        curves = data.draw_curves(config, prior, [seed, 0, run.step])
        batch = data.encode_batch(config, network.head, no_bins, curves)
        losses.append(float(_step(run, batch)[0]) - batch.log_jacobian[0])
        if run.step % 500 == 0:
            print(f"step {run.step}: {np.mean(losses[-500:]):.3f} nats per ln y", flush=True)
    save_file(network.state_dict(), out / "weights.safetensors")
    return {"loss": [round(float(np.mean(losses[i : i + 500])), 4) for i in range(0, len(losses), 500)]}


class Asked:
    """Networks with settings and the hidden curves packed for them, in batches of equal context size."""

    def __init__(self, networks: "list[Network]", curves: list[Problem]) -> None:
        import torch

        self.networks, self.n = networks, len(curves)
        self.batches = []
        for size in sorted({c.context.n for c in curves}):
            index = [i for i, c in enumerate(curves) if c.context.n == size]
            self.batches.append((torch.tensor(index), *self._pack([curves[i] for i in index])))

    def _pack(self, curves: list[Problem]) -> tuple[Any, ...]:
        import torch

        picks = [np.round(np.linspace(0, len(c.x) - 1, N_ASKED)).astype(int) for c in curves]
        x, y = (np.stack([getattr(c.context, axis) for c in curves]) for axis in "xy")
        at = np.stack([c.x[k] for c, k in zip(curves, picks, strict=True)])
        read = np.stack([c.y[k] for c, k in zip(curves, picks, strict=True)])
        tokens = features.encode("log", x, y, at)
        r = (np.log(read) - tokens.shift_B[:, None]) / tokens.scale_B[:, None]
        question = self.networks[0].head.question(tokens, r, np.zeros(0), 1.0)
        as_tensor = {k: torch.from_numpy(v.astype(np.float32)) for k, v in question.items()}
        context, target = torch.from_numpy(tokens.context_BMF), torch.from_numpy(tokens.target_BTF)
        return context, target, as_tensor, torch.from_numpy(np.log(tokens.scale_B)).float()

    def likelihood(self, place: "torch.Tensor") -> "torch.Tensor":
        """Mean ln density of ln y over the targets of each curve, mean over networks, (n,)."""
        import torch

        out = torch.zeros(self.n)
        for network in self.networks:
            parts = []
            for _, context, target, question, log_scale in self.batches:
                beside = [place.expand(*t.shape[:2], len(place)) for t in (context, target)]
                raw = network(torch.cat([context, beside[0]], -1), torch.cat([target, beside[1]], -1))
                log_p = network.head.log_pdf(torch, raw[:, :, 0], question).clamp(min=-15.0)
                parts.append(log_p.mean(1) - log_scale)
            index = torch.cat([b[0] for b in self.batches])
            out = out + torch.zeros(self.n).index_put((index,), torch.cat(parts)) / len(self.networks)
        return out


def climb(asked: Asked, weight: "torch.Tensor", fixed: list[str], pull: float, steps: int) -> Floats:
    """Coordinates that maximise the weighted likelihood less `pull` times their squares; `fixed` ones stay at 0."""
    import torch

    stay = np.array([name in fixed for name in RANGES])
    low, high = (torch.from_numpy(np.where(stay, 0.0, 0.85 * end)).float() for end in (SCALE.low, SCALE.high))
    place = torch.zeros(len(RANGES), requires_grad=True)
    optimiser = torch.optim.Adam([place], betas=(0.8, 0.99))
    for i in range(steps):
        optimiser.param_groups[0]["lr"] = STEP * (1.0 - 0.8 * i / steps)
        loss = pull * (place**2).sum() - (weight * asked.likelihood(place)).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        with torch.no_grad():
            place.clamp_(low, high)
    return place.detach().numpy().astype(float)


def ask(runs: list[Path], leave: list[str], fixed: list[str], pull: float, steps: int, folder: str) -> dict[str, Any]:
    """Slopes at the defaults, what the climb gained on each set of curves, and the settings that it moved."""
    import torch
    from safetensors.torch import load_file

    from forescale.training.model import Network

    _told_encoder(VariedPrior())
    networks = []
    for run in runs:
        network = Network(NetworkConfig(scaling=SCALING)).requires_grad_(False)
        network.load_state_dict(load_file(run / "weights.safetensors"))
        networks.append(network)
    curves = hidden_curves(folder)
    names, owner = np.unique([c.suite for c in curves], return_inverse=True)
    asked = Asked(networks, curves)
    share = np.array([0.0 if any(n.startswith(s) for s in leave) else WEIGHTS.get(n, 0.25) for n in names])
    weight = torch.from_numpy((share / np.bincount(owner))[owner]).float()

    place = torch.zeros(len(RANGES), requires_grad=True)
    before = asked.likelihood(place)
    slopes = {
        str(name): torch.autograd.grad(before[owner == i].mean(), place, retain_graph=True)[0].numpy().round(5).tolist()
        for i, name in enumerate(names)
    }
    best = climb(asked, weight, fixed, pull, steps)
    with torch.no_grad():
        after = asked.likelihood(torch.from_numpy(best).float())
    level, gain = before.detach().numpy(), (after - before).detach().numpy()
    gains = {str(n): [float(level[owner == i].mean()), shown(gain[owner == i], 3, "+")] for i, n in enumerate(names)}
    moved = {name: value for (name, value), at in zip(settings_at(best).items(), best, strict=True) if abs(at) > 0.08}
    return {"slopes": slopes, "gains": gains, "moved": moved}


def train_tasks(runs: str = "runs/evidence-0", seed: int = 0, steps: int = 10_000) -> dict[str, Task]:
    """One network that is told the settings.

    Args:
        runs: the folder it is written to.
        seed: of the run.
        steps: of the run.
    """
    return {Path(runs).name: Task(partial(train, Path(runs), seed, steps), {"seed": seed, "steps": steps})}


def tasks(
    runs: str = "runs/evidence-0", leave: str = "", fixed: str = "", pull: float = 0.03, steps: int = 50, data: str = ""
) -> dict[str, Task]:
    """Networks that were told the settings, asked about real curves.

    Args:
        runs: folders that evidence-train wrote, comma-separated.
        leave: sets left out of the climb, by how their names begin, comma-separated.
        fixed: settings that stay, comma-separated.
        pull: back to the defaults.
        steps: of the climb.
        data: folder of the CSV files.
    """
    folders = [Path(run) for run in runs.split(",")]
    left, stay = ([s for s in text.split(",") if s] for text in (leave, fixed))
    key = {"weights": digest(*(f / "weights.safetensors" for f in folders)), "pull": pull, "steps": steps}
    make = partial(ask, folders, left, stay, pull, steps, data)
    return {f"{runs} without {leave or 'nothing'}, fixed {fixed or 'nothing'}": Task(make, key)}


def train_page(found: Found) -> str:
    return "\n".join(f"{label}: {facts['loss'][-1]:.3f} nats per ln y at the end" for label, facts in found.items())


def page(found: Found) -> str:
    """Slopes, gains and moved settings."""
    text = []
    for label, facts in found.items():
        rows = [[name, *(f"{1000 * s[i]:.0f}" for s in facts["slopes"].values())] for i, name in enumerate(RANGES)]
        text += [f"## {label}", "Slopes, thousandths of a nat per unit (the farther end of its range):"]
        text += [markdown([["setting", *facts["slopes"]], *rows])]
        gains = [[name, f"{level:.3f}", gain] for name, (level, gain) in facts["gains"].items()]
        text += [markdown([["set", "LL of ln y at the defaults", "gained by the climb"], *gains])]
        moved = [[name, f"{DEFAULTS[name]:.3g}", f"{value:.3g}"] for name, value in facts["moved"].items()]
        text += [markdown([["setting", "default", "after the climb"], *moved])]
    return "\n\n".join(text)


TRAIN = Experiment(
    "evidence-train",
    "One network can answer under every setting of the prior, if it is told them.",
    train_tasks,
    train_page,
)
EXPERIMENT = Experiment(
    "evidence",
    "Real curves prefer settings of the prior, and what is gained on some holds on others.",
    tasks,
    page,
)
