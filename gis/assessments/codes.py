"""Codes and names that a spreadsheet took for numbers or dates."""

import re

import pandas as pd

from gis.values import plain_text, to_text

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d:.]+)?\Z")
_NUMBER = re.compile(r"\d+\.0+\Z|\d(\.\d+)?[eE]\+?\d{1,2}\Z")


def as_codes(column, *, is_code):
    """Codes or names as text, and the positions of those that became dates, which are lost.

    Parameters
    ----------
    column : Series
        Cells as read.
    is_code : bool
        Codes written as numbers, ``101.0`` or ``1.01E+2``, are written out; names stay as they are.

    Returns
    -------
    codes : Series
        Text, None where blank or lost.
    dates : list of int

    Examples
    --------
    >>> codes, dates = as_codes(pd.Series(["101.0", "1.01E+2", "0101", "2026-02-01"], dtype=object), is_code=True)
    >>> codes.tolist(), dates
    (['101', '101', '0101', None], [3])
    """
    known, codes, dates = {}, [], []
    for position, value in enumerate(column):
        key = value.__class__, value
        if key not in known:
            known[key] = _code(value, is_code)
        text, lost = known[key]
        codes.append(text)
        if lost:
            dates.append(position)
    return pd.Series(codes, index=column.index, dtype=object), dates


def _code(value, is_code):
    text = to_text(value)
    if text is None:
        return None, False
    if _DATE.match(text):
        return None, True
    if is_code:
        text = plain_text(text)
        if _NUMBER.match(text) and float(text).is_integer():
            text = f"{float(text):.0f}"
    return text, False


def restore_codes(codes, known):
    """Codes with the leading zeros back that a spreadsheet took, and the positions that were changed.

    A code is changed only where it is not known itself and exactly one known code is the same figure.

    Parameters
    ----------
    codes : Series of str
    known : iterable of str

    Examples
    --------
    >>> restored, changed = restore_codes(pd.Series(["101", "0102", "7"]), ["0101", "0102", "07", "007"])
    >>> restored.tolist(), changed
    (['0101', '0102', '7'], [0])
    """
    known = set(known)
    by_figure = {}
    for code in known:
        if isinstance(code, str) and code.isdecimal():
            by_figure.setdefault(code.lstrip("0"), []).append(code)
    restored, changed = [], []
    for position, code in enumerate(codes):
        fits = by_figure.get(code.lstrip("0"), ()) if isinstance(code, str) and code.isdecimal() else ()
        if code not in known and len(fits) == 1 and len(fits[0]) > len(code):
            changed.append(position)
            code = fits[0]
        restored.append(code)
    return pd.Series(restored, index=codes.index, dtype=object), changed
