"""Panels as SVG, written by hand: no chart library, a few kB each, drawn alike in a file, a notebook and a report.

Colours are CSS variables with values for light and dark, so that a picture follows the page it stands in.
"""

from collections.abc import Callable, Iterable
from html import escape
from itertools import pairwise
from math import hypot
from typing import Any

import numpy as np

from .axes import scales
from .page import Page, short, width_of
from .panel import COLOURS, DASHES, MANY_POINTS, Band, Line, Note, Panel, Points, Rule, Whiskers

WIDTH, HEIGHT = 440, 300
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 26, 42
LETTER, LINE = 6.1, 11.0
"""Width of a character and height of a line of the tick labels, in px."""
DARK = ("#7ab3ef", "#f08a7e", "#7cc98a", "#c39bd6", "#f3b15f", "#5cc4b6", "#ee86be", "#d0a36a")


LIGHT_PAGE = {"ink": "#222", "grey": "#767676", "rule": "#d8d8d8", "paper": "#fff"}
DARK_PAGE = {"ink": "#e8e8e8", "grey": "#9a9a9a", "rule": "#3c3c3c", "paper": "#161616"}
_NAMES = {f"c{i}": f"s{i}" for i in range(len(COLOURS))} | {"ci": "ink", "cg": "grey"}
STYLE = (
    ".fc{font:11px system-ui,sans-serif;fill:var(--ink)}.fc .g{stroke:var(--rule);fill:none}"
    ".fc .m{text-anchor:middle}.fc .e{text-anchor:end}"
    ".fc .t{font-size:12px;font-weight:600}.fc .n{font-size:9.5px}"
    ".fc .l{fill:none;stroke-width:1.8;stroke-linejoin:round}"
    ".fc .cg.l,.fc .ci.l{stroke-width:1}"
    ".fc .dots{stroke-width:2.6;stroke-linecap:round;opacity:.55}"
    ".fc .ri{stroke:var(--paper);stroke-width:.8}.fc .op{fill:var(--paper);stroke-width:1.1}"
    + "".join(
        f".fc .{kind}.st{{stroke:var(--{name})}}.fc .{kind}.fi{{fill:var(--{name})}}" for kind, name in _NAMES.items()
    )
)


def colours(light: bool) -> dict[str, str]:
    """The colours by their CSS variable: s0.. of series, ink, grey, rule, paper."""
    series = {f"s{i}": c for i, c in enumerate(COLOURS if light else DARK)}
    return series | (LIGHT_PAGE if light else DARK_PAGE)


def variables(light: bool) -> str:
    """The colours as CSS variables."""
    return "".join(f"--{name}:{value};" for name, value in colours(light).items())


def page_svg(page: Page) -> str:
    """Every panel of a page in one file, with its legend.

    Raises:
        CurveError: nothing to draw.
    """
    panels = drawn(page)
    columns = max(column for _, column in panels) + 1
    tops, y = {}, 26 if page.left_out else 6
    for row in sorted({row for row, _ in panels}):
        tops[row], y = y, y + max(height_of(p) for (r, _), p in panels.items() if r == row) + 8
    parts = [
        f'<svg x="{column * (WIDTH + 8)}" y="{tops[row]}" width="{WIDTH}" height="{height_of(p)}">{inner(p)}</svg>'
        for (row, column), p in panels.items()
    ]
    wide = columns * (WIDTH + 8)
    entries, tall = legend(panels.values(), wide)
    said = "".join(f'<text x="6" y="16">{escape(c.message)}</text>' for c in page.left_out)
    whole = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {y + tall}" width="{wide}" height="{y + tall}" '
        f'class="fc" role="img"><title>{escape(short(page.title, 200))}</title><style>{STYLE}</style>'
        f'<rect width="100%" height="100%" fill="var(--paper)"/>{said}{"".join(parts)}'
        f'<g transform="translate(0 {y})">{entries}</g></svg>\n'
    )
    for name, value in colours(light=True).items():  # programs that draw SVG for print know no variables
        whole = whole.replace(f"var(--{name})", value)
    return whole


