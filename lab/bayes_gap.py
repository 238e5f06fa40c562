"""How far a network is from the best possible answer, in nats, on a family where the best is known.

The family, "power law + floor, independent noise":

    ln y = a + ln(1 + rho x^-c) + sigma e,  e ~ N(0, 1),  x in units of the largest context x
    a flat;  c ~ LU(.1, 1.5), rho ~ LU(.02, 20), sigma ~ LU(1e-3, .1);  n ~ 5..30 on a geometric grid of LU(10, 300)

`a` integrates out exactly. The posterior of (ln c, ln rho, ln sigma) is sampled by importance: prior draws first, then
rounds of Student-t proposals fitted to the weighted draws, mixed with the prior so that no weight can run away
(Cappé et al. 2008, population Monte Carlo; doi:10.1007/s11222-008-9059-x). The optimal predictive is then a mixture
of normals in ln y. The network is not told the family, so the gap holds its error and the price of its generality.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

import forescale as fs

Floats = NDArray[np.float64]
Rng = np.random.Generator

LOW = np.log([0.1, 0.02, 1e-3])
HIGH = np.log([1.5, 20.0, 0.1])
DF, ROUNDS, SHARE_PRIOR = 4.0, 6, 0.1
TARGETS = np.array([0.7, 1.5, 3.0, 10.0, 30.0])


@dataclass(frozen=True)
class Data:
    """One context: u = ln x (largest 0) and v = ln y."""

    u: Floats
    v: Floats


def bayes_gap(network: fs.Forecaster, n_curves: int = 400, n_draws: int = 8000, seed: int = 7) -> dict[str, Any]:
    """Mean ln density at new readings, by target, of the truth, of the optimum and of the network, and the gap between
    the last two: positive where there is room left."""
    true, optimal, asked = np.zeros((3, n_curves, len(TARGETS)))
    effective = []
    for i in range(n_curves):
        rng = np.random.default_rng([seed, i])
        data, reading = draw_curve(rng)
        true[i] = log_truth(np.random.default_rng([seed, i]), reading)
        draws, log_weight = posterior(rng, data, n_draws)
        optimal[i] = log_predictive(data, draws, log_weight, np.log(TARGETS), reading)
        forecast = network.forecast(fs.Curve(np.exp(data.u), np.exp(data.v)), TARGETS)
        asked[i] = forecast.log_prob(np.exp(reading)) + reading
        effective.append(effective_draws(log_weight))
    groups = {"all": slice(None)} | {f"x = {x:g} x last": [i] for i, x in enumerate(TARGETS)}
    parts = (true, optimal, asked)
    return {
        "family": "power law + floor, independent noise",
        "curves": n_curves,
        "draws": n_draws,
        "ess_median": float(np.median(effective)),
        "ess_min": float(np.min(effective)),
        "groups": {name: _gap(*(part[:, columns] for part in parts)) for name, columns in groups.items()},
    }


def draw_curve(rng: Rng) -> tuple[Data, Floats]:
    """A context of the family and one new reading (ln y) at each target."""
    theta = rng.uniform(LOW, HIGH)
    u = np.linspace(-np.log(10) - rng.uniform(0, np.log(30)), 0, rng.integers(5, 31))
    noise = np.exp(theta[2]) * rng.standard_normal(len(u) + len(TARGETS))
    v = log_trend(theta[None], np.concatenate([u, np.log(TARGETS)]))[0] + noise
    return Data(u, v[: len(u)]), v[len(u) :]


def log_truth(rng: Rng, reading: Floats) -> Floats:
    """(T,) ln density of each reading under the law and the noise that `draw_curve` drew with the same generator."""
    theta = rng.uniform(LOW, HIGH)
    z = (reading - log_trend(theta[None], np.log(TARGETS))[0]) / np.exp(theta[2])
    return -(z**2) / 2 - theta[2] - np.log(2 * np.pi) / 2


def log_trend(theta: Floats, u: Floats) -> Floats:
    """ln(1 + rho x^-c) - ln(1 + rho), (S, n): the trend up to a constant."""
    c, log_rho = np.exp(theta[:, :1]), theta[:, 1:2]
    return np.logaddexp(0, log_rho - c * u) - np.logaddexp(0, log_rho)


def log_posterior(theta: Floats, data: Data) -> Floats:
    """(S,) ln likelihood with `a` integrated out; -inf outside the prior's box, whose density is flat."""
    rest = data.v - log_trend(theta, data.u)
    square = np.sum((rest - rest.mean(1, keepdims=True)) ** 2, 1)
    inside = np.all((theta >= LOW) & (theta <= HIGH), 1)
    sigma = np.exp(theta[:, 2])
    return np.where(inside, -(len(data.u) - 1) * theta[:, 2] - square / (2 * sigma**2), -np.inf)


