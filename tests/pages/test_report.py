"""The report travels: one file, no request, names as text, JSON inside, light, refused before work is done."""

import json
import re
from html import unescape

import numpy as np
import pytest

import forescale as fs
from forescale.pages.chart import chart
from forescale.pages.panel import Line, Panel, Points

NASTY = "<script>alert(1)</script>"
METHODS = ("line", "m2", "last")


def curves(n: int = 2, name: str = "recipe") -> dict[str, fs.Curve]:
    rng = np.random.default_rng(0)
    x = np.geomspace(1e7, 3e9, 8)
    noise = lambda: np.exp(0.005 * rng.normal(size=8))  # noqa: E731
    ys = [(1.7 + 0.05 * k / n + 25 * x**-0.17) * noise() for k in range(n)]
    return {f"{name} {k}": fs.Curve(x, y, x_name="tokens", y_name="loss", name=f"{name} {k}") for k, y in enumerate(ys)}


@pytest.fixture(scope="module")
def made():
    """Two curves, quick methods, a target and a note."""
    return fs.report(
        curves(name=NASTY), at=[1e10, 1e11], method="line", methods=METHODS, target=2.0, notes={"data": "web"}
    )


def inside(html: str) -> dict:
    found = re.search(r'<script type="application/json" id="forescale">(.*?)</script>', html, re.DOTALL)
    return json.loads(found[1])


def test_a_report_has_its_chapters(made):
    for key in ("forecast", "compare", "backtest", "recipes", "reach"):
        assert f'<section id="{key}">' in made.html, key
    for heading in ("What was asked", "Warnings, all of them", "How to do it again", "Card"):
        assert heading in made.html
    assert "with 90 % probability between" in made.verdict
    assert "most likely the best" in made.verdict
    assert "law or network" in made.html
    assert "<dt>data</dt>" in made.html


def test_no_request_leaves_a_report_and_names_are_text(made):
    html = made.html
    assert "default-src 'none'" in html
    assert not re.search(r'(?:src|href)="(?!#)', html)
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert NASTY not in html
    assert html.count("<script") == 2


def test_the_numbers_inside_are_the_numbers_of_the_answers(made):
    told = inside(made.html)
    f = fs.forecast_many(curves(name=NASTY), [1e10, 1e11], method="line")[f"{NASTY} 0"]
    first = told["forecast"]["curves"][0]["forecasts"][1]
    assert first["median"] == f.median[1]
    assert first["intervals"]["90"] == [end[1] for end in f.interval(0.9)]
    assert set(told) >= {"forescale", "verdict", "asked", "compare", "backtest", "recipes", "reach", "again", "card"}
    assert told == made.to_dict()


def test_a_report_says_how_to_do_it_again(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("tokens,loss\n" + "".join(f"{x:g},{5 * x**-0.1}\n" for x in np.geomspace(1, 1e4, 8)))
    again = inside(fs.report(path, [1e5], method="line", methods=["line"]).html)["again"]
    import hashlib

    assert again["sha256 of the table"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert "method='line'" in again["command"]
    assert again["forescale"] == fs.__version__


def test_many_curves_are_drawn_in_part_and_stay_light():
    made = fs.report(curves(40), at=[1e11], method="line", methods=METHODS)
    assert made.html.count('<figure class="ch">') == 36
    assert "first 36 of 40 curves" in made.html
    assert len(made.html) < 600_000


def test_three_curves_with_four_methods_fit_in_250_kB():
    made = fs.report(curves(3), at=[1e11], method="line", methods=["line", "m2", "m4", "last"])
    assert len(made.html.encode()) < 250_000


@pytest.mark.parametrize("where", ["x.pdf", "nowhere/x.html", ""])
def test_a_report_that_cannot_be_written_is_refused_before_work_is_done(tmp_path, where):
    with pytest.raises(fs.CurveError, match="expected a"):
        fs.report("no such table.csv", [1e11], path=tmp_path / where)


def test_a_chapter_that_cannot_be_answered_says_why():
    x = np.array([1.0, 2.0, 4.0])
    made = fs.report(fs.Curve(x, 5 * x**-0.2), [8.0], method="line", methods=["line"])
    assert "not answered" in made.html
    assert "3 context points" in made.html


def test_the_command_writes_the_file_and_says_the_verdict(tmp_path, capsys, monkeypatch):
    import sys

    from forescale import cli

    path, out = tmp_path / "runs.csv", tmp_path / "report.html"
    path.write_text("tokens,loss\n" + "".join(f"{x:g},{5 * x**-0.1}\n" for x in np.geomspace(1, 1e4, 8)))
    words = ["report", path, "--at", "1e5", "--method", "line", "--methods", "m2", "-o", out, "--note", "data=web"]
    monkeypatch.setattr(sys, "argv", ["forescale", *map(str, words)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    told = capsys.readouterr().out
    assert end.value.code == 0
    assert "with 90 % probability between" in told
    assert inside(out.read_text())["again"]["command"].startswith("forescale report ")


def test_a_chart_has_its_four_scales_drawn_ahead_and_reads_its_values():
    x = np.geomspace(1, 1e4, 5)
    html = chart(Panel("tokens", "loss", [Points(x, 5 / x**0.2, "context"), Line(x, 5 / x**0.2, "it's <b>")]), "k")
    assert [html.count(f'class="v v{i}{j}"') for i in (0, 1) for j in (0, 1)] == [1, 1, 1, 1]
    names, stops = (json.loads(unescape(re.search(f"data-{key}='(.*?)'", html)[1])) for key in "ls")
    assert names == ["tokens", "context", "it's <b>"]
    assert len(stops) == 5
    assert stops[0][2:] == ["1", "1 5; 2 5"]
