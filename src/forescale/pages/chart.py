"""A panel that one can play with: its scales are drawn ahead and switched by CSS, values are read by hover or keys.

Without scripts everything works but the reading of values; the whole script is `SCRIPT`.
"""

import json
from html import escape
from itertools import product

import numpy as np

from .axes import tick_label
from .page import number, short
from .panel import Band, Line, Panel, Points, Whiskers
from .svg import BOTTOM, TOP, WIDTH, Place, height_of, legend, marks, x_axis, y_axis

STOPS = 26
"""At most this many x are read out."""
SWITCH = (
    ".ch{margin:0 0 1em;max-width:460px}.ch figcaption{font-weight:600;overflow-wrap:anywhere}.ch .v{display:none}"
    ".ch output{display:block;min-height:2.6em;font-size:12px}.ch label{font-size:12px;margin-right:.9em}"
    ".ch .cur{stroke:var(--grey);fill:none}.ch svg:focus{outline:2px solid var(--s0)}.ch svg{display:block}"
)
_ON = (":not(:checked)", ":checked")
SWITCH += "".join(f".ch .t{axis}{_ON[i]}~svg .{axis}{i}{{display:inline}}" for axis in "xy" for i in (0, 1))
SWITCH += "".join(f".ch .tx{_ON[x]}~.ty{_ON[y]}~svg .v{x}{y}{{display:inline}}" for x in (0, 1) for y in (0, 1))
SCRIPT = """
function readable(root) {
  for (const f of root.querySelectorAll(".ch")) {
    const svg = f.querySelector("svg"), s = JSON.parse(svg.dataset.s), cur = f.querySelector(".cur");
    const out = f.querySelector("output"), log = f.querySelector(".tx"), names = JSON.parse(svg.dataset.l);
    let i = -1;
    const at = k => s[k][log.checked ? 1 : 0];
    const show = k => {
      i = Math.max(0, Math.min(s.length - 1, k));
      cur.setAttribute("d", "M" + at(i) + " " + svg.dataset.y);
      const read = s[i][3].replace(/(^|; )(\\d+)/g, (_, gap, k) => gap + names[k]);
      out.textContent = names[0] + " " + s[i][2] + ": " + read;
    };
    if (!s.length) continue;
    svg.onpointermove = e => {
      const box = svg.getBoundingClientRect(), x = (e.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
      show(s.reduce((best, _, k) => Math.abs(at(k) - x) < Math.abs(at(best) - x) ? k : best, 0));
    };
    svg.onkeydown = e => {
      const step = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: s.length - 1 }[e.key];
      if (step !== undefined) { show(step); e.preventDefault(); }
    };
    log.onchange = () => { if (i >= 0) show(i); };
  }
}
readable(document);
"""


def chart(panel: Panel, key: str) -> str:
    """A figure with its switches; `key` tells the figures of a document apart."""
    first = Place(panel)
    x_log, y_log = first.x_scale.log, first.y_scale.log
    xs = (False, True) if panel.x_log is not False else (x_log,)
    ys = (False, True) if panel.y_log is None else (y_log,)
    views = {(x, y): Place(panel, x, y) for x, y in product(xs, ys)}
    drawn = [f'<g class="v x{int(x)}">{x_axis(panel, views[x, ys[0]])}</g>' for x in xs]
    drawn += [f'<g class="v y{int(y)}">{y_axis(panel, views[xs[0], y])}</g>' for y in ys]
    drawn += [f'<g class="v v{int(x)}{int(y)}">{marks(panel, place)}</g>' for (x, y), place in views.items()]
    names, stops = _stops(panel, views[xs[0], ys[0]], views[xs[-1], ys[0]])
    tall = height_of(panel)
    name = escape(short(panel.title or panel.y_name, 200))
    bottom = f"{TOP}V{tall - BOTTOM}"
    switches = _switch("tx", key, "x", x_log, panel.x_log is not False) + _switch(
        "ty", key, "y", y_log, panel.y_log is None
    )
    axes = escape(f"{short(panel.y_name)} against {short(panel.x_name)}")
    entries, deep = legend([panel], WIDTH)
    return (
        f'<figure class="ch"><figcaption>{name}</figcaption>{switches}'
        f'<svg class="fc" role="img" aria-label="{name}: {axes}" '
        f'tabindex="0" viewBox="0 {TOP - 10} {WIDTH} {tall + deep - TOP + 10}" width="{WIDTH}" data-y="{bottom}" '
        f"data-l='{_data(names)}' data-s='{_data(stops)}'>"
        f'{"".join(drawn)}<path class="cur"/><g transform="translate(0 {tall})">{entries}</g></svg>'
        f'<output aria-live="polite"></output></figure>'
    )


