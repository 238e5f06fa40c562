"""Matrix products of a forecast keep to one thread, whatever the machine, and give the others back."""

import numpy as np
import threadpoolctl

from forescale import numerics


def blas_threads() -> set[int]:
    return {pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"}


def test_a_forward_pass_is_on_one_thread_and_gives_the_others_back(monkeypatch):
    np.ones((2, 2)) @ np.ones((2, 2))
    for name in numerics._THREADS:
        monkeypatch.delenv(name, raising=False)
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        with numerics.one_thread():
            assert blas_threads() == {1}
        assert blas_threads() == before


def test_who_has_set_the_number_of_threads_keeps_it(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        with numerics.one_thread():
            assert blas_threads() == before
