"""Methods whose answers are known exactly, so that a decision made from them can be checked by hand."""

from dataclasses import dataclass

import numpy as np
import pytest

from forescale import Curve
from forescale.errors import FitError
from forescale.forecasts.distributions import Mixture
from forescale.forecasts.forecast import Forecast
from forescale.forecasts.scaling import LogScaling
from forescale.method.base import Method
from forescale.method.registry import METHODS


@dataclass(frozen=True)
class Toy(Method):
    """ln y = a + b ln x with a normal prior on (a, b) and known noise: the posterior in closed form."""

    noise: float = 0.05
    prior_std: tuple[float, ...] = (3.0, 1.0)
    name: str = "toy"
    summary: str = "toy"

    def design(self, x):
        return np.stack([np.ones_like(x), np.log(x)], -1)

    def posterior(self, x, y):
        phi = self.design(x)
        precision = np.diag(1 / np.square(self.prior_std)) + phi.T @ phi / self.noise**2
        cov = np.linalg.inv(precision)
        return cov @ phi.T @ np.log(y) / self.noise**2, cov

    def ask(self, curve, at, kind, seed):
        mean, cov = self.posterior(curve.x, curve.y)
        phi = self.design(at)
        var = np.einsum("ti,ij,tj->t", phi, cov, phi) + (self.noise**2 if kind == "run" else 0.0)
        marginals = Mixture("normal", np.zeros((len(at), 1)), (phi @ mean)[:, None], np.sqrt(var)[:, None])
        return Forecast(at, marginals, LogScaling(), kind, self.name, curve)


@dataclass(frozen=True)
class Valley(Toy):
    """Certain up to its width: ln y has its lowest median at x = 10 and rises again, like double descent."""

    def ask(self, curve, at, kind, seed):
        loc = 0.5 * np.log(at / 10.0) ** 2
        marginals = Mixture("normal", np.zeros((len(at), 1)), loc[:, None], np.full((len(at), 1), 0.1))
        return Forecast(at, marginals, LogScaling(), kind, self.name, curve)


@dataclass(frozen=True)
class Failing(Toy):
    def ask(self, curve, at, kind, seed):
        raise FitError(f"expected a fit, got none ({curve.label}). Use another method.")


@dataclass(frozen=True)
class Shifted(Toy):
    """The toy's answer, a third too low and very sure."""

    def ask(self, curve, at, kind, seed):
        f = super().ask(curve, at, kind, seed)
        marginals = Mixture(
            "normal", np.zeros((len(at), 1)), np.log(f.median)[:, None] - 0.4, 0.01 * np.ones((len(at), 1))
        )
        return Forecast(at, marginals, LogScaling(), kind, self.name, curve)


@pytest.fixture(autouse=True)
def toys(monkeypatch):
    """Registers the toys as methods for one test."""
    for name, method in {
        m.name: m for m in (Toy(), Valley(name="valley"), Failing(name="failing"), Shifted(name="shifted"))
    }.items():
        monkeypatch.setitem(METHODS, name, method)
    return METHODS


@pytest.fixture
def curve():
    """Twelve readings of y = 8 x^-0.2 with 2 % noise, x from 1 to 100."""
    rng = np.random.default_rng(0)
    x = np.geomspace(1, 100, 12)
    return Curve(x, 8 * x**-0.2 * np.exp(0.02 * rng.normal(size=12)), x_name="tokens", y_name="loss")
