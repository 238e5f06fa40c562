"""The ablation spoils what it names and nothing else; its page is made of what is stored."""

import json

import numpy as np
import pytest
from benchmark.suites.papers import SUITES

from forescale.network.config import named_config
from forescale.network.encodings import loglog
from forescale.network.encodings.base import Contexts
from forescale.network.encodings.registry import ENCODINGS
from lab import ablation, ablation_page, gallery, variants
from lab import encodings as poorer


@pytest.fixture
def encodings():
    """The poorer encodings, registered for one test."""
    before = dict(ENCODINGS)
    poorer.add_encodings()
    yield ENCODINGS
    ENCODINGS.clear()
    ENCODINGS.update(before)


@pytest.fixture
def points(rng):
    x_BM = np.sort(np.exp(rng.uniform(0, 5, (4, 9))), axis=1)
    return Contexts.of_rows(x_BM, np.exp(rng.normal(size=(4, 9)))), x_BM[:, -1:] * np.array([[1.5, 3.0]])


@pytest.mark.parametrize("name", [*poorer.ANCHORS, "nofits", "bars"])
def test_poorer_encodings_have_the_shapes_they_declare(name, points, encodings):
    encoding = encodings[f"loglog/{name}"]
    tokens = encoding.encode(*points)
    assert tokens.context_BMF.shape == (4, 9, len(encoding.context))
    assert tokens.target_BTF.shape == (4, 2, len(encoding.target))
    assert tokens.anchor_loc_BTA.shape == tokens.anchor_log_scale_BTA.shape == (4, 2, len(encoding.anchors))


def test_without_fits_nothing_that_a_fit_says_is_left(points, monkeypatch, encodings):
    blind = encodings["loglog/nofits"].encode
    plain = blind(*points)
    for name in ("lines", "laws"):
        fits = getattr(loglog, name)
        monkeypatch.setattr(loglog, name, lambda U, V, *rest, fits=fits: fits(U, 3 * V[:, ::-1] + 1, *rest))
    other = blind(*points)
    np.testing.assert_array_equal(plain.context_BMF, other.context_BMF)
    np.testing.assert_array_equal(plain.target_BTF, other.target_BTF)
    np.testing.assert_array_equal(plain.anchor_loc_BTA, other.anchor_loc_BTA)
    np.testing.assert_array_equal(plain.log_noise_B, other.log_noise_B)
    speaks = (plain.context_BMF != 0).any(axis=(0, 1))
    silent = {name for name, says in zip(loglog.CONTEXT, speaks, strict=True) if not says}
    # no x repeats here and no row is pooled
    of_repeats = {"pure", "count", "standard_error", "readings"}
    assert silent == {name for name in loglog.CONTEXT if poorer.is_of_a_fit(name)} | of_repeats


@pytest.mark.usefixtures("encodings")
def test_every_variant_differs_from_its_reference():
    configs = [json.dumps(config.to_dict(), sort_keys=True) for config in _variants().values()]
    assert len(set(configs)) == len(configs)


def _variants():
    return variants.variants(variants.Budget())


def test_a_stopped_variant_says_so_and_goes_on_where_it_was(tmp_path, monkeypatch):
    from forescale.training import train

    config = named_config("tiny", steps=4)
    whole, in_full = train.train, []

    def stopped(config, folder, **options):
        return whole(config, folder, **options, stop_after=None if in_full else 2)

    monkeypatch.setattr(train, "train", stopped)
    monkeypatch.setattr(ablation, "validation", lambda *_: {})
    monkeypatch.setattr(ablation, "suite_scores", lambda *_: {})
    monkeypatch.setattr(ablation, "checks", lambda *_: [])
    with pytest.raises(SystemExit, match="after step 2 of 4"):
        ablation.run_variant(config, config, tmp_path / "run", "code")
    in_full.append(True)
    assert ablation.run_variant(config, config, tmp_path / "run", "code")["train"]["steps"] == 4


@pytest.mark.usefixtures("encodings")
def test_a_page_is_made_of_what_is_stored():
    found = {f"parts-10/{name}": _facts(len(name)) for name in _variants()}
    page = ablation_page.page(found)
    assert "no sharp anchor" in page
    assert page == ablation_page.page(found)
    longer = found | {"parts-99/all parts": _facts(0)}
    assert page == ablation_page.page(longer)  # it counts once it is complete


def _facts(seed):
    rng = np.random.default_rng(seed)
    scores = {s: {k: list(rng.random(3)) for k in ablation.KEPT} for s in SUITES}
    rows = [{"check": "clean", "variant": "noise 0", "median_rmsle": 0.1, "ll_ln": 1.0, "ll_ln_se": 0.1}]
    losses = {"run": list(rng.random(25)), "curve": list(rng.random(25))}
    train = {"steps": 10, "network": {"width": 8, "depth": 1}}
    suites = {"100": scores, "40": scores}
    facts = {"train": train, "curves": 100, "seconds": 1.0, "source": "0"}
    return facts | {"validation": losses, "synthetic": rows, "suites": suites}


def test_the_page_says_where_the_release_has_moved_on():
    def recipe(scaling, **prior):
        return {"network": {"scaling": scaling, "head": "coupled"}, "prior_options": prior}

    assert ablation_page.since(recipe("log", p_clean=0.1), recipe("log", p_clean=0.1)) == ""
    told = ablation_page.since(recipe("log", p_clean=0.1), recipe("loglog", p_clean=0.2, p_new=0.3))
    assert "scaling `log` (`loglog`), 1 settings of the prior at other values, 1 newer ones missing" in told


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
