"""A first part that obeys another law: where it ends, and that only it is changed."""

from __future__ import annotations

import numpy as np
import pytest

from forescale.prior import OursConfig, make_prior
from forescale.prior.prelude import FEWEST, split

M, T = 30, 5


@pytest.fixture
def U() -> np.ndarray:
    rng = np.random.default_rng(3)
    context = np.sort(rng.uniform(-5, 0, (400, M)), axis=1)
    context[:, 0], context[:, -1] = -5.0, 0.0
    return np.concatenate([context, rng.uniform(0.1, 2, (400, T))], axis=1)


def test_each_law_shapes_its_own_side(U: np.ndarray) -> None:
    late, early = split(np.random.default_rng(0), U, M, 0.6)
    join = late + early - U
    np.testing.assert_allclose(join, np.broadcast_to(join[:, :1], join.shape), atol=1e-9)
    assert np.all(late >= np.maximum(U, join) - 1e-9)
    assert np.all(early <= np.minimum(U, join) + 1e-9)
    behind = join + 4.0 < U  # more than five widths of the widest change
    assert behind.any()
    np.testing.assert_allclose(late[behind], U[behind], atol=5e-3)


def test_the_first_part_leaves_points_behind_it_and_takes_at_most_its_reach(U: np.ndarray) -> None:
    late, early = split(np.random.default_rng(1), U, M, 0.6)
    join = (late + early - U)[:, :1]
    context = U[:, :M]
    assert np.all((context >= join - 1e-9).sum(axis=1) >= 3)
    assert np.all(join > context[:, :1])
    share_of_points, share_of_range = (context < join - 1e-9).mean(axis=1), 1 + join[:, 0] / 5.0
    assert np.all(np.minimum(share_of_points, share_of_range) <= 0.62)
    assert len(np.unique(np.round(share_of_points, 2))) > 10


@pytest.mark.parametrize("n_context", [FEWEST - 1, 40])
def test_its_share_changes_the_prior_where_there_are_enough_points(n_context: int) -> None:
    def first_steps(p: float) -> np.ndarray:
        prior = make_prior(OursConfig(p_prelude=p, p_clean=0, p_filtered=0))
        batch = prior.sample(np.random.default_rng(2), 500, n_context, 4)
        return np.log(batch.y_BM[:, 0] / batch.y_BM[:, -1])

    assert np.isfinite(first_steps(1.0)).all()
    same = np.array_equal(first_steps(0.0), first_steps(1.0))
    assert same == (n_context < FEWEST)
