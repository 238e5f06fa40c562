"""The NumPy forward against ONNX Runtime: same weights, one thread, CPU time. Why the default install has no runtime.

pip install onnx onnxscript onnxruntime          in an environment that has forescale[train]
OMP_NUM_THREADS=1 python -m tools inference-runtime src/forescale/weights/base.safetensors
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from forescale.network import checkpoint
from forescale.network.encodings.registry import ENCODINGS
from forescale.network.forward import Forward

SIZES = ((1, 20), (1, 100), (1000, 20), (1000, 100))
"""Curves and context points; 10 targets each."""


def session(weights: checkpoint.Weights, folder: Path) -> Any:
    """The network as an ONNX graph with dynamic numbers of curves, context points and targets."""
    import onnxruntime
    import torch

    from forescale.training import model

    network = model.Network(weights.config)
    network.load_state_dict({name: torch.from_numpy(np.array(a)) for name, a in weights.arrays.items()})
    layer_norm = torch.nn.functional.layer_norm
    model.F.layer_norm = lambda z, _: layer_norm(z, (weights.config.width,))  # the exporter wants a constant
    encoding = ENCODINGS[weights.config.scaling]
    n_context, n_target = len(encoding.context), len(encoding.target)
    example = torch.zeros(3, 7, n_context), torch.zeros(3, 5, n_target)
    axes = {"context": {0: "B", 1: "M"}, "target": {0: "B", 1: "T"}}
    path = str(folder / "network.onnx")
    torch.onnx.export(network.eval(), example, path, input_names=list(axes), dynamic_axes=axes, dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def milliseconds(function: Callable[[], object], repeats: int) -> float:
    """CPU time of one call, the median of `repeats`."""
    times = []
    for _ in range(repeats + 1):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return 1e3 * float(np.median(times[1:]))


def inference_runtime(path: str) -> None:
    """The NumPy forward against ONNX Runtime.

    Args:
        path: a .safetensors file.
    """
    weights, rng = checkpoint.load_weights(path), np.random.default_rng(0)
    encoding = ENCODINGS[weights.config.scaling]
    n_context, n_target = len(encoding.context), len(encoding.target)
    forward = Forward(weights.config, weights.arrays)
    with tempfile.TemporaryDirectory() as folder:
        graph = session(weights, Path(folder))
        print("curves  points  NumPy ms  ONNX Runtime ms  largest difference")
        for b, m in SIZES:
            context = rng.normal(size=(b, m, n_context)).astype(np.float32)
            target = rng.normal(size=(b, 10, n_target)).astype(np.float32)
            fed = {"context": context, "target": target}
            gap = np.abs(forward(context, target) - graph.run(None, fed)[0]).max()
            ours = milliseconds(lambda c=context, t=target: forward(c, t), 100 if b == 1 else 3)
            theirs = milliseconds(lambda f=fed: graph.run(None, f), 100 if b == 1 else 3)
            print(f"{b:>6}  {m:>6}  {ours:>8.2f}  {theirs:>15.2f}  {gap:>18.1e}")
