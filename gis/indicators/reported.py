"""Values that the assessment sheets report."""

import numpy as np
import pandas as pd

from gis.indicators.percents import percent
from gis.registry import indicator


@indicator(unit="", unseen="nothing", vi="Số liệu báo cáo", en="Reported value")
def reported_value(reported, *, field):
    """The value of one field of the assessment; yes and no are 1 and 0.

    Parameters
    ----------
    reported : DataFrame
        One row a village; columns of the assessment and ``record``.
    field : str

    Returns
    -------
    DataFrame
        ``value`` NaN where the sheet has no row for the village or leaves the cell blank.
    """
    measured = pd.DataFrame({"value": _column(reported, field)}, index=reported.index)
    return _with_record(measured, reported)


@indicator(unit="%", unseen="nothing", vi="Tỷ lệ báo cáo", en="Reported share")
def reported_share(reported, *, numerator, denominator):
    """Percent that one reported figure is of another, such as poor households of all households.

    Returns
    -------
    DataFrame
        ``value`` in percent with both figures; NaN where either is blank, the denominator is 0, or the figures
        cannot be: one below zero, or a part larger than its whole (``doubt`` "impossible").
    """
    return reported_sum_share(reported, numerators=[numerator], denominator=denominator)


@indicator(unit="%", unseen="nothing", vi="Tỷ lệ báo cáo (cộng dồn)", en="Reported share of a sum")
def reported_sum_share(reported, *, numerators, denominator):
    """Percent that the sum of some reported figures is of another.

    Returns
    -------
    DataFrame
        As `reported_share`; a blank in any of the figures leaves the value NaN.
    """
    part = sum(_column(reported, name) for name in numerators)
    whole = _column(reported, denominator)
    with np.errstate(invalid="ignore", divide="ignore"):
        wrong = (part < 0) | (whole < 0) | (part > whole)
        share = np.where((whole > 0) & ~wrong, percent(part, whole), np.nan)
    measured = pd.DataFrame({"value": share, "numerator": part, "denominator": whole}, index=reported.index)
    measured = _with_record(measured, reported)
    measured.loc[measured["doubt"].notna() & (whole == 0), "doubt"] = "no-denominator"
    measured.loc[wrong, "doubt"] = "impossible"
    return measured


@indicator(unit="%", unseen="nothing", vi="Tỷ lệ còn lại theo báo cáo", en="Reported remaining share")
def reported_missing_share(reported, *, numerator, denominator):
    """Percent of a reported total that is *not* in the part, such as households without grid power."""
    measured = reported_share(reported, numerator=numerator, denominator=denominator)
    whole = measured["denominator"]
    measured["numerator"] = whole - measured["numerator"]
    share = np.where(whole > 0, percent(measured["numerator"], whole), np.nan)
    measured["value"] = np.where(measured["value"].isna(), np.nan, share)
    return measured


def _column(reported, name):
    if name not in reported:
        return np.full(len(reported), np.nan)
    return pd.to_numeric(reported[name], errors="coerce").to_numpy(dtype=float)


def _with_record(measured, reported):
    record = (
        reported["record"] if "record" in reported else pd.Series(None, index=reported.index, dtype=object)
    )
    measured["record"] = record
    absent = measured["value"].isna()
    measured["doubt"] = np.where(absent & record.isna(), "no-record", np.where(absent, "not-given", None))
    return measured
