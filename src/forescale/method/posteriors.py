"""Posteriors: of a law by Markov chains or on a grid, and of no law at all by processes and learnt features."""

from typing import final

from ..curves.curve import Curve
from ..forecasts.forecast import Forecast, Kind
from ..numerics import Floats
from .base import Cost, Extra, Method


@final
class Chains(Method):
    """Posterior of a law by emcee.

    Args:
        law: a name in `laws.LAWS` whose form says how long its chains are.
    """

    whole_curves = True
    seeded = True
    cost: Cost = "slow"
    may_fail = True

    def __init__(self, law: str) -> None:
        self.law, self.name = law, f"mcmc-{law}"
        source = "(Foreman-Mackey et al. 2013, arXiv 1202.3665)"
        self.summary = f"posterior of {law} by emcee, with correlated noise {source}"

    def ask(self, curve: Curve, at: Floats, kind: Kind, seed: int) -> Forecast:
        from ..posterior.mcmc import forecast_mcmc

        return forecast_mcmc(curve, at, kind, seed, law=self.law)


@final
class Grid(Method):
    """Posterior of a law on a grid of its exponent.

    Args:
        law: a name in `posterior.collapsed.PRIORS`.
    """

    whole_curves = True
    seeded = True

    def __init__(self, law: str) -> None:
        self.law, self.name = law, f"collapsed-{law}"
        how = "on a grid of exponents, the rest integrated out, correlated noise (docs/laws.md)"
        self.summary = f"posterior of {law} {how}"

    def ask(self, curve: Curve, at: Floats, kind: Kind, seed: int) -> Forecast:
        from ..posterior.collapsed import forecast_collapsed

        return forecast_collapsed(curve, at, kind, seed, law=self.law)


@final
class GaussianProcess(Method):
    """A smooth curve around a log-log line."""

    name = "gp"
    summary = "Gaussian process on log-log axes around a line, Matern-3/2 (Rasmussen and Williams 2006)"
    extra = Extra("bench", "sklearn")
    seeded = True

    def ask(self, curve: Curve, at: Floats, kind: Kind, seed: int) -> Forecast:
        from ..posterior.gp import forecast_gp

        return forecast_gp(curve, at, kind, seed)


@final
class LearntFeatures(Method):
    """A baseline of the paper that learns features of the one curve.

    Args:
        name: blr or dkgp.
    """

    seeded = True

    def __init__(self, name: str) -> None:
        what = {
            "blr": "Bayesian linear regression on a small network's features (Snoek et al. 2015, arXiv 1502.05700)",
            "dkgp": "Gaussian process on a small network's features (Wilson et al. 2016, arXiv 1511.02222)",
        }
        self.name, self.summary = name, what[name]

    def ask(self, curve: Curve, at: Floats, kind: Kind, seed: int) -> Forecast:
        from ..posterior import deep

        return (deep.forecast_blr if self.name == "blr" else deep.forecast_dkgp)(curve, at, kind, seed)
