"""The house: imports run downhill, the face defines nothing, heavy libraries wait until used, files stay short."""

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from tools import house

PACKAGE = Path(__file__).parents[1] / "src" / "forescale"

ROOMS = (
    "version", "errors", "spelling", "progress", "numerics", "pages", "curves", "forecasts", "laws", "posterior",
    "prior", "network", "joint", "theory", "training", "method", "mass", "decisions", "presenters", "web", "cli",
    "integrations", "__main__",
)  # fmt: skip
"""From the lowest to the highest; a room reads the rooms before it. `__init__` is the face: it hands on lazily."""

LAZY = ("torch", "matplotlib", "pandas", "scipy", "emcee", "sklearn", "pyarrow", "narwhals", "rich")
"""Imported inside the functions that use them, so that a forecast starts fast."""

FILES = house.files()
INSIDE = [p for p in FILES if p.is_relative_to(PACKAGE)]
IDS = {"ids": lambda p: str(p.relative_to(house.ROOT))}


def top_level_imports(tree: ast.Module) -> set[str]:
    """Outer libraries imported when the file is; a `TYPE_CHECKING` block is not."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", FILES, **IDS)
def test_imports_run_downhill(path):
    room, order = house.room_of(house.module_of(path)), (*ROOMS, *house.BESIDE)
    assert room in order, f"'{room}' has no place in the house: list it in ROOMS, or give the file to a room that has"
    read = house.rooms_read(path) - {room}
    if room in house.BESIDE:
        read.discard(house.FACE)  # what lies beside the package sees its face
    for other in read:
        assert other in order, f"{path.name} reads {other!r}: no such room (the face is read by nobody inside)"
        assert order.index(other) < order.index(room), f"{room} lies below {other} and must not read it"


@pytest.mark.parametrize("path", [p for p in FILES if p.is_relative_to(house.ROOT / "benchmark")], **IDS)
def test_the_benchmark_reads_only_the_face(path):
    assert house.rooms_read(path) <= {house.FACE, "benchmark"}


def test_the_house_has_at_most_eleven_floors_and_no_circle():
    assert max(house.floors().values()) <= 11
    assert house.circles() == []


def test_files_and_functions_stay_short():
    lengths = house.lengths()
    assert {file: lines for file, lines in lengths.items() if lines > 350} == {}
    assert statistics.median(lengths.values()) <= 110
    assert len(house.long_functions(50)) <= 5, house.long_functions(50)


@pytest.mark.parametrize("path", INSIDE, **IDS)
def test_heavy_libraries_are_imported_where_they_are_used(path):
    heavy = top_level_imports(ast.parse(path.read_text())) & set(LAZY)
    allowed = {"torch", "rich"} if house.room_of(house.module_of(path)) == "training" else set()
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
