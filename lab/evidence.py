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

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from benchmark.markdown import markdown, shown
from benchmark.problem import Floats, Problem
from benchmark.store import digest

from forescale.network.config import NetworkConfig, TrainConfig
from forescale.network.encodings.base import Contexts
from forescale.network.encodings.loglog import LOGLOG
from forescale.network.heads import NO_BINS, RUN

from .evidence_curves import WEIGHTS, hidden_curves
from .experiment import Experiment, Found, Task
from .told import SCALE, SCALING, VARIED, VariedPrior, add_told_encoder, settings_at

if TYPE_CHECKING:
    import torch

    from forescale.training.model import Network

N_ASKED = 16
"""Targets of a curve that are asked, spread evenly over its own."""
STEP = 0.06
"""Of the climb, in units of a setting's range."""


def train(out: Path, seed: int, steps: int) -> dict[str, list[float]]:
    """Writes out/weights.safetensors; nats per ln y of `run` on varied priors, the mean of every 500 steps."""
    import torch
    from safetensors.torch import save_file

    from forescale.training import data
    from forescale.training.model import Network
    from forescale.training.muon import make_optimisers
    from forescale.training.train import Run, _step

    prior = VariedPrior()
    add_told_encoder(prior)
    config = TrainConfig(network=NetworkConfig(scaling=SCALING), steps=steps, seed=seed)
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    network = Network(config.network)
    run = Run(config, network, make_optimisers(network, config))
    out.mkdir(parents=True, exist_ok=True)
    losses: list[float] = []
    while not run.finished:
        curves = data.draw_curves(config, prior, [seed, 0, run.step])
        batch = data.encode_batch(config, network.head, NO_BINS, curves)
        losses.append(float(_step(run, batch)[0][0]) - batch.log_jacobian[0])
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
        tokens = LOGLOG.encode(Contexts.of_rows(x, y), at)
        r = (np.log(read) - tokens.shift_B[:, None]) / tokens.scale_B[:, None]
        question = self.networks[0].head.question(tokens, r, NO_BINS)
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
                log_p = network.head.log_pdf(torch, raw, question, RUN).clamp(min=-15.0)
                parts.append(log_p.mean(1) - log_scale)
            index = torch.cat([b[0] for b in self.batches])
            out = out + torch.zeros(self.n).index_put((index,), torch.cat(parts)) / len(self.networks)
        return out


def climb(asked: Asked, weight: "torch.Tensor", fixed: list[str], pull: float, steps: int) -> Floats:
    """Coordinates that maximise the weighted likelihood less `pull` times their squares; `fixed` ones stay at 0."""
    import torch

    stay = np.array([s.name in fixed for s in VARIED])
    low, high = (torch.from_numpy(np.where(stay, 0.0, 0.85 * end)).float() for end in (SCALE.low, SCALE.high))
    place = torch.zeros(len(VARIED), requires_grad=True)
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

    add_told_encoder(VariedPrior())
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

    place = torch.zeros(len(VARIED), requires_grad=True)
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
