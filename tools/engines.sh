#!/usr/bin/env bash
# The recipe for Spark, Ray and Dask (docs/guides/many-curves.md) on the engines themselves, with the pandas that Fugue takes.
# Takes some minutes, a package index, Java 17 and 1.3 GB. `tools/engines.sh FOLDER` keeps the environment there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=${1:-$(mktemp -d)}
[ $# -gt 0 ] || trap 'rm -rf "$folder"' EXIT
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MPLBACKEND=Agg
[ -x "$folder/bin/python" ] || python3 -m venv "$folder"
"$folder/bin/pip" install -q -e ".[parquet,dask]" "fugue[ray,dask]>=0.9.7" "pandas<3" "pyspark>=4" \
    "pytest>=8" "beartype>=0.18" "jaxtyping>=0.2.34" "polars>=1.0"
"$folder/bin/pip" list --format freeze | grep -iE "^(fugue|pandas|pyspark|ray|dask|distributed|numpy|pyarrow)="
"$folder/bin/python" -m pytest -q -p no:cacheprovider -m slow tests/mass
"$folder/bin/python" -m pytest -q -p no:cacheprovider tests/mass