def _switch(kind: str, key: str, axis: str, on: bool, free: bool) -> str:
    checked = " checked" if on else ""
    if not free:
        return f'<input type="checkbox" class="{kind}" hidden{checked} aria-label="log {axis}">'
    return (
        f'<input type="checkbox" class="{kind}" id="{key}{axis}"{checked}><label for="{key}{axis}">log {axis}</label>'
    )


def _data(value: object) -> str:
    """JSON for an attribute in single quotes."""
    return escape(json.dumps(value, ensure_ascii=False, separators=(",", ":")), quote=False).replace("'", "&#39;")


Stop = tuple[float, float, str, str]


def _stops(panel: Panel, linear: Place, logarithmic: Place) -> tuple[list[str], list[Stop]]:
    """What is read out: names, and for each x its px on a linear and a logarithmic axis, its label, what is read there
    with a name's number before each value."""
    xs = {float(v) for m in panel.marks if isinstance(m, Points | Whiskers) for v in m.x}
    lines = [m for m in panel.marks if isinstance(m, Line) and m.label]
    xs |= {float(v) for m in lines[:1] for v in m.x[np.isfinite(m.x)][:: max(1, len(m.x) // 12)]}
    chosen = np.array(sorted(xs))
    if len(chosen) > STOPS:
        chosen = chosen[np.unique(np.linspace(0, len(chosen) - 1, STOPS).round().astype(int))]
    told = [_read(panel, float(x)) for x in chosen]
    names = list(dict.fromkeys([panel.x_name, *(name for read in told for name, _ in read)]))
    at = {name: i for i, name in enumerate(names)}
    reads = ["; ".join(f"{at[name]} {value}" for name, value in read) for read in told]
    labels = [tick_label(float(f"{x:.4g}")) for x in chosen]
    px = (place.x(chosen).round(1).tolist() for place in (linear, logarithmic))
    return [short(name, 80) for name in names], list(zip(*px, labels, reads, strict=True))


def _read(panel: Panel, x: float) -> list[tuple[str, str]]:
    """Name and value of every mark that has one at x."""
    told = []
    for m in panel.marks:
        if isinstance(m, Points) and (values := m.y[np.isclose(m.x, x, rtol=1e-9)]).size:
            told.append((m.label or "measured", ", ".join(map(number, values[:3]))))
        elif isinstance(m, Line) and m.label and (order := m.x.argsort()).size and m.x.min() <= x <= m.x.max():
            told.append((m.label, number(float(np.interp(x, m.x[order], m.y[order])))))
        elif isinstance(m, Band) and m.along == "y" and m.label and m.x.min() <= x <= m.x.max():
            low, high = (float(np.interp(x, m.x, end)) for end in (m.low, m.high))
            told.append((m.label, f"{number(low)} to {number(high)}"))
        elif isinstance(m, Whiskers) and m.along == "y" and (at := np.flatnonzero(np.isclose(m.x, x, rtol=1e-9))).size:
            i = int(at[0])
            told.append((m.label or "target", f"{number(m.y[i])} ({number(m.low[i])} to {number(m.high[i])})"))
    return told
