#!/usr/bin/env bash
# The lower bounds of pyproject.toml, tried: the oldest direct dependencies that install, and the tests that need no torch.
#
#   tools/oldest.sh                                  some minutes, all such tests
#   tools/oldest.sh lowest-direct tests/forecasts    those tests alone; CI does this (.ci/run)
#   tools/oldest.sh highest                          the newest releases instead: what tools/newest.sh is
#
# Needs a package index. Fails where a version does not install or a test does not pass; prints what it tried.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
resolution=${1:-lowest-direct}
shift || true
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MPLBACKEND=Agg PIP_DISABLE_PIP_VERSION_CHECK=1
unset PYTHONPATH # the package is tried as it is installed
python3 -m venv "$folder/uv" && "$folder/uv/bin/pip" install -q uv
"$folder/uv/bin/uv" venv -q --python "$(command -v python3)" "$folder/env"
"$folder/uv/bin/uv" pip install -q --python "$folder/env/bin/python" --resolution "$resolution" \
    -e ".[bench,parquet,excel,serve,dask]" "pytest>=8" "hypothesis>=6.100" "beartype>=0.18" "jaxtyping>=0.2.34" \
    "polars>=1.0" "httpx>=0.27"
"$folder/uv/bin/uv" pip list --python "$folder/env/bin/python"
"$folder/env/bin/python" -m forescale demo >"$folder/demo" && head -3 "$folder/demo"
mapfile -t needs_torch < <(grep -rlE "^(import torch|from torch)|forescale\.training" tests --include='*.py')
"$folder/env/bin/python" -m pytest -q -p no:cacheprovider "${needs_torch[@]/#/--ignore=}" "${@:-tests}"
