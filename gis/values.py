"""Numbers, yes and no, and codes as people type them in sheets and attribute tables."""

import re
import unicodedata
from functools import lru_cache

import numpy as np
import pandas as pd

from gis.names import clean, fold

YES = frozenset(
    {"yes", "y", "co", "x", "dat", "true", "1", "da co", "roi", "hoat dong", "dang hoat dong", "dang su dung",
     "binh thuong", "co nuoc", "tot", "open", "working", "functional", "v", "✓", "✔", "☑", "√", "+", "ok", "dat chuan"}
)  # fmt: skip
NO = frozenset(
    {"no", "n", "khong", "chua", "chua dat", "false", "0", "chua co", "khong co", "khong dat", "khong hoat dong",
     "ngung hoat dong", "ngung", "hong", "hu hong", "dong cua", "tam dung", "bo hoang", "can nuoc", "khong su dung",
     "closed", "not working"}
)  # fmt: skip
BLANK = frozenset({"", "-", "–", "—", "n/a", "na", "null", "none", "nan", "...", "…"})
NOT_GIVEN = frozenset(
    {"khong co so lieu", "chua co so lieu", "khong co du lieu", "chua co du lieu", "kxd", "khong xac dinh",
     "chua xac dinh", "khong ro", "chua ro", "chua ra soat", "chua danh gia", "chua thong ke", "no data", "not known"}
)  # fmt: skip
"""Words, folded, that say that nobody knows; they are never a no."""

COUNTED = ("households", "people", "villages", "pupils", "rooms", "schools", "houses")
"""Units of things that come whole."""

UNIT_WORDS = {
    "households": ("hộ", "ho", "households"), "people": ("khẩu", "nhân khẩu", "người", "people"), "km": ("km",),
    "ha": ("ha",), "m2": ("m2", "m²"), "months": ("tháng", "months"), "min": ("phút", "min"), "times": ("lần",),
    "rooms": ("phòng",), "houses": ("nhà", "căn"), "villages": ("thôn", "làng"), "schools": ("trường",),
    "million VND": ("triệu đồng", "triệu", "trđ", "tr.đ", "tr.đồng"),
    "million VND a year": ("triệu đồng", "triệu", "trđ", "tr.đ", "tr.đồng", "triệu đồng/người/năm"),
}  # fmt: skip
"""Unit of a field to the words for it that may stand behind a figure in a cell or in brackets in a heading."""

_SPACES = dict.fromkeys(
    map(ord, "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000"), " "
)
_WIDE = str.maketrans("，．％－＋", ",.%-+")
_SPACED = re.compile(r"[+-]?\d{1,3}([ '’]\d{3})+([.,]\d+)?\Z")
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
    if isinstance(value, str) and _GROUPED.match(plain_text(value)):
        value = re.sub("[.,]", "", plain_text(value))
    number = to_number(value)
    return number if number is None or number != number or number.is_integer() else None


def is_ambiguous(value):
    """Whether a text such as ``1.250`` may mean 1250 or 1.25, so that its reader must be told which was taken."""
    if not isinstance(value, str):
        return False
    text = plain_text(value)
    return bool(_GROUPED.match(text)) and len(re.findall("[.,]", text)) < 2


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
    text = plain_text(str(value)).removesuffix("%").strip()
    if _SPACED.match(text):
        text = re.sub("[ '’]", "", text)
    if not text.isascii() or "_" in text:  # Python reads 1_000 and figures of other scripts; people mean none
        return None
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
    # what stands in brackets explains the answer: "Có (2018)", "Đạt (80 m²)"
    for folded in (fold(value), fold(re.sub(r"\([^()]*\)\s*\Z", "", str(value)))):
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
    """Whether a cell holds nothing: None, NaN, spaces, a dash, or words that say that nobody knows."""
    if value is None or value is pd.NaT or value != value:
        return True
    return isinstance(value, str) and _is_blank_text(value)


@lru_cache(maxsize=1 << 16)
def _is_blank_text(text):
    # invisible letters and odd spaces are not printable; the words for no data begin with a few letters
    plain = (text.strip() if text.isprintable() else plain_text(text)).lower()
    return plain in BLANK or (len(plain) < 30 and plain[:1] in ("k", "c", "n") and fold(plain) in NOT_GIVEN)


def plain_text(text):
    """A text without invisible characters and odd spaces, its digits those of ASCII.

    Examples
    --------
    >>> plain_text("１２\u00a0％"), plain_text("໑໒\u200b")
    ('12 %', '12')
    """
    if text.isascii():
        return text.strip()
    kept = (
        letter for letter in text.translate(_SPACES).translate(_WIDE) if unicodedata.category(letter) != "Cf"
    )
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in kept).strip()


def without_unit(value, unit):
    """A text without the words for `unit` behind its figure; None where another unit stands there.

    Examples
    --------
    >>> without_unit("12 hộ", "households"), without_unit("98 %", "households"), without_unit("12", "km")
    ('12', None, '12')
    """
    if not isinstance(value, str) or unit is None:
        return value
    text = plain_text(value)
    if text.endswith("%"):
        return value if unit == "%" else None
    found = re.fullmatch(r"([+-]?\d[\d.,' ’]*?)\s*([^\W\d][^\d]*[²2]?|m[²2])\.?", text)
    if not found:
        return value
    return found[1] if unicodedata.normalize("NFC", found[2].lower()) in UNIT_WORDS.get(unit, ()) else None


def convert(column, kind, unit=None):
    """A column converted to a catalogue type, and the positions that could not be.

    Parameters
    ----------
    column : Series
    kind : str
        A type of the catalogue: text, number, integer, yesno, kind, date, year.
    unit : str, optional
        Of a number; people and households come whole, and the unit's own words may stand behind a figure.

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
    number = to_count if whole else to_number
    values = _each(to_yes if kind == "yesno" else lambda value: _figure(value, number, unit), column)
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


def _figure(value, parse, unit):
    bare = without_unit(value, unit)
    return None if bare is None and value is not None else parse(bare)


def decimal_mark(column):
    """The decimal mark that a column of texts keeps to, ``,`` or ``.``; None where it shows none or both.

    Examples
    --------
    >>> decimal_mark(["12,5", "1.250"]), decimal_mark(["12.5", "1,5"]), decimal_mark(["1.250"])
    (',', None, None)
    """
    marks = set()
    for value in set(filter(lambda cell: isinstance(cell, str), column)):
        text = plain_text(value).removesuffix("%").strip()
        if _GROUPED.match(text) or not re.fullmatch(r"[+-]?[\d.,]+", text):
            continue
        found = re.search(r"[.,](?=\d+\Z)", text)
        if found:
            marks.add(found[0])
    return marks.pop() if len(marks) == 1 else None


def shares_of_one(column, converted):
    """Which cells of a column of shares are parts of 1 and not of 100, decided for the whole column.

    Parameters
    ----------
    column : Series
        Cells as read; one with a percent sign says itself what it is.
    converted : Series
        The same as numbers.

    Returns
    -------
    Series of bool
        True for every unsigned figure, where none of these is above 1 and one is above 0: whole percents would
        mean that no village reaches two.
    """
    signed = pd.Series(
        [isinstance(value, str) and plain_text(value).endswith("%") for value in column], index=column.index
    )
    unsigned = converted.where(~signed)
    if unsigned.notna().any() and unsigned.min() >= 0 and 0 < unsigned.max() <= 1:
        return unsigned.notna()
    return pd.Series(False, index=column.index)
