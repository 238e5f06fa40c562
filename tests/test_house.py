"""The house: imports run downhill, the face defines nothing, and heavy libraries wait until they are used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "forescale"

ROOMS = (
    "version", "errors", "spelling", "pages", "curves", "forecasts", "laws", "posterior", "prior", "network", "joint",
    "theory", "training", "method", "decisions", "report", "cli", "integrations", "__main__",
)  # fmt: skip
"""From the lowest to the highest; a room reads the rooms before it. `__init__` is the face: it hands on lazily."""

LAZY = ("torch", "matplotlib", "pandas", "scipy", "emcee", "sklearn", "pyarrow", "narwhals", "rich")
"""Imported inside the functions that use them, so that a forecast starts fast."""

FILES = sorted(p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py")


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def rooms_read(path: Path, tree: ast.AST) -> set[str]:
    """Rooms that a file imports: anywhere in it, whether at the top, inside a function or for types only."""
    package = ("forescale", *path.relative_to(PACKAGE).parent.parts)
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            names |= {f"{module}.{alias.name}" for alias in node.names}
    ours = [name.split(".") for name in names if name.split(".")[0] == "forescale"]
    return {parts[1] if len(parts) > 1 else "__init__" for parts in ours}


def top_level_imports(tree: ast.Module) -> set[str]:
    """Outer libraries imported when the file is; a `TYPE_CHECKING` block is not."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_downhill(path):
    room, tree = room_of(path), ast.parse(path.read_text())
    assert room in ROOMS, f"'{room}' has no place in the house: list it in ROOMS, or give the file to a room that has"
    for read in rooms_read(path, tree) - {room}:
        assert read in ROOMS, f"{path.name} reads {read!r}: no such room (the face is read by nobody inside)"
        assert ROOMS.index(read) < ROOMS.index(room), f"{room} lies below {read} and must not read it"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_heavy_libraries_are_imported_where_they_are_used(path):
    heavy = top_level_imports(ast.parse(path.read_text())) & set(LAZY)
    allowed = {"torch", "rich"} if room_of(path) == "training" else set()
    assert heavy <= allowed


def test_the_face_defines_nothing_and_keeps_its_promises():
    import forescale

    face = ast.parse((PACKAGE / "__init__.py").read_text())
    defined = {node.name for node in ast.walk(face) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert defined == {"__getattr__", "__dir__"}
    for name in forescale.__all__:
        assert getattr(forescale, name) is not None, name
    with pytest.raises(AttributeError, match="no attribute 'torchvision'"):
        _ = forescale.torchvision


def test_importing_the_face_loads_no_heavy_library():
    code = "import forescale, sys; print(*(m for m in sys.modules if '.' not in m))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", *LAZY} & set(loaded)
