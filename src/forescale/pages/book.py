"""Several pages in one HTML file that travels: charts to play with, tables, every warning, JSON inside.

Nothing is fetched and names are text: a Content-Security-Policy allows our one script and no request.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from ..version import __version__
from .chart import SCRIPT, SWITCH, chart
from .data import page_object, plain
from .html import style, table_html
from .page import Page, text
from .svg import variables

LOOK = (
    "body{margin:0 auto;padding:1.2em;max-width:1180px}section{margin:1.6em 0}.verdict{font-size:1.15em;max-width:52em}"
    ".fs .charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,350px),1fr));gap:1em}"
    ".fs h1{font-size:1.5em;margin:.2em 0}.fs h2{font-size:1.2em;border-bottom:1px solid var(--rule)}"
    ".fs h3{font-size:1em}.fs dl{display:grid;grid-template-columns:minmax(7em,13em) 1fr;gap:.25em 1em}"
    "dt{font-weight:600}dd{margin:0}dd,li{overflow-wrap:anywhere}"
    "code{font:13px ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}"
    f"@media print{{:root{{{variables(True)}}}.ch input,.ch label,.ch output{{display:none}}"
    ".ch,tr{break-inside:avoid}h2,h3{break-after:avoid}.fs .charts{display:block}}"
)


@dataclass(frozen=True)
class Chapter:
    """A page under its own heading.

    Attributes:
        charted: whether its panels are drawn.
        told: sentences before the tables.
    """

    key: str
    heading: str
    page: Page
    told: tuple[str, ...] = ()
    charted: bool = True


@dataclass(frozen=True)
class Book:
    """What a report says.

    Attributes:
        verdict: sentences for whoever reads no further.
        asked, again, card: name -> text, in order.
        caveats: every warning, with the curves it is said of.
    """

    title: str
    verdict: tuple[str, ...]
    asked: Mapping[str, str]
    chapters: Sequence[Chapter]
    caveats: Sequence[str]
    again: Mapping[str, str]
    card: Mapping[str, str]
    facts: Mapping[str, Any] = field(default_factory=dict)


def book_html(book: Book) -> str:
    """The whole file."""
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    chapters = "".join(_chapter(c, f"c{i}") for i, c in enumerate(book.chapters))
    verdict = "".join(f"<p>{escape(text(s))}</p>" for s in book.verdict)
    warnings = "".join(f"<li>{escape(c)}</li>" for c in book.caveats) or "<li>none</li>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(text(book.title))}</title>{style(':root')}<style>{SWITCH}{LOOK}</style></head>"
        f'<body class="fs"><main><h1>{escape(text(book.title))}</h1><div class="verdict">{verdict}</div>'
        f"{_list('What was asked', book.asked)}{chapters}"
        f"<section><h2>Warnings, all of them</h2><ul>{warnings}</ul></section>"
        f"{_list('How to do it again', book.again, code=True)}{_list('Card', book.card)}</main>"
        f'<script type="application/json" id="forescale">{_data(book)}</script>'
        f"<script>{SCRIPT}</script></body></html>\n"
    )


def book_object(book: Book) -> dict[str, Any]:
    """The same for machines: each chapter's JSON under its key."""
    told: dict[str, Any] = {"forescale": __version__, "verdict": list(book.verdict), "asked": dict(book.asked)}
    told |= {c.key: page_object(c.page) for c in book.chapters}
    return told | {"again": dict(book.again), "card": dict(book.card), **book.facts}


def _data(book: Book) -> str:
    """JSON that cannot end the element it stands in."""
    content = json.dumps(plain(book_object(book)), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return content.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _chapter(chapter: Chapter, key: str) -> str:
    page = chapter.page
    told = "".join(f"<p>{escape(text(s))}</p>" for s in chapter.told)
    tables = "".join(table_html(table) for table in page.shown_tables)
    sentences = "".join(f"<p>{escape(s)}</p>" for s in page.shown_sentences)
    charts = ""
    if chapter.charted and (places := page.grid()):
        said = "".join(f"<p>{escape(c.message)}</p>" for c in page.left_out)
        drawn = "".join(chart(draw(), f"{key}p{i}") for i, draw in enumerate(places.values()))
        charts = f'{said}<div class="charts">{drawn}</div>'
    return (
        f'<section id="{chapter.key}"><h2>{escape(chapter.heading)}</h2>{told}<h3>{escape(text(page.title))}</h3>'
        f"{charts}{tables}{sentences}</section>"
    )


def _list(heading: str, items: Mapping[str, str], *, code: bool = False) -> str:
    mark = "code" if code else "span"
    told = "".join(
        f"<dt>{escape(name)}</dt><dd><{mark}>{escape(text(value))}</{mark}></dd>" for name, value in items.items()
    )
    return f"<section><h2>{heading}</h2><dl>{told}</dl></section>" if items else ""
