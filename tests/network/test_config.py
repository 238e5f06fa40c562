"""Configurations: strict, round-tripping, documented."""

import ast
import inspect
import json

import pytest

from forescale.network import config as module
from forescale.network.config import CONFIGS, NetworkConfig, TrainConfig, named_config


@pytest.mark.parametrize("name", CONFIGS)
def test_a_configuration_survives_json(name):
    config = CONFIGS[name].with_overrides(prior_options={"anything": [1, 2]})
    assert TrainConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_unknown_keys_are_refused():
    with pytest.raises(ValueError, match="colour"):
        TrainConfig.from_dict({"colour": "red"})
    with pytest.raises(ValueError, match="colour"):
        TrainConfig.from_dict({"network": {"colour": "red"}})
    with pytest.raises(ValueError, match="colour"):
        named_config("tiny", colour="red")


@pytest.mark.parametrize(
    "make",
    [
        lambda: NetworkConfig(width=30, heads=4),
        lambda: NetworkConfig(head="spline"),
        lambda: NetworkConfig(scaling="cubic"),
        lambda: TrainConfig(steps=0),
        lambda: TrainConfig(prior="ours", sizes="prior"),
        lambda: TrainConfig(prior="paper", sizes="any"),
        lambda: named_config("huge"),
    ],
)
def test_impossible_settings_are_refused(make):
    with pytest.raises(ValueError, match="expected"):
        make()


def test_overrides_of_none_change_nothing_and_options_of_the_prior_merge():
    config = named_config("base", steps=None, seed=3, prior_options={"a": 1})
    assert (config.steps, config.seed) == (CONFIGS["base"].steps, 3)
    assert config.with_overrides(prior_options={"b": 2}).prior_options == {"a": 1, "b": 2}


def test_every_field_has_a_line_of_documentation():
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.ClassDef):
            body = node.body
            for field, after in zip(body, [*body[1:], None], strict=True):
                if isinstance(field, ast.AnnAssign):
                    assert isinstance(after, ast.Expr), f"{node.name}.{ast.unparse(field.target)}"
