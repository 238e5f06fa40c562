"""Batches made ahead of time are the same, come in order, and their makers end when nobody asks any more."""

import time

import pytest

from forescale.training.workers import Workers


def square(step: int) -> int:
    return step * step


def slow_at_first(step: int) -> int:
    time.sleep(0.3 if step == 5 else 0.0)
    return step


def fails_at_seven(step: int) -> int:
    if step == 7:
        raise ValueError("seven")
    return step


@pytest.mark.parametrize("n", [1, 3])
def test_batches_come_in_the_order_of_their_steps(n):
    with Workers(square, 4, n) as workers:
        assert [workers.take(step) for step in range(4, 20)] == [step * step for step in range(4, 20)]


def test_a_slow_batch_keeps_the_order():
    with Workers(slow_at_first, 0, 3) as workers:
        assert [workers.take(step) for step in range(12)] == list(range(12))


def test_the_makers_end_at_once_whatever_they_do():
    with Workers(square, 0, 2) as workers:
        workers.take(0)
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert not any(process.is_alive() for process in workers._processes)


def test_what_a_maker_raises_is_raised_where_it_is_taken():
    with Workers(fails_at_seven, 0, 2) as workers:
        assert [workers.take(step) for step in range(7)] == list(range(7))
        with pytest.raises(ValueError, match="seven"):
            workers.take(7)
