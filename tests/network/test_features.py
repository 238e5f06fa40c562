"""What the network reads: repeated measurements give their noise away, and their order says nothing."""

import numpy as np
import pytest

from forescale.curves import thinning
from forescale.network.encodings import features

X = np.array([[1.0, 1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 4.0]])
LOG_Y = np.array([[0.9, 1.0, 1.4, 0.5, 0.7, 0.0, 0.1, 0.5]])
AT = np.array([[1.0, 2.0, 4.0, 8.0]])


def test_the_level_at_a_repeated_x_is_the_median_of_its_readings():
    tokens = features.encode("log", X, np.exp(LOG_Y), AT)
    level = tokens.anchor_loc_BTA[0, :, 0] * tokens.scale_B[0] + tokens.shift_B[0]
    np.testing.assert_allclose(level, [1.0, 0.6, 0.1, 0.1], atol=1e-12)


def test_pure_error_is_the_pooled_standard_deviation_within_equal_x():
    groups = [LOG_Y[0, :3], LOG_Y[0, 3:5], LOG_Y[0, 5:]]
    expected = np.sqrt(sum(((g - g.mean()) ** 2).sum() for g in groups) / (8 - 3))
    _, pure = features._of_groups(LOG_Y, *features._groups(np.log(X)))
    assert pure[0, 0] == pytest.approx(expected)
    _, none = features._of_groups(LOG_Y, *features._groups(np.arange(8.0)[None]))
    assert np.isnan(none).all()


def test_without_repeats_a_neighbour_with_repeats_changes_nothing(rng):
    x = np.stack([np.sort(rng.uniform(1, 9, 8)), X[0]])
    y = np.exp(rng.normal(size=(2, 8)))
    both, alone = features.encode("log", x, y, np.repeat(AT, 2, 0)), features.encode("log", x[:1], y[:1], AT)
    np.testing.assert_array_equal(both.context_BMF[:1], alone.context_BMF)
    np.testing.assert_array_equal(both.target_BTF[:1], alone.target_BTF)


def test_copies_are_rows_equal_in_x_and_in_y():
    x, y = np.array([1.0, 1.0, 1.0, 2.0, 3.0]), np.array([4.0, 4.0, 5.0, 5.0, 5.0])
    assert thinning.distinct(x, y).tolist() == [0, 2, 3, 4]


def test_the_papers_encoding_reads_y_as_it_is_up_to_the_top_of_its_prior():
    y = np.array([[0.9, 0.5, 0.2], [3.0, 2.0, 1.5]])
    x, at = np.array([[1.0, 2.0, 3.0]] * 2), np.array([[5.0, 4.0]] * 2)
    tokens = features.encode("raw", x, y, at)
    np.testing.assert_allclose(tokens.context_BMF[..., 0], [[0.0, 0.25, 0.5]] * 2)
    np.testing.assert_allclose(tokens.context_BMF[..., 1], y, rtol=1e-6)
    np.testing.assert_array_equal(tokens.scale_B, 1.0)
    np.testing.assert_array_equal(features.unit_of("raw", y), [1.0, 3.0])
    np.testing.assert_array_equal(features.unit_of("log", y), 1.0)
