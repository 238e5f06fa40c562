"""A Page as HTML: tables and charts, its style inside, nothing fetched from anywhere."""

from html import escape

from .page import Page, Table, cells, text, width_of
from .svg import HEIGHT, STYLE, WIDTH, inner, legend, variables

ROWS, PANELS = 20, 2
"""A notebook shows at most this many rows of a table and this many panels."""
LIGHT = 15_000
"""Characters that it takes at most where a panel less makes it so."""
LOOK = (
    ".fs{font:14px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1180px}"
    ".fs table{border-collapse:collapse;margin:.6em 0;display:block;overflow-x:auto}"
    ".fs th,.fs td{padding:.2em .8em .2em 0;text-align:left;white-space:nowrap;border-bottom:1px solid var(--rule)}"
    ".fs td:first-child{white-space:normal;overflow-wrap:anywhere}.fs .long td:first-child{min-width:18ch}"
    ".fs .right{text-align:right}.fs .centre{text-align:center}.fs h1{font-size:1.15em}.fs h2{font-size:1em}"
    ".fs svg{max-width:100%;height:auto}.fs .charts{display:flex;flex-wrap:wrap;gap:10px}"
    ".fs p{margin:.3em 0;white-space:pre-wrap;overflow-wrap:anywhere}.fs .warn{color:var(--grey)}"
    "@media print{.fs svg,.fs tr{break-inside:avoid}}"
)


def style(root: str) -> str:
    """The style sheet, with the colours of `root` in light and dark."""
    dark = f"@media(prefers-color-scheme:dark){{{root}{{{variables(False)}}}}}"
    return f"<style>{root}{{{variables(True)}}}{dark}{LOOK}{STYLE}</style>"


def document(page: Page) -> str:
    """A whole file."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(text(page.title))}</title>{style(':root')}</head>"
        f'<body class="fs"><main>{body(page)}</main></body></html>\n'
    )


def fragment(page: Page) -> str:
    """What a notebook shows: first rows, first panels as far as it stays light, and always one of them."""
    for panels in (PANELS, 1):
        made = f'<div class="fs">{style(".fs")}{body(page, ROWS, panels)}</div>'
        if len(made) < LIGHT:
            break
    return made


def body(page: Page, rows: int | None = None, panels: int | None = None) -> str:
    """Title, tables, sentences, charts, warnings."""
    tables = "".join(table_html(table, rows) for table in page.shown_tables)
    sentences = "".join(f"<p>{escape(s)}</p>" for s in page.shown_sentences)
    warnings = "".join(f'<p class="warn">{escape(c)}</p>' for c in page.shown_caveats)
    return f"<h1>{escape(text(page.title))}</h1>{tables}{sentences}{charts(page, panels)}{warnings}"


def table_html(table: Table, rows: int | None = None) -> str:
    """A table; names are text."""
    heads, sides, content = cells(table)
    title = f"<h2>{escape(text(table.title))}</h2>" if table.title else ""
    top = "".join(f'<th class="{side}">{escape(head)}</th>' for head, side in zip(heads, sides, strict=True))
    told = "".join(
        "<tr>" + "".join(f'<td class="{side}">{escape(c)}</td>' for c, side in zip(row, sides, strict=True)) + "</tr>"
        for row in content[:rows]
    )
    left = len(content) - len(content[:rows])
    more = f"<p>and {left} more rows</p>" if left else ""
    whole = f"<thead><tr>{top}</tr></thead><tbody>{told}</tbody>"
    long = ' class="long"' if any(width_of(row[0]) > 18 for row in content) else ""
    return f'{title}<table tabindex="0"{long}>{whole}</table>{more}'


def charts(page: Page, limit: int | None = None) -> str:
    """The panels, one SVG each, and their legend."""
    places = list(page.grid().values())[:limit]
    if not places:
        return ""
    panels = [draw() for draw in places]
    parts = [
        f'<svg class="fc" role="img" viewBox="0 0 {WIDTH} {round(HEIGHT * p.height)}" width="{WIDTH}">'
        f"<title>{escape(text(p.title or page.title))}</title>{inner(p)}</svg>"
        for p in panels
    ]
    entries, tall = legend(panels, 2 * WIDTH)
    key = f'<svg class="fc" viewBox="0 0 {2 * WIDTH} {tall}" width="{2 * WIDTH}">{entries}</svg>' if entries else ""
    said = "".join(f"<p>{escape(c.message)}</p>" for c in page.left_out)
    return f'{said}<div class="charts">{"".join(parts)}</div>{key}'
