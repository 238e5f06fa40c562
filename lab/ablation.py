"""What one loses without each part: variants trained at one small budget, scored on everything.

    prior   the paper's network on the steps of its prior (M3 only ... the whole), and on LC-PFN's prior
    parts   our recipe, and our recipe without one group of parts

Poorer encodings exist only here: they join `features.ENCODERS` under names of their own and leave the product's
alone. A variant that is stored under the same configuration is not trained again; an interrupted one goes on.

python benchmark/ablation.py                       # all of it: about half a core-minute a variant
python benchmark/ablation.py --group prior --steps 1600    # a longer one, stored beside the short one
python -m benchmark.ablation_tables                # docs/ablation.md from what is stored
"""

import argparse
import hashlib
import json
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import forescale as fs
from benchmark.score import ask_with, score_suite
from benchmark.store import RESULTS, digest
from benchmark.suites import SUITES, load_suite
from benchmark.synthetic import summary
from benchmark.truths import checks
from benchmark.versus import ask_many
from forescale.network.config import CONFIGS, TrainConfig, named_config
from forescale.network.encodings import features
from forescale.network.encodings.features import Tokens
from forescale.prior import PaperConfig


@dataclass(frozen=True)
class Budget:
    """What every variant gets: a network smaller than the released one, trained briefly (half a core-minute)."""

    steps: int = 400
    width: int = 32
    depth: int = 2
    tokens: int = 1_250


KEPT = ("rmsle", "ll", "ll_ln", "coverage90")
"""The scores of single curves that are stored."""
CUTS = {"prior": (1.0,), "parts": (1.0, 0.4)}
N_SYNTHETIC = 20
ASKED = {"context_regression": True, "n_asked": 48}
"""Sizes and cuts as the paper draws them; of the 50 to 501 points of a curve, 48 are asked, to spare an output layer
of 1,000 bars at each."""

FIT_CONTEXT = [*range(2, 7), *range(15, 24)]
FIT_TARGET = [*range(6), *range(7, 13), *range(21, 30)]
"""Columns of the "log" tokens that a closed-form fit, its residual or its error stands behind."""


def without_fits(tokens: Tokens) -> Tokens:
    """The fit features zero, and no anchor but the last level."""
    context, target = tokens.context_BMF.copy(), tokens.target_BTF.copy()
    context[..., FIT_CONTEXT], target[..., FIT_TARGET] = 0.0, 0.0
    return with_anchors(0)(replace(tokens, context_BMF=context, target_BTF=target))


def with_anchors(*kept: int) -> Callable[[Tokens], Tokens]:
    """Leaves some anchors: 0 is the last level (inside the context: straight lines between points), with the spread of
    the context; 1 the law of the last share; 2 the sharp one, whose scale may be far below that spread, so that an
    exact fit can be believed."""

    def spoil(tokens: Tokens) -> Tokens:
        loc, log_scale = tokens.anchor_loc_BTA[..., kept], tokens.anchor_log_scale_BTA[..., kept]
        return replace(tokens, anchor_loc_BTA=loc, anchor_log_scale_BTA=log_scale)

    return spoil


def with_line(tokens: Tokens) -> Tokens:
    """One more anchor: the straight line through the end of the context, read back from its features."""
    said = tokens.target_BTF.astype(np.float64)
    middle, end = np.sinh(said[..., 1]), np.sinh(said[..., 2])
    noise = np.exp((said[..., 23] - 1.0) / 0.4)
    width = np.sqrt(noise**2 + (0.5 * (end - middle)) ** 2 + 0.05**2)
    loc = np.concatenate([tokens.anchor_loc_BTA, end[..., None]], axis=-1)
    log_scale = np.concatenate([tokens.anchor_log_scale_BTA, np.log(width)[..., None]], axis=-1)
    return replace(tokens, anchor_loc_BTA=loc, anchor_log_scale_BTA=log_scale)


def for_bars(tokens: Tokens) -> Tokens:
    """No anchors, and r moved up by 50: bars begin at 0, and ln y beyond the context goes both ways."""
    none = tokens.anchor_loc_BTA[..., :0]
    shift = tokens.shift_B - 50.0 * tokens.scale_B
    return replace(tokens, anchor_loc_BTA=none, anchor_log_scale_BTA=none, shift_B=shift)


