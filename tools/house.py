"""The house: which room reads which, how many floors that makes, how long files and functions are; and its picture."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "forescale"
BESIDE = ("benchmark", "lab", "tools")
"""Rooms beside the package, from the lowest to the highest; the package knows none of them."""
FACE = "__init__"
"""What the package shows: it reads every room below the shell, lazily, and is no floor of its own."""


def files() -> list[Path]:
    """Every module of the package, but for the face, and of the rooms beside it."""
    inside = (p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py")
    return sorted([*inside, *(p for room in BESIDE for p in (ROOT / room).rglob("*.py"))])


def module_of(path: Path) -> tuple[str, ...]:
    """("forescale", "laws", "m2"), ("lab", "scale"); a package is called by its folder."""
    base = PACKAGE.parent if path.is_relative_to(PACKAGE) else ROOT
    parts = path.relative_to(base).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def room_of(module: tuple[str, ...]) -> str:
    """The room that a module lies in; "" for somebody else's module."""
    if module[0] == "forescale":
        return module[1] if len(module) > 1 else FACE
    return module[0] if module[0] in BESIDE else ""


def modules_read(path: Path, tree: ast.AST) -> Iterator[tuple[str, ...]]:
    """Modules, or names in them, that a file imports: at the top, inside a function or for types only."""
    module = module_of(path)
    package = module if path.name == "__init__.py" else module[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            yield from ((*base, alias.name) for alias in node.names)


def rooms_read(path: Path, tree: ast.AST | None = None) -> set[str]:
    """Rooms that a file imports from, its own among them."""
    tree = tree or ast.parse(path.read_text())
    return {room for module in modules_read(path, tree) if (room := room_of(module))}


@cache
def arrows() -> dict[str, set[str]]:
    """Room -> the rooms it reads."""
    found: dict[str, set[str]] = {}
    for path in files():
        room = room_of(module_of(path))
        found.setdefault(room, set()).update(rooms_read(path) - {room})
    return found


def floors() -> dict[str, int]:
    """Room -> its floor: one above the highest room it reads; the face stands for all rooms below web and shell.

    Raises:
        RecursionError: rooms read each other in a circle.
    """
    graph = {room: set(read) for room, read in arrows().items()}
    shown = {room for room in graph if room not in (*BESIDE, "web", "cli", "__main__")}
    for read in graph.values():
        if FACE in read:
            read.remove(FACE)
            read |= shown

    @cache
    def floor(room: str) -> int:
        return 1 + max((floor(below) for below in graph.get(room, ())), default=0)

    return {room: floor(room) for room in graph}


def circles() -> list[str]:
    """Modules that read one another in a circle, at whatever depth an import stands."""
    paths = {module_of(path): path for path in files()}
    graph: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for module, path in paths.items():
        read = modules_read(path, ast.parse(path.read_text()))
        named = {found if found in paths else found[:-1] for found in read}  # a module, or a name in one
        graph[module] = {m for m in named if m in paths and m != module}
    left = dict(graph)
    while free := {module for module, read in left.items() if not read & set(left)}:
        left = {module: read for module, read in left.items() if module not in free}
    return [".".join(module) for module in left]  # with what reads them


def long_functions(limit: int = 50) -> list[str]:
    """`file:line name (lines)` of functions with more lines than that, their docstring counted."""
    found = []
    for path in files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                lines = node.end_lineno - node.lineno + 1
                if lines > limit:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} ({lines})")
    return found


def lengths() -> dict[str, int]:
    """File -> its lines."""
    return {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files()}
