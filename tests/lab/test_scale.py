"""What scale buys: runs are the released recipe but for width and length; the figure is made of what is stored."""

import numpy as np

from forescale.network.config import CONFIGS
from lab import scale


def row(width, parameters, curves, loss, rng):
    lls = {suite: {"ll": rng.normal(size=5).tolist()} for suite in scale.SHOWN}
    return {
        "train": {"network": {"width": width}},
        "parameters": parameters,
        "curves": curves,
        "validation": {"run": loss},
        "suites": {"100": lls},
    }


def test_only_width_and_length_differ_from_the_released_recipe():
    ours, base = scale.config(64, 500).to_dict(), CONFIGS["base"].to_dict()
    assert {k for k in base if ours[k] != base[k]} == {"network", "steps"}
    assert {k for k in base["network"] if ours["network"][k] != base["network"][k]} == {"width"}


def test_the_figure_has_a_line_for_each_size(tmp_path, rng):
    rows = [row(w, w * w, n, -3 + 10 / w, rng) for w in (32, 96) for n in (1_000, 2_000)]
    scale.draw(rows, tmp_path / "scale.png")
    assert (tmp_path / "scale.png").stat().st_size > 10_000


def test_its_own_law_is_forecast_from_shorter_schedules(rng):
    curves = np.array([4e4, 8e4, 1.6e5, 3.2e5, 1.3e6])
    rows = [row(96, 9, int(n), float(np.log(0.04 + 3 * n**-0.4)), rng) for n in curves]
    assert scale.forecast_itself(rows[::-1]).startswith("4 schedules up to 320,000 curves -> 1,300,000 curves: -")
