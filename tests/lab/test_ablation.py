"""The ablation spoils what it names and nothing else; its page is made of what is stored."""

import json

import numpy as np
import pytest
from benchmark.suites.papers import SUITES

from forescale.network.config import named_config
from forescale.network.encodings import features
from lab import ablation, ablation_page, gallery, variants
from lab import encodings as poorer


@pytest.fixture
def encodings(monkeypatch):
    """The poorer encodings, registered for one test."""
    monkeypatch.setattr(features, "ENCODERS", dict(features.ENCODERS))
    monkeypatch.setattr(features, "N_FEATURES", dict(features.N_FEATURES))
    monkeypatch.setattr(features, "VERSIONS", dict(features.VERSIONS))
    poorer.add_encodings()


@pytest.fixture
def points(rng):
    x_BM = np.sort(np.exp(rng.uniform(0, 5, (4, 9))), axis=1)
    return x_BM, np.exp(rng.normal(size=(4, 9))), x_BM[:, -1:] * np.array([[1.5, 3.0]])


@pytest.mark.usefixtures("encodings")
@pytest.mark.parametrize("name", ["log/nofits", "log/level", "log/two", "log/blunt", "log/line", "log/bars"])
def test_poorer_encodings_have_the_shapes_they_declare(name, points):
    n_context, n_target, n_anchors = features.N_FEATURES[name]
    tokens = features.ENCODERS[name](*points)
    assert tokens.context_BMF.shape == (4, 9, n_context)
    assert tokens.target_BTF.shape == (4, 2, n_target)
    assert tokens.anchor_loc_BTA.shape == tokens.anchor_log_scale_BTA.shape == (4, 2, n_anchors)


@pytest.mark.usefixtures("encodings")
def test_without_fits_nothing_that_a_fit_says_is_left(points, monkeypatch):
    plain = features.ENCODERS["log/nofits"](*points)
    true_fit = features.fit_weighted

    def spoilt(fit, U, V, *rest):
        return true_fit(fit, U, 3 * V[:, ::-1] + 1, *rest)

    monkeypatch.setattr(features, "fit_weighted", spoilt)
    other = features.ENCODERS["log/nofits"](*points)
    np.testing.assert_array_equal(plain.context_BMF, other.context_BMF)
    np.testing.assert_array_equal(plain.target_BTF, other.target_BTF)
    np.testing.assert_array_equal(plain.anchor_loc_BTA, other.anchor_loc_BTA)
    columns = sum((plain.context_BMF != 0).any(axis=(0, 1)))
    silent = len(poorer.FIT_CONTEXT) + 1  # the pure error too: no x repeats here
    assert columns == features.N_FEATURES["log"][0] - silent  # and the rest still speaks


@pytest.mark.usefixtures("encodings")
def test_the_fourth_anchor_is_the_line_through_the_end(points):
    x_BM, _, x_BT = points
    law = lambda x: 3.0 * x**-0.4  # noqa: E731
    tokens = features.ENCODERS["log/line"](x_BM, law(x_BM), x_BT)
    said = tokens.shift_B[:, None] + tokens.scale_B[:, None] * tokens.anchor_loc_BTA[..., 3]
    np.testing.assert_allclose(said, np.log(law(x_BT)), atol=1e-5)
    np.testing.assert_allclose(np.exp(tokens.anchor_log_scale_BTA[..., 3]), 0.05, rtol=1e-3)  # exact: only the floor


def test_every_variant_differs_from_its_reference():
    for group in ("prior", "parts"):
        configs = [json.dumps(config.to_dict(), sort_keys=True) for config in _variants(group).values()]
        assert len(set(configs)) == len(configs)


def _variants(group):
    before = dict(features.ENCODERS), dict(features.N_FEATURES)
    poorer.add_encodings()
    try:
        return variants.variants(group, variants.Budget())
    finally:
        features.ENCODERS.clear()
        features.N_FEATURES.clear()
        features.ENCODERS.update(before[0])
        features.N_FEATURES.update(before[1])


def test_a_stopped_variant_says_so_and_goes_on_where_it_was(tmp_path, monkeypatch):
    from forescale.training import train

    config = named_config("tiny", steps=4)
    whole, in_full = train.train, []

    def stopped(config, folder, **options):
        return whole(config, folder, **options, stop_after=None if in_full else 2)

    monkeypatch.setattr(train, "train", stopped)
    monkeypatch.setattr(ablation, "validation", lambda *_: {})
    monkeypatch.setattr(ablation, "suite_scores", lambda *_: {})
    with pytest.raises(SystemExit, match="after step 2 of 4"):
        ablation.run_variant("prior", config, config, tmp_path / "run", "code")
    in_full.append(True)
    assert ablation.run_variant("prior", config, config, tmp_path / "run", "code")["train"]["steps"] == 4


def test_a_page_is_made_of_what_is_stored():
    found = {f"{group}-10/{name}": _facts(len(name)) for group in ("prior", "parts") for name in _variants(group)}
    page = ablation_page.page(found)
    assert "in the paper" in page
    assert "no sharp anchor" in page
    assert page == ablation_page.page(found)
    assert page == ablation_page.page(found | {"prior-99/m3": _facts(0)})  # a longer run counts once it is complete


def _facts(seed):
    rng = np.random.default_rng(seed)
    scores = {s: {k: list(rng.random(3)) for k in ablation.KEPT} for s in SUITES}
    rows = [{"check": "clean", "variant": "noise 0", "median_rmsle": 0.1, "ll_ln": 1.0, "ll_ln_se": 0.1}]
    losses = {"run": list(rng.random(25)), "curve": list(rng.random(25))}
    train = {"steps": 10, "network": {"width": 8, "depth": 1}}
    suites = {"100": scores, "40": scores}
    facts = {"train": train, "curves": 100, "seconds": 1.0, "source": "0"}
    return facts | {"validation": losses, "synthetic": rows, "suites": suites}


def test_the_gallery_shows_one_curve_of_each_failing_series():
    class Fake:
        def __init__(self, suite, name):
            self.suite, self.name = suite, name

    scored = [(Fake("colpret", f"pythia-{i}m"), {"ll_ln": -i, "rmsle": i}) for i in range(5)]
    scored += [
        (Fake("ic", "c/ViT/B"), {"ll_ln": 1.0, "rmsle": 0.1}),
        (Fake("dd", "mcnn"), {"ll_ln": 0.5, "rmsle": 0.1}),
    ]
    assert [(p.suite, p.name) for p, _ in gallery.wrong(scored)] == [
        ("colpret", "pythia-4m"),
        ("dd", "mcnn"),
        ("ic", "c/ViT/B"),
    ]
