"""The proxies that the proofs use: a width-n sample of a teacher, its law, and the net that quantises directions.

Source: docs/theory-proofs.md, §4 (sampled learner, quantiser) and §5 (distinct atoms).
"""

from __future__ import annotations

import numpy as np

from ..errors import CurveError
from ..numerics import Floats
from . import arguments
from .generator import Teachers, sphere


def sample_learners(rng: np.random.Generator, teachers: Teachers, n: int) -> Teachers:
    """F_n of each teacher: n atoms drawn from its weights, each with output weight ± sqrt(K+1)/n. Exact in law (§4).

    A draw that falls beyond the last stick gets an atom of its own: the tail holds many, each with little weight.

    Returns:
        B learners as networks with n units (an atom drawn twice appears twice); E(F − F_n)² = K/(2n).
    """
    arguments.whole(n=n)
    arguments.at_least(1, n=n)
    _plain(teachers)
    size = np.sqrt(teachers.scale + 1)
    edge_BM = np.cumsum(np.abs(teachers.output_BM), axis=1) / size
    u_BN = rng.random((teachers.n_teachers, n))
    atom_BN = np.stack([np.searchsorted(e, u) for e, u in zip(edge_BM, u_BN, strict=True)])
    beyond_BN = atom_BN >= teachers.n_sticks
    atom_BN = np.minimum(atom_BN, teachers.n_sticks - 1)
    sign_BN = np.sign(np.take_along_axis(teachers.output_BM, atom_BN, 1))
    direction = np.take_along_axis(teachers.direction_BMD, atom_BN[..., None], 1)
    sign_BN = np.where(beyond_BN, rng.choice([-1.0, 1.0], size=beyond_BN.shape), sign_BN)
    direction = np.where(beyond_BN[..., None], sphere(rng, beyond_BN.shape, teachers.d), direction)
    return Teachers(sign_BN * size / n, direction, teachers.scale, 0.0, teachers.scale / (2 * n))


def draw_learners(rng: np.random.Generator, n_learners: int, n: int, *, d: int, K: float) -> Teachers:
    """Draws from Q, the law of F_n over teachers: a Pólya urn picks the atoms. Exact in law (§4, §5).

    Equal atoms are merged: an atom keeps m/n of the output weight in the place where it came first, later ones hold 0.
    """
    arguments.whole(n=n, n_learners=n_learners)
    arguments.at_least(1, n=n, n_learners=n_learners, d=d)
    first_BN = urn(rng, n_learners, n, K)
    count_BN = np.zeros((n_learners, n))
    np.add.at(count_BN, (np.arange(n_learners)[:, None], first_BN), 1.0)
    sign_BN = rng.choice([-1.0, 1.0], size=(n_learners, n))
    return Teachers(np.sqrt(K + 1) * sign_BN * count_BN / n, sphere(rng, (n_learners, n), d), K, 0.0, K / (2 * n))


def urn(rng: np.random.Generator, n_urns: int, n: int, K: float) -> np.ndarray:
    """Which earlier draw each of n draws repeats (itself where it is new), (B, n): P(new at draw i) = K/(K+i−1)."""
    arguments.above(0, K=K)
    first_BN = np.zeros((n_urns, n), dtype=int)
    for i in range(n):
        new = rng.random(n_urns) < K / (K + i)
        copied = first_BN[np.arange(n_urns), rng.integers(0, max(i, 1), n_urns)]
        first_BN[:, i] = np.where(new, i, copied)
    return first_BN


def quantise_circle(learners: Teachers, n_angles: int) -> Teachers:
    """Directions moved to the nearest of equally spaced angles; d = 2. A net of radius 2 sin(π/2m) (§4)."""
    if learners.d != 2:
        raise CurveError(f"expected d = 2 to quantise on a circle, got {learners.d}. Equal angles exist there only.")
    arguments.at_least(1, n_angles=n_angles)
    direction = learners.direction_BMD
    unit = 2 * np.pi / n_angles
    angle = unit * np.round(np.arctan2(direction[..., 1], direction[..., 0]) / unit)
    moved: Floats = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return Teachers(learners.output_BM, moved, learners.scale, learners.discount, learners.error)


def _plain(teachers: Teachers) -> None:
    if teachers.discount != 0:
        raise CurveError(
            f"expected Dirichlet-process teachers, got discount {teachers.discount:g}. Draw them with discount 0."
        )
