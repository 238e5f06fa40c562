"""Our prior as a whole: what a batch promises."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from forescale.prior import Batch, OursConfig, make_prior
from forescale.prior.modifiers import UPTURN_LIMIT

QUIET = {key: 0.0 for key in OursConfig().to_dict() if key.startswith("p_") and key not in ("p_double", "p_records")}

ALL_FAMILIES = {"p_clean": 0.0, "p_plain": 0.0, "p_plain_table": 0.0}
"""No curve that is m2 by another road than the weights of the families."""


def draw(n_curves: int = 512, n_context: int = 20, n_targets: int = 10, **changes: float) -> Batch:
    prior = make_prior(OursConfig.from_dict({**OursConfig().to_dict(), **changes}))
    return prior.sample(np.random.default_rng(3), n_curves, n_context, n_targets)


def is_even(batch: Batch) -> np.ndarray:
    """Curves whose x are evenly spaced, as a log's are; (B,)."""
    steps = np.diff(batch.x_BM, axis=1)
    return np.isclose(steps, steps[:, :1]).all(axis=1)


@pytest.mark.parametrize(("n_context", "n_targets"), [(3, 1), (4, 2), (5, 10), (30, 10), (200, 3)])
def test_batches_are_positive_finite_sorted_and_of_the_size_asked(n_context: int, n_targets: int) -> None:
    batch = draw(128, n_context, n_targets)
    assert batch.x_BM.shape == batch.y_BM.shape == (128, n_context)
    assert batch.x_BT.shape == batch.y_BT.shape == batch.curve_BT.shape == (128, n_targets)
    assert batch.family_B.shape == (128,)
    for values in (batch.x_BM, batch.y_BM, batch.x_BT, batch.y_BT, batch.curve_BT):
        assert values.dtype == np.float64
        assert np.isfinite(values).all()
        assert (values > 0.0).all()
    dx, dy = np.diff(batch.x_BM), np.diff(batch.y_BM)
    assert (dx >= 0.0).all()
    assert (dy[dx == 0.0] >= 0.0).all()  # ties in x are sorted by y


def test_the_same_seed_gives_the_same_batch() -> None:
    a, b = draw(64), draw(64)
    for field in dataclasses.fields(Batch):
        np.testing.assert_array_equal(getattr(a, field.name), getattr(b, field.name))


def test_families_appear_in_their_shares() -> None:
    assert sum(v for k, v in OursConfig().to_dict().items() if k.startswith("weight_")) == pytest.approx(1.0)
    batch = draw(4096, 6, 2, **ALL_FAMILIES)
    config = OursConfig()
    for code, name in enumerate(batch.families):
        share = getattr(config, f"weight_{name}")
        # 4 standard errors, and a hundredth for rejection, which favours tame families
        assert (batch.family_B == code).mean() == pytest.approx(share, abs=4 * np.sqrt(share / 4096) + 0.01)


def test_a_family_of_weight_zero_never_appears() -> None:
    batch = draw(2048, weight_sigmoid_floor=0.0, **ALL_FAMILIES)
    assert "sigmoid_floor" not in {batch.families[i] for i in batch.family_B}


def test_rejection_is_rare_and_reported() -> None:
    assert 0.9 < draw(2048).acceptance < 1.0


def test_tables_of_few_runs_are_more_often_clean_but_not_the_fewest() -> None:
    only_clean_are_m2 = {**ALL_FAMILIES, "p_clean": 0.3, "p_clean_m2": 1.0, "weight_m2": 0.0, "p_filtered": 0.0}
    times = {"clean_few": 2.0, "clean_fewest": 0.5}
    for n, share_of_uneven in ((4, 0.15), (5, 0.6), (8, 0.6), (9, 0.3)):
        batch = draw(2048, n, 1, **only_clean_are_m2, **times)
        m2, even = batch.family_B == batch.families.index("m2"), is_even(batch)
        for found, share in ((m2[even], 0.3), (m2[~even], share_of_uneven)):
            assert found.mean() == pytest.approx(share, abs=4 * 0.5 / np.sqrt(found.size))


