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


def over_speeds(measured, limit, speed_pct):
    """What is measured within a limit of time, and what it is if everyone is slower or faster by some percent.

    Parameters
    ----------
    measured : callable
        From a limit in minutes to the measurements within it, with ``value``, ``low`` and ``high``: those of a longer
        limit are nowhere less or nowhere more.
    limit : float
    speed_pct : float
        Below 100; for 0 nothing is added.

    Returns
    -------
    DataFrame
        Those of `limit`, with ``least`` and ``most`` of the values and ``lowest`` and ``highest`` of the bounds.
    """
    found = measured(limit)
    if not speed_pct:
        return found
    # whoever is slower by a fifth gets within the limit as far as others within four fifths of it
    other = [measured(limit * (1 + sign * speed_pct / 100)) for sign in (-1, 1)]
    ends = {"least": ("value", np.fmin), "most": ("value", np.fmax), "lowest": ("low", np.fmin)}
    ends["highest"] = ("high", np.fmax)
    return found.assign(
        **{
            name: pick.reduce([each[column].to_numpy(dtype=float) for each in (found, *other)])
            for name, (column, pick) in ends.items()
        }
    )


def need(frame, thing, *columns):
    """Raise `TableError` naming the columns that a frame lacks; `thing` is the parameter it came in."""
    missing = [column for column in columns if column not in frame]
    if missing:
        known = [str(column) for column in frame.columns if column != "geometry"]
        raise TableError("indicator-no-column", thing=thing, columns=missing, known=known)
