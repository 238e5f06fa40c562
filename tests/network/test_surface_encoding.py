"""Tokens of tables of runs: symmetries, and the closed-form posterior against the truth."""

import numpy as np
import pytest

from forescale.laws.chinchilla import Chinchilla
from forescale.network.encodings import surfaces
from forescale.network.encodings.surface_law import fit_law
from forescale.prior import SurfaceConfig, SurfacePrior

TRUTH = {"E": 1.8, "A": 0.4, "B": 0.5, "alpha": 0.35, "beta": 0.3}


@pytest.fixture(scope="module")
def tables():
    return SurfacePrior(SurfaceConfig()).sample(np.random.default_rng(3), 10, 17, 5, 3)


def encode(t, **changes):
    names = ("u_BM", "v_BM", "y_BM", "u_BT", "v_BT", "c_BO")
    return surfaces.encode(*(changes.get(name, getattr(t, name)) for name in names))


def same(a, b):
    for name in ("context_BMF", "loss_BTF", "optimum_BOF"):
        assert getattr(a, name) == pytest.approx(getattr(b, name), abs=2e-5)
    for name in a.anchors:
        assert a.anchors[name].loc == pytest.approx(b.anchors[name].loc, abs=1e-5)
        assert a.anchors[name].log_scale == pytest.approx(b.anchors[name].log_scale, abs=1e-5)


def test_units_of_params_tokens_and_loss_do_not_matter(tables):
    t = tables
    moved = encode(
        t, u_BM=t.u_BM + 3, u_BT=t.u_BT + 3, v_BM=t.v_BM - 5, v_BT=t.v_BT - 5, y_BM=t.y_BM + 2, c_BO=t.c_BO - 2
    )
    same(encode(t), moved)


def test_the_order_of_rows_moves_rows_only(tables):
    order = np.random.default_rng(0).permutation(17)
    t = tables
    moved = encode(t, u_BM=t.u_BM[:, order], v_BM=t.v_BM[:, order], y_BM=t.y_BM[:, order])
    base = encode(t)
    assert moved.context_BMF == pytest.approx(base.context_BMF[:, order], abs=2e-5)
    assert moved.loss_BTF == pytest.approx(base.loss_BTF, abs=2e-5)


def test_a_question_and_a_table_are_read_alone(tables):
    t = tables
    base = encode(t)
    alone = surfaces.encode(
        *(x[3:4] for x in (t.u_BM, t.v_BM, t.y_BM)), t.u_BT[3:4, 2:3], t.v_BT[3:4, 2:3], t.c_BO[3:4, :1]
    )
    assert alone.loss_BTF[0, 0] == pytest.approx(base.loss_BTF[3, 2], abs=2e-5)
    assert alone.optimum_BOF[0, 0] == pytest.approx(base.optimum_BOF[3, 0], abs=2e-5)


def test_columns_have_names_and_are_finite_and_of_the_size_of_one(tables):
    tokens = encode(tables)
    for kind, array in (("row", tokens.context_BMF), ("loss", tokens.loss_BTF), ("optimum", tokens.optimum_BOF)):
        assert len(surfaces.COLUMNS[kind]) == array.shape[-1]
        assert len(set(surfaces.COLUMNS[kind])) == array.shape[-1]
        assert np.isfinite(array).all()
        assert np.abs(array).max() < 30


@pytest.mark.parametrize("spread", [1e-3, 300.0])
def test_tables_that_hardly_vary_or_span_everything_are_read(spread):
    rng = np.random.default_rng(0)
    u, v = spread * rng.normal(size=(2, 2, 9))
    tokens = surfaces.encode(u, v, 0.1 * rng.normal(size=(2, 9)), u[:, :2], v[:, :2], (u + v)[:, :1])
    for array in (tokens.context_BMF, tokens.loss_BTF, tokens.optimum_BOF, *(a.loc for a in tokens.anchors.values())):
        assert np.isfinite(array).all()


def test_exact_runs_give_the_law_back(rng):
    u, v = rng.uniform(-2, 2, size=(2, 1, 30))
    log_loss = Chinchilla().log_loss(u, v, **TRUTH)
    w = np.full((1, 30), 1 / 30)
    law = fit_law(u, v, np.exp(log_loss), w, log_loss.std(1, keepdims=True))
    far_u, far_v = np.array([[3.0, 4.0]]), np.array([[3.0, 2.5]])
    assert law.at(far_u, far_v).mean == pytest.approx(Chinchilla().log_loss(far_u, far_v, **TRUTH), abs=2e-3)
    best = law.optimum(np.array([[7.0]]))
    exact = Chinchilla().optimum(6 * np.exp(7.0), **TRUTH)
    assert abs(best.u.mean[0, 0] - np.log(exact.n_params)) < 0.1  # nine nodes a side do not resolve exact runs further
    assert best.slope.mean[0, 0] == pytest.approx(TRUTH["beta"] / (TRUTH["alpha"] + TRUTH["beta"]), abs=0.02)