def drawn(page: Page) -> dict[tuple[int, int], Panel]:
    """The panels of a page by their place.

    Raises:
        CurveError: there is none.
    """
    from ..errors import CurveError

    places = page.grid()
    if not places:
        raise CurveError("expected an answer with a figure, got one that has none. Print its table instead.")
    return {place: draw() for place, draw in places.items()}


def height_of(panel: Panel) -> int:
    """Of a panel, in px."""
    return round(HEIGHT * panel.height)


class Place:
    """From the values of a panel to px, in one pair of scales: chosen, or as asked."""

    def __init__(self, panel: Panel, x_log: bool | None = None, y_log: bool | None = None):
        self.x_scale, self.y_scale = scales(panel, x_log, y_log)
        self.wide, self.tall = WIDTH - LEFT - RIGHT, height_of(panel) - TOP - BOTTOM

    def x(self, values: Any) -> np.ndarray:
        return LEFT + self.wide * np.clip(self.x_scale.place(values), -3, 4)

    def y(self, values: Any) -> np.ndarray:
        return TOP + self.tall * (1 - np.clip(self.y_scale.place(values), -3, 4))


def inner(panel: Panel) -> str:
    """One panel: title, axes and marks."""
    place = Place(panel)
    title = _text(LEFT, 15, short(panel.title, 46), "start", "t") if panel.title else ""
    return f"{title}{x_axis(panel, place)}{y_axis(panel, place)}{marks(panel, place)}"


def marks(panel: Panel, place: Place) -> str:
    """What a panel shows, cut at its axes."""
    clip = f"fc{height_of(panel)}"  # panels of one height share it
    frame = f'x="{LEFT}" y="{TOP}" width="{place.wide}" height="{place.tall}"'
    shown = "".join(_DRAW[type(mark)](mark, place) for mark in panel.marks)
    return f'<clipPath id="{clip}"><rect {frame}/></clipPath><g clip-path="url(#{clip})">{shown}</g>'


def x_axis(panel: Panel, place: Place) -> str:
    """Grid lines, ticks and name of x."""
    bottom, out = TOP + place.tall, []
    for value, label in place.x_scale.ticks(place.wide, LETTER):
        x = _px(float(place.x(value)))
        out.append(f'<path class="g" d="M{x} {TOP}V{bottom}"/>{_text(x, bottom + 14, label)}')
    return "".join([*out, _text(LEFT + place.wide / 2, bottom + 31, short(panel.x_name))])


def y_axis(panel: Panel, place: Place) -> str:
    """Grid lines, ticks and name of y."""
    right, out = LEFT + place.wide, []
    for value, label in place.y_scale.ticks(place.tall, LINE, upright=True):
        y = float(place.y(value))
        out.append(f'<path class="g" d="M{LEFT} {_px(y)}H{right}"/>{_text(LEFT - 5, _px(y + 3.5), label, "end")}')
    turned = f"translate(13 {TOP + place.tall / 2}) rotate(-90)"
    return "".join([*out, f'<g transform="{turned}">{_text(0, 0, short(panel.y_name, 34))}</g>'])


def _px(value: float) -> str:
    """A tenth of a px, in as few bytes as it takes."""
    return f"{value:.1f}".removesuffix(".0")


def _text(x: object, y: object, content: str, anchor: str = "middle", kind: str = "") -> str:
    kind = f"{kind} {anchor[0]}".strip()
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(content)}</text>'


def _class(series: int) -> str:
    return f"c{series % len(COLOURS)}" if series >= 0 else "ci" if series == -1 else "cg"


