"""An option that is text in the shell and a value in the function."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Read:
    """An option that `parse(text, flag)` reads; `show` is the way back, for the default."""

    flag: str
    parse: Callable[[str, str], Any]
    help: str
    show: Callable[[Any], str] = str
