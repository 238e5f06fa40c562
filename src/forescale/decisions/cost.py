"""What a run costs, as arithmetic over column names: parsed and walked, never run as code."""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CurveError
from ..numerics import Floats
from ..spelling import option

MAX_LENGTH = 500
_BINARY: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_UNARY: dict[type, Callable[..., Any]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "min": np.minimum,
    "max": np.maximum,
}
_ARITY = {"min": 2, "max": 2}
_HELP = f"Use numbers, column names, + - * / **, brackets and {', '.join(_FUNCTIONS)}, such as '6 * x * 1e9'"


def cost_of(expression: str, columns: Mapping[str, ArrayLike]) -> Floats:
    """The cost of each row, in float64.

    Args:
        expression: arithmetic such as "6 * x * 1e9"; a column named n_params is read as that name.
        columns: name -> values, arrays (C,) or scalars.

    Returns:
        Costs (C,), positive and finite.

    Raises:
        CurveError: a piece that is not arithmetic over these columns (naming it), or a cost that is not positive.
    """
    values = {name: np.asarray(value, float) for name, value in columns.items()}
    tree = _parse(expression)
    with np.errstate(all="ignore"):
        cost = np.asarray(_walk(tree, values, expression), float)
    shape = np.broadcast_shapes(cost.shape, *(value.shape for value in values.values()))
    costs = np.array(np.broadcast_to(cost, shape), float)
    bad = np.flatnonzero(~(np.isfinite(costs) & (costs > 0)))
    if len(bad):
        at = ", ".join(f"{name}={np.broadcast_to(v, shape).ravel()[bad[0]]:g}" for name, v in values.items())
        raise CurveError(
            f"expected a positive, finite cost for every candidate, got {costs.ravel()[bad[0]]:g} "
            f"(cost '{_short(expression)}' at {at}). Correct the expression or the candidates."
        )
    return costs


def _parse(expression: str) -> ast.expr:
    if len(expression) > MAX_LENGTH:
        raise CurveError(
            f"expected a cost of at most {MAX_LENGTH} characters, got {len(expression)} "
            f"('{_short(expression)}'). Shorten it."
        )
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise CurveError(
            f"expected an arithmetic cost, got '{_short(expression)}' ({option('cost')}). {_HELP}."
        ) from None


def _walk(node: ast.expr, values: Mapping[str, Floats], whole: str) -> Floats:
    """The value of one node; every kind of node that is not listed here is refused."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return np.asarray(_as_float(node.value, whole))
    if isinstance(node, ast.Name):
        if node.id not in values:
            raise CurveError(
                f"expected one of the columns {', '.join(values)} in the cost, got '{node.id}' "
                f"(cost '{_short(whole)}'). Name one of these."
            )
        return values[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        left, right = _walk(node.left, values, whole), _walk(node.right, values, whole)
        return np.asarray(_BINARY[type(node.op)](left, right))
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return np.asarray(_UNARY[type(node.op)](_walk(node.operand, values, whole)))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
        name = node.func.id
        if len(node.args) == _ARITY.get(name, 1) and not node.keywords:
            return np.asarray(_FUNCTIONS[name](*(_walk(a, values, whole) for a in node.args)))
    piece = ast.get_source_segment(whole.strip(), node) or type(node).__name__
    raise CurveError(f"expected arithmetic in the cost, got '{_short(piece)}' (cost '{_short(whole)}'). {_HELP}.")


def _as_float(value: float, whole: str) -> float:
    try:
        return float(value)
    except OverflowError:
        raise CurveError(f"expected numbers below 1e308, got a longer one (cost '{_short(whole)}').") from None


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
