"""Parquet and Arrow (Feather) files, by pyarrow: the extra [parquet]."""

import io

from ...errors import CurveError, MissingExtraError
from .base import Reader, Source, Table
from .frames import of_frame


class Arrow(Reader):
    """Parquet, Feather, Arrow."""

    name = "Parquet, Feather (extra [parquet])"

    def can_read(self, source: Source) -> bool:
        return source.suffix in {".parquet", ".pq", ".feather", ".arrow"} or source.head.startswith(
            (b"PAR1", b"ARROW1")
        )

    def read(self, source: Source) -> Table:
        try:
            import pyarrow
            import pyarrow.feather
            import pyarrow.parquet
        except ImportError:
            raise MissingExtraError(
                f"expected the extra [parquet] to read {source.origin}, got no pyarrow. "
                "Run: pip install 'forescale[parquet]'."
            ) from None
        feather = source.head.startswith(b"ARROW1") or source.suffix in {".feather", ".arrow"}
        what = "an Arrow" if feather else "a Parquet"
        try:
            opened = io.BytesIO(source.blob)
            frame = pyarrow.feather.read_table(opened) if feather else pyarrow.parquet.read_table(opened)
        except (OSError, pyarrow.ArrowException) as error:
            reason = str(error).splitlines()[0].rstrip(".")
            raise CurveError(f"expected {what} table, got '{reason}' ({source.origin}). Write it again.") from None
        table = of_frame(frame, source.origin)
        if not table.columns or table.n == 0:
            raise CurveError(f"expected rows, got none ({source.origin}). Check the export.")
        return table
