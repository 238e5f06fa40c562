"""`forescale theory …`: tables, strict JSON, figures, refusals in one sentence; frontiers in one unit."""

import json
import sys

import numpy as np
import pytest

from forescale import cli, theory


@pytest.fixture
def shell(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["forescale", "theory", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, *capsys.readouterr()

    return run


def test_bound_says_where_it_says_nothing(shell):
    code, out, _ = shell("bound", "--n", "1,100", "--T", "1e6", "--json")
    rows = json.loads(out)["rows"]
    assert code == 0
    assert [(r["bound"], r["n"], r["says_nothing"]) for r in rows] == [
        ("S", 1, True),
        ("S", 100, False),
        ("T", 1, False),
        ("T", 100, False),
    ]
    assert rows[1]["total"] == pytest.approx(7.984498034e-3, rel=1e-8)


def test_tables_fit_a_terminal(shell):
    for arguments in (["bound"], ["optimum"], ["frontier"]):
        code, out, err = shell(*arguments)
        assert (code, err) == (0, "")
        assert max(map(len, out.splitlines()[:-1])) <= 80  # the sentence below a table is whole in a pipe
        assert "…" not in out


def test_optimum_labels_what_it_minimises(shell):
    code, out, _ = shell("optimum", "--C", "1e12", "--json")
    answer = json.loads(out)
    assert code == 0
    assert "upper bound" in answer["note"]
    assert answer["rows"][0]["p"] == pytest.approx(42018, rel=1e-4)


def test_optima_of_several_teachers_say_which_is_which(shell, tmp_path):
    code, out, _ = shell(
        "optimum", "--C", "1e9,1e12", "--d", "4,256", "--K", "10,1000", "--json", "--plot", tmp_path / "a.png"
    )
    rows = json.loads(out)["rows"]
    assert code == 0
    assert [(r["d"], r["K"], r["C"]) for r in rows[:3]] == [(4, 10, 1e9), (4, 10, 1e12), (4, 1000, 1e9)]
    assert len(rows) == 8
    ratio = {(r["d"], r["K"], r["C"]): r["T_per_p"] for r in rows}
    assert ratio[4, 10, 1e12] == pytest.approx(1004.7, abs=0.1)  # the claim: 1005 and 239
    assert ratio[256, 10, 1e12] == pytest.approx(238.5, abs=0.1)
    page = theory.optimum(C=[[1e9], [1e12]], d=[4, 256], K=10).page()
    assert len(page.tables[0].rows) == 4
    assert [panel().x_name for panel in page.panels] == ["input dimension d"]


def test_figures_are_written(shell, tmp_path):
    for name in ("bound", "optimum", "frontier"):
        path = tmp_path / f"{name}.png"
        assert shell(name, "--plot", path)[0] == 0
        assert 10_000 < path.stat().st_size < 150_000


def test_simulate_trains_resumes_and_draws(shell, tmp_path):
    pytest.importorskip("torch")
    grid = ["--teachers", 2, "--widths", "1,2,4", "--samples", "32,64,128,256", "--d", 2, "--K", 2, "--steps", 20]
    path = tmp_path / "s.csv"
    code, out, _ = shell("simulate", "--out", path, *grid, "--bootstrap", 20, "--json", "--plot", tmp_path / "s.png")
    again = shell("simulate", "--out", path, "--bootstrap", 20, "--json")
    assert code == 0
    assert json.loads(out)["rows"] == json.loads(again[1])["rows"]
    assert (tmp_path / "s.png").stat().st_size > 10_000
    assert shell("simulate", "--out", path, *grid[:-1], 21)[0] == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["bound", "--n", "0.5"], "n ≥ 1, got 0.5"),
        (["bound", "--T", "0"], "T ≥ 1, got 0"),
        (["bound", "--d", "many"], "numbers such as"),
        (["bound", "--K", "0"], "K > 0, got 0"),
        (["optimum", "--C", "10"], "C ≥ d"),
        (["optimum", "--C", "nan"], "finite C"),
        (["optimum", "--bound", "u"], "bound 's' or 't'"),
        (["frontier", "--flops", "-1"], "flops > 0"),
        (["simulate", "--out", "no/such/folder/s.csv"], "folder for --out"),
        (["simulate", "--out", "s.csv", "--widths", "0"], "widths ≥ 1"),
        (["simulate", "--out", "s.csv", "--samples", "1.5"], "whole numbers for --samples"),
    ],
)
def test_refusals_are_one_sentence(shell, arguments, says):
    code, out, err = shell(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert says in err


def test_frontiers_share_the_unit_of_compute():
    f = theory.frontier([5.76e23], d=16, K=10)
    assert f.C[0] == pytest.approx(5.76e23 / 6)
    for best in f.fits.values():
        assert float((best.n_params * best.n_tokens)[0]) == pytest.approx(f.C[0], rel=1e-9)
    assert float(f.bound_s.p[0] * f.bound_s.T[0]) == pytest.approx(f.C[0], rel=1e-9)
    assert f.slopes["hoffmann-2022"] == pytest.approx(0.452, abs=5e-4)
    assert f.slopes["besiroglu-2024"] == pytest.approx(0.513, abs=5e-4)
    assert np.all(f.bound_t.bound < f.bound_s.bound)
