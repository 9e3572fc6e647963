"""Writing a file so that there is always a whole one: the new or the old."""

import errno
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from gis.errors import ExportError, GisError

NO_FORMULAS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""Options of every workbook: what people typed stays text."""


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
    except (GisError, TypeError, AttributeError, LookupError, Warning):
        raise
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        code, fault = "export-disk-full" if full else "export-failed", error.strerror or error
        raise ExportError(code, file=path, fault=fault) from error
    except Exception as error:
        raise ExportError("export-failed", file=path, fault=error) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


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
