"""What every method of `METHODS` promises, on curves of every shape: a new one is tested by being listed.

What a method cannot keep is a field of it: `kinds`, `reads_targets`, `reads_units`, `may_fail`,
`steady_from`. A slow one runs short
chains here, long enough for every line of it.
"""

import json
from functools import cache

import numpy as np
import pytest
from tests.contracts.curves import SHAPES, curve_that, targets

import forescale as fs
from forescale.forecasts.distributions import Bars
from forescale.laws import LAWS
from forescale.method.registry import METHODS

LEVELS = np.array([0.001, 0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975, 0.999])
CASES = [
    pytest.param(name, shape, marks=[pytest.mark.slow] if method.cost == "slow" and shape != "falls" else [])
    for name, method in METHODS.items()
    for shape in SHAPES
]


@pytest.fixture(autouse=True, scope="module")
def short_chains():
    with pytest.MonkeyPatch.context() as patch:
        for law in LAWS.values():
            if law.form.chain_steps:
                patch.setattr(law.form, "chain_steps", 24)
        yield


@cache
def answer(name, shape, *, only=None, backwards=False, unit_x=1.0, unit_y=1.0, kind=None, seed=0):
    """A forecast, or a skip where the method is not installed or says in a sentence that it cannot fit this curve."""
    method = METHODS[name]
    if method.missing:
        pytest.skip(f"needs [{method.missing}]")
    curve = curve_that(shape, unit_x=unit_x, unit_y=unit_y, order=slice(None, None, -1 if backwards else 1))
    at = targets(curve) if only is None else targets(curve)[[only]]
    try:
        return fs.forecast(curve, at, method=name, kind=kind or method.kinds[0], seed=seed)
    except fs.CurveError as error:
        said = str(error)
        assert decades > method.most_decades, said
    except fs.FitError as error:
        said = str(error)
        assert method.may_fail, said
    assert shape != "falls", said
    assert f"'{shape}'" in said
    return pytest.skip(said)


@pytest.mark.parametrize(("name", "shape"), CASES)
def test_quantiles_rise_are_positive_finite_and_agree_with_the_cdf(name, shape):
    f = answer(name, shape)
    q = f.quantile(LEVELS)
    assert np.isfinite(q).all()
    assert (q > 0).all()
    assert (np.diff(q, axis=0) >= 0).all()
    inside = (q > 1e-300) & (q < 1e300)  # beyond, a float64 in the user's unit is cut
    np.testing.assert_allclose(f.cdf(q)[inside], np.broadcast_to(LEVELS[:, None], q.shape)[inside], atol=1e-5)  # spikes


@pytest.mark.parametrize(("name", "shape"), CASES)
def test_the_density_is_the_slope_of_a_cdf_from_zero_to_one_and_finite_far_out(name, shape):
    f = answer(name, shape)
    m, r = f.marginals, f.scaling.to_scaled(f.quantile(LEVELS))
    density = np.exp(m.log_pdf(r))
    step = 1e-4 * np.minimum(LEVELS, 1 - LEVELS)[:, None] / density
    slope = (m.cdf(r + step) - m.cdf(r - step)) / (2 * step)
    told = step > 1e-9 * (1 + np.abs(r))  # narrower, float64 has no room for the step
    if isinstance(m, Bars):  # a density of steps has no slope across an edge
        told &= np.searchsorted(m.edges, r - step) == np.searchsorted(m.edges, r + step)
    np.testing.assert_allclose(slope[told], density[told], rtol=0.02)
    np.testing.assert_allclose(m.cdf(np.array([[-1e100], [1e100]])), np.repeat([[0.0], [1.0]], len(f.x), 1), atol=1e-6)
    assert np.isfinite(f.log_prob(np.array([1e-200, 1.0, 1e200])[:, None])).all()


