"""No row of a long table is lost where the reader goes from one block of rows to the next."""

import pytest

import forescale as fs
from forescale.curves.readers import delimited


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("beyond", [-1, 0, 1, 2])
def test_every_row_arrives(tmp_path, quoted, beyond):
    n = 2 * delimited._CHUNK + beyond
    mark = '"' if quoted else ""
    path = tmp_path / "long.csv"
    path.write_text("tokens,loss\n" + "".join(f"{mark}{i}{mark},{5 / i:.6g}\n" for i in range(1, n + 1)))
    (curve,) = fs.read_curves(path).values()
    assert curve.n == n
    assert curve.x[-1] == n
