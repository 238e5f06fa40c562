"""Every code of a warning is explained in docs/warnings.md."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_code_of_a_warning_is_explained():
    explained = set(re.findall(r"`([a-z_]+)`", (ROOT / "docs" / "warnings.md").read_text()))
    for path in (ROOT / "src" / "forescale").rglob("*.py"):
        for code in re.findall(r"Caveat\(\s*\"([a-z_]+)\"", path.read_text()):
            assert code in explained, f"{path.name}: {code}"
