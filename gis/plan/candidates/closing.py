"""What closes a gap: the village judged again by the criterion, with what it reports and what is measured after a work."""

from dataclasses import replace

import numpy as np
import pandas as pd

from gis.findings import evaluate
from gis.measure import measure_by
from gis.plan.edits import Edit
from gis.study import frozen

STEP_DECIMALS = 6


def closed(gaps, criterion, ids, *, measured=None, reported=None):
    """Whether villages meet a criterion after something was built.

    Parameters
    ----------
    gaps : Gaps
    criterion : Criterion
    ids : sequence of str
        Village ids; one may stand there several times, with a work each.
    measured : DataFrame, optional
        What is measured by the criterion then, a row an id in their order; as it is where left out.
    reported : DataFrame, optional
        What they report then, a row an id; as it is where left out.

    Returns
    -------
    array of bool
    """
    study = gaps.review.study
    at = study.villages.index.get_indexer(pd.Index(ids, dtype=object))
    index = pd.RangeIndex(len(at))
    villages = study.villages.iloc[at].set_axis(index)
    sides = []
    if criterion.measured is not None:
        rows = _known(gaps, criterion.measured, "measured", ids) if measured is None else measured
        sides.append((criterion.measured, "measured", rows))
    if criterion.reported is not None:
        rows = _known(gaps, criterion.reported, "reported", ids)
        if reported is not None:
            sheet = frozen({study.year: reported.set_axis(index)})
            then = replace(study, villages=villages, assessments=sheet, travels={})
            rows = measure_by(then, criterion.reported.indicator, **dict(criterion.reported.arguments))
        sides.append((criterion.reported, "reported", rows))
    blocks = [
        rows.assign(village_id=index, measure=binding.measure, source=source)
        for binding, source, rows in sides
    ]
    measurements = pd.concat([block.astype(object) for block in blocks], ignore_index=True)
    measurements = measurements.reindex(columns=gaps.review.measurements.columns)
    groups = pd.Series(study.groups.reindex(study.villages.index).to_numpy(dtype=object)[at], index)
    judged = evaluate(measurements, replace(gaps.review.criteria, criteria=(criterion,)), villages, groups)
    return (judged["status"] == "met").to_numpy()


def reported_after(gaps, work, ids, quantity):
    """What villages report once so much of a work is done in them, as `report_edits` change it.

    Parameters
    ----------
    gaps : Gaps
    work : Intervention
    ids : sequence of str
    quantity : float or array of float

    Returns
    -------
    DataFrame
        A row an id.
    """
    sheet = gaps.sheet.reindex(list(ids)).reset_index(drop=True)
    for each in own_reports(gaps, work):
        field = each["field"]
        old = numbers(sheet, field)
        if "becomes" in each:
            sheet[field] = float(each["becomes"])
        elif "less" in each:
            sheet[field] = old - np.fmin(old, each["less"] * quantity)
        else:
            sheet[field] = np.fmin(old + np.round(quantity, STEP_DECIMALS), numbers(sheet, each["whole"]))
    return sheet


def report_edits(gaps, work, village, quantity):
    """The same as edits of a study."""
    edits = []
    for each in own_reports(gaps, work):
        what = {"village": village, "field": each["field"]}
        if "becomes" in each:
            edits.append(Edit("report", {**what, "set": float(each["becomes"])}))
            continue
        # of what a village does not report nothing can be added
        old = gaps.reported(each["field"]).get(village, np.nan)
        if np.isnan(old):
            continue
        if "less" in each:
            edits.append(Edit("report", {**what, "add": -min(old, each["less"] * quantity)}))
        else:
            add = round(float(quantity), STEP_DECIMALS)
            edits.append(Edit("report", {**what, "add": add, "whole": each["whole"]}))
    return edits


def own_reports(gaps, work):
    """What a work makes a village report by itself; not what hangs on its whole way, nor fields that nobody asks for."""
    if "asked" not in gaps._known:
        bindings = [one.reported for one in gaps.review.criteria.criteria if one.reported is not None]
        gaps._known["asked"] = set(gaps.sheet.columns).union(*map(fields_of, bindings))
    return [each for each in work.reports if "once" not in each and each["field"] in gaps._known["asked"]]


def fields_of(binding):
    """The fields of the sheet that a binding reads."""
    found = set()
    for name, value in binding.arguments:
        if name in ("field", "numerator", "denominator"):
            found.add(value)
        elif name == "numerators":
            found |= set(value)
    return found


def numbers(frame, column):
    """A column as numbers, NaN without it."""
    if column not in frame:
        return pd.Series(np.nan, frame.index)
    return pd.to_numeric(frame[column], errors="coerce").astype(float)


def _known(gaps, binding, source, ids):
    """The measurements of the review, a row an id."""
    key = (binding.measure, source)
    if key not in gaps._known:
        table = gaps.review.measurements
        rows = table[(table["measure"] == binding.measure) & (table["source"] == source)]
        gaps._known[key] = rows.set_index("village_id")
    return gaps._known[key].reindex(list(ids)).reset_index(drop=True)