def posterior(rng: Rng, data: Data, n_draws: int) -> tuple[Floats, Floats]:
    """(S, 3) draws of (ln c, ln rho, ln sigma) and their normalised log weights (S,)."""
    draws = rng.uniform(LOW, HIGH, (4 * n_draws, 3))
    target = log_posterior(draws, data)
    log_weight = target - logsumexp(target)
    for step in range(ROUNDS):
        mean, root = _moments(draws, _flattened(log_weight, enough=60.0 if step < ROUNDS - 1 else 30.0))
        draws = _propose(rng, mean, root, n_draws)
        target = log_posterior(draws, data) - _log_proposal(draws, mean, root)
        log_weight = target - logsumexp(target)
    return draws, log_weight


def log_predictive(data: Data, draws: Floats, log_weight: Floats, u: Floats, reading: Floats) -> Floats:
    """(T,) ln density of ln y at a new reading: a mixture over draws, `a` again integrated out."""
    kept = log_weight > log_weight.max() - 25
    draws, log_weight = draws[kept], log_weight[kept]
    level = (data.v - log_trend(draws, data.u)).mean(1, keepdims=True)
    spread = np.exp(draws[:, 2:]) * np.sqrt(1 + 1 / len(data.u))
    z = (reading - level - log_trend(draws, u)) / spread
    return logsumexp(log_weight[:, None] - z**2 / 2 - np.log(spread) - np.log(2 * np.pi) / 2, axis=0)


def effective_draws(log_weight: Floats) -> float:
    """(Σ w)² / Σ w²."""
    return float(np.exp(2 * logsumexp(log_weight) - logsumexp(2 * log_weight)))


def _flattened(log_weight: Floats, enough: float) -> Floats:
    """Weights raised to the largest power at most 1 that leaves `enough` effective draws: no round may collapse."""
    power = 1.0
    while effective_draws(power * log_weight) < enough and power > 1e-4:
        power *= 0.7
    tempered = power * log_weight
    return np.exp(tempered - logsumexp(tempered))


def _moments(draws: Floats, weight: Floats) -> tuple[Floats, Floats]:
    mean = weight @ draws
    centred = draws - mean
    return mean, np.linalg.cholesky(1.3 * (weight[:, None] * centred).T @ centred + 1e-10 * np.eye(3))


def _propose(rng: Rng, mean: Floats, root: Floats, n: int) -> Floats:
    student = mean + (rng.standard_normal((n, 3)) @ root.T) * np.sqrt(DF / rng.chisquare(DF, (n, 1)))
    return np.where(rng.uniform(size=(n, 1)) < SHARE_PRIOR, rng.uniform(LOW, HIGH, (n, 3)), student)


def _log_proposal(draws: Floats, mean: Floats, root: Floats) -> Floats:
    z = np.linalg.solve(root, (draws - mean).T)
    student = gammaln((DF + 3) / 2) - gammaln(DF / 2) - 1.5 * np.log(DF * np.pi) - np.log(np.diag(root)).sum()
    student = student - (DF + 3) / 2 * np.log1p(np.sum(z**2, 0) / DF)
    flat = np.where(np.all((draws >= LOW) & (draws <= HIGH), 1), -np.sum(np.log(HIGH - LOW)), -np.inf)
    return np.logaddexp(np.log1p(-SHARE_PRIOR) + student, np.log(SHARE_PRIOR) + flat)


def _gap(true: Floats, optimal: Floats, asked: Floats) -> dict[str, float]:
    difference, within = (optimal - asked).mean(1), (true - optimal).mean(1)
    return {
        "truth": float(true.mean()),
        "within": float(within.mean()),
        "within_se": float(within.std(ddof=1) / np.sqrt(len(within))),
        "gap": float(difference.mean()),
        "se": float(difference.std(ddof=1) / np.sqrt(len(difference))),
        "optimal": float(optimal.mean()),
        "network": float(asked.mean()),
    }
