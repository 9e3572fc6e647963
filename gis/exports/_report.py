"""What an export leaves behind: a whole file or the old one, and an account of what it could not carry."""

import errno
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from gis.errors import ExportError


@dataclass(frozen=True)
class Cut:
    """A text that the file does not hold as it was: where it stands, the whole text, and why."""

    village_id: str
    column: str
    text: str
    why: str


@dataclass(frozen=True)
class ExportReport:
    """What was written: path, format, rows, all files, the data dictionary, cut texts and problems."""

    path: Path
    format: str
    rows: int
    files: tuple
    dictionary: pd.DataFrame
    cut: tuple = ()
    problems: tuple = ()


@contextmanager
def replacing(path):
    """A new file to write, put in the place of `path` when the block ends without an error.

    Yields
    ------
    Path
        A path of the same name in a fresh folder beside the target. The block writes it, opens it again
        and compares; other files it leaves in that folder are thrown away.

    Raises
    ------
    ExportError
        If anything fails: the disk is full, the folder cannot be written, the file does not read back.
        The old file then stays as it was and nothing else is left.
    """
    path = Path(path)
    folder = None
    try:
        folder = Path(tempfile.mkdtemp(prefix=".export-", dir=path.parent))
        fresh = folder / path.name
        yield fresh
        _flush(fresh)
        _allow_readers(fresh)
        os.replace(fresh, path)
        _flush(path.parent)
    except (ExportError, TypeError, AttributeError, LookupError, Warning):
        raise
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        raise ExportError("export-disk-full" if full else "export-failed", file=path, fault=error) from error
    except Exception as error:
        raise ExportError("export-failed", file=path, fault=error) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def same(expected, found, file):
    """Raise unless two frames hold the same rows and values; an empty text and none are the same.

    Parameters
    ----------
    expected : DataFrame
        What was to be written.
    found : DataFrame
        What was read back, with the same columns in any order.
    file : Path or str
        Named in the error.
    """
    if len(expected) != len(found):
        raise ExportError("export-rows-differ", file=file, expected=len(expected), found=len(found))
    for name in expected.columns:
        if name not in found.columns:
            raise ExportError("export-values-differ", file=file, column=name)
        left, right = expected[name].reset_index(drop=True), found[name].reset_index(drop=True)
        if pd.api.types.is_numeric_dtype(left) and left.dtype != bool:
            right = pd.to_numeric(right, errors="coerce")
            close = (left - right).abs() <= 1e-6 + 1e-9 * left.abs()
            equal = close | (left.isna() & right.isna())
        else:
            equal = left.map(_text) == right.map(_text)
        if not bool(equal.all()):
            raise ExportError("export-values-differ", file=file, column=name)


def _text(value):
    return "" if value is None or value is pd.NA or value != value else str(value)


def _flush(path):
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _allow_readers(path):
    """The rights an ordinary new file gets; temporary ones are closed to others."""
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(path, 0o666 & ~mask)
