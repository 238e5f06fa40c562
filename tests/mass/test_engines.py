"""The recipe of docs/guides/many-curves.md on the engines of others, each equal to the single process.

`bash tools/engines.sh` makes an environment with all of them (Fugue asks for pandas below 3) and runs this file there.
"""

import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.mass.test_frame import one, table

import forescale as fs

fugue = pytest.importorskip("fugue.api")
pytestmark = pytest.mark.slow

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "many-curves.md"
ENGINES = {"None": "fugue", "dask": "distributed", "ray": "ray", "spark": "pyspark"}


def recipe(engine):
    """The code of the guide, asked of an engine."""
    code = GUIDE.read_text().split("```python\nimport fugue.api")[1].split("```")[0]
    asked = 'answers = fa.transform(runs, answer, schema=SCHEMA, partition={"by": "bucket"}, engine="spark")'
    assert asked in code
    return "import fugue.api" + code.replace('engine="spark"', f"engine={engine}")


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_answers_as_the_single_process_does(engine, monkeypatch):
    pytest.importorskip(ENGINES[engine])
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(p for p in sys.path if p))
    monkeypatch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    bad = pd.concat([one("short", [3.0, 2.0]), one("far", [4.0, 3.0, 1e200])])
    runs = pd.concat([table(60), bad], ignore_index=True)
    name = "None" if engine == "None" else repr(engine)
    names = {"runs": runs, "__name__": "recipe"}  # not importable: its function travels by value
    exec(recipe(name), names)
    found = fugue.as_pandas(names["answers"]).set_index("group").sort_index()
    whole = fs.forecast_frame(runs, group="run", x="tokens", y="loss", ratio=10).set_index("group").sort_index()
    assert list(found.index) == list(whole.index)
    for column in ("x", "median", "q05", "q25", "q75", "q95"):
        values = found[column].astype(float).to_numpy()
        np.testing.assert_allclose(values, whole[column], rtol=1e-5)  # float32, in other batches
    assert found["error"].tolist() == whole["error"].tolist()
