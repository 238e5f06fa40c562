"""The table of goals: its draws are fixed, independent of each other, and complete."""

import numpy as np
import pytest
from lab.goal_checks import CHECKS, told
from lab.goal_curves import DRAWN, logs
from lab.hard_curves import logs_of_runs

from lab import goals


@pytest.mark.parametrize("draw", [of for of, _ in DRAWN], ids=lambda of: of.__name__)
def test_a_draw_repeats_itself_and_another_one_is_another(draw):
    once, again, other = draw(3), draw(3), draw(3, 1)
    for a, b, c in zip(once, again, other, strict=True):
        assert np.array_equal(a.context.y, b.context.y)
        assert a.context.n != c.context.n or not np.array_equal(a.context.y, c.context.y)
        assert np.isfinite(a.y).all()
        assert a.truth is not None


def test_the_first_draw_is_the_one_that_goals_were_stated_on():
    assert logs(1, 100)[0].context.y[:2].tolist() == pytest.approx([2.1446455643242213, 2.044360737689546])


def test_an_annealed_run_is_a_constant_one_that_wins_by_its_end():
    for constant, annealed in zip(logs_of_runs(20, 0, annealed=False), logs_of_runs(20, 0, annealed=True), strict=True):
        assert np.array_equal(constant.context.x, annealed.context.x)
        won = np.log(constant.truth / annealed.truth)
        assert np.all(np.diff(won) >= -1e-12)
        assert 0.009 < won[-1] < 0.11


def test_every_goal_has_a_line():
    rows = [["a", 0.1, 1.0, 0.9, -1.0, 0.01]]
    for group, methods in goals.REFERENCES.items():
        found = {f"{group} | {who}": rows for who in (*methods, "pfn")}
        if group not in ("world", *(f"thin {n}" for n in goals.THINNED)):
            assert goals.page(found).count("\n") == 2, group


def test_another_draw_stands_beside_the_first_and_leaves_real_curves_alone():
    first, other = goals.tasks(data="nowhere"), goals.tasks(data="nowhere", draw=2)
    assert not first.keys() & other.keys()
    assert not [label for label in other if label.startswith(("world", "thin", "units", "nested", "paper"))]
    rows = [["a", 0.1, 1.0, 0.9, -1.0, 0.01]]
    told = goals.page(
        {f"{group} | {who}": rows for group in ("straight", "straight, draw 2") for who in ("line", "pfn")}
    )
    assert told.count("straight lines: error over that of `line`") == 2
    assert "`line`, draw 2" in told


def test_a_check_is_told_in_a_line():
    assert (
        told("units", [[s, 1e-9] for s in ("falling", "with a floor", "rising", "valley", "flat")]).count("1e-09") == 5
    )
    assert told("nested", [["a", 10, 1, 2e-4], ["b", 5, 0, 0.0]]) == "1 of 15, by at most 2e-04 of its width"
    assert told("paper", [["ic", 0.03, 3.4]]) == "ic 3.400 (0.0300)"
    assert set(CHECKS) == {"units", "nested", "paper"}
