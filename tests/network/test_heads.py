"""Heads: proper densities, and one meaning in torch (training) and NumPy (answers)."""

from dataclasses import replace

import numpy as np
import pytest

from forescale.network.config import NetworkConfig
from forescale.network.encodings.base import Tokens
from forescale.network.heads import BarsHead, Bins, CoupledHead, MixtureHead, equal_mass_edges, make_head

B, T, A = 3, 5, 4
BINS = Bins(np.array([0.0, 0.2, 0.5, 0.9, 1.0, 1.3]), 0.7)
HEADS = [CoupledHead(A, 3), MixtureHead(A, 3), BarsHead(5)]
KINDS = (0, 1)


def some(head, rng, spread=2.0):
    """Raw outputs, tokens with anchors of widths from 1e-3 to 3, outcomes."""
    raw = rng.normal(scale=spread, size=(B, T, head.n_outputs)).astype(np.float32)
    loc, log_scale = rng.normal(size=(B, T, A)), rng.uniform(np.log(1e-3), np.log(3), size=(B, T, A))
    none = np.zeros((B, T, 0), np.float32)
    r = np.abs(rng.normal(scale=1.2, size=(B, T)))
    return raw, Tokens(none, none, loc, log_scale, np.zeros(B), np.ones(B), np.full(B, -2.0), np.full(B, 1e-3)), r


def flat(head, raw, tokens, kind):
    every = head.marginals(raw.reshape(B * T, -1), tokens.frame(), BINS, kind)
    return every.split([slice(b * T, (b + 1) * T) for b in range(B)])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("head", HEADS)
def test_the_training_density_is_the_density_of_the_answer(head, kind):
    torch = pytest.importorskip("torch")
    raw, tokens, r = some(head, np.random.default_rng(0))
    question = head.question(tokens, r, BINS)
    answer = np.array([m.log_pdf(r[b]) for b, m in enumerate(flat(head, raw, tokens, kind))])
    np.testing.assert_allclose(head.log_pdf(np, raw.astype(float), question, kind), answer, atol=1e-9)  # float64
    single = {k: torch.from_numpy(v.astype(np.float32) if v.dtype.kind == "f" else v) for k, v in question.items()}
    trained = head.log_pdf(torch, torch.from_numpy(raw), single, kind).numpy()
    # float32: relative, since a log density far in a tail is large
    np.testing.assert_allclose(trained, answer, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("head", HEADS)
def test_densities_integrate_to_one_and_match_their_cdf(head, kind):
    raw, tokens, _ = some(head, np.random.default_rng(1), spread=1.0)
    tokens = replace(tokens, anchor_log_scale_BTA=np.zeros((B, T, A)))
    grid = np.linspace(0.0 if isinstance(head, BarsHead) else -9.0, 9.0, 20_001)  # of asinh r
    r, dr = np.sinh(grid), np.cosh(grid)
    for answer in flat(head, raw, tokens, kind):
        density = np.exp(answer.log_pdf(r[:, None] + np.zeros(T))) * dr[:, None]
        mass = 0.5 * (density[1:] + density[:-1]) * np.diff(grid)[:, None]
        # trapezoids on a grid finer than any component; the jumps between bars cost a step of 5e-4 each
        np.testing.assert_allclose(mass.sum(0), 1.0, atol=1e-3)
        np.testing.assert_allclose(np.cumsum(mass, 0)[::500], answer.cdf(r[1:, None] + np.zeros(T))[::500], atol=2e-3)


@pytest.mark.parametrize("head", HEADS[:2])
def test_a_fresh_mixture_stands_on_its_anchors(head):
    raw, tokens, _ = some(head, np.random.default_rng(2))
    for b, mixture in enumerate(flat(head, np.broadcast_to(head.initial_bias(), raw.shape), tokens, 0)):
        np.testing.assert_allclose(mixture.loc_TK[:, 1::3], tokens.anchor_loc_BTA[b], atol=1e-12)  # the middle of three
        np.testing.assert_allclose(np.exp(mixture.log_weight_TK), 1 / 12, atol=1e-12)


def test_a_reading_is_the_trend_with_noise_on_every_component():
    head = CoupledHead(A, 3)
    raw, tokens, _ = some(head, np.random.default_rng(4))
    for run, curve in zip(*(flat(head, raw, tokens, kind) for kind in KINDS), strict=True):
        np.testing.assert_array_equal(run.loc_TK, curve.loc_TK)
        np.testing.assert_array_equal(run.log_weight_TK, curve.log_weight_TK)
        assert np.all(run.scale_TK > curve.scale_TK)


def test_no_component_is_narrower_than_the_last_digit_leaves_open():
    head = CoupledHead(A, 3)
    raw, tokens, _ = some(head, np.random.default_rng(5))
    tokens = replace(tokens, anchor_log_scale_BTA=np.full((B, T, A), -12.0), floor_B=np.full(B, 0.3))
    for kind in KINDS:
        for answer in flat(head, raw, tokens, kind):
            assert np.all(answer.scale_TK * np.pi / np.sqrt(3) >= 0.3 * (1 - 1e-9))  # standard deviation of a logistic


def test_bars_share_the_mass_of_the_draws_equally():
    rng = np.random.default_rng(3)
    r = np.concatenate([rng.lognormal(-0.3, 0.5, 90_000), np.ones(10_000)])
    edges, tail_scale = equal_mass_edges(r, 50)
    assert edges[0] == 0
    assert np.all(np.diff(edges) > 0)
    assert np.array_equal(edges, edges.astype(np.float32))
    counts = np.histogram(r[r != 1.0], np.append(edges, np.inf))[0]
    assert np.median(counts) == pytest.approx(1e5 / 51, rel=0.02)
    assert tail_scale > 0


def test_a_mixture_needs_anchors():
    with pytest.raises(ValueError, match="anchors"):
        make_head(NetworkConfig(scaling="linear"), 0)
