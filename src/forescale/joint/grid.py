"""Posterior of L = E + A N^-alpha + B D^-beta: a grid over the exponents, the positive E, A, B integrated out.

    noise      L_i = mu_i + sigma s_i t_i,  t_i Student-t with nu degrees of freedom, s_i the loss of the robust fit
               at run i (a relative error, frozen at the fit); t_i = z_i / sqrt(lambda_i), a scale mixture
    prior      ln alpha, ln beta ~ N(ln 0.35, 0.8²) on [0.02, 3]; E and the two terms at the geometric mean of the runs
               half-normal with 3 times the mean loss; sigma² ~ inverse gamma(½, ½ 1e-8)
    nu         fixed at the best of NU for the fit's residuals, with a gamma(2, 0.1) prior
    draws      Gibbs: (alpha, beta) from the grid given lambda and sigma, then E, A, B from their truncated Gaussian,
               then sigma and lambda given all of these. Nothing else carries over to the next sweep, so it mixes fast.

Given (alpha, beta) and the weights lambda/sigma² the law is linear in E, A, B: its integral over the positive orthant
is a Gaussian integral times an orthant probability (GHK sequence of one-dimensional truncations).
Sources: Geweke 1993 (Student noise as scale mixture); Geweke 1991, Hajivassiliou & McFadden 1998 (GHK);
Juárez & Steel 2010 (prior of nu).
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ..numerics import Floats
from .fit import Exponents, JointFit, JointRuns

NU = np.array([2.0, 3.0, 4.0, 6.0, 10.0, 20.0, 50.0])
LOG_CENTRE, LOG_SPREAD = np.log(0.35), 0.8
LOG_BOX = (np.log(0.02), np.log(3.0))
HALF_NORMAL = 3.0
SIGMA_FLOOR = 1e-4
N_SIDE, ZOOM_DEPTH = 19, 16.0
DRAWS_PER_SWEEP, BURN_IN = 4, 40
N_PARTICLES = 32
MANY_RUNS = 1500


@dataclass(frozen=True)
class JointDraws:
    """S posterior draws: alpha, beta, sigma (S,); E, A, B (S, R) in the unit of L at (n_ref, d_ref); nu a number."""

    alpha: Floats
    beta: Floats
    E: Floats
    A_ref: Floats
    B_ref: Floats
    sigma: Floats
    nu: float


@dataclass(frozen=True)
class ExponentPrior:
    """What is believed of the exponents beside the default: a Gaussian on a = beta/(alpha+beta), or fixed values."""

    allocation: tuple[float, float] | None = None
    fixed: Exponents | None = None

    def log_density(self, log_alpha: Floats, log_beta: Floats) -> Floats:
        """Up to a constant, in (ln alpha, ln beta); any shape."""
        out = -0.5 * (((log_alpha - LOG_CENTRE) / LOG_SPREAD) ** 2 + ((log_beta - LOG_CENTRE) / LOG_SPREAD) ** 2)
        if self.allocation is not None:
            mean, sd = self.allocation
            out = out - 0.5 * ((1 / (1 + np.exp(log_alpha - log_beta)) - mean) / sd) ** 2
        outside = (np.minimum(log_alpha, log_beta) < LOG_BOX[0]) | (np.maximum(log_alpha, log_beta) > LOG_BOX[1])
        return np.where(outside, -np.inf, out)


def sample_posterior(
    runs: JointRuns, fit: JointFit, prior: ExponentPrior, n_draws: int, rng: np.random.Generator
) -> JointDraws:
    """`n_draws` posterior draws, deterministic for a given state of `rng`."""
    scale = np.exp(fit.log_fitted)
    z = runs.loss / scale - 1
    nu = degrees_of_freedom(z)
    sigma2 = _scale_given(z, nu) ** 2
    model = _Linear(runs, scale)
    grid = _Grid.around(model, prior, _weights(z, sigma2, nu), n_side=_side(len(z)))
    chain = _Chain(model, grid, nu, sigma2, _weights(z, sigma2, nu), rng)
    for _ in range(BURN_IN):
        chain.sweep(1)
    n_sweeps = -(-n_draws // DRAWS_PER_SWEEP)
    rows = [chain.sweep(DRAWS_PER_SWEEP) for _ in range(n_sweeps)]
    alpha, beta, coefficients, sigma = (np.concatenate(part)[:n_draws] for part in zip(*rows, strict=True))
    E, A_ref, B_ref = np.moveaxis(coefficients, -1, 0)
    return JointDraws(alpha, beta, E, A_ref, B_ref, sigma, nu)


class _Chain:
    """The Gibbs sampler: a sweep draws from the grid, then renews sigma and lambda from the last of these draws."""

    def __init__(
        self, model: "_Linear", grid: "_Grid", nu: float, sigma2: float, weight: Floats, rng: np.random.Generator
    ):
        self.model, self.grid, self.nu, self.sigma2, self.weight, self.rng = model, grid, nu, sigma2, weight, rng

    def sweep(self, n: int) -> tuple[Floats, Floats, Floats, Floats]:
        """n draws of alpha, beta (n,), coefficients (n, R, 3) and sigma (n,), all given the same weights."""
        log_weight, _ = self.grid.log_posterior(self.weight)
        share = np.exp(log_weight - log_weight.max())
        node = self.rng.choice(len(share), size=n, p=share / share.sum())
        alpha, beta = np.exp(self.grid.jitter(node, self.rng)).T
        coefficients = self.model.draw(alpha, beta, self.weight, self.rng)
        sigma = np.full(n, np.sqrt(self.sigma2))
        self._renew(self.model.residual(alpha[-1], beta[-1], coefficients[-1]))
        return alpha, beta, coefficients, sigma

    def _renew(self, z: Floats) -> None:
        lam = self.weight * self.sigma2
        rate = 0.5 * (SIGMA_FLOOR**2 + (lam * z * z).sum())
        self.sigma2 = float(rate / self.rng.gamma(0.5 * (1 + len(z))))
        lam = self.rng.gamma(0.5 * (self.nu + 1), size=len(z)) / (0.5 * (self.nu + z * z / self.sigma2))
        self.weight = lam / self.sigma2


class _Linear:
    """The law at given exponents: rows (1, N^-alpha, D^-beta) / s against L / s, one block of coefficients a recipe."""

    def __init__(self, runs: JointRuns, scale: Floats):
        self.runs, self.scale, self.target = runs, scale, runs.loss / scale
        self.one_hot = runs.one_hot
        self.ridge = np.eye(3) / (HALF_NORMAL * np.exp(np.mean(np.log(runs.loss)))) ** 2

    def columns(self, alpha: Floats, beta: Floats) -> Floats:
        """(G, 3, n)."""
        from_n, from_d = (
            np.exp(-np.clip(np.outer(slope, x), -150, 150)) for slope, x in ((alpha, self.runs.u), (beta, self.runs.v))
        )
        return np.stack([np.ones_like(from_n), from_n, from_d], 1) / self.scale

    def products(self, alpha: Floats, beta: Floats) -> Floats:
        """(9, G, n): the six distinct products of columns, then the three with the target; a weight sums them."""
        c = np.moveaxis(self.columns(alpha, beta), 1, 0)
        pairs = [c[i] * c[j] for i, j in _PAIRS]
        return np.stack([*pairs, *(column * self.target for column in c)])

    def normal(self, products: Floats, weight: Floats) -> tuple[Floats, Floats]:
        """Precision (G, R, 3, 3) with the prior in it, and moment (G, R, 3)."""
        # One flat product is 20 times faster for many runs; for few, a BLAS with several threads trips over it.
        by_recipe = weight[:, None] * self.one_hot
        if len(weight) > MANY_RUNS:
            sums = (products.reshape(-1, len(weight)) @ by_recipe).reshape(*products.shape[:2], -1)
        else:
            sums = products @ by_recipe
        precision = np.empty((*sums.shape[1:], 3, 3))
        for k, (i, j) in enumerate(_PAIRS):
            precision[..., i, j] = precision[..., j, i] = sums[k]
        return precision + self.ridge, np.moveaxis(sums[6:], 0, -1)

    def log_evidence(self, products: Floats, weight: Floats) -> Floats:
        """ln of the integral over E, A, B > 0, (G,), up to a constant."""
        mean, factor, log_det, fit = gaussian(*self.normal(products, weight))
        log_mass = 0.5 * fit - 0.5 * log_det
        spread = np.sqrt((factor**2).sum(-1))
        near_zero = (mean < 6 * spread).any(-1)
        if near_zero.any():
            log_mass[near_zero] += truncated(mean[near_zero], factor[near_zero], fixed_uniforms(12))[0]
        return np.asarray(log_mass.sum(-1))

    def draw(self, alpha: Floats, beta: Floats, weight: Floats, rng: np.random.Generator) -> Floats:
        """Coefficients (S, R, 3) > 0, one draw for each pair of exponents."""
        mean, factor, _, _ = gaussian(*self.normal(self.products(alpha, beta), weight))
        _, value = truncated(mean, factor, rng.uniform(size=(N_PARTICLES, *mean.shape)), rng)
        return value

    def residual(self, alpha: float, beta: float, coefficients: Floats) -> Floats:
        """L / s minus the law / s, (n,), coefficients (R, 3)."""
        column = self.columns(np.array([alpha]), np.array([beta]))[0]
        return cast("Floats", self.target - (column * coefficients[self.runs.group].T).sum(0))


_PAIRS = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))


def gaussian(precision: Floats, moment: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean (..., 3), upper factor F of the covariance F F' (..., 3, 3), ln det of the precision, and moment · mean."""
    size = np.sqrt(np.einsum("...ii->...i", precision))
    scaled = precision / size[..., :, None] / size[..., None, :]
    lower = np.linalg.cholesky(scaled + 1e-11 * np.eye(3))
    p, q, r = (lower[..., i, i] for i in range(3))
    inverse = np.zeros_like(lower)
    inverse[..., 0, 0], inverse[..., 1, 1], inverse[..., 2, 2] = 1 / p, 1 / q, 1 / r
    inverse[..., 1, 0] = -lower[..., 1, 0] / (p * q)
    inverse[..., 2, 1] = -lower[..., 2, 1] / (q * r)
    inverse[..., 2, 0] = (lower[..., 1, 0] * lower[..., 2, 1] / q - lower[..., 2, 0]) / (p * r)
    white = (inverse @ (moment / size)[..., None])[..., 0]
    factor = np.swapaxes(inverse, -1, -2) / size[..., :, None]
    mean = (factor @ white[..., None])[..., 0]
    return mean, factor, 2 * (np.log(p * q * r) + np.log(size).sum(-1)), (white * white).sum(-1)


