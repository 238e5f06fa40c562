"""NumPy archives (.npz) of named columns, such as the output of scikit-learn's learning_curve; never a pickle."""

import io
import zipfile

import numpy as np

from ...errors import CurveError
from .base import Reader, Source, Table, listed
from .records import table_of


class Arrays(Reader):
    """The arrays of one archive that share their length; an array (n, folds) is folds readings at each row."""

    name = "NumPy .npz"

    def can_read(self, source: Source) -> bool:
        return source.suffix == ".npz" and source.head.startswith(b"PK\x03\x04")

    def read(self, source: Source) -> Table:
        try:
            with np.load(io.BytesIO(source.blob), allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            raise CurveError(
                f"expected an archive of numeric arrays, got '{error}' ({source.origin}). "
                "Save plain arrays with numpy.savez."
            ) from None
        sizes = [len(a) for a in arrays.values() if a.ndim in (1, 2)]
        if not sizes:
            raise CurveError(f"expected named columns, got {listed(arrays)} ({source.origin}). Save 1-D arrays.")
        n = max(set(sizes), key=sizes.count)
        return table_of({k: a.tolist() for k, a in arrays.items() if a.ndim in (1, 2) and len(a) == n}, source.origin)
