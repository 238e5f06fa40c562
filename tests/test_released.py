"""What is promised of the released weights themselves: parity with torch, calibration on their own prior, records."""

from pathlib import Path

import numpy as np
import pytest

import forescale as fs
from forescale.network.config import named_config
from forescale.network.encodings.base import Contexts
from forescale.network.forecaster import Forecaster
from forescale.prior import make_prior

SIZES = [(4, 40), (9, 40), (25, 40), (60, 40)]  # context points, curves


def draw(prior, seed, sizes=SIZES, n_targets=6):
    """Curves, targets, readings and noise-free values of a prior: dicts by name."""
    rng = np.random.default_rng(seed)
    curves, at, read, true = {}, {}, {}, {}
    for n, size in sizes:
        batch = prior.sample(rng, size, n, n_targets)
        for b in range(size):
            key = f"{n}/{b}"
            curves[key] = fs.Curve(batch.x_BM[b], batch.y_BM[b])
            at[key], read[key], true[key] = batch.x_BT[b], batch.y_BT[b], batch.curve_BT[b]
    return curves, at, read, true


def covered(answers, values, level):
    """Share of targets inside the central interval of each curve, (curves,)."""
    return np.array([np.mean(np.abs(f.cdf(values[k]) - 0.5) <= level / 2) for k, f in answers.items()])


def assert_calibrated(shares, level, slack):
    # 4 standard errors over curves, for targets of one curve hang together; slack for what training leaves undone
    error = shares.std() / np.sqrt(len(shares))
    assert abs(shares.mean() - level) < 4 * error + slack


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_the_released_network_covers_its_own_prior(level):
    curves, at, read, true = draw(make_prior("ours"), seed=7)
    network = Forecaster.load("base")
    assert_calibrated(covered(network.forecast_many(curves, at), read, level), level, 0.02)
    assert_calibrated(covered(network.forecast_many(curves, at, kind="curve"), true, level), level, 0.02)


def test_coverage_holds_inside_the_context_and_beyond_it():
    curves, at, read, _ = draw(make_prior("ours"), seed=8)
    answers = Forecaster.load("base").forecast_many(curves, at)
    inside = {True: [], False: []}
    for k, f in answers.items():
        hit = np.abs(f.cdf(read[k]) - 0.5) <= 0.45
        for x, h in zip(f.x, hit, strict=True):
            inside[bool(x <= curves[k].x_max)].append(h)
    for hits in inside.values():
        assert abs(np.mean(hits) - 0.9) < 4 * 0.3 / np.sqrt(len(hits) / 3) + 0.02  # a third: they hang together


def test_the_noise_free_curve_is_narrower_than_a_run_on_average():
    curves, at, _, _ = draw(make_prior("ours"), seed=9)
    network = Forecaster.load("base")
    run, curve = (network.forecast_many(curves, at, kind=kind) for kind in ("run", "curve"))
    ratio = [np.mean(np.log(curve[k].log_std / run[k].log_std)) for k in curves]
    assert np.mean(ratio) < 0


@pytest.mark.parametrize("name", ["base", "nsl-pfn", "lc-pfn"])
def test_released_weights_answer_as_torch_does(name):
    torch = pytest.importorskip("torch")
    from forescale.training.model import Network

    network = Forecaster.load(name)
    weights = network.weights
    reference = Network(weights.config)
    reference.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in weights.arrays.items()})
    batch = make_prior(weights.facts["train"]["prior"]).sample(np.random.default_rng(1), 8, 20, 5)
    tokens = network.encoding.encode(Contexts.of_rows(batch.x_BM, batch.y_BM), batch.x_BT)
    with torch.no_grad():
        theirs = reference(torch.from_numpy(tokens.context_BMF), torch.from_numpy(tokens.target_BTF)).numpy()
    ours = network._forward(tokens.context_BMF, tokens.target_BTF)
    # float32 sums in another order; logits of the bars reach -230, where a float32 is 1.5e-5 wide
    np.testing.assert_allclose(ours, theirs, atol=1e-4, rtol=1e-5)
    answers = [
        network.head.marginals(raw.reshape(40, -1), tokens.frame(), network._bins, 0).quantile(
            np.array([[0.05], [0.5], [0.95]])
        )
        for raw in (ours, theirs)
    ]
    in_ln_y = [q * np.repeat(tokens.scale_B, 5) if name == "base" else np.log(q) for q in answers]
    np.testing.assert_allclose(in_ln_y[0], in_ln_y[1], atol=1e-4)


def test_the_weights_say_what_they_are():
    for name in ("base", "nsl-pfn", "lc-pfn"):
        weights = Forecaster.load(name).weights
        assert weights.facts["train"]["prior"] == {"base": "ours", "nsl-pfn": "paper", "lc-pfn": "lc-pfn"}[name]
        if name == "base":
            second = weights.facts["began"]
            stages = second["began"]["steps"], second["steps"]  # what `forescale train` and `--from` would do again
            assert stages == (named_config("base").steps, named_config("base-continued").steps)
        folder = Path(fs.__file__).parent / "weights"
        assert (folder / f"{name}.safetensors").stat().st_size < 3e6
        assert weights.sha256 in (folder / f"{name}.md").read_text()


def test_a_tiny_network_trained_in_seconds_is_calibrated(tmp_path):
    pytest.importorskip("torch")
    from forescale.training.train import train

    train("tiny", tmp_path, steps=250, progress=False)
    curves, at, read, _ = draw(make_prior("ours"), seed=3, sizes=[(5, 60), (20, 60)])
    answers = Forecaster.load(tmp_path / "weights.safetensors").forecast_many(curves, at)
    assert_calibrated(covered(answers, read, 0.9), 0.9, 0.06)
