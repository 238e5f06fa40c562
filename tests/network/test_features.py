"""What the network reads: repeated measurements give their noise away, and their order says nothing."""

import numpy as np
import pytest

from forescale.curves import thinning
from forescale.network.encodings import loglog
from forescale.network.encodings.base import Contexts
from forescale.network.encodings.closed import _between
from forescale.network.encodings.linear import unit_of
from forescale.network.encodings.loglog import CONTEXT, LOGLOG, TARGET
from forescale.network.encodings.registry import ENCODINGS

X = np.array([[1.0, 1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 4.0]])
LOG_Y = np.array([[0.9, 1.0, 1.4, 0.5, 0.7, 0.0, 0.1, 0.5]])
AT = np.array([[1.0, 2.0, 4.0, 8.0]])


def encode(x, y, at):
    return LOGLOG.encode(Contexts.of_rows(x, y), at)


def test_the_level_at_a_repeated_x_is_the_median_of_its_readings():
    tokens = encode(X, np.exp(LOG_Y), AT)
    level = tokens.anchor_loc_BTA[0, :, 0] * tokens.scale_B[0] + tokens.shift_B[0]
    np.testing.assert_allclose(level, [1.0, 0.6, 0.1, 0.1], atol=1e-12)


def test_pure_error_is_the_pooled_standard_deviation_within_equal_x():
    groups = [LOG_Y[0, :3], LOG_Y[0, 3:5], LOG_Y[0, 5:]]
    expected = np.sqrt(sum(((g - g.mean()) ** 2).sum() for g in groups) / (8 - 3))
    _, pure = loglog._of_groups(LOG_Y, *loglog._groups(np.log(X)))
    assert pure[0, 0] == pytest.approx(expected)
    _, none = loglog._of_groups(LOG_Y, *loglog._groups(np.arange(8.0)[None]))
    assert np.isnan(none).all()


def test_without_repeats_a_neighbour_with_repeats_changes_nothing(rng):
    x = np.stack([np.sort(rng.uniform(1, 9, 8)), X[0]])
    y = np.exp(rng.normal(size=(2, 8)))
    both, alone = encode(x, y, np.repeat(AT, 2, 0)), encode(x[:1], y[:1], AT)
    np.testing.assert_array_equal(both.context_BMF[:1], alone.context_BMF)
    np.testing.assert_array_equal(both.target_BTF[:1], alone.target_BTF)


def test_copies_are_rows_equal_in_x_and_in_y():
    x, y = np.array([1.0, 1.0, 1.0, 2.0, 3.0]), np.array([4.0, 4.0, 5.0, 5.0, 5.0])
    assert thinning.distinct(x, y).tolist() == [0, 2, 3, 4]


def test_the_papers_encoding_reads_y_as_it_is_up_to_the_top_of_its_prior():
    y = np.array([[0.9, 0.5, 0.2], [3.0, 2.0, 1.5]])
    x, at = np.array([[1.0, 2.0, 3.0]] * 2), np.array([[5.0, 4.0]] * 2)
    tokens = ENCODINGS["raw"].encode(Contexts.of_rows(x, y), at)
    np.testing.assert_allclose(tokens.context_BMF[..., 0], [[0.0, 0.25, 0.5]] * 2)
    np.testing.assert_allclose(tokens.context_BMF[..., 1], y, rtol=1e-6)
    np.testing.assert_array_equal(tokens.scale_B, 1.0)
    np.testing.assert_array_equal(unit_of("raw", y), [1.0, 3.0])
    np.testing.assert_array_equal(unit_of("loglog", y), 1.0)


@pytest.mark.parametrize("name", ENCODINGS)
def test_every_column_and_anchor_has_a_name(name):
    encoding = ENCODINGS[name]
    tokens = encoding.encode(Contexts.of_rows(X, np.exp(LOG_Y)), AT)
    for shown, names in ((tokens.context_BMF, encoding.context), (tokens.target_BTF, encoding.target)):
        assert shown.shape[-1] == len(names) == len(set(names))
    assert tokens.anchor_loc_BTA.shape[-1] == len(encoding.anchors)


SHAPES = {
    "falling": lambda x: x**-0.3,
    "floor": lambda x: 0.5 + x**-0.4,
    "rising": lambda x: x**0.2,
    "valley": lambda x: np.exp(0.1 * (np.log(x) - 2.5) ** 2),
    "flat": lambda x: np.ones_like(x),
}


@pytest.mark.parametrize("noise", [0.0, 0.02])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_change_of_units_changes_nothing_that_is_read(shape, noise, rng):
    for _ in range(20):
        x = np.sort(np.exp(rng.uniform(0, 5, (1, int(rng.integers(3, 30))))))
        y, at = SHAPES[shape](x) * np.exp(noise * rng.normal(size=x.shape)), x[:, -1:] * np.array([[0.5, 10.0]])
        a, b = np.exp(rng.uniform(-9, 9, 2))
        here, there = encode(x, y, at), encode(_text(x * a), _text(y * b), at * a)
        np.testing.assert_allclose(here.context_BMF, there.context_BMF, atol=2e-5)
        np.testing.assert_allclose(here.target_BTF, there.target_BTF, atol=2e-5)
        np.testing.assert_allclose(here.anchor_loc_BTA, there.anchor_loc_BTA, atol=1e-6)


def _text(values):
    """As a table with twelve digits has them."""
    return np.array([[float(f"{v:.12g}") for v in row] for row in values])


def test_many_rows_behind_a_point_tell_the_noise_of_one():
    x = np.geomspace(1, 100, 80)[None]
    contexts = Contexts(x, 2 * x**-0.3, np.full_like(x, 50.0), np.full_like(x, 0.1), np.zeros_like(x))
    tokens = LOGLOG.encode(contexts, x[:, -1:] * 2)
    assert np.exp(tokens.log_noise_B[0]) * tokens.scale_B[0] == pytest.approx(0.1, rel=0.01)
    error = tokens.context_BMF[0, :, CONTEXT.index("standard_error")]
    alone = LOGLOG.encode(Contexts.of_rows(x, 2 * x**-0.3), x[:, -1:] * 2)
    assert (error != alone.context_BMF[0, :, CONTEXT.index("standard_error")]).all()
    assert "digit" in TARGET


def test_a_fit_without_any_residual_has_a_mean_and_a_spread():
    B, sd, top = np.array([1.0]), np.array([0.0]), np.array([2.0])
    with np.errstate(all="raise", under="ignore"):
        mean, spread, mass = _between(B, sd, top)
    assert 0 < spread < 1e-11
    assert (mean, mass) == (1, pytest.approx(1, abs=1e-3))
