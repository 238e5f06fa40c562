"""The transformer of `model.py` in plain NumPy, float32: what a forecast runs, without torch.

Rows of one array are tokens: first those of all contexts, then those of all targets. So every linear map is one
matrix product, and keys and values are made of the leading rows alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .config import NetworkConfig

Array = NDArray[np.float32]
_LinearMap = tuple[Array, Array]
_TOKENS_AT_ONCE = 1_024
"""Tokens of one pass: enough for fast matrix products, few enough to stay in the processor's cache."""


class Forward:
    """A network ready to run.

    Args:
        config: its shape.
        arrays: its weights, by the names of `model.Network`.
    """

    def __init__(self, config: NetworkConfig, arrays: Mapping[str, Array]) -> None:
        self._heads, self._depth = config.heads, config.depth
        names = {name.removesuffix(".weight") for name in arrays if name.endswith(".weight")}
        self._maps: dict[str, _LinearMap] = {
            name: (np.ascontiguousarray(arrays[f"{name}.weight"].T), arrays[f"{name}.bias"]) for name in names
        }
        shrink = np.float32((config.width // config.heads) ** -0.5)
        for i in range(config.depth):
            weight, bias = self._maps[f"blocks.{i}.query"]
            query = weight * shrink, bias * shrink  # the softmax temperature, once and for all
            parts = [query, self._maps.pop(f"blocks.{i}.key"), self._maps.pop(f"blocks.{i}.value")]
            self._maps[f"blocks.{i}.query"] = query
            weights, biases = zip(*parts, strict=True)  # one product where three would do: calls cost a short curve
            self._maps[f"blocks.{i}.all"] = np.concatenate(weights, axis=1), np.concatenate(biases)
            self._maps[f"blocks.{i}.seen"] = np.concatenate(weights[1:], axis=1), np.concatenate(biases[1:])

    def __call__(self, context_BMF: Array, target_BTF: Array) -> Array:
        """Maps context (B, M, Fc) and targets (B, T, Ft) to raw outputs (B, T, O)."""
        n_curves, n_context = context_BMF.shape[:2]
        size = max(1, _TOKENS_AT_ONCE // (n_context + target_BTF.shape[1]))
        parts = [slice(i, i + size) for i in range(0, n_curves, size)]
        return np.concatenate([self._pass(context_BMF[part], target_BTF[part]) for part in parts])

    def _pass(self, context_BMF: Array, target_BTF: Array) -> Array:
        (b, m, _), t = context_BMF.shape, target_BTF.shape[1]
        tokens = np.concatenate(
            [
                self._mlp("context_in", context_BMF.reshape(b * m, -1)),
                self._mlp("target_in", target_BTF.reshape(b * t, -1)),
            ]
        )
        return self._mlp("head_out", self._attended(tokens, b, m)).reshape(b, t, -1)

    def answers(
        self, rows: tuple[str, Array], questions: Sequence[tuple[str, Array]], ways_out: Sequence[str]
    ) -> list[Array]:
        """A pass with several kinds of question: (map, tokens) of the rows and of each kind, and the maps out.

        Returns:
            Raw outputs (B, K, O) of each kind.
        """
        (b, m, _), sizes = rows[1].shape, [asked.shape[1] for _, asked in questions]
        width = [self._mlp(name, asked.reshape(-1, asked.shape[-1])).reshape(b, n, -1)
                 for (name, asked), n in zip(questions, sizes, strict=True)]  # fmt: skip
        together = np.concatenate(width, axis=1)
        context = self._mlp(rows[0], rows[1].reshape(b * m, -1))
        tokens = np.concatenate([context, together.reshape(-1, together.shape[-1])])
        read = self._attended(tokens, b, m).reshape(b, sum(sizes), -1)
        parts = np.split(read, np.cumsum(sizes)[:-1], axis=1)
        return [
            self._mlp(name, part.reshape(-1, part.shape[-1])).reshape(b, part.shape[1], -1)
            for name, part in zip(ways_out, parts, strict=True)
        ]

    def _attended(self, tokens: Array, b: int, m: int) -> Array:
        """The tokens of the questions after all blocks, normalised; those of the context come first and are dropped."""
        for i in range(self._depth):
            tokens = self._block(f"blocks.{i}", tokens, b, m, last=i == self._depth - 1)
        return _normalise(tokens)

    def _block(self, name: str, tokens: Array, b: int, m: int, *, last: bool) -> Array:
        """Attention to the context, then the MLP. The last block carries the targets only."""
        normed, first = _normalise(tokens), b * m if last else 0
        if last:
            seen, groups = (
                self._linear(f"{name}.seen", normed[: b * m]),
                [self._linear(f"{name}.query", normed[b * m :])],
            )
        else:
            context, asked = (
                self._linear(f"{name}.all", normed[: b * m]),
                self._linear(f"{name}.query", normed[b * m :]),
            )
            width = tokens.shape[1]
            groups, seen = [context[:, :width], asked], context[:, width:]
        key, value = (self._split(half, b) for half in np.split(seen, 2, axis=1))
        mixed = [_attend(self._split(q, b), key, value) for q in groups if len(q)]
        tokens = tokens[first:] + self._linear(f"{name}.out", np.concatenate(mixed))
        tokens += self._mlp(f"{name}.mlp", _normalise(tokens))
        return tokens

    def _split(self, rows: Array, b: int) -> Array:
        """(B * N, D) to (B, heads, N, D / heads)."""
        return rows.reshape(b, -1, self._heads, rows.shape[1] // self._heads).swapaxes(1, 2)

    def _mlp(self, name: str, rows: Array) -> Array:
        hidden = self._linear(f"{name}.up", rows)
        return self._linear(f"{name}.down", np.maximum(hidden, 0, out=hidden))

    def _linear(self, name: str, rows: Array) -> Array:
        weight, bias = self._maps[name]
        out = rows @ weight
        out += bias
        return out


def _attend(query_BHND: Array, key_BHMD: Array, value_BHMD: Array) -> Array:
    """Softmax attention, heads joined again: (B * N, D). The temperature is already inside the queries."""
    weight = query_BHND @ key_BHMD.swapaxes(2, 3)
    weight -= weight.max(axis=-1, keepdims=True)
    np.exp(weight, out=weight)
    weight /= weight.sum(axis=-1, keepdims=True)
    mixed = (weight @ value_BHMD).swapaxes(1, 2)
    return np.reshape(mixed, (mixed.shape[0] * mixed.shape[1], -1))


def _normalise(rows: Array) -> Array:
    """Mean zero and variance one per token; 1e-5 as in torch."""
    centred = rows - np.add.reduce(rows, axis=1, keepdims=True) / np.float32(
        rows.shape[1]
    )  # the mean, in half its time
    variance = np.einsum("ij,ij->i", centred, centred) / np.float32(rows.shape[1])
    centred /= np.sqrt(variance + np.float32(1e-5))[:, None]
    return np.asarray(centred)
