"""Settings and their coordinates go both ways, and a network that is told them answers by them."""

import numpy as np
import pytest
import torch
from benchmark.problem import Problem

from forescale import Curve
from forescale.network.config import NetworkConfig
from forescale.network.encodings.registry import ENCODINGS
from forescale.prior import OursConfig
from forescale.training.model import Network
from lab import evidence, told


@pytest.fixture
def told_network(monkeypatch):
    """A small untrained network that reads the settings; its zero output maps are shaken so that it listens."""
    monkeypatch.setitem(ENCODINGS, told.SCALING, None)  # taken away again after the test
    told.add_told_encoder(told.VariedPrior())
    torch.manual_seed(0)
    network = Network(NetworkConfig(width=16, depth=1, heads=2, scaling=told.SCALING)).requires_grad_(False)
    for parameter in network.parameters():
        parameter.add_(0.05 * torch.randn_like(parameter))
    return network


def test_the_origin_is_the_default_and_the_ends_are_the_ranges():
    middle, low, high = (told.settings_at(p) for p in (0 * told.SCALE.low, told.SCALE.low, told.SCALE.high))
    for setting in told.VARIED:
        assert middle[setting.name] == pytest.approx(getattr(OursConfig(), setting.name))
        assert low[setting.name] == pytest.approx(setting.low)
        assert high[setting.name] == pytest.approx(setting.high)
    assert np.maximum(-told.SCALE.low, told.SCALE.high) == pytest.approx(np.ones(len(told.VARIED)))


def test_every_batch_has_settings_of_its_own_and_the_same_seed_the_same(rng):
    prior = told.VariedPrior()
    places = []
    for seed in (1, 2, 1):
        prior.sample(np.random.default_rng(seed), 4, 6, 2)
        places.append(prior.place)
    assert not np.array_equal(places[0], places[1])
    np.testing.assert_array_equal(places[0], places[2])


def test_likelihood_has_the_slope_it_says_and_knows_curves_by_their_order(told_network, rng):
    curves = [
        Problem(
            "a",
            "",
            Curve(np.geomspace(1, 100, n), np.geomspace(4, 2, n)),
            np.array([200.0, 400.0]),
            np.array([1.8, 1.6]),
        )
        for n in (7, 5, 7)
    ]
    asked = evidence.Asked([told_network], curves)
    place = torch.zeros(len(told.VARIED), requires_grad=True)
    likelihood = asked.likelihood(place)
    assert likelihood[0] == likelihood[2] != likelihood[1]
    (slope,) = torch.autograd.grad(likelihood.sum(), place)
    step = 0.02 * torch.nn.functional.normalize(slope, dim=0)
    with torch.no_grad():
        rise = (asked.likelihood(step) - asked.likelihood(-step)).sum()
    assert float(rise) == pytest.approx(2 * 0.02 * float(slope.norm()), rel=0.05)  # float32, central difference


def test_a_climb_gains_and_leaves_fixed_settings_alone(told_network):
    x = np.geomspace(1, 100, 6)
    problem = Problem("a", "", Curve(x, 4 * x**-0.1), np.array([300.0]), np.array([2.2]))
    asked = evidence.Asked([told_network], [problem])
    place = evidence.climb(asked, torch.ones(1), ["exponent"], 0.0, 10)
    assert place[[s.name for s in told.VARIED].index("exponent")] == 0.0
    with torch.no_grad():
        start, end = (asked.likelihood(torch.tensor(p, dtype=torch.float32)) for p in (0 * place, place))
    assert end > start
