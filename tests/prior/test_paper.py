"""The paper's prior: shapes, shares, acceptance and the steps of its ablation."""

from __future__ import annotations

import numpy as np
import pytest

from forescale.prior import PaperConfig, PaperPrior, make_prior
from forescale.prior.paper import KINDS, draw_breaks, draw_fall, draw_up


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def grid(n: int, points: int = 100) -> np.ndarray:
    return np.tile(np.linspace(0.01, 1.0, points), (n, 1))


@pytest.mark.parametrize("n_context", [3, 20, 180])
def test_batches_are_positive_finite_and_sorted(n_context: int, rng: np.random.Generator) -> None:
    batch = make_prior("paper").sample(rng, 100, n_context, 200 - n_context)
    for values in (batch.x_BM, batch.y_BM, batch.x_BT, batch.y_BT, batch.curve_BT):
        assert np.isfinite(values).all()
        assert (values > 0.0).all()
    x = np.concatenate([batch.x_BM, batch.x_BT], axis=1)
    assert (np.diff(x, axis=1) > 0.0).all()
    assert (x[:, 0] == 0.01).all()
    assert (x[:, -1] == 1.0).all()


def test_the_same_seed_gives_the_same_batch() -> None:
    a, b = (PaperPrior().sample(np.random.default_rng(5), 50, 30, 70) for _ in range(2))
    np.testing.assert_array_equal(a.y_BM, b.y_BM)
    np.testing.assert_array_equal(a.curve_BT, b.curve_BT)


def test_kinds_appear_in_the_paper_shares(rng: np.random.Generator) -> None:
    kind = PaperPrior().sample(rng, 4000, 50, 50).family_B
    for code, share in enumerate((0.35, 0.35, 0.2, 0.1)):
        assert (kind == code).mean() == pytest.approx(share, abs=4 * np.sqrt(share / 4000))


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("m3", {"m3"}),
        ("m4", {"m4"}),
        ("m3+m4", {"m3", "m4"}),
        ("+breaks", {"m3", "m4", "breaks"}),
        ("+up", set(KINDS)),
    ],
)
def test_ablation_steps_draw_what_they_name(step: str, expected: set[str], rng: np.random.Generator) -> None:
    batch = make_prior(PaperConfig.ablation(step)).sample(rng, 300, 30, 30)
    assert {batch.families[i] for i in np.unique(batch.family_B)} == expected


def test_falls_go_from_their_first_to_their_last_level(rng: np.random.Generator) -> None:
    for p_m3 in (0.0, 1.0):
        y = draw_fall(rng, grid(2000), p_m3)
        assert (np.diff(y, axis=1) <= 1e-9).all()  # the solver's tolerance
        assert y[:, 0].min() >= 0.2
        assert y[:, 0].max() <= 1.2
        assert np.mean(y[:, 0]) == pytest.approx(0.7, abs=4 * 0.29 / np.sqrt(2000))
        assert np.mean(y[:, -1] / y[:, 0]) == pytest.approx(0.5, abs=4 * 0.29 / np.sqrt(2000))


def test_breaks_fall_without_jumps(rng: np.random.Generator) -> None:
    y = draw_breaks(rng, grid(500, 2000), np.full((500, 1), 0.4), 1.0)
    assert (np.diff(y, axis=1) <= 1e-9).all()


def test_a_rise_begins_before_the_cutoff(rng: np.random.Generator) -> None:
    x = grid(500, 1000)
    y = draw_up(rng, x, np.full((500, 1), 0.3), 0.5)
    rises = np.diff(y, axis=1) > 1e-9
    begins = x[np.arange(500), rises.argmax(axis=1)]
    assert (rises.any(axis=1)).mean() > 0.95
    assert (begins[rises.any(axis=1)] <= 0.3 + 2e-3).all()  # a grid step or two


def test_accepted_rises_stay_below_their_first_reading(rng: np.random.Generator) -> None:
    batch = PaperPrior(PaperConfig(p_breaks=0.0, p_up=1.0)).sample(rng, 200, 50, 50)
    assert (batch.family_B == 3).all()
    assert (batch.y_BT <= batch.y_BM[:, :1]).all()
    assert 0.05 < batch.acceptance < 0.9


def test_noise_is_normal_in_y_with_its_stated_spread(rng: np.random.Generator) -> None:
    batch = PaperPrior(PaperConfig(log_noise_mean=-9.0, log_noise_std=0.0)).sample(rng, 400, 10, 90)
    residual = (batch.y_BT - batch.curve_BT) / np.exp(-9.0)
    assert residual.std() == pytest.approx(1.0, abs=4 / np.sqrt(2 * residual.size))
    assert residual.mean() == pytest.approx(0.0, abs=4 / np.sqrt(residual.size))


def test_sizes_follow_the_paper(rng: np.random.Generator) -> None:
    sizes = np.array([PaperPrior().draw_sizes(rng) for _ in range(2000)])
    total, share = sizes.sum(axis=1), sizes[:, 0] / sizes.sum(axis=1)
    assert total.min() >= 50
    assert total.max() <= 501
    assert share.mean() == pytest.approx(0.5, abs=0.03)


def test_the_ends_are_added_to_the_points_between_and_replace_none() -> None:
    batch = PaperPrior().sample(np.random.default_rng(3), 4000, 4, 9)
    x = np.concatenate([batch.x_BM, batch.x_BT], axis=1)
    first, last = 0.99 / 12 + 0.01, 1 - 0.99 / 12  # the smallest and the largest of 11 uniform numbers, on average
    assert x[:, 1].mean() == pytest.approx(first, abs=4 * 0.08 / np.sqrt(4000))
    assert x[:, -2].mean() == pytest.approx(last, abs=4 * 0.08 / np.sqrt(4000))


def test_with_context_regression_every_point_is_a_target() -> None:
    batch = PaperPrior(PaperConfig(context_regression=True)).sample(np.random.default_rng(3), 20, 30, 40)
    assert batch.x_BT.shape == (20, 70)
    np.testing.assert_array_equal(batch.x_BT[:, :30], batch.x_BM)
    np.testing.assert_array_equal(batch.y_BT[:, :30], batch.y_BM)  # the very readings that are seen
    assert not np.array_equal(batch.curve_BT[:, :30], batch.y_BM)


def test_points_that_are_not_asked_change_no_curve_and_the_last_one_is_always_asked() -> None:
    whole, part = (
        PaperPrior(PaperConfig(context_regression=True, n_asked=n)).sample(np.random.default_rng(3), 300, 30, 40)
        for n in (0, 7)
    )
    np.testing.assert_array_equal(part.y_BM, whole.y_BM)
    assert part.x_BT.shape == (300, 7)
    assert (np.diff(part.x_BT, axis=1) > 0).all()
    assert (part.x_BT[:, -1] == 1.0).all()
    asked = (whole.x_BT[:, None] == part.x_BT[:, :, None]).any(axis=1)
    assert asked[:, :-1].mean(axis=0) == pytest.approx(6 / 69, abs=5 * np.sqrt(6 / 69 / 300))


def test_config_survives_a_round_trip() -> None:
    config = PaperConfig.ablation("+breaks")
    assert PaperConfig.from_dict(config.to_dict()) == config
    with pytest.raises(ValueError, match="ablation"):
        PaperConfig.ablation("everything")
    with pytest.raises(ValueError, match="at most 1"):
        PaperConfig(p_breaks=0.7, p_up=0.7)
