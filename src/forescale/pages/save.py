"""A Page into a file: the ending decides the format."""

import os
from pathlib import Path

from ..errors import CurveError
from .page import Page

IMAGES = (".png", ".pdf", ".svg", ".jpg", ".webp")
WRITTEN = (*IMAGES, ".html", ".json", ".csv")


def save_page(page: Page, path: str | Path) -> None:
    """Write a page.

    Raises:
        CurveError: an unknown ending, or a path that cannot be written.
    """
    target = writable(path, WRITTEN)
    suffix = target.suffix.lower()
    if suffix == ".json":
        from .data import page_json

        return write_text(target, page_json(page) + "\n")
    if suffix == ".csv":
        from .data import page_csv

        return write_text(target, page_csv(page))
    if suffix == ".html":
        from .html import document

        return write_text(target, document(page))
    if suffix == ".svg":
        from .svg import page_svg

        return write_text(target, page_svg(page))
    from .picture import draw_page

    draw_page(page, target)
    return None


def writable(path: str | Path, endings: tuple[str, ...]) -> Path:
    """The path, refused before any work is done where it could not be written.

    Raises:
        CurveError: an unknown ending, or no folder to write to.
    """
    target = Path(path)
    what = "an image path" if endings is IMAGES else "a path"
    if target.suffix.lower() not in endings:
        raise CurveError(f"expected {what} ending in {', '.join(endings)}, got '{path}'. Try out{endings[0]}.")
    place = target if target.exists() else target.parent
    if target.is_dir() or not target.parent.is_dir() or not os.access(place, os.W_OK):
        kind = "image path" if endings is IMAGES else "path"
        raise CurveError(
            f"expected a writable {kind}, got '{path}'. Check that its folder exists, or try out{endings[0]}."
        )
    return target


def write_text(target: Path, content: str) -> None:
    """Write UTF-8; a full disk is a sentence.

    Raises:
        CurveError: the file cannot be written.
    """
    try:
        target.write_text(content, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise CurveError(f"expected a writable path, got '{target}' ({error.strerror or error}).") from None
