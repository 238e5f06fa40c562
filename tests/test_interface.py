"""The face as it was promised: every name, keyword, option, shape and code of the contract that releases keep."""

import inspect
import json
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer.main

import forescale as fs
from forescale.cli import load

X = np.geomspace(1e8, 1e10, 8)
Y = 1.7 + 2.5 * (X / 1e8) ** -0.3 * np.exp(0.01 * np.random.default_rng(0).normal(size=8))
CURVE = fs.Curve(X, Y, x_name="tokens", y_name="loss")
TABLE = ("x", "y", "group", "drop_bad", "where", "x_from", "x_to", "better", "best", "chance")
KEYWORDS = {
    "Curve": ("x", "y", "x_name", "y_name", "better", "best", "chance"),
    "read_curves": ("source", *TABLE),
    "forecast": ("source", "at", "method", "kind", "seed", *TABLE),
    "forecast_many": ("curves", "at", "method", "kind", "seed"),
    "compare": ("source", "at", "methods", *TABLE),
    "backtest": ("source", "hold_out", "methods", *TABLE),
    "reach": ("source", "target", *TABLE),
    "recipes": ("source", "at", *TABLE),
    "suggest": ("source", "at", "candidates", "cost", "budget", "n", *TABLE),
    "fit_joint": ("params", "tokens", "loss", "method"),
    "backtest_joint": ("params", "tokens", "loss"),
    "forecast_frame": ("frame", "at", "ratio", "levels", "method", "group", "x", "y"),
    "report": ("source", "at", "group"),
    "watch": ("total",),
}
OPTIONS = {
    "demo": "--save",
    "forecast": "--x --y --at --group --method --kind --level --plot --json --csv --seed --better --best --chance "
    "--where --from --to --double --drop-bad",
    "compare": "--at --methods", "backtest": "--hold-out --params --tokens", "reach": "--target",
    "recipes": "--group --at", "suggest": "--at --cost --budget -n", "train": "--config --out --resume", "methods": "",
    "allocate": "--params --tokens --loss --compute --flops --save --model", "predict": "--at --model",
    "plan": "--compute --budget -n", "batch": "--group --ratio --out --engine --workers", "report": "--at -o",
    "serve": "--open --port", "runs": "", "theory bound": "", "theory optimum": "", "theory simulate": "",
}  # fmt: skip
CODES = """far_extrapolation few_points not_decreasing interpolation repeated_rows dropped_rows thinned methods_disagree
    depends_on_targets turned_up decay_ahead below_range outside_prior zero_at_bound unlabelled_rows short_group
    pooled_curves unit_doubtful rounded truncated_log not_converged"""
METHODS = """pfn nsl-pfn lc-pfn m1 m2 m3 m4 bnsl1 bnsl2 mcmc-m1 mcmc-m2 mcmc-m3 mcmc-m4 mcmc-bnsl1
    gp line last"""
FRAME = "group x median q05 q25 q75 q95 extrapolation_ratio warnings error"
BOUND = "total estimation misspecification eps"


@pytest.mark.parametrize("name", KEYWORDS)
def test_every_keyword_of_the_face_is_taken(name):
    taken = inspect.signature(getattr(fs, name)).parameters
    assert set(KEYWORDS[name]) <= set(taken), set(KEYWORDS[name]) - set(taken)


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_of_the_shell_is_taken(name):
    command = typer.main.get_command(load())
    for word in name.split():
        command = command.commands[word]
    taken = {flag for p in command.params for flag in p.opts}
    assert set(OPTIONS[name].split()) <= taken, set(OPTIONS[name].split()) - taken


def test_every_method_is_listed_in_a_line_with_its_source():
    assert set(METHODS.split()) <= set(fs.methods())
    assert all(text and "\n" not in text for text in fs.methods().values())


def test_every_code_of_a_warning_is_given_somewhere():
    given = "".join(path.read_text() for path in Path(fs.__file__).parent.rglob("*.py"))
    assert [code for code in CODES.split() if not re.search(rf'"{code}"', given)] == []


