"""The card of a release tells how its weights were trained, in one stage or in more."""

import json
from dataclasses import replace

from tools.release import HOME, card

from forescale.network.checkpoint import load_weights

WEIGHTS = load_weights(HOME / "base.safetensors")
ONCE = replace(WEIGHTS, facts={k: v for k, v in WEIGHTS.facts.items() if k not in ("began", "averaged")})


def test_a_card_of_one_schedule_says_its_steps_and_machine():
    text = card("base", ONCE, 10, "scores", "a machine")
    facts = ONCE.facts
    assert f"| steps | {facts['steps']:,} of {facts['train']['tokens_per_batch']:,} points on one cosine" in text
    assert "minutes on a machine |" in text
    assert "stage" not in text


def test_a_card_of_more_schedules_says_each_and_where_it_differed():
    options = ONCE.facts["train"]["prior_options"]
    first = {**ONCE.facts, "sha256": "0" * 64, "train": {**ONCE.facts["train"], "lr_muon": 0.5, "seed": 3}}
    second = {**ONCE.facts, "sha256": "1" * 64, "began": first}
    second["train"] = {**ONCE.facts["train"], "prior_options": {**options, "p_clean": 0.01}}
    text = card("base", replace(ONCE, facts={**ONCE.facts, "began": second}), 10, "scores", "here", "there")
    for name, machine in (("1", "there"), ("2", "here"), ("3", "here")):
        assert f"| stage {name}: training time | " in text
        assert f"minutes on {machine} |" in text.split(f"stage {name}: training time")[1].split("\n")[0]
    assert f"| stage 2: its weights | `{'1' * 64}` |" in text
    told = [text.split(f"Stage {i}, where it differed:")[1].split("```")[1].removeprefix("json") for i in (1, 2)]
    assert [json.loads(t) for t in told] == [{"lr_muon": 0.5, "seed": 3}, {"prior_options": {"p_clean": 0.01}}]
