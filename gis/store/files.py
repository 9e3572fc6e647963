"""The files of the store: each is named by the SHA-256 of its content, written once, never changed."""

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import time
from pathlib import Path

import numpy as np

from gis.errors import StoreError
from gis.store.points import reached

NAME = re.compile(r"[0-9a-f]{64}\Z")
ENDINGS = {
    "vector": ".parquet",
    "table": ".json",
    "raster": ".npz",
    "evidence": ".bin",
    "meeting": ".zip",
    "plan": ".gz",
}
CHUNK_BYTES = 1 << 20
SPARE_SHARE = 0.05
"""Writing stops while this much of the disk is still free, so that the records can always be written."""


class Files:
    """The folder of content-named files.

    A file is there whole or not at all: it is written under another name, flushed to the disk, and renamed.
    Nothing refers to it before that.
    """

    def __init__(self, folder):
        self.folder = Path(folder)

    def path(self, content, kind):
        """Where a file lies.

        Raises
        ------
        StoreError
            If `content` is no name of a file, or the file is missing.
        """
        if not NAME.match(content):
            raise StoreError("store-file-missing", content=content[:64])
        found = self._place(content, kind)
        if not found.is_file():
            raise StoreError("store-file-missing", content=content[:12])
        return found

    def put_vector(self, frame):
        """Store a GeoDataFrame as GeoParquet; its name."""

        def write(path):
            frame.to_parquet(path, index=False, compression="zstd", schema_version="1.1.0")

        return self._put("vector", write)

    def get_vector(self, content):
        """The GeoDataFrame of a name."""
        import geopandas

        with self._opened(content, "vector") as path:
            frame = geopandas.read_parquet(path)
        for name in frame.columns:
            # Text comes back as pandas' own type, which the rest of the house does not use.
            if (
                name != frame.geometry.name
                and frame[name].dtype.kind == "O"
                or str(frame[name].dtype) == "str"
            ):
                frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
        return frame

    def put_table(self, sheets, merged):
        """Store sheets of cells and their merged ranges; their name."""
        content = {"sheets": sheets, "merged": merged}
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return self._put("table", lambda path: path.write_text(text, encoding="utf-8"))

    def get_table(self, content):
        """The sheets of a name: dict of sheet name to rows, and dict of sheet name to merged ranges."""
        with self._opened(content, "table") as path:
            found = json.loads(path.read_text(encoding="utf-8"))
        return found["sheets"], found["merged"]

    def put_raster(self, array, transform, crs, nodata):
        """Store a raster; its name. `crs` is a text or None."""
        place = json.dumps(
            {"transform": [float(value) for value in transform][:6], "crs": crs, "nodata": nodata}
        )

        def write(path):
            with open(path, "wb") as file:
                np.savez_compressed(file, array=np.asarray(array), place=np.array(place))

        return self._put("raster", write)

    def get_raster(self, content):
        """Array, transform (six numbers), CRS text or None, and the value that marked missing cells."""
        with self._opened(content, "raster") as path, np.load(path, allow_pickle=False) as found:
            place = json.loads(str(found["place"]))
            return found["array"], place["transform"], place["crs"], place["nodata"]

    def put_octets(self, pieces, kind="evidence"):
        """Store bytes as they come, such as a photo; their name and size."""
        size = 0

        def write(path):
            nonlocal size
            with open(path, "wb") as file:
                for piece in pieces:
                    size += len(piece)
                    file.write(piece)

        return self._put(kind, write), size

    def opened(self, content, kind):
        """A context manager: the path of a file, to read it there; see `path` for what may be wrong."""
        return self._opened(content, kind)

    def all(self):
        """Every file as (content, kind, path), sorted."""
        kinds = {ending: kind for kind, ending in ENDINGS.items()}
        for path in sorted(self.folder.glob("??/*")):
            if NAME.match(path.stem) and path.suffix in kinds:
                yield path.stem, kinds[path.suffix], path

    def add(self, pieces, kind, content):
        """Take a file from elsewhere, as pieces of bytes, under the name it claims; one that is here is mended.

        Raises
        ------
        StoreError
            If its content is not what the name says.
        """

        def write(target):
            with open(target, "wb") as sink:
                for piece in pieces:
                    sink.write(piece)

        if not NAME.match(content) or kind not in ENDINGS:
            raise StoreError("store-file-differs", content=content[:12])
        here = self._place(content, kind)
        damaged = here.is_file() and digest(here) != content
        self._put(kind, write, expected=content, anew=damaged)

    @contextlib.contextmanager
    def _opened(self, content, kind):
        """The path of a file; whatever a library says of a damaged one is a sentence.

        Raises
        ------
        StoreError
        """
        path = self.path(content, kind)
        try:
            yield path
        except StoreError:
            raise
        except Exception as error:
            raise StoreError("store-file-damaged", content=content[:12]) from error

    def _place(self, content, kind):
        return self.folder / content[:2] / f"{content}{ENDINGS[kind]}"

    def _put(self, kind, write, expected=None, anew=False):
        fresh = self.folder / f".new-{secrets.token_hex(8)}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            check_space(self.folder)
            write(fresh)
            reached("file-written")
            content = digest(fresh)
            if expected not in (None, content):
                raise StoreError("store-file-differs", content=expected[:12])
            target = self._place(content, kind)
            if anew or not _used(target):
                target.parent.mkdir(exist_ok=True)
                flush(fresh)
                reached("file-flushed")
                os.replace(fresh, target)
                flush(target.parent)
                reached("file-named")
            return content
        except OSError as error:
            if isinstance(error, StoreError):
                raise
            raise StoreError(disk_code(error), reason=error.strerror or str(error)[:120]) from error
        finally:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)


def _used(path):
    """Whether a file is there; it counts as used now, so that nobody sweeps it away."""
    try:
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
    except FileNotFoundError:
        return False
    return True


def digest(path):
    """SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flush(path):
    """Have the system write a file, or a folder's list of names, to the disk now."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_space(folder):
    """Refuse to write on a disk that is nearly full.

    Raises
    ------
    StoreError
    """
    import shutil

    usage = shutil.disk_usage(folder)
    if usage.free < SPARE_SHARE * usage.total and usage.free < 1_000_000_000:
        raise StoreError("store-full", reason=f"{usage.free / 1e6:.0f} MB")


def disk_code(error):
    """The code of what the system says about a write that failed."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "store-full"
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return "store-read-only"
    return "store-failed"
