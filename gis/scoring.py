"""Points of a village under a set that is judged by points, as an interval where rows are not known."""

from dataclasses import dataclass

import numpy as np

from gis.criteria.points import most_of
from gis.trivalent import EXEMPT, NO, UNKNOWN, YES, all_of


@dataclass(frozen=True)
class Score:
    """The points of each village and what they decide.

    Attributes
    ----------
    low, high : array of float
        The least and the most points; NaN where no row applies.
    verdict : array of int
        YES where even the least points reach the pass mark and all that is required is met, NO where even the
        most do not or something required is unmet, EXEMPT where no row applies, else UNKNOWN.
    nearly : array of bool
        Where the verdict is NO, all that is required is met and the least points reach the easier mark.
    """

    low: np.ndarray
    high: np.ndarray
    verdict: np.ndarray
    nearly: np.ndarray


def score(logic, codes, nearly, grades):
    """Add up points and judge them.

    Parameters
    ----------
    logic : Mapping
        With ``points``, ``pass``, ``required`` and where given ``nearly``.
    codes, nearly : dict of str to array of int
        By criterion, the answer by its figure and by its easier figure.
    grades : dict of str to array of str or None
        By criterion, the band that the value falls in.

    Returns
    -------
    Score

    Notes
    -----
    A row that does not apply is left out, and the points of the others are scaled up to the same total:
    ``points * total / total of the rows that apply``. A row that is unknown gives no points at the low end and
    all it can at the high end; one that is surely nearly met gives at least the points of that.
    """
    low = high = applicable = 0.0
    for name, entry in logic["points"].items():
        out = codes[name] == EXEMPT
        least, most = points_of(entry, codes[name], nearly[name], grades[name])
        low, high = low + np.where(out, 0, least), high + np.where(out, 0, most)
        applicable = applicable + np.where(out, 0.0, most_of(entry))
    total = sum(map(most_of, logic["points"].values()))
    with np.errstate(invalid="ignore", divide="ignore"):
        # 80.75 points of 95 are 85 of 100, which floating point must not miss
        low, high = (np.round(points * (total / applicable), 9) for points in (low, high))
    holds = all_of([codes[name] for name in logic["required"]]) if logic["required"] else None
    must = np.full(len(low), YES) if holds is None else np.where(holds == EXEMPT, YES, holds)
    reach, easier = (np.nan if mark is None else mark for mark in (logic["pass"], logic.get("nearly")))
    verdict = np.where((low >= reach) & (must == YES), YES, UNKNOWN)
    verdict = np.where((high < reach) | (must == NO), NO, verdict)
    verdict = np.where(applicable == 0, EXEMPT, verdict)
    return Score(low, high, verdict, (verdict == NO) & (must == YES) & (low >= easier))


def points_of(entry, code, nearly, grade):
    """The least and the most points of one criterion."""
    if "grades" in entry:
        values = entry["grades"]
        known = {None: np.nan, **values}
        points = np.array([known.get(one, np.nan) for one in grade], dtype=float)
        least = np.where(np.isnan(points), min(values.values()), points)
        most = np.where(np.isnan(points), max(values.values()), points)
        return np.where(code == YES, least, 0), np.where(
            code == YES, most, np.where(code == UNKNOWN, max(values.values()), 0)
        )
    full, part = entry["met"], entry.get("nearly", 0)
    least = np.where(code == YES, full, np.where(nearly == YES, part, 0))
    below = np.where((nearly == YES) | (nearly == UNKNOWN), part, 0)
    return least, np.where((code == YES) | (code == UNKNOWN), full, below)
