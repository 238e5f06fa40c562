#!/usr/bin/env bash
# The lower bounds of pyproject.toml, tried: the oldest direct dependencies that install, and the tests that need no torch.
# Run from anywhere; takes some minutes and a package index. `tools/oldest.sh highest` tries the newest ones instead.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
resolution=${1:-lowest-direct}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MPLBACKEND=Agg
python3 -m venv "$folder/uv" && "$folder/uv/bin/pip" install -q uv
"$folder/uv/bin/uv" venv -q --python "$(command -v python3)" "$folder/env"
"$folder/uv/bin/uv" pip install -q --python "$folder/env/bin/python" --resolution "$resolution" -e ".[bench,parquet]" \
    "pytest>=8" "hypothesis>=6.100" "beartype>=0.18" "polars>=1.0"
"$folder/uv/bin/uv" pip list --python "$folder/env/bin/python"
mapfile -t needs_torch < <(grep -rlE "^(import torch|from torch)|forescale\.training" tests --include='*.py')
"$folder/env/bin/python" -m pytest -q -x -p no:cacheprovider "${needs_torch[@]/#/--ignore=}" tests