def truncated(
    mean: Floats, factor: Floats, uniform: Floats, rng: np.random.Generator | None = None
) -> tuple[Floats, Floats]:
    """ln P(x > 0) of Gaussians x = mean + factor z in three dimensions, and a draw of x given x > 0.

    Each coordinate is drawn from its truncated conditional (GHK), the last first; the product of the three
    probabilities weights a particle, and a particle is chosen by its weight. Where no coordinate is near zero the
    particles are equal and the answer is exact.

    Args:
        mean: (..., 3); factor: (..., 3, 3), upper; uniform: (P, 3) or (P, ..., 3), levels in
            (0, 1) of the particles, the same for all or each its own; rng: chooses the particle.

    Returns:
        (...,), and (..., 3); without `rng` the second is the first particle.
    """
    from scipy.special import log_ndtr, ndtri_exp

    levels = uniform if uniform.ndim > 2 else uniform.reshape(len(uniform), *(1,) * (mean.ndim - 1), 3)
    z = np.zeros((len(uniform), *mean.shape))
    log_weight = np.zeros((len(uniform), *mean.shape[:-1]))
    for i in (2, 1, 0):
        known = mean[..., i] + (factor[..., i, i + 1 :] * z[..., i + 1 :]).sum(-1)
        bound = known / factor[..., i, i]
        log_mass = log_ndtr(bound)
        z[..., i] = -ndtri_exp(log_mass + np.log(levels[..., i]))
        log_weight += log_mass
    top = log_weight.max(0)
    weight = np.exp(log_weight - top)
    log_orthant = top + np.log(weight.mean(0))
    chosen = z[0] if rng is None else _choose(z, weight, rng)
    value = mean + (factor @ chosen[..., None])[..., 0]
    return log_orthant, np.maximum(value, 1e-12 * np.abs(mean).max())


