"""A Page and its renderers: what is said of one curve or many comes out alike in every medium, and nothing is cut."""

import json
from itertools import pairwise

import numpy as np
import pytest

import forescale as fs
from forescale.pages.axes import Scale, scales, tick_label
from forescale.pages.data import page_csv, page_json, page_rows
from forescale.pages.html import document
from forescale.pages.page import Column, Page, Section, Table, cells, short, text
from forescale.pages.panel import Line, Panel, Points, Rule, Whiskers
from forescale.pages.svg import page_svg
from forescale.pages.text import page_text

AWKWARD = ("lr[wd=0.1]", "lr[wd=0.2]", "[/]", "\x1b[31mred", "two\nlines", "$x^2$", "_A", "<b>&", "\u202eright")


def page_of(names=AWKWARD, panels: bool = True) -> Page:
    """A page with a row, an interval and a panel for each name."""
    columns = (Column("x", "tokens"), Column("intervals", "{} % interval"), Column("secret"))
    x = np.array([1.0, 10.0])

    def section(name: str | None) -> Section:
        row = {"x": 1e9, "intervals": {0.5: (1.0, 2.0), 0.9: (0.5, np.inf)}, "secret": 7}
        panel = Panel("tokens", "loss", [Points(x, x, "context"), Line(x, x, name or "median")], title=name or "")
        return Section(name, (Table("forecasts", columns, [row]),), (lambda: panel,) if panels else ())

    return Page("a title", tuple(map(section, names)))


def test_names_are_text_in_every_medium():
    page = page_of()
    lines = page_text(page).splitlines()
    assert len(lines) == 2 + len(AWKWARD)
    assert [line.split("  ")[0] for line in lines[2:5]] == ["lr[wd=0.1]", "lr[wd=0.2]", "[/]"]
    assert not {"\x1b", "\u202e", "<b>"} & set(page_text(page))
    html, svg = document(page), page_svg(page)
    for content in (html, svg):
        assert "<b>" not in content
        assert "\x1b" not in content
        assert "$x^2$" in content
    assert [row["group"] for row in page_rows(page)] == list(AWKWARD)


def test_intervals_have_one_spelling_in_json_and_quantiles_in_csv():
    (first, *_) = json.loads(page_json(page_of(["a"])))["curves"]
    assert first["forecasts"] == [{"x": 1e9, "intervals": {"50": [1.0, 2.0], "90": [0.5, None]}, "secret": 7}]
    assert page_csv(page_of(["a"])).splitlines()[0] == "group,x,q05,q25,q75,q95,secret,warnings"


def test_a_pipe_gets_the_full_width_and_a_terminal_wraps_names_but_no_number():
    name = "a_name_that_has_no_space_" * 4
    wide = page_text(page_of([name]))
    assert name in wide
    narrow = page_text(page_of([name]), 60)
    assert max(map(len, narrow.splitlines())) <= 60
    assert "1e+09" in narrow
    pieces = [line[:30].split(" ")[0] for line in narrow.splitlines()[2:]]
    assert name.startswith(pieces[0])


def test_a_terminal_too_narrow_for_the_numbers_gets_longer_lines_instead_of_cut_ones():
    narrow = page_text(page_of(["a"]), 10)
    assert "1e+09" in narrow
    assert "…" not in narrow


@pytest.mark.parametrize(("n", "drawn"), [(1, 1), (36, 36), (40, 36)])
def test_more_panels_than_fit_are_left_out_and_it_is_said(n, drawn):
    page = page_of([f"curve {i}" for i in range(n)])
    assert len(page.grid()) == drawn
    assert max(column for _, column in page.grid()) <= 2
    assert [c.code for c in page.left_out] == (["panels_left_out"] if n > 36 else [])
    if n > 36:
        assert "first 36 of 40 curves" in page_svg(page)
        assert "first 36 of 40 curves" in document(page)


