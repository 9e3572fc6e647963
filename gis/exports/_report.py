"""An account of what an export wrote and what it could not carry."""

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