def test_a_forecast_has_its_shapes():
    f = fs.forecast(CURVE, at=[1e12, 1e13], method="pfn", kind="run")
    arrays = [f.x, f.median, f.log_mean, f.log_std, f.quantile(0.05), *f.interval(0.9), f.cdf(2.0), f.prob_below(2.0)]
    assert [a.shape for a in arrays] == [(2,)] * 9
    assert f.log_prob([2.0, 1.9]).shape == (2,)
    assert f.sample(1000, seed=0).shape == (1000, 2)
    assert [w.code for w in f.warnings] == ["far_extrapolation"]
    for score in (fs.metrics.rmsle, fs.metrics.log_likelihood, fs.metrics.msce):
        assert np.isfinite(score(f, [2.0, 1.9]))
    assert 0 <= fs.metrics.coverage(f, [2.0, 1.9], 0.9) <= 1


def test_the_json_and_the_csv_of_a_forecast_have_their_keys(tmp_path):
    f = fs.forecast(CURVE, at=[1e13], method="pfn")
    f.save(tmp_path / "f.json")
    f.save(tmp_path / "f.csv")
    found = json.loads((tmp_path / "f.json").read_text())
    assert {"forescale", "method", "kind", "weights", "seed", "curves"} <= set(found)
    assert set(found["weights"]) == {"name", "sha256"}
    (curve,) = found["curves"]
    assert {"group", "n_context", "x", "y", "forecasts", "warnings"} <= set(curve)
    assert set(curve["x"]) == set(curve["y"]) == {"name", "min", "max"}
    assert set(curve["forecasts"][0]) == {"x", "median", "intervals", "extrapolation_ratio"}
    assert set(curve["forecasts"][0]["intervals"]) == {"50", "90"}
    assert set(curve["warnings"][0]) == {"code", "message"}
    head = (tmp_path / "f.csv").read_text().splitlines()[0]
    assert head == "group,x,method,kind,median,q05,q25,q75,q95,extrapolation_ratio,warnings"


def test_a_joint_model_has_its_parts(tmp_path):
    n, d = (a.ravel() for a in np.meshgrid(np.geomspace(1e8, 1e10, 4), np.geomspace(2e9, 2e11, 4)))
    joint = fs.fit_joint(n, d, 1.7 + 400 / n**0.34 + 410 / d**0.28, method="chinchilla")
    split = joint.allocate(flops=1e24)
    for quantity in (split.params, split.tokens, split.loss):
        low, high = quantity.interval(0.9)
        assert low <= quantity.median <= high
    assert {"E", "A", "B", "alpha", "beta"} <= set(joint.parameters)
    joint.save(tmp_path / "joint.json")
    again = fs.JointModel.load(tmp_path / "joint.json").predict([1e11], [2e12], kind="curve")
    np.testing.assert_array_equal(again.median, joint.predict([1e11], [2e12], kind="curve").median)


def test_the_theory_has_its_names():
    for bound in (fs.theory.bound_s, fs.theory.bound_t):
        assert all(hasattr(bound(n=16, T=1e6, d=16, K=10), n) for n in BOUND.split())
    assert all(hasattr(fs.theory.optimum(C=1e9, d=16, K=10), name) for name in ["n", "p", "T", "bound", "slopes"])


def test_many_curves_come_back_as_a_tidy_frame():
    frame = pd.DataFrame({"run": ["a"] * 8 + ["b"] * 8, "tokens": [*X, *X], "loss": [*Y, *(Y + 0.1)]})
    tidy = fs.forecast_frame(frame, group="run", x="tokens", y="loss", ratio=10, levels=(0.5, 0.9), method="line")
    assert list(tidy) == FRAME.split()
    assert fs.Forecaster.load("base").forecast(CURVE, [1e12]).median == fs.forecast(CURVE, [1e12]).median


@pytest.mark.parametrize("name", ["huggingface", "lightning", "keras", "optuna"])
def test_every_adaptor_is_there_or_names_the_library_it_needs(name):
    try:
        import_module(f"forescale.integrations.{name}")
    except ModuleNotFoundError as error:
        missing = error.name or ""
    else:
        missing = ""
    assert not missing.startswith("forescale")
