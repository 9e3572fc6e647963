"""Coordinates as people write them in tables: decimal, with commas, in degrees, minutes and seconds."""

import math
import re

NUMBER = r"\d+(?:[.,]\d+)?"
LETTERS = "NSEWBĐDT"
DEGREES = re.compile(
    rf"(?P<before>[{LETTERS}])?\s*(?P<sign>[-+])?\s*(?P<d>{NUMBER})\s*(?:°|º|˚|độ|do|\s)\s*"
    rf"(?:(?P<m>{NUMBER})\s*(?:'|′|’|`|phút|\s|$)\s*)?"
    rf"(?:(?P<s>{NUMBER})\s*(?:\"|″|”|''|′′|’’|giây|s)?\s*)?"
    rf"(?P<after>[{LETTERS}])?",
    re.IGNORECASE,
)
PLAIN = re.compile(
    rf"(?P<before>[{LETTERS}])?\s*(?P<number>[-+]?[\d.,]+(?:e[-+]?\d+)?)\s*(?P<after>[{LETTERS}])?",
    re.IGNORECASE,
)
VIETNAMESE = re.compile(r"[BĐDT]\s*$|^\s*[BĐDT]", re.IGNORECASE)


def coordinates(values):
    """A column of coordinates as numbers.

    Parameters
    ----------
    values : list
        Cells: text, float, bool or None.

    Returns
    -------
    list of (float or None)
        None where a cell is blank, NaN where it is no coordinate. Degrees, minutes and seconds come out as
        degrees; S, W, T (tây) and, in a column that speaks Vietnamese, N (nam) are negative.

    Examples
    --------
    >>> coordinates(["14°30'B", "107,25", None, "nhà ông A"])
    [14.5, 107.25, None, nan]
    >>> coordinates(["14°30'N"]), coordinates(["14°30'N", "14°30'B"])
    ([14.5], [-14.5, 14.5])
    """
    vietnamese = any(isinstance(value, str) and VIETNAMESE.search(value) for value in values)
    return [_coordinate(value, vietnamese) for value in values]


def _coordinate(value, vietnamese):
    if value is None or isinstance(value, bool):
        return None if value is None else math.nan
    if not isinstance(value, str):
        return float(value)
    text = value.replace("\u00a0", " ").strip()
    if text.lower() in ("", "-", "nan", "null", "none", "n/a"):
        return None
    found = PLAIN.fullmatch(text)
    if found:
        number = _number(found["number"])
        return math.nan if number is None else number * _side(found, vietnamese)
    grouped = re.fullmatch(r"[-+]?\d{1,3}(?: \d{3})+(?:[.,]\d+)?", text)
    if grouped:
        return float(text.replace(" ", "").replace(",", "."))
    found = DEGREES.fullmatch(text)
    if not found:
        return math.nan
    degrees, minutes, seconds = (_number(found[part] or "0") for part in "dms")
    if minutes >= 60 or seconds >= 60:
        return math.nan
    sign = -1 if found["sign"] == "-" else 1
    return sign * _side(found, vietnamese) * (degrees + minutes / 60 + seconds / 3600)


def _number(text):
    """A number in which the last of two different marks, or a single mark, parts the decimals."""
    marks = [mark for mark in text if mark in ".,"]
    if len(marks) > 1 and (len(set(marks)) == 1 or marks[-1] not in marks[:-1]):
        # The first mark, or one mark many times, parts thousands.
        text = text.replace(marks[0], "")
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _side(found, vietnamese):
    letter = (found["before"] or found["after"] or "").upper()
    return -1 if letter in ("S", "W", "T") or (letter == "N" and vietnamese) else 1
