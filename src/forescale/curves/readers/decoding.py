"""Bytes into text: compression, encodings, and what is no table called by its name."""

from pathlib import Path

from ...errors import CurveError

PACKED = {".gz": b"\x1f\x8b", ".bz2": b"BZh", ".xz": b"\xfd7zXZ\x00"}
"""Compressions that Python reads, by ending, with the bytes they begin with."""

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"version https://git-lfs", "a Git LFS pointer", "Fetch the file itself: git lfs pull"),
    (b"/annex/objects/", "a git-annex pointer", "Fetch the file itself: git annex get"),
    (b"\x89PNG", "a PNG image", "Export the numbers behind it as CSV"),
    (b"\xff\xd8\xff", "a JPEG image", "Export the numbers behind it as CSV"),
    (b"GIF8", "a GIF image", "Export the numbers behind it as CSV"),
    (b"%PDF", "a PDF", "Export the numbers behind it as CSV"),
    (b"\x89HDF", "an HDF5 file", "Export the table as CSV, such as with pandas.read_hdf(...).to_csv"),
    (b"SQLite format 3", "an SQLite database", "Export the table as CSV"),
    (b"\x93NUMPY", "a bare NumPy array", "Save named columns with numpy.savez"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)", "Save it as .xlsx or CSV"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "Unpack it first: zstd -d"),
    (b"PK\x03\x04", "a ZIP archive", "Unpack it first"),
    (b"\x80\x02", "a pickle, which forescale never opens", "Write the table as CSV"),
    (b"\x80\x03", "a pickle, which forescale never opens", "Write the table as CSV"),
    (b"\x80\x04", "a pickle, which forescale never opens", "Write the table as CSV"),
    (b"\x80\x05", "a pickle, which forescale never opens", "Write the table as CSV"),
    (b"BZh", "a bzip2 archive that does not open", "Pack it again"),
    (b"ARROW1", "an Arrow file", "Name it .feather or .arrow"),
    (b"PAR1", "a Parquet file", "Name it .parquet"),
)
_PAGES = ("<!doctype", "<html", "<svg", "<?xml", "<table", "<body", "<head", "<div")


def unpacked(blob: bytes, path: Path, origin: str) -> tuple[bytes, str]:
    """The bytes without compression, and the ending of the name without that of the compression.

    Raises:
        CurveError: a compressed file that is cut short or altered.
    """
    suffix = path.suffix.lower()
    if suffix == ".zip" and blob.startswith(b"PK\x03\x04"):
        return _only_file(blob, origin)
    ending = next((e for e, magic in PACKED.items() if blob.startswith(magic) and (e == suffix or e != ".bz2")), None)
    if ending is None:
        return blob, suffix
    import bz2
    import gzip
    import lzma
    import zlib

    opener = {".gz": gzip.decompress, ".bz2": bz2.decompress, ".xz": lzma.decompress}[ending]
    try:
        blob = opener(blob)
    except (OSError, EOFError, lzma.LZMAError, zlib.error, ValueError) as error:
        raise CurveError(
            f"expected a whole {ending} file, got one that does not unpack: {error} ({origin}). Copy it again."
        ) from None
    return blob, Path(path.stem).suffix.lower() if suffix == ending else suffix


def _only_file(blob: bytes, origin: str) -> tuple[bytes, str]:
    """The one file in a ZIP archive."""
    import io
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(blob)) as archive:
            names = [n for n in archive.namelist() if not n.endswith("/") and not n.startswith("__MACOSX/")]
            if len(names) == 1:
                return archive.read(names[0]), Path(names[0]).suffix.lower()
    except (OSError, RuntimeError, NotImplementedError, ValueError, zipfile.BadZipFile) as error:
        raise CurveError(
            f"expected a whole .zip file, got one that does not unpack: {error} ({origin}). Copy it again."
        ) from None
    got = ", ".join(f"'{name}'" for name in names[:3]) or "none"
    raise CurveError(f"expected a ZIP archive of one file, got {len(names)}: {got} ({origin}). Unpack it first.")


def decode(blob: bytes) -> str | None:
    """Text of UTF-8, UTF-16 or Latin-1 bytes; None where they are no text at all."""
    if blob.startswith((b"\xff\xfe", b"\xfe\xff")) or _half_zeros(blob[:400]):
        codec = "utf-16" if blob[:1] in (b"\xff", b"\xfe") else "utf-16-le" if blob[1:2] == b"\x00" else "utf-16-be"
        try:
            return blob.decode(codec).removeprefix("\ufeff")
        except UnicodeDecodeError:
            return None
    if b"\x00" in blob:
        return None
    try:
        return blob.decode("utf-8-sig")
    except UnicodeDecodeError:
        odd = sum(c < 32 and c not in b"\t\n\r\f\x1b" for c in blob[:4096])
        return None if odd > 3 else blob.decode("cp1252", errors="replace")


def name_of(blob: bytes) -> tuple[str, str] | None:
    """What a file is that holds no table, and what to do; None where it may be one."""
    for magic, what, cure in _MAGIC:
        if blob.startswith(magic):
            return what, cure
    start = blob[:200].lstrip().lower()
    if start.startswith(tuple(p.encode() for p in _PAGES)):
        return "a web page or XML", "Save the table in it as CSV"
    if blob[4:8] == b"ftyp" or blob.startswith(b"RIFF"):
        return "a film or an image", "Export the numbers behind it as CSV"
    return None


def _half_zeros(blob: bytes) -> bool:
    """Whether every other byte is zero, as in UTF-16 without its mark."""
    return len(blob) >= 8 and (all(b == 0 for b in blob[1::2]) or all(b == 0 for b in blob[0::2]))
