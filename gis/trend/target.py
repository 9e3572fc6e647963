"""The target: how far it is, how fast it has to go, and where the pace of the years seen would lead."""

import math
import re
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

TARGET_PCT = 50.0
"""Where neither the study nor its set says: the yearly directive asks for at least half of the villages."""

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})\Z")
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\Z")


@dataclass(frozen=True)
class Progress:
    """Where a study stands on the way to its target.

    Attributes
    ----------
    target_pct : float
        Percent of the villages that are not exempt.
    is_default : bool
        Whether nobody named a target and `TARGET_PCT` was taken.
    by, as_of : date or None
        When the target is due; when the last year was judged.
    judged, met, unknown : int
        Villages not exempt at the last year, and of these those met and those unknown.
    wanted : int
        Villages that must be met for the target.
    short_by : int
        How many are missing; 0 where the target is reached.
    short_by_open : int
        How many would be missing if all unknown ones turned out to be met.
    years_left : float or None
        From `as_of` to `by`; 0 or less where it is over, None where either is not known.
    pace_needed : float or None
        Villages a year from `as_of` to `by`; None where none is missing or no time is left.
    steps : DataFrame
        One row a step between two neighbouring years: ``from``, ``to``, ``compared`` (villages decided in
        both), ``not_compared``, ``new``, ``back`` and ``pace``: (new - back) a year.
    pace_mean, pace_least, pace_most : float or None
        Of the steps, villages a year; the mean is that over the whole time. None where there is no step.
    expected, expected_least, expected_most : float or None
        Villages met at `by`. `expected`: those met now and the mean pace. `expected_least`: the least pace,
        and all unknown ones fail. `expected_most`: the most pace, and all unknown ones pass. Between 0 and
        `judged`.
    why_none : str or None
        Code of the reason why nothing is projected: ``one-year``, ``none-compared``, ``no-date``, ``over``.
    """

    target_pct: float
    is_default: bool
    by: object
    as_of: object
    judged: int
    met: int
    unknown: int
    wanted: int
    short_by: int
    short_by_open: int
    years_left: float | None
    pace_needed: float | None
    steps: pd.DataFrame
    pace_mean: float | None
    pace_least: float | None
    pace_most: float | None
    expected: float | None
    expected_least: float | None
    expected_most: float | None
    why_none: str | None


def progress(history, *, share_pct=None, by=None, as_of=None):
    """How far a study is from its target, and where its pace leads.

    Parameters
    ----------
    history : History
    share_pct : float, optional
        Percent of villages not exempt that should be met; `TARGET_PCT` where it is not given.
    by : str, int or date, optional
        When: a day as 2025-12-31 or 31/12/2025, or a year for its last day.
    as_of : str, int or date, optional
        When the last year was judged; the end of that year where it is not given.

    Returns
    -------
    Progress

    Notes
    -----
    The pace is counted on villages that are decided in both of two neighbouring years: a village of which the
    sheet is missing this year did not slide back. It is the net number of villages, new less back, divided by
    the years between. The projection assumes that the pace goes on unchanged; one year has no pace, so nothing
    is projected from it.
    """
    last = history.years[-1]
    counts = history.statuses[last].value_counts()
    met, unmet, unknown = (int(counts.get(word, 0)) for word in ("met", "unmet", "unknown"))
    judged = met + unmet + unknown
    target = TARGET_PCT if share_pct is None else float(share_pct)
    # a hair of slack for 0.1 + 0.2
    wanted = math.ceil(judged * target / 100 - 1e-9)
    short_by = max(0, wanted - met)
    due, seen = read_date(by), read_date(as_of) or date(last, 12, 31)
    years_left = None if due is None else _in_years(due) - _in_years(seen)
    steps = _steps(history)
    usable = steps[steps["compared"] > 0]
    pace = _paces(usable)
    if len(history.years) == 1:
        why = "one-year"
    elif usable.empty:
        why = "none-compared"
    elif years_left is None:
        why = "no-date"
    else:
        why = "over" if years_left <= 0 else None
    ahead = (None, None, None)
    if why is None:
        starts = (met, met, met + unknown)
        ahead = [
            float(min(max(start + each * years_left, 0), judged))
            for start, each in zip(starts, pace, strict=True)
        ]
    return Progress(
        target_pct=target,
        is_default=share_pct is None,
        by=due,
        as_of=seen,
        judged=judged,
        met=met,
        unknown=unknown,
        wanted=wanted,
        short_by=short_by,
        short_by_open=max(0, wanted - met - unknown),
        years_left=years_left,
        pace_needed=short_by / years_left if short_by and years_left and years_left > 0 else None,
        steps=steps,
        pace_mean=pace[0],
        pace_least=pace[1],
        pace_most=pace[2],
        expected=ahead[0],
        expected_least=ahead[1],
        expected_most=ahead[2],
        why_none=why,
    )


def read_date(written):
    """A date as people write it: 2025-12-31, 31/12/2025, or a year for its last day; None for anything else.

    Examples
    --------
    >>> read_date("31/12/2025") == read_date(2025) == read_date("2025-12-31")
    True
    >>> read_date("soon") is None
    True
    """
    if written is None or isinstance(written, date):
        return written
    text = str(written).strip()
    found, turned = _DAY.match(text), _DAY_FIRST.match(text)
    parts = found.groups() if found else turned.groups()[::-1] if turned else (text, "12", "31")
    try:
        return date(*map(int, parts))
    except ValueError:
        return None


def _in_years(day):
    """A day as a number of years, so that from one year's end to the next it is 1, in leap years too."""
    return day.year + day.timetuple().tm_yday / date(day.year, 12, 31).timetuple().tm_yday


def _steps(history):
    rows = []
    for before, after in zip(history.years, history.years[1:], strict=False):
        old, new = history.statuses[before], history.statuses[after]
        both = old.isin(["met", "unmet"]) & new.isin(["met", "unmet"])
        gained = int((both & (old == "unmet") & (new == "met")).sum())
        lost = int((both & (old == "met") & (new == "unmet")).sum())
        rows.append(
            {
                "from": before,
                "to": after,
                "compared": int(both.sum()),
                "not_compared": int((~both & ~((old == "exempt") & (new == "exempt"))).sum()),
                "new": gained,
                "back": lost,
                "pace": (gained - lost) / (after - before),
            }
        )
    columns = ["from", "to", "compared", "not_compared", "new", "back", "pace"]
    return pd.DataFrame(rows, columns=columns)


def _paces(steps):
    """Mean over the whole time, least and most of the steps."""
    if steps.empty:
        return None, None, None
    years = (steps["to"] - steps["from"]).to_numpy()
    mean = float(np.average(steps["pace"], weights=years))
    return mean, float(steps["pace"].min()), float(steps["pace"].max())