def add_encodings() -> None:
    """Register the poorer encodings; each takes the tokens of "log" and spoils them."""
    assert features.N_FEATURES["log"] == (27, 33, 3), "the columns above belong to another layout of the tokens"
    log = features.ENCODERS["log"]
    poorer = {
        "nofits": (without_fits, 1),
        "level": (with_anchors(0), 1),
        "blunt": (with_anchors(0, 1), 2),
        "two": (with_anchors(0, 2), 2),
        "line": (with_line, 4),
        "bars": (for_bars, 0),
    }
    for name, (spoil, n_anchors) in poorer.items():
        name = f"log/{name}"
        features.N_FEATURES[name] = (*features.N_FEATURES["log"][:2], n_anchors)
        features.VERSIONS[name] = features.VERSIONS["log"]
        features.ENCODERS[name] = lambda *points, spoil=spoil: spoil(log(*points))


def variants(group: str, budget: Budget) -> dict[str, TrainConfig]:
    """Name -> the configuration that is trained."""

    def config(name: str, *, shape: Mapping[str, Any] | None = None, **changes: Any) -> TrainConfig:
        network = replace(CONFIGS[name].network, width=budget.width, depth=budget.depth, **(shape or {}))
        return named_config(name, network=network, steps=budget.steps, tokens_per_batch=budget.tokens, **changes)

    if group == "prior":
        steps = {
            step: config("nsl-pfn", prior_options=_options(PaperConfig.ablation(step)) | ASKED)
            for step in ("m3", "m4", "m3+m4", "+breaks", "+up")
        }
        later_only = config("nsl-pfn", prior_options=ASKED | {"context_regression": False})
        return steps | {"lc-pfn": config("lc-pfn"), "+up, later points only": later_only}
    return {
        "all parts": config("base"),
        "all parts, another seed": config("base", seed=1),
        "linear scaling, bars": config("base", shape={"scaling": "linear", "head": "bars"}),
        "log scaling, bars": config("base", shape={"scaling": "log/bars", "head": "bars"}),
        "no fit features, one anchor": config("base", shape={"scaling": "log/nofits", "per_anchor": 15}),
        "one anchor": config("base", shape={"scaling": "log/level", "per_anchor": 15}),
        "level and sharp anchor only": config("base", shape={"scaling": "log/two", "per_anchor": 7}),
        "no sharp anchor": config("base", shape={"scaling": "log/blunt", "per_anchor": 7}),
        "a fourth anchor on the line": config("base", shape={"scaling": "log/line", "per_anchor": 4}),
        "no observation filter": config("base", prior_options={"p_filtered": 0.0}),
        "no monotone fits": config("base", prior_options={"p_monotone": 0.0}),
        "no learning-rate decay, upturn, spikes": config(
            "base", prior_options={"p_lr_decay": 0.0, "p_upturn": 0.0, "p_spikes": 0.0}
        ),
        "no first parts, wiggles, saturation": config(
            "base", prior_options={"p_prelude": 0.0, "p_wiggle": 0.0, "p_saturation": 0.0}
        ),
        "no buried trends": config("base", prior_options={"p_buried": 0.0}),
        "no reversal": config("base", prior_options={"p_reversal": 0.0}),
        "no double descent": config("base", prior_options={"weight_dub": 0.0, "weight_bump": 0.0}),
        "no clean curves": config("base", prior_options={"p_clean": 0.0}),
        "no far horizons": config("base", prior_options={"p_far": 0.0}),
    }


def _options(config: PaperConfig) -> dict[str, Any]:
    return {k: v for k, v in config.to_dict().items() if k != "name"}


def run_variant(group: str, config: TrainConfig, reference: TrainConfig, folder: Path) -> dict[str, Any]:
    """Train (or go on training) one variant in `folder` and score it."""
    from forescale.training import train as training

    began = (folder / training.CHECKPOINT).exists()
    run = training.train(config, folder, resume=began, device="cpu", progress=False)
    if not run.finished:
        raise SystemExit(f"Stopped after step {run.step} of {run.config.steps}; the same call goes on ({folder}).")
    weights = str(folder / training.WEIGHTS)
    facts: dict[str, Any] = {"train": run.config.to_dict(), "curves": run.curves, "seconds": round(run.seconds, 1)}
    facts["validation"] = validation(run.network, config, reference)
    facts["suites"] = {f"{100 * cut:.0f}": suite_scores(weights, cut) for cut in CUTS[group]}
    if group == "parts":
        network = fs.Forecaster.load(weights, "variant")
        rows = [summary(c, v, ask_many(network, qs)) for c, v, qs in checks(N_SYNTHETIC)]
        keep = ("check", "variant", "rmsle", "median_rmsle", "ll_ln", "ll_ln_se", "coverage90_run", "log_width90")
        facts["synthetic"] = [{k: _short(row[k]) for k in keep} for row in rows]
    return facts


