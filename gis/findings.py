"""Measurements against criteria: the status of every village under every criterion.

Four answers are never mixed. A value is an interval from ``low`` to ``high``, the least and the most the
truth can be: a comparison that holds at both ends holds, one that fails at both ends fails, anything else
is unknown. So a school that may be missing from an incomplete layer does not make a village fail.
"""

import numpy as np
import pandas as pd

from gis.comparing import Limits, compare
from gis.tables import FINDINGS, conform
from gis.trivalent import EXEMPT, NO, UNKNOWN, WORDS, YES, all_of, negate
from gis.values import to_text

NUMBERS = ("value", "low", "high", "numerator", "denominator")
TEXTS = ("doubt", "layer", "facility_id", "facility_name", "record")
SIDE = NUMBERS + TEXTS


def evaluate(measurements, criteria, villages, groups):
    """The finding of every village under every criterion of a set.

    Parameters
    ----------
    measurements : DataFrame
        Table `MEASUREMENTS`.
    criteria : CriteriaSet
    villages : DataFrame
        Index village id; the attributes that exemptions name.
    groups : Series of str
        Village to its column of thresholds.

    Returns
    -------
    DataFrame
        Table `FINDINGS`, sorted by village, then by the order of criteria in the set.
    """
    by_measure = dict(tuple(measurements.groupby(["measure", "source"], sort=False)))
    groups = groups.reindex(villages.index)
    blocks = [_judge(criterion, by_measure, villages, groups) for criterion in criteria.criteria]
    findings = pd.concat(blocks, ignore_index=True)
    order = pd.Categorical(findings["criterion"], [criterion.id for criterion in criteria.criteria])
    findings = findings.assign(_order=order.codes).sort_values(["village_id", "_order"], kind="stable")
    return conform(findings.drop(columns="_order").reset_index(drop=True), FINDINGS)


def _judge(criterion, by_measure, villages, groups):
    limits = Limits.of(criterion, groups)
    measured = _side(criterion.measured, "measured", by_measure, villages.index)
    reported = _side(criterion.reported, "reported", by_measure, villages.index)
    on_map, _ = compare(criterion.compare, measured["low"], measured["high"], limits)
    on_sheet, _ = compare(criterion.compare, reported["low"], reported["high"], limits)
    if criterion.kind == "trigger":
        on_map, on_sheet = negate(on_map), negate(on_sheet)
    status, source = _decide(
        criterion.decides, on_map, on_sheet, np.isnan(measured["value"]), np.isnan(reported["value"])
    )
    # where neither decides, the side that should have says why it could not
    from_sheet = (source == "reported") | (criterion.decides == "reported") | (criterion.measured is None)
    deciding = {name: np.where(from_sheet, reported[name], measured[name]) for name in SIDE}
    applies = _applies(criterion, villages, groups)
    exempt = applies == NO
    status = np.where(exempt, EXEMPT, np.where(applies == UNKNOWN, UNKNOWN, status))
    _, grade = compare(criterion.compare, deciding["low"], deciding["high"], limits)
    margin = _margin(criterion, deciding["value"], limits.number)
    both_known = np.isin(on_map, (NO, YES)) & np.isin(on_sheet, (NO, YES))
    one_known = np.isin(on_map, (NO, YES)) | np.isin(on_sheet, (NO, YES))
    agreement = np.select(
        [exempt, both_known & (on_map == on_sheet), both_known, one_known],
        ["none", "agree", "disagree", "one-sided"],
        "none",
    )
    frame = pd.DataFrame(
        {
            "village_id": villages.index,
            "criterion": criterion.id,
            "status": WORDS[status],
            "grade": grade,
            "value": deciding["value"],
            "threshold": limits.number,
            "unit": criterion.unit,
            "compare": criterion.compare,
            "margin": margin,
            "source": np.where(exempt, None, source),
            "measured": measured["value"],
            "measured_status": WORDS[on_map],
            "reported": reported["value"],
            "reported_status": WORDS[on_sheet],
            "agreement": agreement,
            "doubt": deciding["doubt"],
            "group": groups.to_numpy(),
            "verification": [criterion.verification.get(group) for group in groups],
            "checked": [bool(criterion.checked.get(group)) for group in groups],
        }
    )
    for column in ("layer", "facility_id", "facility_name", "numerator", "denominator", "record"):
        frame[column] = deciding[column]
    frame["reason"] = _reason(criterion, frame, applies, limits.known)
    return frame


