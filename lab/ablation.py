"""What one loses without each part: our recipe, and our recipe without one group of parts, scored on everything.

All are trained at one small budget, half a core-minute a variant by default; an interrupted one goes on from its
checkpoint. The steps of the paper's prior are in `paper_prior.py`.
"""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from benchmark.checks import measured
from benchmark.markdown import rounded
from benchmark.methods import ask_with
from benchmark.score import score_all
from benchmark.store import digest
from benchmark.suites.truths import checks

import forescale as fs
from forescale.network.config import TrainConfig

from .ablation_page import N_SYNTHETIC, page
from .encodings import add_encodings
from .experiment import Experiment, Task
from .variants import Budget, digest_of, settings, variants

KEPT = ("rmsle", "ll", "ll_ln", "coverage90")
"""The scores of single curves that are stored."""
CUTS = (1.0, 0.4)
CHECKED = ("check", "variant", "rmsle", "median_rmsle", "ll_ln", "ll_ln_se", "coverage90_run", "log_width90")


def tasks(
    only: str = "",
    steps: int = 400,
    width: int = 32,
    depth: int = 2,
    tokens: int = 1_250,
    runs: str = "runs/ablation",
) -> dict[str, Task]:
    """A training run and its scores for each variant.

    Args:
        only: variants, separated by semicolons.
        steps: of each training run.
        width: of the network.
        depth: of the network.
        tokens: in a batch.
        runs: folder of checkpoints and weights.
    """
    add_encodings()
    code, found = source(), {}  # now: what was imported is what every variant of this call uses
    listed = variants(Budget(steps, width, depth, tokens))
    for variant, config in listed.items():
        if not only or variant in only.split(";"):
            folder = Path(runs) / f"{slug(variant)}-{digest_of([settings(config), code])[:8]}"
            make = partial(run_variant, config, listed["all parts"], folder, code)
            found[f"parts-{steps}/{variant}"] = Task(make, {"settings": settings(config)})
    return found


def run_variant(config: TrainConfig, reference: TrainConfig, folder: Path, code: str) -> dict[str, Any]:
    """Train (or go on training) one variant in `folder` and score it."""
    from forescale.training import train as training

    began = (folder / training.CHECKPOINT).exists()
    run = training.train(config, folder, resume=began, device="cpu", progress=False)
    if not run.finished:
        raise SystemExit(f"Stopped after step {run.step} of {run.config.steps}; the same call goes on ({folder}).")
    weights = str(folder / training.WEIGHTS)
    facts: dict[str, Any] = {"train": run.config.to_dict(), "curves": run.curves, "seconds": round(run.seconds, 1)}
    facts["validation"] = validation(run.network, config, reference)
    facts["suites"] = {f"{100 * cut:.0f}": suite_scores(weights, cut) for cut in CUTS}
    network = fs.Forecaster.load(weights, "variant")
    rows = [measured(c, v, problems, network.forecast) for c, v, problems in checks(N_SYNTHETIC)]
    facts["synthetic"] = [{k: rounded(row[k]) for k in CHECKED} for row in rows]
    return facts | {"source": code}


def validation(network: Any, config: TrainConfig, reference: TrainConfig) -> dict[str, list[float]]:
    """Nats per ln y of `run` and `curve` on the 25 fixed batches of the reference's prior, one number a batch.

    Log densities count as at least -15, as in training.
    """
    import torch

    from forescale.training import data
    from forescale.training import train as training

    same_curves = reference.with_overrides(network=config.network)
    batches = data.curve_stream(same_curves, network.head, training._bins(network)).validation()
    with torch.no_grad():
        losses = [training._losses(network, b, config.log_p_floor).numpy() - np.array(b.log_jacobian) for b in batches]
    run, curve = np.array(losses).T
    return {"run": [rounded(float(v)) for v in run], "curve": [rounded(float(v)) for v in curve]}


def suite_scores(weights: str, cut: float) -> dict[str, dict[str, list[float]]]:
    """Suite -> score -> one value for each curve, in the order of the suite."""
    rows = score_all(ask_with("variant", weights), cut)
    return {suite: {key: [rounded(row[key]) for row in those] for key in KEPT} for suite, those in rows.items()}


def source() -> str:
    """A digest of the code behind every curve and token: variants compare only where it is the same."""
    package = Path(fs.__file__).parent
    return digest(
        *sorted((package / "network" / "encodings").rglob("*.py")), *sorted((package / "prior").rglob("*.py"))
    )


def slug(name: str) -> str:
    return "".join(c if c.isalnum() or c == "+" else "-" for c in name).replace("--", "-")


EXPERIMENT = Experiment(
    "ablation",
    "Every part of the recipe is worth more than the luck of a training run.",
    tasks,
    page,
    docs="ablation.md",
)
