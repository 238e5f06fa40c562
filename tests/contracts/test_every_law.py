"""What every law of `LAWS` promises, tried on its own example: a new law is tested by being listed."""

import numpy as np
import pytest

from forescale.laws import LAWS

X = np.geomspace(1.0, 1e4, 40)
U = np.log(X / X[-1])
V = np.log(LAWS["m4"].y(X, **LAWS["m4"].example))


@pytest.fixture(params=LAWS)
def law(request):
    return LAWS[request.param]


def test_a_law_says_what_it_is(law):
    assert law.name == next(name for name, other in LAWS.items() if other is law)
    assert law.title
    assert "arXiv" in law.source
    assert set(law.example) == set(law.parameters)


def test_every_parameter_moves_its_curve(law):
    base = law.y(X, **law.example)
    for symbol, value in law.example.items():
        moved = law.y(X, **{**law.example, symbol: value * 1.01})
        assert np.max(np.abs(np.log(moved / base))) > 1e-5, symbol


def test_log_y_is_finite_from_1e_minus_3_to_1e30(law):
    assert np.isfinite(law.log_y(np.log(np.geomspace(1e-3, 1e30, 200)), **law.example)).all()


def test_parameters_of_many_curves_broadcast(law):
    columns = {k: np.full((3, 1), v) for k, v in law.example.items()}
    together = law.y(np.tile(X, (3, 1)), **columns)
    np.testing.assert_allclose(together, np.tile(law.y(X, **law.example), (3, 1)), rtol=1e-12)  # float64


def test_the_form_is_its_law_in_other_coordinates(law):
    theta = law.form.starts(U, V)[0]
    by_law = law.log_y(np.log(X), **law.form.parameters(theta, np.log(X[-1]), 0.7))
    np.testing.assert_allclose(by_law, 0.7 + law.form.value(theta, U), atol=1e-9)  # float64


def test_the_jacobian_of_the_form_is_its_derivative(law):
    theta, step = law.form.starts(U, V)[-1], 1e-6
    value = law.form.value
    numeric = [(value(theta + step * e, U) - value(theta - step * e, U)) / (2 * step) for e in np.eye(len(theta))]
    np.testing.assert_allclose(law.form.jacobian(theta, U), np.stack(numeric, -1), atol=1e-7)  # central differences


def test_the_prior_has_a_row_for_each_coordinate_and_holds_a_start(law):
    rows = law.form.prior(U, V)
    assert len(rows) == len(law.form.names) == law.form.n_parameters
    for centre, spread, *bounds in rows:
        low, high = bounds or (-np.inf, np.inf)
        assert spread > 0
        assert low < high
        assert np.isfinite(centre)
