"""Places in spatial leaves of even size, so that a map can ask for the few it shows."""

import numpy as np


def leaves(x, y, *, most):
    """Number of the leaf of each place; every place with coordinates is in exactly one.

    Parameters
    ----------
    x, y : array of float
        Coordinates in metres; NaN where a place is not known.
    most : int
        At least 1: no leaf holds more places.

    Returns
    -------
    array of int
        From 0 without gaps, neighbours in number being neighbours on the ground; -1 where the place is not
        known.

    Notes
    -----
    A k-d tree: places are cut in half at the median across the longer side until few enough are left.
    Where coordinates are equal, the first place goes to the first leaf: who wants the same leaves for any
    order sorts the places by a key before.

    Examples
    --------
    >>> import numpy as np
    >>> leaves(np.array([0.0, 9.0, 1.0, np.nan]), np.zeros(4), most=2).tolist()
    [0, 1, 0, -1]
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    found = np.full(len(x), -1)
    waiting = [np.flatnonzero(np.isfinite(x) & np.isfinite(y))]
    number = 0
    while waiting:
        inside = waiting.pop()
        if len(inside) <= most:
            found[inside] = number
            number += bool(len(inside))
            continue
        wide = np.ptp(x[inside]) >= np.ptp(y[inside])
        ordered = inside[np.argsort((x if wide else y)[inside], kind="stable")]
        half = (len(ordered) + 1) // 2
        # sorted again, so that equal coordinates are cut by the order of the places and not of the axis
        waiting += [np.sort(ordered[half:]), np.sort(ordered[:half])]
    return found
