"""Amounts of money as people write them: dong, million and billion dong."""

import re

from gis.names import fold
from gis.values import is_ambiguous, to_count, to_number

UNITS = {
    "": 1.0,
    "vnd": 1.0,
    "d": 1.0,
    "dong": 1.0,
    "tr": 1e6,
    "trd": 1e6,
    "trieu": 1e6,
    "trieu dong": 1e6,
    "m": 1e6,
    "million": 1e6,
    "million vnd": 1e6,
    "ty": 1e9,
    "ti": 1e9,
    "ty dong": 1e9,
    "ti dong": 1e9,
    "bn": 1e9,
    "billion": 1e9,
    "billion vnd": 1e9,
}
_PARTS = re.compile(r"(?P<number>[-+]?[\d.,' ]*\d(?:[eE][-+]?\d+)?)\s*(?P<unit>[^\d]*)\Z")


def to_vnd(given):
    """Dong from a number or a text with its unit; None where it is no amount or can be read in two ways.

    Parameters
    ----------
    given : float or str
        A bare number is dong. Behind a number may stand đồng, tr, triệu, tỷ, m, bn.

    Returns
    -------
    float or None
        Never negative.

    Examples
    --------
    >>> to_vnd("5 tỷ"), to_vnd("2,5 tỷ đồng"), to_vnd("300tr"), to_vnd("5e9"), to_vnd("500.000")
    (5000000000.0, 2500000000.0, 300000000.0, 5000000000.0, 500000.0)
    >>> to_vnd("1.250 tỷ"), to_vnd("-1"), to_vnd("nhiều")
    (None, None, None)
    """
    if isinstance(given, bool) or given is None:
        return None
    if isinstance(given, (int, float)):
        number = float(given)
    else:
        parts = _PARTS.match(str(given).strip())
        unit = fold(parts["unit"].strip(" .")) if parts else None
        if unit not in UNITS:
            return None
        text = parts["number"].strip()
        # 1.250 is a thousand and more in Vietnamese and one and a quarter elsewhere; of dong there are no parts
        if UNITS[unit] > 1 and is_ambiguous(text):
            return None
        number = to_count(text) if UNITS[unit] == 1 else to_number(text)
        number = None if number is None else number * UNITS[unit]
    return number if number is not None and 0 <= number <= 1e18 else None