def _choose(z: Floats, weight: Floats, rng: np.random.Generator) -> Floats:
    cumulative = np.cumsum(weight, 0)
    index = (cumulative < rng.uniform(size=weight.shape[1:]) * cumulative[-1]).sum(0)
    return cast("Floats", np.take_along_axis(z, np.minimum(index, len(z) - 1)[None, ..., None], 0)[0])


def fixed_uniforms(n: int) -> Floats:
    """(n, 3) evenly scattered levels (a Kronecker sequence of the plastic number), the same for every node."""
    steps = 1.2207440846057596 ** -np.arange(1, 4)
    return (0.5 + np.outer(np.arange(1, n + 1), steps)) % 1.0


class _Grid:
    """Nodes (G, 2) over (ln alpha, ln beta), rotated and zoomed until the posterior fills them."""

    def __init__(self, model: _Linear, prior: ExponentPrior, centre: Floats, axes: Floats, span: Floats, n_side: int):
        self.model, self.prior, self.centre, self.axes, self.span = model, prior, centre, axes, span
        ticks = [np.linspace(low, high, n_side) if high > low else np.array([low]) for low, high in span]
        self.step = np.array([t[1] - t[0] if len(t) > 1 else 0.0 for t in ticks])
        self.local = np.stack(np.meshgrid(*ticks, indexing="ij"), -1).reshape(-1, 2)
        self.nodes = centre + self.local @ axes.T
        self.log_prior = prior.log_density(*self.nodes.T) if prior.fixed is None else np.zeros(len(self.nodes))
        self.products = model.products(*np.exp(np.clip(self.nodes, *LOG_BOX) if prior.fixed is None else self.nodes).T)

    @classmethod
    def around(cls, model: _Linear, prior: ExponentPrior, weight: Floats, n_side: int) -> "_Grid":
        """Start from the whole prior box and close in on the mass, along its own axes."""
        if prior.fixed is not None:
            return cls(model, prior, np.log(np.asarray(prior.fixed)), np.eye(2), np.zeros((2, 2)), 1)
        grid = cls(model, prior, np.zeros(2), np.eye(2), np.array([LOG_BOX, LOG_BOX]), n_side)
        for _ in range(8):
            closer = grid.zoom(weight, n_side)
            shrunk = closer.area < 0.7 * grid.area
            grid = closer
            if not shrunk:
                break
        return grid

    @property
    def area(self) -> float:
        return float(np.prod(self.span[:, 1] - self.span[:, 0]) * abs(np.linalg.det(self.axes)))

    def log_posterior(self, weight: Floats) -> tuple[Floats, Floats]:
        """ln posterior mass of each node (G,) up to a constant, and which nodes the prior allows."""
        allowed = np.isfinite(self.log_prior)
        return np.where(allowed, self.log_prior + self.model.log_evidence(self.products, weight), -np.inf), allowed

    def zoom(self, weight: Floats, n_side: int) -> "_Grid":
        log_weight, _ = self.log_posterior(weight)
        depth = log_weight - log_weight.max()
        # Axes from the flattened mass: an isolated node would have no spread to turn along.
        soft = np.exp(depth / max(1.0, -np.sort(depth)[-min(12, len(depth))] / 3))
        centre = (soft[:, None] * self.nodes).sum(0) / soft.sum()
        gap = self.nodes - centre
        cell = self.axes * self.step
        covariance = (soft[:, None] * gap).T @ gap / soft.sum() + cell @ cell.T / 12
        axes = np.linalg.cholesky(covariance)
        kept = np.linalg.solve(axes, gap[depth > -ZOOM_DEPTH].T).T
        margin = np.abs(np.linalg.solve(axes, cell)).sum(1)
        span = np.stack([kept.min(0) - margin, kept.max(0) + margin], 1)
        return _Grid(self.model, self.prior, centre, axes, span, n_side)

    def jitter(self, node: NDArray[np.int64], rng: np.random.Generator) -> Floats:
        """(S, 2): each node moved uniformly inside its own cell, kept inside the prior box."""
        moved = self.local[node] + self.step * rng.uniform(-0.5, 0.5, size=(len(node), 2))
        out = self.centre + moved @ self.axes.T
        return out if self.prior.fixed is not None else np.clip(out, *LOG_BOX)


