"""The transformer: its promised symmetries on random weights, and its twin in NumPy."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from forescale.network.config import NetworkConfig  # noqa: E402
from forescale.network.encodings.registry import ENCODINGS  # noqa: E402
from forescale.network.forward import Forward  # noqa: E402
from forescale.training.model import Network  # noqa: E402

SHAPES = [NetworkConfig(width=32, depth=3), NetworkConfig(width=16, depth=1, heads=2, head="bars", scaling="linear")]


def random_network(config, seed=0):
    """A network in which no weight is zero, so that nothing is hidden by the identity start."""
    torch.manual_seed(seed)
    network = Network(config)
    for p in network.parameters():
        torch.nn.init.normal_(p, std=0.3 if p.ndim < 2 else 1.5 / p.shape[1] ** 0.5)
    return network


def tokens(config, rng, n_curves=5, n_context=7, n_targets=4):
    encoding = ENCODINGS[config.scaling]
    context = rng.normal(size=(n_curves, n_context, len(encoding.context))).astype(np.float32)
    return context, rng.normal(size=(n_curves, n_targets, len(encoding.target))).astype(np.float32)


def answers(network, context, target):
    with torch.no_grad():
        return network(torch.from_numpy(context), torch.from_numpy(target)).numpy()


@pytest.mark.parametrize("config", SHAPES)
def test_the_order_of_the_context_leaves_answers_unmoved(config):
    rng = np.random.default_rng(1)
    network, (context, target) = random_network(config), tokens(config, rng)
    shuffled = np.ascontiguousarray(context[:, rng.permutation(context.shape[1])])
    # float32 sums in another order
    np.testing.assert_allclose(answers(network, context, target), answers(network, shuffled, target), atol=1e-4)


@pytest.mark.parametrize("config", SHAPES)
def test_extra_questions_leave_answers_unmoved(config):
    network, (context, target) = random_network(config), tokens(config, np.random.default_rng(2))
    together = answers(network, context, target)
    for i in range(target.shape[1]):
        alone = answers(network, context, np.ascontiguousarray(target[:, i : i + 1]))
        np.testing.assert_allclose(together[:, i : i + 1], alone, atol=1e-4)  # float32 sums in another order


def test_the_context_matters():
    network, (context, target) = random_network(SHAPES[0]), tokens(SHAPES[0], np.random.default_rng(3))
    moved = context.copy()
    moved[:, 2] += 1.0
    assert np.abs(answers(network, context, target) - answers(network, moved, target)).max() > 1e-2


@pytest.mark.parametrize("config", SHAPES)
@pytest.mark.parametrize("shape", [(5, 7, 4), (1, 3, 1), (300, 12, 10), (2, 100, 1)])
def test_the_numpy_forward_agrees_with_torch(config, shape):
    network, (context, target) = random_network(config), tokens(config, np.random.default_rng(4), *shape)
    forward = Forward(config, {name: values.numpy() for name, values in network.state_dict().items()})
    raw = forward(context, target)
    assert raw.dtype == np.float32
    assert raw.shape == (shape[0], shape[2], network.head.n_outputs)
    np.testing.assert_allclose(raw, answers(network, context, target), atol=1e-4)  # float32


def test_a_batch_answers_as_one_curve_at_a_time():
    config = SHAPES[0]
    network, (context, target) = random_network(config), tokens(config, np.random.default_rng(5), 200)
    forward = Forward(config, {name: values.numpy() for name, values in network.state_dict().items()})
    alone = np.concatenate([forward(context[i : i + 1], target[i : i + 1]) for i in range(200)])
    np.testing.assert_allclose(forward(context, target), alone, atol=1e-4)  # float32 sums in another order
