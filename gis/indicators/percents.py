"""Percent that a part is of a whole, such that all of it is 100 and not a hair less."""

import numpy as np

HAIR = 1e-9
"""Rounding of two figures moves their share by less than this, and no figure of a set is finer."""


def percent(part, whole):
    """Percent that a part is of a whole; nan and inf as dividing gives them.

    Examples
    --------
    >>> 100 * 0.68 / 0.68 < 100, percent(0.68, 0.68), percent(57, 100), percent(0.57, 1.0)
    (True, 100.0, 57.0, 57.0)
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        # 100 first: 57 of 100 must be exactly 57
        share = 100 * np.asarray(part, dtype=float) / whole
        plain = np.round(share, 6)
        found = np.where(np.abs(share - plain) < HAIR, plain, share)
    return float(found) if found.ndim == 0 else found