def _side(n: int) -> int:
    """Nodes on a side: fewer for many runs, whose posterior is nearly Gaussian, so that memory stays bounded."""
    return N_SIDE if n <= MANY_RUNS else 15


def _weights(z: Floats, sigma2: float, nu: float) -> Floats:
    return (nu + 1) / (nu + z * z / sigma2) / sigma2


def _scale_given(z: Floats, nu: float) -> float:
    """Maximum-likelihood sigma of Student-t residuals, by EM, with the floor of its prior."""
    sigma2 = float(np.median(z * z)) + SIGMA_FLOOR**2
    for _ in range(60):
        lam = (nu + 1) / (nu + z * z / sigma2)
        sigma2 = float((SIGMA_FLOOR**2 + (lam * z * z).sum()) / (1 + len(z)))
    return float(np.sqrt(sigma2))


def degrees_of_freedom(z: Floats) -> float:
    from scipy.special import gammaln

    def log_posterior(nu: float) -> float:
        sigma = _scale_given(z, nu)
        norm = gammaln((nu + 1) / 2) - gammaln(nu / 2) - 0.5 * np.log(nu * np.pi) - np.log(sigma)
        return float((norm - (nu + 1) / 2 * np.log1p((z / sigma) ** 2 / nu)).sum() + np.log(nu) - 0.1 * nu)

    return float(max(NU, key=log_posterior))
