"""Which rows count: `state = finished and lr < 1e-3`, parsed and never evaluated as code.

condition   one [and|or one]...        `and` binds tighter; parentheses group; `not` in front
one         column op value            = != < <= > >= and ~ (a pattern such as gpt*); names and values quoted or not
"""

import re
from fnmatch import fnmatchcase
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from ..errors import CurveError
from ..spelling import option
from .numbers import parse_number, reads_as_number
from .readers.base import Table

Rows = NDArray[np.bool_]
_TOKEN = re.compile(
    r"\s*(?:(?P<quoted>\"[^\"]*\"|'[^']*')|(?P<op><=|>=|!=|<>|==|=|<|>|~)|(?P<paren>[()])|(?P<word>[^\s()=<>!~\"']+))"
)


def rows_where(table: Table, condition: str) -> Rows:
    """The rows (n,) that meet a condition; a blank cell meets none but `!=`.

    Raises:
        CurveError: a condition that does not parse, or an unknown column.
    """
    return _Parser(table, condition).parsed()


class _Parser:
    def __init__(self, table: Table, condition: str):
        self.table, self.condition = table, condition
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while condition[at:].strip():
            found = _TOKEN.match(condition, at)
            if found is None:
                self._refuse(f"'{condition[at:].strip()}'")
            kind = str(found.lastgroup)
            self.tokens.append((kind, found[kind]))
            at = found.end()
            if len(self.tokens) > 500:
                self._refuse("more than 500 words")
        self.at = 0

    def parsed(self) -> Rows:
        rows = self._any()
        if self.at < len(self.tokens):
            self._refuse(f"'{self.tokens[self.at][1]}'")
        return rows

    def _any(self) -> Rows:
        rows = self._all()
        while self._takes("or"):
            rows = rows | self._all()
        return rows

    def _all(self) -> Rows:
        rows = self._one()
        while self._takes("and"):
            rows = rows & self._one()
        return rows

    def _one(self) -> Rows:
        if self._takes("not"):
            return ~self._one()
        if self._takes("(", "paren"):
            rows = self._any()
            if not self._takes(")", "paren"):
                self._refuse("no closing parenthesis")
            return rows
        name = self._words()
        if self.at >= len(self.tokens) or self.tokens[self.at][0] != "op":
            self._refuse(f"no comparison after '{name}'")
        op = self.tokens[self.at][1]
        self.at += 1
        return _compared(self.table, self.table.named(name), op, self._words())

    def _words(self) -> str:
        """A quoted text, or the words up to the next operator, parenthesis, `and` or `or`."""
        words: list[str] = []
        while self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            if kind == "quoted" and not words:
                self.at += 1
                return text[1:-1]
            if kind != "word" or text.lower() in ("and", "or"):
                break
            words.append(text)
            self.at += 1
        if not words:
            self._refuse("nothing where a name or a value should stand")
        return " ".join(words)

    def _takes(self, text: str, kind: str = "word") -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at] == (kind, text):
            self.at += 1
            return True
        return False

    def _refuse(self, got: str) -> NoReturn:
        raise CurveError(
            f"expected a condition such as \"state = finished and lr < 1e-3\", got {got} in '{self.condition}' "
            f"({option('where')}). Compare columns with =, !=, <, <=, >, >= or ~, joined by and, or."
        )


def _compared(table: Table, name: str, op: str, value: str) -> Rows:
    column = table.columns[name]
    if op in ("<", "<=", ">", ">="):
        if not reads_as_number(value):
            raise CurveError(
                f"expected a number after '{name} {op}', got '{value}' ({option('where')}). Compare text with =."
            )
        with np.errstate(invalid="ignore"):
            bound, numbers = parse_number(value), column.numbers
            return {"<": numbers < bound, "<=": numbers <= bound, ">": numbers > bound, ">=": numbers >= bound}[op]
    texts = np.array([t.casefold() for t in column.texts()], dtype=object)
    wanted = " ".join(value.split()).casefold()
    if op == "~":
        return np.array([fnmatchcase(t, wanted) for t in texts], bool)
    same = texts == wanted
    if reads_as_number(value):
        same = same | (column.numbers == parse_number(value))
    return np.asarray(~same if op in ("!=", "<>") else same)
