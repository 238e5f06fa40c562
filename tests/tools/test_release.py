"""The card of a release tells how its weights were trained, in one stage or in two."""

import json
from dataclasses import replace

from tools.release import HOME, card

from forescale.network.checkpoint import load_weights

WEIGHTS = load_weights(HOME / "base.safetensors")
ONCE = replace(WEIGHTS, facts={k: v for k, v in WEIGHTS.facts.items() if k != "began"})


def test_a_card_of_one_schedule_says_its_steps_and_machine():
    text = card("base", ONCE, 10, "scores", "a machine")
    facts = ONCE.facts
    assert f"| steps | {facts['steps']:,} of {facts['train']['tokens_per_batch']:,} points on one cosine" in text
    assert "minutes on a machine |" in text
    assert "stage" not in text


def test_a_card_of_two_schedules_says_both_and_where_the_first_differed():
    first = {**ONCE.facts, "sha256": "0" * 64, "train": {**ONCE.facts["train"], "lr_muon": 0.5, "seed": 3}}
    options = {**first["train"]["prior_options"], "p_clean": 0.01}
    first["train"] = {**first["train"], "prior_options": options}
    text = card("base", replace(ONCE, facts={**ONCE.facts, "began": first}), 10, "scores", "here", "there")
    assert "| first stage: training time |" in text
    assert text.count("minutes on there |") == text.count("minutes on here |") == 1
    assert f"| its weights | `{'0' * 64}` |" in text
    told = text.split("The first stage, where it differed:")[1].split("```")[1].removeprefix("json")
    assert json.loads(told) == {"lr_muon": 0.5, "seed": 3, "prior_options": {"p_clean": 0.01}}
