"""The picture and the table of docs/architecture.md, made of the imports and of each room's first line."""

import ast
from itertools import pairwise

from benchmark.markdown import placed

from .house import BESIDE, PACKAGE, ROOT, arrows, floors

PAGE = ROOT / "docs" / "architecture.md"
PICTURE = ROOT / "docs" / "figures" / "house.svg"
SKIPPED = ("version", "errors", "spelling", "__main__")
"""Single files that every room reads, or that read one: in the table, not in the picture."""
WIDTH, FLOOR, BOX = 860, 58, 26
STYLE = """text{font:13px system-ui,sans-serif;fill:#222}
rect{fill:#eef3f9;stroke:#2166ac}rect.beside{fill:#f6f0e6;stroke:#8c510a}
path{fill:none;stroke:#9aa7b4;stroke-width:1}.floor{fill:#888;font-size:11px}
@media (prefers-color-scheme:dark){text{fill:#ddd}rect{fill:#1d2a38}rect.beside{fill:#33291a}}"""


def rows() -> list[list[str]]:
    """Rooms of each floor, from the lowest."""
    on = floors()
    return [sorted(room for room in on if on[room] == floor) for floor in range(1, max(on.values()) + 1)]


def first_line(room: str) -> str:
    """What the room says of itself: the first line of its docstring."""
    base = ROOT / room if room in BESIDE else PACKAGE / room
    path = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    return (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]


def table() -> str:
    """Floors from the highest to the lowest, a line a room."""
    lines = ["| floor | room | what it is |", "| --- | --- | --- |"]
    for floor, rooms in reversed(list(enumerate(rows(), 1))):
        lines += [f"| {floor} | `{room}` | {first_line(room)} |" for room in rooms]
    return "\n".join(lines)


def nearest(room: str) -> set[str]:
    """The rooms it reads that no other of them reads: arrows one cannot infer from the rest."""
    below: dict[str, set[str]] = {}

    def all_below(of: str) -> set[str]:
        if of not in below:
            direct = arrows().get(of, set())
            below[of] = direct.union(*(all_below(r) for r in direct)) if direct else set()
        return below[of]

    direct = arrows().get(room, set())
    return {r for r in direct if not any(r in all_below(other) for other in direct - {r})}


def svg() -> str:
    """Boxes on their floors, an arrow from each room to the highest ones it reads."""
    drawn = [[room for room in rooms if room not in SKIPPED] for rooms in rows()]
    drawn = [rooms for rooms in drawn if rooms]
    height, place, parts = FLOOR * len(drawn) + 20, {}, []
    for i, rooms in enumerate(drawn):
        y = height - FLOOR * (i + 1)
        widths = [16 + 7.6 * len(room) for room in rooms]
        gap = (WIDTH - 60 - sum(widths)) / (len(rooms) + 1)
        x = 50 + gap
        for room, width in zip(rooms, widths, strict=True):
            place[room] = (x + width / 2, y)
            kind = ' class="beside"' if room in BESIDE else ""
            parts.append(f'<rect{kind} x="{x:.0f}" y="{y}" width="{width:.0f}" height="{BOX}" rx="4"/>')
            parts.append(f'<text x="{x + width / 2:.0f}" y="{y + 17}" text-anchor="middle">{room}</text>')
            x += width + gap
    lines = []
    for room, (x, y) in place.items():
        for read in sorted(nearest(room) & set(place)):
            to_x, to_y = place[read]
            bend = (y + BOX + to_y) / 2
            lines.append(f'<path d="M{x:.0f} {y + BOX}C{x:.0f} {bend:.0f} {to_x:.0f} {bend:.0f} {to_x:.0f} {to_y}"/>')
    box = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img"'
    title = "<title>Rooms of the house: each reads rooms below it</title>"
    return f"<svg {box}>{title}<style>{STYLE}</style>\n" + "\n".join([*lines, *parts]) + "\n</svg>\n"


def page() -> str:
    """docs/architecture.md with its table renewed."""
    return placed(PAGE.read_text(), "rooms", table())


def house() -> None:
    """Draw the house: docs/figures/house.svg and the table of docs/architecture.md."""
    PICTURE.write_text(svg())
    PAGE.write_text(page())
    for lower, upper in pairwise(rows()):
        print(f"{', '.join(upper)}  over  {', '.join(lower)}")
