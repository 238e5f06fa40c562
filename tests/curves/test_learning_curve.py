"""scikit-learn's learning curves come in as they are."""

import numpy as np
import pytest

import forescale as fs


def test_each_fold_is_a_measurement_and_more_is_better(rng):
    sizes = np.array([100, 200, 400, 800])
    scores = 0.95 - 0.5 * (sizes[:, None] / 100) ** -0.6 + 0.005 * rng.normal(size=(4, 5))
    curve = fs.Curve.from_learning_curve(sizes, scores)
    assert (curve.n, curve.better, curve.best) == (20, "higher", 1.0)
    forecast = fs.forecast(curve, [6400])
    low, high = forecast.interval(0.9)
    assert scores.max() < high[0] <= 1
    assert low[0] < forecast.median[0] < high[0]


def test_a_negated_loss_is_read_as_that_loss_and_said():
    sizes = [100, 200, 400, 800]
    curve = fs.Curve.from_learning_curve(sizes, [[-0.9], [-0.7], [-0.55], [-0.45]], y_name="neg_log_loss")
    assert (curve.better, curve.y_name) == ("lower", "log_loss")
    assert curve.y.tolist() == [0.9, 0.7, 0.55, 0.45]
    assert "negated" in {c.code for c in curve.caveats}


def test_a_fold_that_failed_is_left_out_and_said():
    scores = np.array([[0.5, np.nan], [0.6, 0.62], [0.7, 0.69]])
    curve = fs.Curve.from_learning_curve([10, 20, 40], scores)
    assert curve.n == 5
    assert "dropped_rows" in {c.code for c in curve.caveats}


@pytest.mark.parametrize(("sizes", "scores"), [([1, 2], [[0.1]]), ([[1, 2]], [[0.1, 0.2]]), ([1], [[[0.1]]])])
def test_shapes_that_do_not_belong_together_are_refused(sizes, scores):
    with pytest.raises(fs.CurveError, match="learning_curve"):
        fs.Curve.from_learning_curve(sizes, scores)


def test_what_scikit_learn_returns_is_read_as_it_is():
    selection = pytest.importorskip("sklearn.model_selection")
    from sklearn.datasets import load_digits
    from sklearn.naive_bayes import GaussianNB

    x, y = load_digits(return_X_y=True)
    sizes, _, held_out = selection.learning_curve(GaussianNB(), x, y, train_sizes=[0.1, 0.3, 0.6, 1.0], cv=3)
    curve = fs.Curve.from_learning_curve(sizes, held_out, y_name="accuracy")
    assert curve.n == 12
