"""What every reader of the list promises: it says yes to its own alone, and a sentence where it fails."""

import numpy as np
import pytest

import forescale as fs
from forescale.curves.readers.base import Source
from forescale.curves.readers.registry import BINARY, TEXT

READERS = (*BINARY, *TEXT)
ids = lambda reader: type(reader).__name__  # noqa: E731


def test_every_reader_is_listed_once():
    assert len({type(reader) for reader in READERS}) == len(READERS)


@pytest.mark.parametrize("reader", BINARY, ids=ids)
def test_a_reader_of_other_bytes_leaves_a_text_table_to_the_others(reader, tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("tokens,loss\n1,3\n2,2.5\n4,2.2\n")
    assert type(reader).__doc__
    assert not reader.can_read(Source(str(path), "'runs.csv'", path, path.read_bytes(), ".csv"))


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"\x00" * 64,
        b"\xff\xfe\x00",
        b"PK\x03\x04 no workbook",
        b"PAR1 no table PAR1",
        b"{",
        b"[1, 2",
        b"\x93NUMPY",
    ],
)
@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx", ".json", ".npz", ".md", ".log", ".feather"])
def test_bytes_that_are_no_table_end_in_a_sentence(tmp_path, blob, ending):
    path = tmp_path / f"runs{ending}"
    path.write_bytes(blob)
    with pytest.raises(fs.ForescaleError, match=r"expected .* got "):
        fs.read_curves(path)


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".json", ".md", ".parquet", ".npz"])
def test_the_same_table_in_every_format_is_the_same_curve(tmp_path, ending):
    import pandas as pd

    frame = pd.DataFrame({"tokens": [1e6, 2e6, 4e6, 8e6], "loss": [3.25, 2.5, 2.25, 2.125]})
    path = tmp_path / f"runs{ending}"
    writers = {
        ".csv": lambda: frame.to_csv(path, index=False),
        ".tsv": lambda: frame.to_csv(path, index=False, sep="\t"),
        ".jsonl": lambda: frame.to_json(path, orient="records", lines=True),
        ".json": lambda: frame.to_json(path, orient="records"),
        ".md": lambda: path.write_text("| tokens | loss |\n|---|---|\n" + "".join(
            f"| {x} | {y} |\n" for x, y in frame.to_numpy().tolist())),
        ".parquet": lambda: frame.to_parquet(path),
        ".npz": lambda: np.savez(path, tokens=frame.tokens, loss=frame.loss),
    }  # fmt: skip
    writers[ending]()
    (curve,) = fs.read_curves(path, x="tokens", y="loss").values()
    np.testing.assert_array_equal(curve.x, frame.tokens)
    np.testing.assert_array_equal(curve.y, frame.loss)
