"""Students: a tiny grid trains, resumes and is refused when it changes; optima are read off known surfaces."""

import numpy as np
import pandas as pd
import pytest

from forescale import theory
from forescale.errors import CurveError
from forescale.training import simulation
from forescale.training.simulation import COLUMNS, read_grid

TINY = simulation.Grid(
    d=3, K=2.0, widths=(1, 2), samples=(64, 256), n_teachers=2, restart_units=2, steps=30, n_check=64
)


def surface(alpha, beta, seed=None):
    """kl = n^-alpha + (nd/T)^beta over a grid, with noise between teachers where a seed is given."""
    teacher, n, T = np.meshgrid(np.arange(8), 2 ** np.arange(8), 2 ** np.arange(6, 19), indexing="ij")
    kl = 1.0 * n**-alpha + (8 * n / T) ** beta
    if seed is not None:
        kl = kl * np.exp(0.05 * np.random.default_rng(seed).normal(size=kl.shape))
    columns = {"teacher": teacher, "n": n, "T": T, "p": 8 * n, "C": 8 * n * T, "kl": kl}
    return pd.DataFrame({k: v.ravel() for k, v in columns.items()})


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    path = tmp_path_factory.mktemp("students") / "students.csv"
    pytest.importorskip("torch")
    return path, simulation.simulate(path, TINY)[1]


def test_a_tiny_grid_is_a_tidy_table(stored):
    path, table = stored
    assert tuple(table.columns) == COLUMNS
    assert len(table) == 2 * 2 * 2
    assert np.all(table["p"] == 3 * table["n"])
    assert np.all(table["C"] == table["p"] * table["T"])
    assert np.all((table["kl"] > 0) & (table["kl"] < 1))
    assert read_grid(path) == TINY


def test_a_second_call_trains_nothing_and_reads_the_same(stored):
    path, table = stored
    before = path.read_bytes()
    grid, again = simulation.simulate(path)
    assert grid == TINY
    pd.testing.assert_frame_equal(table, again)
    assert path.read_bytes() == before


def test_a_killed_run_resumes_to_the_same_table(stored, tmp_path):
    path, table = stored
    lines = path.read_text().splitlines(keepends=True)
    torn = tmp_path / "torn.csv"
    torn.write_text("".join(lines[:2] + [line for line in lines[2:] if ",256," in line]) + lines[2][:9])
    pd.testing.assert_frame_equal(simulation.simulate(torn)[1], table)


def test_another_grid_is_refused(stored):
    with pytest.raises(CurveError, match="steps: 30 there, 31 here"):
        simulation.simulate(stored[0], simulation.Grid(**{**TINY.__dict__, "steps": 31}))


def test_what_is_no_table_is_refused(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(CurveError, match="forescale theory simulate"):
        simulation.simulate(path)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"widths": (0,)}, "widths ≥ 1"),
        ({"K": 0}, "K > 0"),
        ({"d": 0}, "d ≥ 1"),
        ({"samples": (1.5,)}, "whole samples"),
    ],
)
def test_bad_grids_are_named(changed, says):
    with pytest.raises(CurveError, match=says):
        simulation.Grid(**changed)


@pytest.mark.slow
def test_students_approach_a_narrow_teacher():
    grid = simulation.Grid(d=2, K=0.5, widths=(1, 8), samples=(16384,), n_teachers=4, steps=1500, seed=3)
    rows = pd.DataFrame(theory.students.train_students(grid, 16384))
    mean = rows.groupby("n")["kl"].mean()
    assert mean[8] < 0.002 < rows["trivial_kl"].mean()
    assert mean[8] < mean[1]


@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 1.0), (1.0, 0.7), (0.8, 1.0)])
def test_optima_of_a_known_surface(alpha, beta):
    """At fixed C, n^-alpha + (n²d²/C)^beta is least where p grows like C^(beta/(alpha + 2 beta))."""
    found = theory.isocompute(surface(alpha, beta), n_bootstrap=0)
    expected = beta / (alpha + 2 * beta)
    assert found.p_per_C.value == pytest.approx(expected, abs=0.01)  # a parabola through four octaves is not the curve
    assert found.loss_per_C.value == pytest.approx(-alpha * expected, abs=0.01)
    np.testing.assert_allclose(found.p * found.T, found.C, rtol=1e-12)


def test_bootstrap_covers_the_true_slope():
    found = theory.isocompute(surface(1.0, 1.0, seed=0), n_bootstrap=200)
    assert abs(found.p_per_C.value - 1 / 3) < 5 * found.p_per_C.error + 0.01
    assert np.all(found.p_low <= found.p_high)
    again = theory.isocompute(surface(1.0, 1.0, seed=0), n_bootstrap=200)
    assert found.p_per_T == again.p_per_T


def test_gaps_in_a_grid_are_refused():
    with pytest.raises(CurveError, match="gaps"):
        theory.isocompute(surface(1.0, 1.0).iloc[1:])
    with pytest.raises(CurveError, match="2 compute levels"):
        theory.isocompute(surface(1.0, 1.0), [1e5])