def _dash(series: int, dash: str | None) -> str:
    if dash is None:
        dash = "" if series < 0 else DASHES[(series + series // len(COLOURS)) % len(DASHES)]
    return f' stroke-dasharray="{dash}"' if dash else ""


def _path(x: np.ndarray, y: np.ndarray) -> str:
    """A polyline through (x, y) in px, without the points that lie within a quarter px of it; broken at gaps."""
    good = np.isfinite(x) & np.isfinite(y)
    pieces = np.split(np.arange(len(x)), np.flatnonzero(np.diff(good.astype(int)) != 0) + 1)
    out = []
    for piece in pieces:
        if len(piece) and good[piece[0]]:
            kept = _kept(x[piece], y[piece])
            out.append(_steps(x[piece][kept], y[piece][kept], 1, "l", " "))
    return "".join(out)


def _steps(x: np.ndarray, y: np.ndarray, digits: int, begin: str, between: str) -> str:
    """A path from its first place on by steps, each in as few bytes as it takes."""
    places = [(round(a * 10**digits), round(b * 10**digits)) for a, b in zip(x.tolist(), y.tolist(), strict=True)]

    def told(a: int, b: int) -> str:
        first, second = (f"{v / 10**digits:g}".replace("0.", ".", abs(v) < 10**digits) for v in (a, b))
        return f"{first}{second if second[0] == '-' else ' ' + second}"

    steps = [told(c - a, d - b) for (a, b), (c, d) in pairwise(places)]
    return f"M{told(*places[0])}{begin if steps else ''}{between.join(steps)}"


def _kept(x: np.ndarray, y: np.ndarray, tolerance: float = 0.4) -> list[int]:
    """Indices of a polyline's corners (Douglas and Peucker 1973)."""
    xs, ys = x.tolist(), y.tolist()  # plain floats: a hundred points are faster without NumPy
    kept, open_parts = {0, len(xs) - 1}, [(0, len(xs) - 1)]
    while open_parts:
        a, b = open_parts.pop()
        dx, dy = xs[b] - xs[a], ys[b] - ys[a]
        limit, worst = tolerance * max(hypot(dx, dy), 1e-9), -1
        for i in range(a + 1, b):
            off = abs(dx * (ys[i] - ys[a]) - dy * (xs[i] - xs[a]))
            if off > limit:
                limit, worst = off, i
        if worst >= 0:
            kept.add(worst)
            open_parts += [(a, worst), (worst, b)]
    return sorted(kept)


def _points(m: Points, place: Place) -> str:
    x, y = place.x(m.x), place.y(m.y)
    many = len(x) > MANY_POINTS
    if many:  # one path of dots: drawn once, in a few bytes each
        there = np.array(list(dict.fromkeys(zip(x.round(), y.round(), strict=True))))
        dots = _steps(there[:, 0], there[:, 1], 0, "h0m", "h0m")
        return f'<path class="{_class(m.series)} st dots" d="{dots}h0"/>'
    if m.hidden:
        marks = "".join(f"M{a:.1f} {b - 3.6:.1f}l3.6 3.6-3.6 3.6-3.6-3.6z" for a, b in zip(x, y, strict=True))
        return f'<path class="{_class(m.series)} st op" d="{marks}"/>'
    rings = "".join(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3.1"/>' for a, b in zip(x, y, strict=True))
    return f'<g class="{_class(m.series)} fi ri">{rings}</g>'


def _line(m: Line, place: Place) -> str:
    return f'<path class="{_class(m.series)} st l"{_dash(m.series, m.dash)} d="{_path(place.x(m.x), place.y(m.y))}"/>'


def _band(m: Band, place: Place) -> str:
    along = m.along == "y"
    good = np.isfinite(m.low) & np.isfinite(m.high)
    middle, low, high = m.x[good], m.low[good], m.high[good]
    if along:
        edges = [(place.x(middle), place.y(end)) for end in (low, high)]
    else:
        edges = [(place.x(end), place.y(middle)) for end in (low, high)]
    (x0, y0), (x1, y1) = edges
    there, back = _path(x0, y0), _path(x1[::-1], y1[::-1])
    return (
        f'<path class="{_class(m.series)} fi" opacity="{m.strength:.2g}" d="{there}L{back[1:]}z"/>'
        if len(middle)
        else ""
    )


def _whiskers(m: Whiskers, place: Place) -> str:
    x, y = place.x(m.x) + m.aside, place.y(m.y)
    if m.along == "y":
        arms = zip(x, place.y(m.low), place.y(m.high), strict=True)
        lines = "".join(f"M{a:.1f} {lo:.1f}V{hi:.1f}m-3 0h6M{a - 3:.1f} {lo:.1f}h6" for a, lo, hi in arms)
    else:
        arms = zip(y, place.x(m.low), place.x(m.high), strict=True)
        lines = "".join(f"M{lo:.1f} {b:.1f}H{hi:.1f}m0-3v6M{lo:.1f} {b - 3:.1f}v6" for b, lo, hi in arms)
    boxes = "".join(f'<rect x="{a - 3:.1f}" y="{b - 3:.1f}" width="6" height="6"/>' for a, b in zip(x, y, strict=True))
    return f'<path class="{_class(m.series)} st l" d="{lines}"/><g class="{_class(m.series)} fi ri">{boxes}</g>'


def _rule(m: Rule, place: Place) -> str:
    kind = _class(m.series)
    if m.axis == "x":
        at = float(place.x(m.at))
        if m.to is not None:
            wide = float(place.x(m.to)) - at
            size = f'x="{at:.1f}" y="{TOP}" width="{wide:.1f}" height="{place.tall}"'
            return f'<rect class="{kind} fi" opacity=".09" {size}/>'
        return f'<path class="{kind} st"{_dash(-1, m.dash)} d="M{at:.1f} {TOP}v{place.tall}"/>'
    at = float(place.y(m.at))
    return f'<path class="{kind} st"{_dash(-1, m.dash)} d="M{LEFT} {at:.1f}h{place.wide}"/>'


def _note(m: Note, place: Place) -> str:
    dx, dy, anchor = {"right": (5, 3, "start"), "left": (-5, 3, "end"), "above": (0, -6, "middle")}[m.side]
    x, y = float(place.x(m.x)) + dx, float(place.y(m.y)) + dy
    return _text(f"{x:.1f}", f"{y:.1f}", short(m.text), anchor, f"n {_class(m.series)} fi")


_DRAW: dict[type, Callable[[Any, Place], str]] = {
    Points: _points, Line: _line, Band: _band, Whiskers: _whiskers, Rule: _rule, Note: _note,
}  # fmt: skip


def legend(panels: Iterable[Panel], width: float) -> tuple[str, int]:
    """Each label once, in lines that fit the width, and the height that they take."""
    marks: dict[str, Any] = {}
    for panel in panels:
        for mark in panel.marks:
            if label := getattr(mark, "label", ""):
                marks.setdefault(label, mark)
    out, x, y = [], float(LEFT), 12
    for label, mark in marks.items():
        name = short(label)
        takes = 44 + LETTER * width_of(name)
        if x > LEFT and x + takes > width:
            x, y = float(LEFT), y + 17
        out.append(f'<g transform="translate({x:.0f} {y})">{_key(mark)}<text x="26" y="4">{escape(name)}</text></g>')
        x += takes
    return "".join(out), y + 10 if marks else 0


def _key(mark: Any) -> str:
    kind = _class(mark.series)
    if isinstance(mark, Points):
        return f'<path class="{kind} st op" d="M11-3.6l3.6 3.6-3.6 3.6-3.6-3.6z"/>' if mark.hidden else (
            f'<circle class="{kind} fi ri" cx="11" r="3.3"/>'
        )  # fmt: skip
    if isinstance(mark, Band) or (isinstance(mark, Rule) and mark.to is not None):
        strength = mark.strength if isinstance(mark, Band) else 0.12
        return f'<rect class="{kind} fi" opacity="{strength + 0.1:.2g}" y="-5" width="22" height="10"/>'
    if isinstance(mark, Whiskers):
        box = f'<rect class="{kind} fi ri" x="8" y="-3" width="6" height="6"/>'
        return f'<path class="{kind} st l" d="M11-6V6M8-6h6M8 6h6"/>{box}'
    dash = _dash(mark.series, mark.dash)
    return f'<path class="{kind} st l"{dash} d="M0 0h22"/>'