@pytest.mark.parametrize("low_high", [(300, 900), (10, 300), (1e7, 2.2e8), (1, 1e12), (1e-300, 1e300), (0.9, 1.1)])
@pytest.mark.parametrize("log", [True, False])
def test_tick_labels_never_touch(low_high, log):
    scale = Scale(log, *map(float, low_high))
    ticks = scale.ticks(370.0, 6.1)
    assert ticks
    ends = [(float(scale.place(v)) * 370, len(label) * 6.1 / 2) for v, label in ticks]
    assert all(b - a > ha + hb for (a, ha), (b, hb) in pairwise(ends))
    assert len({label for _, label in ticks}) == len(ticks)
    if max(low_high) / min(low_high) < 1e13:
        assert len(ticks) >= 3


def test_tick_labels_are_words_where_words_are_known():
    labels = [tick_label(v) for v in (2e9, 1.5e6, 1000, 0.05, 1e22, 250, 1e12, 3.5e15)]
    assert labels == ["2B", "1.5M", "1k", "0.05", "1e22", "250", "1T", "3.5e15"]


def test_one_absurd_interval_squeezes_nobody():
    x = np.array([1.0, 10.0, 100.0])
    calm = [Points(x, 3 / x**0.1, "context")]
    calm += [Whiskers(x[-1:] * 10, np.array([1.8]), np.array([1.7]), np.array([1.9]), "", i) for i in range(3)]
    wild = Whiskers(x[-1:] * 10, np.array([1.5]), np.array([1e-9]), np.array([1e9]), "", 3)
    _, alone = scales(Panel("x", "y", calm))
    _, beside = scales(Panel("x", "y", [*calm, wild]))
    ratio = lambda s: np.log(s.high / s.low)  # noqa: E731
    assert ratio(beside) < 3 * ratio(alone)


def test_a_panel_without_spread_is_drawn():
    one = np.array([5.0])
    page = Page("", panels=(lambda: Panel("x", "y", [Points(one, one, "seen"), Rule("y", 5.0, "target")]),))
    assert "<svg" in page_svg(page)


def test_long_names_keep_both_ends_in_a_figure():
    name = "width_512_depth_8_lr_0.003_schedule_cosine_seed_17_data_web"
    assert short(name).startswith("width_512")
    assert short(name).endswith("_17_data_web")
    assert len(short(name)) <= 44
    assert text("a\tb") == "a\\tb"


def test_hidden_columns_are_for_machines_only():
    heads, _, rows = cells(page_of(["a"]).shown_tables[0])
    assert heads == ["group", "tokens", "50 % interval", "90 % interval"]
    assert rows == [["a", "1e+09", "1 to 2", "0.5 to inf"]]


@pytest.mark.parametrize(("path", "said"), [("x.doc", "a path ending in"), ("nowhere/x.png", "a writable path")])
def test_a_path_that_cannot_be_written_is_refused(curve, tmp_path, path, said):
    with pytest.raises(fs.CurveError, match=said):
        fs.forecast(curve, [1e10], method="line").save(tmp_path / path)


def test_pictures_survive_names_that_fonts_and_formulas_trip_over(curve, tmp_path):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fs.forecast(curve, [1e10], method="line")
        from forescale.pages.save import save_page

        save_page(page_of([*AWKWARD, "漢字", "$\\frac{$", "\ud800"]), tmp_path / "x.png")
    assert (tmp_path / "x.png").stat().st_size > 1000


def test_svg_needs_no_matplotlib():
    import subprocess
    import sys

    code = (
        "import sys, numpy as np, forescale as fs; x = np.geomspace(1, 1e3, 9);"
        "fs.forecast((x, x**-.2), [1e4], method='line').save(sys.argv[1]);"
        "print('matplotlib' in sys.modules)"
    )
    import os
    import tempfile

    path = os.path.join(tempfile.mkdtemp(), "x.svg")
    assert subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True).stdout == "False\n"
