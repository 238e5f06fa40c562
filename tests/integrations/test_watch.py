"""A watch over one run: when it answers, what it reads, and that it holds on logs whose end is known."""

import numpy as np
import pytest

import forescale as fs
from forescale.integrations.watch import BINS, binned


def log_of(rng, total=2000, noise=0.1, floor=1.0):
    steps = np.arange(1, total + 1)
    return steps, (floor + 3 * steps**-0.4) * np.exp(noise * rng.normal(size=total))


def test_it_answers_from_a_quarter_of_the_run_on_and_every_twentieth(rng):
    watch = fs.watch(2000)
    answered = [int(step) for step, loss in zip(*log_of(rng), strict=True) if watch(step, loss) is not None]
    assert answered == list(range(500, 2000, 100))


def test_steps_far_apart_are_answered_once_each(rng):
    watch = fs.watch(2000)
    steps, losses = log_of(rng)
    answers = [watch(steps[i], losses[i]) for i in range(0, 2000, 150)]
    assert sum(answer is not None for answer in answers) == sum(steps[i] >= 500 for i in range(0, 2000, 150))


def test_the_end_lies_inside_the_interval_as_often_as_it_says(rng):
    inside = []
    for floor in rng.uniform(0.3, 3, 60):
        watch = fs.watch(2000, every=1.0, start=0.5)
        for step, loss in zip(*log_of(rng, floor=floor), strict=True):
            watch(step, loss)
        low, high = watch.latest.interval(0.9)
        inside.append(low[0] <= floor + 3 * 2000**-0.4 <= high[0])
        assert np.log(high[0] / low[0]) < 0.33  # the noise of one reading alone is that wide
    assert np.mean(inside) > 0.9 - 3 * np.sqrt(0.9 * 0.1 / 60)


def test_the_answer_is_the_mean_of_later_readings_and_says_so(rng):
    watch = fs.watch(2000, every=1.0, start=0.5)
    steps, losses = log_of(rng)
    for step, loss in zip(steps, losses, strict=True):
        watch(step, loss)
    truth = 1.0 + 3 * 2000**-0.4
    assert abs(np.log(watch.latest.median[0] / truth)) < 0.05
    assert "mean_of_readings" in {w.code for w in watch.latest.warnings}


def test_a_decaying_rate_is_said(rng):
    watch = fs.watch(1000)
    for step, loss in zip(*log_of(rng, 1000), strict=True):
        watch(step, loss, rate=1e-3 * (1 - step / 1000))
    assert "decay_ahead" in {w.code for w in watch.latest.warnings}


def test_readings_that_are_no_numbers_are_skipped(rng):
    watch = fs.watch(1000)
    for step, loss in zip(*log_of(rng, 1000), strict=True):
        watch(step, float("nan") if step % 7 == 0 else loss)
    assert np.isfinite(watch.latest.median[0])


def test_too_little_to_say_is_none():
    watch = fs.watch(10, start=0.2, every=0.1)
    assert watch(1, 2.0) is None
    assert watch(2, 1.9) is None


@pytest.mark.parametrize(
    "wrong", [{"total": 0}, {"total": float("nan")}, {"total": 10, "start": 0.01}, {"total": 10, "every": 0}]
)
def test_a_run_of_no_length_is_refused(wrong):
    with pytest.raises(fs.CurveError, match="expected"):
        fs.watch(**wrong)


def test_bins_are_geometric_means_even_in_ln_step():
    steps = np.arange(1.0, 10_001)
    x, y = binned(steps, steps**-0.5)
    assert len(x) <= BINS
    np.testing.assert_allclose(y, x**-0.5, rtol=1e-12)  # a power law stays one
    few = np.array([1.0, 2.0, 5.0])
    assert binned(few, few)[0] is few


def test_an_accuracy_is_watched_upwards(rng):
    watch = fs.watch(2000, name="accuracy", better="higher", every=1.0, start=0.5)
    for step in range(1, 1001):
        watch(step, 1 - 0.7 * step**-0.2)
    (end,), (_, high) = watch.latest.median, watch.latest.interval(0.9)
    assert 1 - 0.7 * 1000**-0.2 < end < high[0] <= 1


def test_what_is_still_to_gain_is_less_certain_than_a_curve_tells(rng):
    watch = fs.watch(2000, every=1.0, start=0.5)
    for step, loss in zip(*log_of(rng, noise=0.001), strict=True):
        watch(step, loss)
    answer = watch.latest
    plain = fs.forecast(answer.context, [2000], method="pfn")
    gain = float(np.log(fs.forecast(answer.context, [answer.context.x_max]).median[0] / plain.median[0]))
    assert gain > 0.01
    np.testing.assert_allclose(answer.log_std**2, plain.log_std**2 + (0.4 * gain) ** 2, rtol=1e-6)
    assert abs(np.log(answer.median[0] / plain.median[0])) < 0.1 * gain  # wider, not elsewhere
    again = answer.ask(np.array([answer.context.x_max, 2000.0, 4000.0]))
    np.testing.assert_allclose(again.log_std[1], answer.log_std[0], rtol=1e-5)  # float32
    assert again.log_std[2] > again.log_std[1]


def test_a_run_that_begins_again_at_an_earlier_step_forgets_what_came_after_it(rng):
    whole, resumed = fs.watch(2000), fs.watch(2000)
    steps, losses = log_of(rng)
    for step, loss in zip(steps[:1200], losses[:1200], strict=True):
        whole.note(step, loss)
    for step in range(1, 900):
        resumed.note(step, losses[step - 1] if step <= 700 else 99.0)
    for step, loss in zip(steps[700:1200], losses[700:1200], strict=True):
        resumed.note(step, loss)
    np.testing.assert_array_equal(resumed.ask().median, whole.ask().median)


def test_a_watch_never_ends_the_run_that_it_watches(rng):
    watch = fs.watch(100, better="higher")
    for step in range(1, 25):
        assert watch(step, 1000.0 * step) is None
    with pytest.warns(UserWarning, match="no forecast at step 25: expected the best value"):
        assert watch(25, 25_000.0) is None
    assert watch(float("nan"), 1.0) is None