@pytest.mark.parametrize(("name", "shape"), CASES)
def test_asking_another_x_moves_nothing_unless_the_method_says_so(name, shape):
    together, method = answer(name, shape), METHODS[name]
    if method.reads_targets:
        assert together.reads_targets
        assert "depends_on_targets" in [w.code for w in together.warnings]
        return
    alone = answer(name, shape, only=3)
    one, many = (np.log(q) for q in (alone.quantile(LEVELS)[:, 0], together.quantile(LEVELS)[:, 3]))
    np.testing.assert_allclose(one, many, atol=2e-4, rtol=2e-6)  # float32, of logarithms up to hundreds


@pytest.mark.parametrize(("name", "shape"), CASES)
def test_the_same_rows_in_any_order_give_the_same_digits(name, shape):
    again = answer(name, shape, backwards=True)
    np.testing.assert_array_equal(again.quantile(LEVELS), answer(name, shape).quantile(LEVELS))


@pytest.mark.parametrize(("name", "shape"), CASES)
def test_units_change_nothing_but_the_units_unless_the_method_says_so(name, shape):
    if METHODS[name].reads_units:
        pytest.skip("says that it reads the unit")
    if len(np.unique(SHAPES[shape][0])) < METHODS[name].steady_from:
        pytest.skip("says that it needs more x to be steady")
    a, b = answer(name, shape), answer(name, shape, unit_x=1e-6, unit_y=37.0)
    log_a, log_b = np.log(a.quantile(LEVELS)), np.log(b.quantile(LEVELS)) - np.log(37.0)
    share = 0.1 if METHODS[name].seeded else 1e-2  # a chain makes another walk of the last bit of a rounding
    close = share * (log_a[6] - log_a[2]) + 2e-3  # optimisers stop within a tolerance; networks are float32
    inside = (np.abs(log_a) < 680) & (np.abs(log_b) < 680)
    if METHODS[name].seeded:  # its tails hang on a handful of draws
        inside &= ((LEVELS > 0.02) & (LEVELS < 0.98))[:, None]
    gap = np.abs(log_a - log_b) - close
    assert (gap[inside] <= 0).all(), np.max(gap[inside])


@pytest.mark.parametrize("name", METHODS)
def test_only_a_seeded_method_reads_the_seed(name):
    first, second = (answer(name, "falls", seed=seed).quantile(LEVELS) for seed in (0, 1))
    if not METHODS[name].seeded:
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_answers_the_kinds_it_offers_and_refuses_others(name):
    method = METHODS[name]
    for kind in ("run", "curve"):
        if kind in method.kinds:
            assert answer(name, "falls", kind=kind).kind == kind
        else:
            with pytest.raises(fs.CurveError, match=f"got '{kind}'"):
                fs.forecast(curve_that("falls"), 1e10, method=name, kind=kind)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_what_its_fields_say(name):
    f, method = answer(name, "falls"), METHODS[name]
    assert f.method == method.name == name
    assert f.marginals.joint == method.whole_curves
    assert (f.note == "plug-in") == method.plug_in
    assert method.summary == fs.methods()[name]
    assert fs.find_method(name) is method


@pytest.mark.parametrize(("name", "shape"), CASES)
def test_what_is_printed_is_json_without_nan(name, shape):
    json.loads(json.dumps(answer(name, shape).rows(), allow_nan=False))


@pytest.mark.parametrize("name", METHODS)
def test_samples_have_the_quantiles_of_the_forecast(name):
    f = answer(name, "falls")
    draws = f.sample(4000, seed=1)
    assert draws.shape == (4000, 5)
    below = np.mean(draws < f.median, axis=0)
    np.testing.assert_allclose(below, 0.5, atol=0.05)  # 4 standard errors of 4,000 draws, and of 400 components


def test_what_float64_cannot_span_is_refused_before_any_method():
    x = np.geomspace(1e-10, 1e20, 12)
    with pytest.raises(fs.CurveError, match="within a factor of"):
        fs.forecast((x, np.geomspace(1e150, 1e-150, 12)), 1e21)