def _side(binding, source, by_measure, index):
    """The measurement rows of one binding as arrays by column, in the order of `index`."""
    rows = by_measure.get((binding.measure, source)) if binding else None
    if rows is None:
        return {name: np.full(len(index), None if name in TEXTS else np.nan) for name in SIDE}
    rows = rows.set_index("village_id")[list(SIDE)].reindex(index)
    return {name: rows[name].to_numpy(dtype=object if name in TEXTS else float) for name in SIDE}


def _decide(decides, on_map, on_sheet, no_map, no_sheet):
    """Status and deciding source by the set's own rule.

    `measured` takes the reported value where the map cannot tell, so that one more layer, even an
    incomplete one, never costs an answer; `reported` never takes the map. `worse` asks both to pass: one
    failing side decides, one missing side leaves it open.
    """
    if decides == "reported":
        return on_sheet, np.where(no_sheet, None, "reported")
    if decides == "measured":
        borrowed = (on_map == UNKNOWN) & (on_sheet != UNKNOWN)
        status = np.where(borrowed, on_sheet, on_map)
        return status, np.where(borrowed, "reported", np.where(no_map, None, "measured"))
    status = all_of([on_map, on_sheet])
    same = on_map == on_sheet
    source = np.where(same & ~no_map & ~no_sheet, "both", np.where(on_sheet == NO, "reported", "measured"))
    source = np.where(no_map & ~no_sheet, "reported", source)
    return status, np.where(no_map & no_sheet, None, source)


def _margin(criterion, value, limit):
    """By how much a village passes (positive) or falls short (negative); NaN for yes/no and bands."""
    with np.errstate(invalid="ignore"):
        if criterion.compare in ("ge", "gt"):
            margin = value - limit
        elif criterion.compare in ("le", "lt"):
            margin = limit - value
        elif criterion.compare == "eq":
            margin = -np.abs(value - limit)
        else:
            margin = np.full(len(value), np.nan)
    return -margin if criterion.kind == "trigger" and criterion.compare != "eq" else margin


def _applies(criterion, villages, groups):
    """Whether a criterion is for each village; unknown where the group or attribute it asks for is blank."""
    rule, asked = criterion.applies or {}, []
    if "groups" in rule:
        asked.append((groups, rule["groups"]))
    if "attribute" in rule:
        column = rule["attribute"]
        blank = pd.Series(None, index=villages.index, dtype=object)
        asked.append((villages.get(column, blank), rule["in"]))
    return all_of([_among(*question) for question in asked]) if asked else np.full(len(villages), YES)


def _among(column, wanted):
    texts = [to_text(value) for value in column]
    wanted = {to_text(value) for value in wanted}
    return np.array([UNKNOWN if text is None else YES if text in wanted else NO for text in texts])


def _reason(criterion, frame, applies, has_figure):
    """The code of the sentence that explains a status; its arguments are the columns of the finding."""
    value = frame["value"]
    shape = "band" if criterion.compare == "band" else "yesno" if criterion.unit == "bool" else "number"
    decided = frame["status"].isin(["met", "unmet"])
    unreachable = np.isinf(value)
    return np.select(
        [
            applies == NO,
            applies == UNKNOWN,
            ~has_figure & value.notna(),
            decided & unreachable,
            decided,
            # old data make a value less sure, never unknown
            frame["doubt"].notna() & (frame["doubt"] != "layer-old"),
            value.notna() & (criterion.decides == "worse"),
        ],
        [
            "exempt",
            "unknown-group",
            "no-threshold",
            "unreachable",
            "by-" + shape,
            ("unknown-" + frame["doubt"].fillna("")).to_numpy(dtype=object),
            "unknown-one-side",
        ],
        "unknown-not-in-study",
    )
