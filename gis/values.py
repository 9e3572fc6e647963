"""Numbers, yes and no, and codes as people type them in sheets and attribute tables."""

import re

import numpy as np
import pandas as pd

from gis.names import clean, fold

YES = frozenset(
    {"yes", "y", "co", "x", "dat", "true", "1", "da co", "roi", "hoat dong", "dang hoat dong", "dang su dung",
     "binh thuong", "co nuoc", "tot", "open", "working", "functional"}
)  # fmt: skip
NO = frozenset(
    {"no", "n", "khong", "chua", "chua dat", "false", "0", "chua co", "khong co", "khong dat", "khong hoat dong",
     "ngung hoat dong", "ngung", "hong", "hu hong", "dong cua", "tam dung", "bo hoang", "can nuoc", "khong su dung",
     "closed", "not working"}
)  # fmt: skip
BLANK = frozenset({"", "-", "–", "—", "n/a", "na", "null", "none", "nan", "..."})
_VIETNAMESE = re.compile(r"-?\d{1,3}(\.\d{3})*,\d+\Z|-?\d{1,3}(\.\d{3}){2,}\Z")
_ENGLISH = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?\Z")
_GROUPED = re.compile(r"-?[1-9]\d{0,2}([.,]\d{3})+\Z")
_COMMA = re.compile(r"-?\d+,\d+\Z")


def to_count(value):
    """A whole amount from a cell: in ``1.250`` and ``1,250`` the mark can only part thousands.

    Examples
    --------
    >>> to_count("1.250"), to_count("1,250"), to_count(12.0), to_count("12,5")
    (1250.0, 1250.0, 12.0, None)
    """
    if isinstance(value, str) and _GROUPED.match(value.strip()):
        value = re.sub("[.,]", "", value)
    number = to_number(value)
    return number if number is None or number != number or number.is_integer() else None


def is_ambiguous(value):
    """Whether a text such as ``1.250`` may mean 1250 or 1.25, so that its reader must be told which was taken."""
    return isinstance(value, str) and bool(_GROUPED.match(value.strip())) and value.strip().count(".") < 2


def to_number(value):
    """A finite number from a cell; NaN when blank, None when it is something else.

    Examples
    --------
    >>> to_number("1.234,5"), to_number("98 %"), to_number("12"), to_number("nhiều")
    (1234.5, 98.0, 12.0, None)
    """
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, (int, float, np.integer, np.floating)):
        number = float(value)
        return number if np.isfinite(number) or np.isnan(number) else None
    if is_blank(value):
        return np.nan
    text = str(value).strip().removesuffix("%").replace("\u00a0", "").replace(" ", "")
    if _VIETNAMESE.match(text):
        text = text.replace(".", "").replace(",", ".")
    elif _ENGLISH.match(text):
        text = text.replace(",", "")
    elif _COMMA.match(text):
        text = text.replace(",", ".")
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def to_yes(value):
    """1.0 for yes, 0.0 for no, NaN when blank, None when it is neither; a count above zero is yes.

    Examples
    --------
    >>> to_yes("Có"), to_yes("chưa"), to_yes("x"), to_yes(3), to_yes("?")
    (1.0, 0.0, 1.0, 1.0, None)
    """
    if is_blank(value):
        return np.nan
    folded = fold(value)
    if folded in YES:
        return 1.0
    if folded in NO:
        return 0.0
    number = to_number(value)
    return None if number is None or number < 0 else float(number > 0)


def to_text(value):
    """A code or name as text; whole numbers without ``.0``, None when blank."""
    if is_blank(value):
        return None
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    return clean(value)


def is_blank(value):
    """Whether a cell holds nothing: None, NaN, spaces, or a dash."""
    if value is None or value is pd.NaT or value != value:
        return True
    return isinstance(value, str) and value.strip().lower() in BLANK


COUNTED = ("households", "people", "villages", "pupils", "rooms", "schools", "houses")
"""Units of things that come whole."""


def convert(column, kind, unit=None):
    """A column converted to a catalogue type, and the positions that could not be.

    Parameters
    ----------
    column : Series
    kind : str
        A type of the catalogue: text, number, integer, yesno, kind, date, year.
    unit : str, optional
        Of a number; people and households come whole.

    Returns
    -------
    converted : Series
        float64 for number, integer, yesno and year; else text with None.
    failed : list of int
        Positions whose value is not of the type; they are NaN.
    """
    if kind not in ("number", "integer", "yesno", "year"):
        return pd.Series(_each(to_text, column), index=column.index, dtype=object), []
    whole = kind in ("integer", "year") or unit in COUNTED
    if kind != "yesno" and pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        numbers = column.astype("float64")
        wrong = np.isinf(numbers) | (numbers % 1 != 0 if whole else False) & numbers.notna()
        return numbers.where(~wrong), np.flatnonzero(wrong).tolist()
    parse = to_yes if kind == "yesno" else to_count if whole else to_number
    values = _each(parse, column)
    failed = [position for position, value in enumerate(values) if value is None]
    numbers = [np.nan if value is None else value for value in values]
    return pd.Series(numbers, index=column.index, dtype="float64"), failed


def _each(parse, column):
    """Parse every value, each different one once: sheets and attribute tables repeat themselves."""
    known, values = {}, []
    for value in column:
        key = value.__class__, value  # 1 and True are equal, but not the same answer
        if key not in known:
            known[key] = parse(value)
        values.append(known[key])
    return values
