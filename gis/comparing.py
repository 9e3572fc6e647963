"""A value that may lie anywhere from low to high, compared with the figure of a criterion."""

from dataclasses import dataclass

import numpy as np

from gis.trivalent import NO, UNKNOWN, YES


@dataclass(frozen=True)
class Limits:
    """The figures of one criterion, a row a village.

    Attributes
    ----------
    number : array of float
        NaN where the figure is none, a band or not known.
    bands : list of tuple
        Empty where the criterion has no bands.
    known : array of bool
        Whether the set gives a figure at all.
    """

    number: np.ndarray
    bands: list
    known: np.ndarray

    @classmethod
    def of(cls, criterion, groups):
        """The figures of a criterion for villages by their group."""
        numbers, bands, known = {}, {}, {}
        for group in groups.unique():
            given = criterion.thresholds.get(group)
            is_number = isinstance(given, (int, float)) and not isinstance(given, bool)
            numbers[group] = float(given) if is_number else np.nan
            bands[group] = tuple(given) if criterion.compare == "band" and given else ()
            known[group] = given is not None
        return cls(
            np.array([numbers[group] for group in groups], dtype=float),
            [bands[group] for group in groups],
            np.array([known[group] for group in groups], dtype=bool),
        )


def compare(comparator, low, high, limits):
    """Whether values hold, fail or leave it open, and the grade of the band they fall in.

    Parameters
    ----------
    comparator : str
        ge, gt, le, lt, eq, present, absent or band.
    low, high : arrays of float
        The least and the most a value can be; NaN where nothing is known, inf for "not reachable".
    limits : Limits

    Returns
    -------
    codes : array of int
        YES where the comparison holds at both ends, NO where it fails at both, else UNKNOWN; UNKNOWN too
        where the set gives no figure.
    grade : array of str or None
    """
    limit, grade = limits.number, np.full(len(low), None, dtype=object)
    with np.errstate(invalid="ignore"):
        if comparator == "ge":
            yes, no = low >= limit, high < limit
        elif comparator == "gt":
            yes, no = low > limit, high <= limit
        elif comparator == "le":
            yes, no = high <= limit, low > limit
        elif comparator == "lt":
            yes, no = high < limit, low >= limit
        elif comparator == "eq":
            yes, no = (low == limit) & (high == limit), (low > limit) | (high < limit)
        elif comparator == "present":
            yes, no = low > 0, high <= 0
        elif comparator == "absent":
            yes, no = high <= 0, low > 0
        else:
            yes, no, grade = _in_bands(low, high, limits.bands)
    known = limits.known & ~(np.isnan(low) | np.isnan(high))
    return np.where(known & yes, YES, np.where(known & no, NO, UNKNOWN)), grade


def _in_bands(low, high, bands):
    """In a band: ``min <= value < max``; with ``includes_max`` also at its max, and then in it alone.

    The bands of a set join without gaps, so a value between the first and the last is in one of them even
    when it is not known in which.
    """
    yes, no = np.zeros(len(low), dtype=bool), np.zeros(len(low), dtype=bool)
    grade = np.full(len(low), None, dtype=object)
    for chosen in dict.fromkeys(bands):
        if not chosen:
            continue
        here = np.array([band == chosen for band in bands])
        graded = np.zeros(len(low), dtype=bool)
        for band in chosen:
            inside = here & ~graded & (low >= _least(band)) & _below(high, band)
            grade[inside] = dict(band).get("grade")
            graded |= inside
        above = low >= _least(chosen[0])
        yes |= here & above & _below(high, chosen[-1])
        no |= here & ((high < _least(chosen[0])) | ~_below(low, chosen[-1]))
    return yes, no, grade


def _least(band):
    given = dict(band).get("min")
    return -np.inf if given is None else float(given)


def _below(value, band):
    given = dict(band).get("max")
    most = np.inf if given is None else float(given)
    closed = np.isinf(most) or dict(band).get("includes_max")
    return (value <= most) if closed else (value < most)
