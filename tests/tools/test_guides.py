"""The guides run: each command of a guide's shell block, on the demo's table, in order."""

import re

import pytest
from tools.house import ROOT
from tools.readme import run

GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))


@pytest.mark.slow
@pytest.mark.parametrize("guide", [g for g in GUIDES if "demo --save" in g.read_text()], ids=lambda p: p.stem)
def test_a_guide_runs_as_it_stands(guide, tmp_path):
    (block, *_) = re.findall(r"```bash\n(.*?)```", guide.read_text(), flags=re.S)
    for line in block.splitlines():
        run(line, tmp_path)