def test_few_points_are_less_often_the_best_so_far() -> None:
    buried = {**QUIET, "p_buried": 1.0, "p_filtered": 0.8, "filtered_few": 0.2}  # noise, so that few others only fall
    falls = {n: (np.diff(draw(1024, n, 1, **buried).y_BM, axis=1) <= 0.0).all(axis=1).mean() for n in (8, 9)}
    assert falls[8] < 0.3 < 0.7 < falls[9]


def test_a_reversed_law_rises_towards_a_limit() -> None:
    only_m2 = {f"weight_{name}": float(name == "m2") for name in draw(1).families}
    batch = draw(256, **{**QUIET, **only_m2, "p_reversal": 1.0})
    order = np.argsort(batch.x_BT, axis=1)
    rise = np.log(np.take_along_axis(batch.curve_BT, order, axis=1) / batch.y_BM[:, -1:])
    assert (np.diff(rise, axis=1) >= 0.0).all()
    assert rise[:, -1].max() < UPTURN_LIMIT + 0.1  # the last reading has some noise


def test_buried_trends_have_noise_of_their_own_size() -> None:
    for p_buried, low, high in ((0.0, 0.0, 0.1), (1.0, 0.3, 2.0)):  # LU(.2, 2) has the median .63
        batch = draw(**{**QUIET, "p_inside": 1.0, "p_buried": p_buried})
        noise, trend = np.log(batch.y_BT / batch.curve_BT).std(axis=1), np.log(batch.curve_BT).std(axis=1)
        assert low < np.median(noise / trend) < high


def test_half_of_the_runs_read_above_the_curve() -> None:
    batch = draw(4096, p_rounded=0.0, p_quantised=0.0)
    above = (batch.y_BT > batch.curve_BT).mean(axis=1)  # per curve, as noise may be correlated within one
    assert above.mean() == pytest.approx(0.5, abs=4 * above.std() / np.sqrt(4096) + 0.003)  # + spikes


def test_without_noise_the_run_is_the_curve() -> None:
    batch = draw(256, **{**QUIET, "p_clean": 1.0})
    off = np.abs(np.log(batch.y_BT / batch.curve_BT))
    assert np.quantile(off, 0.99) < 0.1
    assert np.median(off) < 1e-3


@pytest.mark.parametrize(
    "name",
    [
        "reversal",
        "transient",
        "lr_decay",
        "annealing",
        "wiggle",
        "upturn",
        "buried",
        "spikes",
        "rounded",
        "filtered",
    ],
)
def test_every_mechanism_changes_the_batch_when_switched_on(name: str) -> None:
    off, on = draw(64, **QUIET), draw(64, **{**QUIET, f"p_{name}": 1.0})
    assert not np.array_equal(off.y_BM, on.y_BM)


def test_another_recipe_is_met_beyond_tables_of_few_runs_alone() -> None:
    plain = {**QUIET, "p_plain": 1.0, "p_plain_table": 1.0, "plain_noise": 0.005}
    for n_context, lowest, highest in ((4, 0.12, 0.4), (8, 0.03, 0.12), (9, 0.0, 0.0)):
        batch = draw(1024, n_context, 10, **{**plain, "p_recipe": 1.0, "p_recipe_later": 0.3})
        even, bends = is_even(batch), bends_down(batch)
        assert lowest <= bends[~even].mean() <= highest, n_context  # half of the shifts go down
        assert not bends[even].any()


def bends_down(batch: Batch) -> np.ndarray:
    """Curves whose slope steepens between targets: a power law with a floor only ever slows down; (B,)."""
    order = np.argsort(batch.x_BT, axis=1)
    log_x, log_y = (np.log(np.take_along_axis(a, order, axis=1)) for a in (batch.x_BT, batch.curve_BT))
    slope = np.diff(log_y, axis=1) / np.diff(log_x, axis=1)
    return (np.diff(slope, axis=1) < -1e-3).any(axis=1)


def test_what_belongs_to_training_logs_is_found_where_x_is_evenly_spaced() -> None:
    changes = {**QUIET, "p_lr_decay": 0.4, "times_in_logs": 2.0, "times_in_tables": 0.0, "weight_m2": 1.0}
    changes |= {f"weight_{name}": 0.0 for name in draw(1).families if name != "m2"}
    batch = draw(1024, 12, 40, **changes)
    even, bends = is_even(batch), bends_down(batch)
    assert 0.3 < even.mean() < 0.45
    assert bends[even].mean() > 0.3  # 80 % decay, some of them before the first target
    assert not bends[~even].any()


