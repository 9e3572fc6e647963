"""Single points that cannot be where they say, and what became of them."""

import numpy as np


def coordinate_faults(longitude, latitude, *, area):
    """What is wrong with single points that should lie in an area; they are named, not corrected.

    Parameters
    ----------
    longitude, latitude : array of float
        Degrees as given.
    area : tuple of float
        West, south, east, north in degrees.

    Returns
    -------
    array of (str or None)
        ``"not-finite"`` (missing, infinite, or the largest number a program knows); ``"equal"`` (one value
        twice); ``"swapped"`` (in the area once exchanged); ``"decimal"`` (in the area once the decimal point
        is put back); ``"outside"`` of the area otherwise; None where nothing is wrong.
    """
    x, y = np.asarray(longitude, dtype=float), np.asarray(latitude, dtype=float)
    finite = np.isfinite(x) & np.isfinite(y) & (np.abs(x) < 1e30) & (np.abs(y) < 1e30)
    west, south, east, north = area
    inside_x, inside_y = (west <= x) & (x <= east), (south <= y) & (y <= north)
    swapped = (west <= y) & (y <= east) & (south <= x) & (x <= north)
    decimal = (inside_x | _shifted(x, west, east, finite)) & (inside_y | _shifted(y, south, north, finite))
    found = np.full(len(x), None, dtype=object)
    good = finite & inside_x & inside_y
    for fault, rows in (
        ("outside", finite),
        ("decimal", finite & decimal),
        ("swapped", finite & swapped),
        ("equal", finite & (x == y)),
        ("not-finite", ~finite),
    ):
        found[rows & ~good] = fault
    return found


def _shifted(values, low, high, finite):
    """Whether a value lies between two bounds once its decimal point is moved by one to nine places."""
    plain = np.where(finite, values, 0.0)
    return np.any(
        [
            (low <= plain * 10.0**places) & (plain * 10.0**places <= high)
            for places in range(-9, 10)
            if places
        ],
        axis=0,
    )
