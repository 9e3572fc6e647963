"""A value that may lie anywhere from low to high, compared with the figure of a criterion."""

from dataclasses import dataclass

import numpy as np

from gis.trivalent import NO, UNKNOWN, YES


@dataclass(frozen=True)
class Limits:
    """The figures of one criterion for villages of several groups.

    Attributes
    ----------
    number : array of float
        A row a village; NaN where the figure is none, a band or not known.
    known : array of bool
        A row a village: whether the set gives a figure at all.
    bands : list of (tuple, array of bool or None)
        Lists of bands that differ, each with the villages it is for; None for all of them.
    """

    number: np.ndarray
    known: np.ndarray
    bands: tuple

    @classmethod
    def of(cls, criterion, codes, groups, figures=None):
        """The figures of a criterion.

        Parameters
        ----------
        criterion : Criterion
        codes : array of int
            A row a village: position in `groups`.
        groups : list of str or None
        figures : Mapping of str to number or None, optional
            By group, in the place of the criterion's thresholds.
        """
        given = [(criterion.thresholds if figures is None else figures).get(group) for group in groups]
        numbers = [
            float(one) if isinstance(one, (int, float)) and not isinstance(one, bool) else np.nan
            for one in given
        ]
        bands = []
        if criterion.compare == "band":
            for chosen in dict.fromkeys(one for one in given if one):
                wanted = np.array([one == chosen for one in given], dtype=bool)
                bands.append((chosen, None if wanted.all() else wanted[codes]))
        known = np.array([one is not None for one in given], dtype=bool)
        return cls(np.array(numbers, dtype=float)[codes], known[codes], tuple(bands))


def compare(comparator, low, high, limits):
    """Whether values hold, fail or leave it open.

    Parameters
    ----------
    comparator : str
        ge, gt, le, lt, eq, present, absent or band.
    low, high : arrays of float
        The least and the most a value can be; NaN where nothing is known, inf for "not reachable".
    limits : Limits

    Returns
    -------
    array of int
        YES where the comparison holds at both ends, NO where it fails at both, else UNKNOWN; UNKNOWN too
        where the set gives no figure.
    """
    limit = limits.number
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
            yes, no = _in_any(low, high, limits.bands)
    known = limits.known & ~(np.isnan(low) | np.isnan(high))
    return np.where(known & yes, YES, np.where(known & no, NO, UNKNOWN))


def grades(low, high, limits):
    """The grade of the band that a value surely falls in; None in none, or where several are possible.

    In a band: ``min <= value < max``; with ``includes_max`` also at its max, and then in it alone.
    """
    grade = np.full(len(low), None, dtype=object)
    for bands, where in limits.bands:
        free = np.ones(len(low), dtype=bool) if where is None else where.copy()
        for band in bands:
            inside = free & (low >= _least(band)) & _below(high, band)
            grade[inside] = dict(band).get("grade")
            free &= ~inside
    return grade


def _in_any(low, high, bands):
    """Bands of a set join without gaps, so a value between the first and the last is in one of them."""
    yes, no = np.zeros(len(low), dtype=bool), np.zeros(len(low), dtype=bool)
    for chosen, where in bands:
        inside = (low >= _least(chosen[0])) & _below(high, chosen[-1])
        outside = (high < _least(chosen[0])) | ~_below(low, chosen[-1])
        yes |= inside if where is None else where & inside
        no |= outside if where is None else where & outside
    return yes, no


def _least(band):
    given = dict(band).get("min")
    return -np.inf if given is None else float(given)


def _below(value, band):
    given = dict(band).get("max")
    most = np.inf if given is None else float(given)
    closed = np.isinf(most) or dict(band).get("includes_max")
    return (value <= most) if closed else (value < most)