def test_a_plain_law_is_spared_all_that_training_does_but_annealing_in_a_log() -> None:
    plain = {**QUIET, "p_plain": 1.0, "p_plain_table": 1.0, "times_in_logs": 2.0}
    for p_annealing, p_other, share in ((0.5, 0.0, 0.2), (0.0, 0.5, 0.0)):
        batch = draw(1024, 12, 40, **{**plain, "p_annealing": p_annealing, "p_lr_decay": p_other})
        even, bends = is_even(batch), bends_down(batch)
        assert bends[even].mean() >= share  # a cosine bends up again in its second half, and may be asked there only
        assert not bends[~even].any()
    assert not bends.any()


@pytest.mark.parametrize("p_monotone", [0.0, 1.0])
def test_filtered_contexts_never_rise_and_lie_below_raw_targets(p_monotone: float) -> None:
    batch = draw(1024, **{**QUIET, "p_filtered": 1.0, "p_inside": 1.0, "p_monotone": p_monotone})
    falls = (np.diff(batch.y_BM, axis=1) <= 0.0).all(axis=1)
    assert falls.mean() > 0.9  # the rest hardly improves and shows what was read
    assert np.median(np.log(batch.y_BT / batch.y_BM[:, -1:])) > 0.0


def test_units_span_many_decades_so_that_nothing_can_rely_on_them() -> None:
    batch = draw(2048, p_filtered=0.0)
    log_x = np.log10(batch.x_BM[:, -1])
    assert log_x.min() < 2.5
    assert log_x.max() > 12.5


def test_config_survives_a_round_trip_and_refuses_what_it_does_not_know() -> None:
    config = OursConfig(p_clean=0.3, weight_expo=0.2)
    assert OursConfig.from_dict(config.to_dict()) == config
    assert make_prior(config.to_dict()).name == "ours"
    with pytest.raises(ValueError, match="p_typo"):
        OursConfig.from_dict({"p_typo": 0.1})
    with pytest.raises(ValueError, match=r"p_clean in \[0, 1\]"):
        OursConfig(p_clean=1.5)
    with pytest.raises(ValueError, match="nonsense"):
        make_prior("nonsense")


def test_tables_of_runs_are_more_often_a_plain_law() -> None:
    only_plain_are_m2 = {**ALL_FAMILIES, "p_plain": 0.1, "p_plain_table": 0.5, "weight_m2": 0.0, "p_filtered": 0.0}
    for n, share_of_uneven in ((4, 0.5), (16, 0.5), (17, 0.1)):
        batch = draw(2048, n, 1, **only_plain_are_m2)
        m2, even = batch.family_B == batch.families.index("m2"), is_even(batch)
        for found, share in ((m2[even], 0.1), (m2[~even], share_of_uneven)):
            assert found.mean() == pytest.approx(share, abs=4 * 0.5 / np.sqrt(found.size))


def test_long_contexts_are_often_pooled_and_their_points_are_as_good_as_their_rows() -> None:
    loud = {**QUIET, "p_pooled": 1.0, "p_buried": 1.0}
    batch = draw(256, 100, 1, **loud)
    assert batch.count_BM is not None
    assert batch.scatter_BM is not None
    assert np.isnan(batch.scatter_BM[batch.count_BM == 1.0]).all()
    assert np.isfinite(batch.scatter_BM[batch.count_BM > 1.0]).all()
    late = batch.count_BM[:, -1] > 100
    rough = np.diff(np.log(batch.y_BM[late]), 2, axis=1)[:, -20:].std(axis=1) / np.sqrt(6.0)  # of second differences
    said = (batch.scatter_BM / np.sqrt(batch.count_BM))[late, -20:].mean(axis=1)
    assert np.median(rough / said) == pytest.approx(1.0, rel=0.1)
    assert (draw(64, 40).count_BM == 1.0).all()  # shorter ones are rows
