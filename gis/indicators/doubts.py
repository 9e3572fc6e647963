"""What the inputs of an indicator leave open: intervals and their reasons, and columns that must be there."""

import numpy as np
import pandas as pd

from gis.errors import TableError


def widen(measured, doubt, *, low=None, high=None, thing=None):
    """The measurements with their interval stretched to `low` and `high` and the doubt said where it was.

    Parameters
    ----------
    measured : DataFrame
        Column ``value``; ``low``, ``high``, ``doubt`` and ``doubt_of`` where an earlier doubt set them.
    doubt : str
        As in the table `MEASUREMENTS`. It takes the place of an earlier one that opened less.
    low, high : array of float, optional
        The least and the most that the value can be. A bound inside the interval changes nothing.
    thing : str, optional
        Which parameter of the indicator the doubt is about; its first layer where left out.

    Returns
    -------
    DataFrame
        A copy with ``low``, ``high``, ``doubt`` and ``doubt_of``.
    """
    measured = measured.copy()
    value = measured["value"].to_numpy(dtype=float)
    for column in ("low", "high"):
        if column not in measured:
            measured[column] = value
    for column in ("doubt", "doubt_of"):
        if column not in measured:
            measured[column] = pd.Series(None, index=measured.index, dtype=object)
    wider = np.zeros(len(measured), dtype=bool)
    for column, bound, further in (("low", low, np.less), ("high", high, np.greater)):
        if bound is not None:
            before = measured[column].to_numpy(dtype=float)
            changed = further(bound, before)
            measured[column] = np.where(changed, bound, before)
            wider |= changed
    for column, word in (("doubt", doubt), ("doubt_of", thing)):
        measured[column] = np.where(wider, word, measured[column].to_numpy(dtype=object))
    return measured


def need(frame, thing, *columns):
    """Raise `TableError` naming the columns that a frame lacks; `thing` is the parameter it came in."""
    missing = [column for column in columns if column not in frame]
    if missing:
        known = [str(column) for column in frame.columns if column != "geometry"]
        raise TableError("indicator-no-column", thing=thing, columns=missing, known=known)
