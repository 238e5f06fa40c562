"""Where the curves of other people lie: not in this repository, but in a folder that one setting names."""

import os
from pathlib import Path

SETTING = "FORESCALE_BENCHMARK"


class MissingData(SystemExit):
    """The folder of curves is not there; says how to name it."""


def data_folder(folder: str | Path | None = None) -> Path:
    """The folder of the data files: the argument, else FORESCALE_BENCHMARK, else ../shared/benchmark.

    Raises:
        MissingData: it is not there.
    """
    default = Path(__file__).resolve().parents[3] / "shared" / "benchmark"
    path = Path(folder or os.environ.get(SETTING) or default)
    if not (path / "ic.csv").is_file():
        raise MissingData(
            f"expected the benchmark's CSV files (ic.csv, ...) in '{path}', got none. "
            f"Name their folder with --data or {SETTING}; benchmark/README.md says how they are made."
        )
    return path
