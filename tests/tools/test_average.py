"""The mean of two stages is half of each, says so, and asks for stages of one run."""

from dataclasses import replace

import numpy as np
import pytest
from tools.average import mean_of
from tools.release import HOME

from forescale.errors import CheckpointError
from forescale.network.checkpoint import load_weights

LAST = load_weights(HOME / "base.safetensors")


def test_each_weight_is_half_of_both():
    first = replace(LAST, arrays={name: values + 1.0 for name, values in LAST.arrays.items()}, sha256="0" * 64)
    last = replace(LAST, facts={**LAST.facts, "began": {"sha256": first.sha256}})
    for name, values in mean_of(first, last).items():
        assert values.dtype == np.float32
        np.testing.assert_allclose(values, LAST.arrays[name] + 0.5, atol=1e-6)


def test_stages_of_two_runs_are_refused():
    with pytest.raises(CheckpointError, match="expected weights that began with"):
        mean_of(replace(LAST, sha256="1" * 64), LAST)


def test_the_release_says_what_it_is_the_mean_of():
    first, last = LAST.facts["averaged"]
    assert first == LAST.facts["began"]["sha256"]
    assert last not in (first, LAST.sha256)
