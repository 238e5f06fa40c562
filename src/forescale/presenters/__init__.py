"""One presenter an answer: a pure function from an answer to its Page; no library, no arithmetic of its own.

To add one in five lines:

1. let the answer's class inherit `pages.answer.Answer` (dataclasses: with `repr=False`);
2. write `presenters/NAME.py` with `page(answer, levels=LEVELS, ...) -> Page`; what the shell alone knows is a keyword;
3. columns are typed (`Column(key, head, form)`), an interval is one cell under a key that ends in `intervals`;
4. a panel is a function without arguments, drawn when a renderer asks (`partial(panel, answer)`);
5. add the class to HOMES. Text, JSON, CSV, pictures, HTML, `save`, `plot`, `to_frame`, `repr` and notebooks follow.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from ..pages.page import LEVELS, Page

HOMES = {
    "Forecast": "forecasts",
    "Comparison": "compare",
    "Backtest": "backtest",
    "Reach": "reach",
    "Doublings": "doublings",
    "Recipes": "recipes",
    "Suggestion": "suggest",
    "Allocation": "allocate",
    "Plan": "plan",
    "JointBacktest": "joint_backtest",
    "Bound": "theory",
    "Optimum": "theory",
    "Frontier": "theory",
    "IsoCompute": "theory",
}
"""Class of an answer -> the file here whose `page` presents it."""


def present(answer: Any, levels: Sequence[float] = LEVELS) -> Page:
    """The Page of an answer, or of several answers of one kind by name."""
    one = next(iter(answer.values())) if isinstance(answer, Mapping) else answer
    home = next(HOMES[kind.__name__] for kind in type(one).__mro__ if kind.__name__ in HOMES)
    page: Page = import_module(f".{home}", __name__).page(answer, levels)
    return page