def validation(network: Any, config: TrainConfig, reference: TrainConfig) -> dict[str, list[float]]:
    """Nats per ln y of `run` and `curve` on the 25 fixed batches of the reference's prior, one number a batch.

    Log densities count as at least -15, as in training.
    """
    import torch

    from forescale.training import data
    from forescale.training import train as training

    same_curves = reference.with_overrides(network=config.network)
    batches = data.Stream(same_curves, network.head, data.Bins(*training._bins(network))).validation()
    with torch.no_grad():
        losses = [training._losses(network, b, config.log_p_floor).numpy() - np.array(b.log_jacobian) for b in batches]
    run, curve = np.array(losses).T
    return {"run": [_short(v) for v in run], "curve": [_short(v) for v in curve]}


def suite_scores(weights: str, cut: float) -> dict[str, dict[str, list[float]]]:
    """Suite -> score -> one value for each curve, in the order of the suite."""
    ask_all = ask_with("variant", weights)
    rows = {suite: score_suite(load_suite(suite, cut), ask_all) for suite in SUITES}
    return {suite: {key: [_short(row[key]) for row in rows[suite]] for key in KEPT} for suite in SUITES}


def _short(value: Any) -> Any:
    return float(f"{value:.4g}") if isinstance(value, float) else value


def stored(path: Path, config: TrainConfig) -> dict[str, Any] | None:
    """What an earlier call stored for that configuration."""
    from forescale.training.data import resolved

    if not path.exists():
        return None
    facts: dict[str, Any] = json.loads(path.read_text())
    return facts if facts["train"] == json.loads(json.dumps(resolved(config).to_dict())) else None


def account(config: TrainConfig, code: str) -> str:
    """A digest of every setting, the prior's too, and of the code: a run goes on only in the folder of its own."""
    from forescale.training.data import resolved

    return hashlib.sha256(json.dumps([resolved(config).to_dict(), code], sort_keys=True).encode()).hexdigest()


def source() -> str:
    """A digest of the code behind every curve and token: variants compare only where it is the same."""
    package = Path(features.__file__).parent
    return digest(package / "features.py", package / "fits.py", *sorted((package / "prior").rglob("*.py")))


def slug(name: str) -> str:
    return "".join(c if c.isalnum() or c == "+" else "-" for c in name).replace("--", "-")


def line(name: str, facts: Mapping[str, Any]) -> str:
    scores = facts["suites"]["100"]
    shown = [f"{s} {np.mean(scores[s]['rmsle']):.4f}/{np.mean(scores[s]['ll']):.3f}" for s in ("ic", "dd", "colpret")]
    return f"{name:<42}val {np.mean(facts['validation']['run']):.3f}  " + "  ".join(shown) + f"  {facts['seconds']} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--group", choices=("prior", "parts"), help="default: both")
    parser.add_argument("--only", type=lambda t: t.split(";"), help="variants, separated by semicolons")
    for field in fields(Budget):
        parser.add_argument(f"--{field.name}", type=int, default=field.default)
    parser.add_argument("--runs", type=Path, default=Path("runs/ablation"), help="folder of checkpoints and weights")
    parser.add_argument("--results", type=Path, default=RESULTS / "ablation")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    add_encodings()
    code = source()  # now: what was imported is what every variant of this call uses
    budget = Budget(options.steps, options.width, options.depth, options.tokens)
    for group in [options.group] if options.group else ("prior", "parts"):
        listed = variants(group, budget)
        reference = listed["+up" if group == "prior" else "all parts"]
        for name, config in listed.items():
            if options.only and name not in options.only:
                continue
            path = options.results / f"{group}-{budget.steps}" / f"{slug(name)}.json"
            facts = stored(path, config)
            if facts is None:
                start = time.perf_counter()
                folder = options.runs / group / f"{slug(name)}-{account(config, code)[:8]}"
                facts = run_variant(group, config, reference, folder) | {"variant": name, "source": code}
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(facts) + "\n")
                print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)
            print(line(name, facts), flush=True)


if __name__ == "__main__":
    main()
