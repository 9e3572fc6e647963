"""The gaps that nothing that could be built closes, and why."""

from dataclasses import replace

import pandas as pd

from gis.interventions import load_interventions
from gis.measure import layers_used
from gis.plan.candidates import Gaps
from gis.plan.candidates.closing import fields_of
from gis.plan.candidates.effects import bound_layer, is_asked_for
from gis.plan.candidates.roads_links import link_reason

REASONS = (
    "options-no-intervention",
    "options-no-cost",
    "options-data-missing",
    "options-out-of-reach",
    "options-map-has-road",
)
"""Codes of the sentences why a gap has no option: no kind of work changes what decides it; none has a cost there; the study
lacks the layer or the village's place that it takes; what could be done there does not reach the figure; the village reports
that it has no road, and on the map it has one."""


def without_option(review, options, interventions=None):
    """The gaps that works can fix and that no option closes.

    Parameters
    ----------
    review : Review
    options : Options
    interventions : Mapping of str to Intervention, optional
        Those that the options were found with.

    Returns
    -------
    DataFrame
        ``village_id``, ``criterion`` and ``reason``, of `REASONS`; sorted as the findings. With the options they are all
        gaps that works can fix.
    """
    gaps = Gaps(review, load_interventions() if interventions is None else interventions)
    table = gaps.table[["village_id", "criterion", "source", "measured_status"]]
    closable = pd.MultiIndex.from_frame(options.ways[["village_id", "criterion"]])
    left = table[~pd.MultiIndex.from_frame(table[["village_id", "criterion"]]).isin(closable)]
    fitting = {}
    reasons = []
    for village, name, source, measured in left.itertuples(index=False):
        key, criterion = (name, source == "reported"), review.criteria.criterion(name)
        if key not in fitting:
            fitting[key] = _fitting(gaps, criterion, by_sheet=key[1])
        reason = _reason(gaps, village, *fitting[key])
        if reason == "options-out-of-reach":
            reason = link_reason(gaps, village, criterion, measured) or reason
        reasons.append(reason)
    return left[["village_id", "criterion"]].assign(reason=reasons).reset_index(drop=True)


def _fitting(gaps, criterion, *, by_sheet):
    """The works that may change what decides a criterion: by what is reported, and by what is measured."""
    reads = fields_of(criterion.reported) if criterion.reported else set()
    layers = layers_used(_only(gaps.review.criteria, criterion)) if criterion.measured else set()
    sheet, on_map = [], []
    for work in gaps.interventions.values():
        if reads & {each["field"] for each in work.reports} and (criterion.decides != "measured" or by_sheet):
            sheet.append(work)
        elif work.works and work.works["layer"] in layers and criterion.decides != "reported":
            facilities = bound_layer(criterion.measured) == work.works["layer"]
            kind = work.works.get("kind")
            if not facilities or kind is None or is_asked_for(criterion.measured, kind):
                on_map.append(work)
    return sheet, on_map


def _only(criteria, criterion):
    return replace(criteria, criteria=(criterion,))


def _reason(gaps, village, sheet, on_map):
    if not sheet and not on_map:
        return "options-no-intervention"
    works = [work for work in sheet + on_map if gaps.costs(work)[village] is not None]
    if not works:
        return "options-no-cost"
    layers = gaps.review.study.layers
    there = [work for work in works if work in sheet or work.works["layer"] in layers]
    if not there or (gaps.facts[village][2] is None and not any(work in sheet for work in there)):
        return "options-data-missing"
    return "options-out-of-reach"
