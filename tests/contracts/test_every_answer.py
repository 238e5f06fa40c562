"""What every answer promises: one page, shown alike in every medium. A new one is tested by being listed in HOMES."""

import json

import numpy as np
import pandas as pd
import pytest

import forescale as fs
from forescale.decisions.doublings import doublings
from forescale.joint.backtest import backtest_joint
from forescale.pages.data import page_json, page_object, page_rows
from forescale.presenters import HOMES


def curve(scale: float = 1.0) -> fs.Curve:
    x = np.geomspace(1e6, 1e9, 12)
    noise = np.exp(0.01 * np.random.default_rng(0).normal(size=12))
    return fs.Curve(x, scale * (0.5 + 60 * x**-0.25) * noise, x_name="tokens", y_name="loss")


def runs() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n, d = (a.ravel() for a in np.meshgrid(np.geomspace(1e8, 1e10, 6), np.geomspace(1e9, 1e11, 4)))
    return n, d, 1.8 + 400 / n**0.34 + 400 / d**0.28


def students() -> pd.DataFrame:
    """What students of four teachers might measure: a smaller one errs, a larger one learns slowly."""
    rng = np.random.default_rng(0)
    rows = [
        {"teacher": teacher, "n": n, "T": T, "p": 8 * n, "kl": (0.3 / n + 2.0 * n / T) * np.exp(0.02 * rng.normal())}
        for teacher in range(4)
        for n in (1, 2, 4, 8, 16, 32)
        for T in 2.0 ** np.arange(8, 18)
    ]
    return pd.DataFrame(rows)


MADE = {
    "Forecast": lambda: fs.forecast(curve(), [1e10, 1e11], method="line"),
    "Comparison": lambda: fs.compare(curve(), [1e10], methods=["line", "m2"]),
    "Backtest": lambda: fs.backtest(curve(), methods=["line", "m2"]),
    "Reach": lambda: fs.reach(curve(), 1.0, method="line"),
    "Doublings": lambda: doublings(curve(), 2, method="line"),
    "Recipes": lambda: fs.recipes({"A": curve(), "B": curve(1.02)}, at=1e11, method="line"),
    "Suggestion": lambda: fs.suggest(curve(), at=1e11, n=1, method="line", candidates=[1e10, 2e10]),
    "Allocation": lambda: fs.fit_joint(*runs(), method="law").allocate(1e23),
    "Plan": lambda: fs.fit_joint(*runs(), method="law").plan(1e23, 1e21, 2),
    "JointBacktest": lambda: backtest_joint(*runs(), methods=["law", "chinchilla"]),
    "Bound": lambda: fs.theory.bound_s(n=[10, 100, 1000], T=1e6, d=16, K=10),
    "Optimum": lambda: fs.theory.optimum(C=[1e9, 1e12], d=16, K=10),
    "Frontier": lambda: fs.theory.frontier([1e20, 1e22], d=16, K=10),
    "IsoCompute": lambda: fs.theory.isocompute(students(), n_bootstrap=20),
}


@pytest.fixture(scope="module", params=HOMES)
def answer(request):
    assert request.param in MADE, "say here how to make a small one"
    return MADE[request.param]()


def test_a_repr_is_one_line_with_numbers(answer):
    assert "\n" not in repr(answer)
    assert any(c.isdigit() for c in repr(answer))
    assert repr(answer).startswith(type(answer).__name__)


def test_a_frame_has_the_rows_of_the_csv(answer):
    rows = page_rows(answer.page())
    assert len(answer.to_frame()) == len(rows) > 0
    assert list(answer.to_frame().columns) == list(dict.fromkeys(k for row in rows for k in row))


def test_a_notebook_shows_table_and_picture_and_stays_light(answer):
    html = answer._repr_html_()
    assert "<table" in html
    assert "<svg" in html
    assert len(html.encode()) < 15_000


def test_it_is_drawn_as_a_figure_and_on_axes_of_ones_own(answer):
    from forescale.pages.picture import new_figure

    assert answer.plot().axes
    _, axes = new_figure()
    answer.plot(axes[0, 0])
    assert axes[0, 0].has_data()


@pytest.mark.parametrize("ending", ["png", "pdf", "svg", "html", "json", "csv"])
def test_it_saves_itself_by_ending(answer, tmp_path, ending):
    path = tmp_path / f"answer.{ending}"
    answer.save(path)
    assert path.stat().st_size > 100
    if ending == "json":
        assert json.loads(path.read_text())["forescale"] == fs.__version__


def test_every_interval_of_its_json_has_one_spelling(answer):
    def check(value: object, name: str = "") -> None:
        if isinstance(value, dict):
            if name.endswith("intervals"):
                assert all(float(level) and len(ends) == 2 for level, ends in value.items()), name
            assert not {"low", "high", "lower", "upper", "interval"} & set(value), name
            for key, inner in value.items():
                check(inner, key)
        elif isinstance(value, list | tuple):
            for inner in value:
                check(inner, name)

    check(page_object(answer.page()))


@pytest.mark.parametrize("name", ["Forecast", "Comparison", "Reach", "Doublings", "Recipes", "Allocation"])
def test_intervals_are_shown_at_the_levels_that_are_asked(name):
    assert '"80": [' in page_json(MADE[name]().page((0.8,)))
