"""What is taken away: the configurations of the ablation, each trained at one small budget."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from forescale.network.config import CONFIGS, TrainConfig, named_config


@dataclass(frozen=True)
class Budget:
    """What every variant gets: a network smaller than the released one, trained briefly (half a core-minute)."""

    steps: int = 400
    width: int = 32
    depth: int = 2
    tokens: int = 1_250


def settings(config: TrainConfig) -> str:
    """Twelve hex digits of every setting, the prior's too: what has to agree for a trained variant to stand."""
    from forescale.training.data import resolved

    return digest_of(resolved(config).to_dict())


def digest_of(values: Any) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]


def variants(budget: Budget) -> dict[str, TrainConfig]:
    """Name -> the configuration that is trained."""

    def config(name: str, *, shape: Mapping[str, Any] | None = None, **changes: Any) -> TrainConfig:
        network = replace(CONFIGS[name].network, width=budget.width, depth=budget.depth, **(shape or {}))
        return named_config(name, network=network, steps=budget.steps, tokens_per_batch=budget.tokens, **changes)

    return {
        "all parts": config("base"),
        "all parts, another seed": config("base", seed=1),
        "linear scaling, bars": config("base", shape={"scaling": "linear", "head": "bars"}),
        "log scaling, bars": config("base", shape={"scaling": "loglog/bars", "head": "bars"}),
        "no fit features, one anchor": config("base", shape={"scaling": "loglog/nofits", "per_anchor": 16}),
        "one anchor": config("base", shape={"scaling": "loglog/level", "per_anchor": 16}),
        "level and sharp anchor only": config("base", shape={"scaling": "loglog/two", "per_anchor": 8}),
        "no sharp anchor": config("base", shape={"scaling": "loglog/blunt", "per_anchor": 8}),
        "no anchor on the line": config("base", shape={"scaling": "loglog/noline", "per_anchor": 5}),
        "a mixture for each kind": config("base", shape={"head": "mixture"}),
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
