"""What every answer can do: show itself in any medium. All of it is read from its Page."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .page import Page

present: "Callable[[Any, Sequence[float]], Page]"
"""The presenters live above the answers, in presenters/: the face hands them down when the package is imported."""


class Answer:
    """Base of all answers."""

    def page(self, levels: Sequence[float] = (0.5, 0.9)) -> "Page":
        """What the answer says, before any medium, with central intervals at `levels`."""
        return present(self, levels)

    def save(self, path: str | Path, levels: Sequence[float] = (0.5, 0.9)) -> None:
        """Write it; the ending decides: .png .pdf .svg .html .json .csv.

        Raises:
            CurveError: an unknown ending, or a path that cannot be written.
        """
        from .save import save_page

        save_page(self.page(levels), path)

    def plot(self, ax: "Axes | str | Path | None" = None) -> "Figure":
        """Draw it: on one axes of your own (the first panel), into a file, or as a figure of its own."""
        from .picture import draw_page

        return draw_page(self.page(), ax)

    def rows(self, levels: Sequence[float] = (0.5, 0.9)) -> list[dict[str, Any]]:
        """The rows of the CSV, as dicts."""
        from .data import page_rows

        return page_rows(self.page(levels))

    def to_frame(self, levels: Sequence[float] = (0.5, 0.9)) -> "pd.DataFrame":
        """`rows` as a pandas DataFrame."""
        import pandas as pd

        return pd.DataFrame(self.rows(levels))

    def __repr__(self) -> str:
        """One line with the numbers of the first row."""
        from .page import cells

        page = self.page((0.9,))
        tables = [t for t in page.shown_tables if t.rows]
        if not tables:
            return f"{type(self).__name__}({page.title})"
        heads, _, rows = cells(tables[0])
        told = ", ".join(f"{head} {cell}".strip() for head, cell in zip(heads, rows[0], strict=True) if cell)
        left = len(rows) - 1
        more = f"; and {left} more row{'s' * (left > 1)}" if left else ""
        return f"{type(self).__name__}({page.title}: {told}{more})"

    def _repr_html_(self) -> str:
        from .html import fragment

        return fragment(self.page())
