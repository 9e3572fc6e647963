"""Measurements against criteria: the status of every village under every criterion, and under the set.

Four answers are never mixed. A value is an interval from ``low`` to ``high``, the least and the most the
truth can be: a comparison that holds at both ends holds, one that fails at both ends fails, anything else
is unknown. So a school that may be missing from an incomplete layer can never make a village fail.
"""

import numpy as np
import pandas as pd

from gis.tables import FINDINGS, RESULTS, conform

NO, YES, UNKNOWN, EXEMPT = 0, 1, 2, 3
NUMBERS = ("value", "low", "high", "numerator", "denominator")
TEXTS = ("doubt", "layer", "facility_id", "facility_name", "record")
SIDE = NUMBERS + TEXTS
WORDS = np.array(["unmet", "met", "unknown", "exempt"], dtype=object)


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


def judge_set(findings, criteria, villages):
    """The verdict of the whole set on every village.

    Parameters
    ----------
    findings : DataFrame
        Table `FINDINGS`.
    criteria : CriteriaSet
    villages : DataFrame
        For rules whose count depends on an attribute.

    Returns
    -------
    DataFrame
        Table `RESULTS`, index village id. In a set of disadvantage (polarity trigger) ``unmet`` means
        that the village is disadvantaged.
    """
    status = findings.pivot(index="village_id", columns="criterion", values="status").reindex(villages.index)
    counted = [criterion for criterion in criteria.criteria if criterion.kind != "context"] or list(
        criteria.criteria
    )
    works = [criterion.id for criterion in counted if criterion.fixable_by == "works"]
    codes = {criterion.id: _codes(status[criterion.id]) for criterion in criteria.criteria}
    if criteria.polarity == "trigger":
        holds = {name: _swap(code) for name, code in codes.items()}
        verdict = _swap(_logic(_tree(criteria.logic, counted), holds, villages))
    else:
        verdict = _logic(_tree(criteria.logic, counted), codes, villages)
    every = (
        np.column_stack([codes[criterion.id] for criterion in counted])
        if counted
        else np.zeros((len(villages), 0))
    )
    part = np.column_stack([codes[name] for name in works]) if works else np.full((len(villages), 1), EXEMPT)
    decided = (every == YES).sum(1) + (every == NO).sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        score = np.where(decided > 0, 100 * (every == YES).sum(1) / decided, np.nan)
    results = pd.DataFrame(
        {
            "status": WORDS[verdict],
            "infra_status": WORDS[_all(list(part.T))],
            "missed": (every == NO).sum(1),
            "infra_missed": (part == NO).sum(1),
            "unknown": (every == UNKNOWN).sum(1),
            "score": score,
        },
        index=villages.index,
    )
    return conform(results, RESULTS)


def _judge(criterion, by_measure, villages, groups):
    threshold, bands = _thresholds(criterion, groups)
    measured = _side(criterion.measured, "measured", by_measure, villages.index)
    reported = _side(criterion.reported, "reported", by_measure, villages.index)
    on_map, _ = _compare(criterion, measured, threshold, bands)
    on_sheet, _ = _compare(criterion, reported, threshold, bands)
    if criterion.kind == "trigger":
        on_map, on_sheet = _swap(on_map), _swap(on_sheet)
    status, source = _decide(
        criterion.decides, on_map, on_sheet, np.isnan(measured["value"]), np.isnan(reported["value"])
    )
    from_sheet = source == "reported"
    deciding = {name: np.where(from_sheet, reported[name], measured[name]) for name in SIDE}
    exempt = ~_applies(criterion, villages, groups)
    status = np.where(exempt, EXEMPT, status)
    _, grade = _compare(criterion, deciding, threshold, bands)
    margin = _margin(criterion, deciding["value"], threshold)
    both_known = np.isin(on_map, (NO, YES)) & np.isin(on_sheet, (NO, YES))
    one_known = np.isin(on_map, (NO, YES)) | np.isin(on_sheet, (NO, YES))
    agreement = np.select(
        [exempt, both_known & (on_map == on_sheet), both_known, one_known],
        ["none", "agree", "disagree", "one-sided"],
        "none",
    )
    no_threshold = (
        _needs_threshold(criterion) & threshold.isna().to_numpy() & np.array([not band for band in bands])
    )
    frame = pd.DataFrame(
        {
            "village_id": villages.index,
            "criterion": criterion.id,
            "status": WORDS[status],
            "grade": grade,
            "value": deciding["value"],
            "threshold": threshold.to_numpy(),
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
    frame["reason"] = _reason(criterion, frame, exempt, no_threshold)
    return frame


def _side(binding, source, by_measure, index):
    """The measurement rows of one binding as arrays by column, in the order of `index`."""
    rows = by_measure.get((binding.measure, source)) if binding else None
    if rows is None:
        return {name: np.full(len(index), None if name in TEXTS else np.nan) for name in SIDE}
    rows = rows.set_index("village_id")[list(SIDE)].reindex(index)
    return {name: rows[name].to_numpy(dtype=object if name in TEXTS else float) for name in SIDE}


def _thresholds(criterion, groups):
    """Per village the threshold as a number (NaN where none) and the bands (a tuple, often empty)."""
    numbers, bands = {}, {}
    for group in groups.unique():
        given = criterion.thresholds.get(group)
        bands[group] = tuple(given) if criterion.compare == "band" and given else ()
        number = isinstance(given, (int, float)) and not isinstance(given, bool)
        numbers[group] = float(given) if number else np.nan
    return groups.map(numbers).astype(float), [bands[group] for group in groups]


def _needs_threshold(criterion):
    return criterion.compare not in ("present", "absent")


def _compare(criterion, side, threshold, bands):
    """NO, YES or UNKNOWN for each village, and the label of the band it falls in."""
    low, high = side["low"].astype(float), side["high"].astype(float)
    limit = threshold.to_numpy()
    grade = np.full(len(low), None, dtype=object)
    compare = criterion.compare
    with np.errstate(invalid="ignore"):
        if compare == "ge":
            yes, no = low >= limit, high < limit
        elif compare == "gt":
            yes, no = low > limit, high <= limit
        elif compare == "le":
            yes, no = high <= limit, low > limit
        elif compare == "lt":
            yes, no = high < limit, low >= limit
        elif compare == "eq":
            yes, no = (low == limit) & (high == limit), (low > limit) | (high < limit)
        elif compare == "present":
            yes, no = low > 0, high <= 0
        elif compare == "absent":
            yes, no = high <= 0, low > 0
        else:
            yes, no, grade = _in_bands(low, high, bands)
    known = ~(np.isnan(low) | np.isnan(high))
    return np.where(known & yes, YES, np.where(known & no, NO, UNKNOWN)), grade


def _in_bands(low, high, bands):
    """In a band: ``min <= value < max``; with ``includes_max`` also at its max, and then in it alone."""
    yes, no = np.zeros(len(low), dtype=bool), np.zeros(len(low), dtype=bool)
    grade = np.full(len(low), None, dtype=object)
    for chosen in dict.fromkeys(bands):
        here = np.array([band == chosen for band in bands])
        if not chosen:
            continue
        touches = np.zeros(len(low), dtype=bool)
        for band in map(dict, chosen):
            least, most = _end(band, "min", -np.inf), _end(band, "max", np.inf)
            closed = bool(band.get("includes_max")) or np.isinf(most)
            inside = here & ~yes & (low >= least) & ((high <= most) if closed else (high < most))
            grade[inside] = str(band["grade"]) if band.get("grade") is not None else None
            yes |= inside
            touches |= here & (high >= least) & ((low <= most) if closed else (low < most))
        no |= here & ~touches
    return yes, no, grade


def _end(band, name, default):
    given = band.get(name)
    return default if given is None else float(given)


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
    status = _all([on_map, on_sheet])
    same = on_map == on_sheet
    source = np.where(same & ~no_map & ~no_sheet, "both", np.where(on_sheet == NO, "reported", "measured"))
    source = np.where(no_map & ~no_sheet, "reported", source)
    return status, np.where(no_map & no_sheet, None, source)


def _margin(criterion, value, threshold):
    """By how much a village passes (positive) or falls short (negative); NaN for yes/no and bands."""
    value, limit = value.astype(float), threshold.to_numpy()
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
    rule = criterion.applies or {}
    here = np.ones(len(villages), dtype=bool)
    if "groups" in rule:
        here &= groups.isin(list(rule["groups"])).to_numpy()
    if "attribute" in rule:
        column = (
            villages[rule["attribute"]]
            if rule["attribute"] in villages
            else pd.Series(None, index=villages.index)
        )
        here &= (
            column.astype(object)
            .map(lambda value: str(value) in {str(known) for known in rule["in"]})
            .to_numpy()
        )
    return here


def _reason(criterion, frame, exempt, no_threshold):
    """The code of the sentence that explains a status; its arguments are the columns of the finding."""
    value = frame["value"]
    shape = "band" if criterion.compare == "band" else "yesno" if criterion.unit == "bool" else "number"
    decided = frame["status"].isin(["met", "unmet"])
    unreachable = np.isinf(value)
    return np.select(
        [
            exempt,
            no_threshold & value.notna(),
            decided & unreachable,
            decided,
            frame["doubt"].notna(),
            value.notna(),
        ],
        [
            "exempt",
            "no-threshold",
            "unreachable",
            "by-" + shape,
            ("unknown-" + frame["doubt"].fillna("")).to_numpy(dtype=object),
            "unknown-one-side",
        ],
        "unknown-not-in-study",
    )


def _codes(column):
    return (
        column.map({"unmet": NO, "met": YES, "unknown": UNKNOWN, "exempt": EXEMPT})
        .fillna(UNKNOWN)
        .to_numpy(dtype=int)
    )


def _swap(codes):
    return np.choose(codes, [YES, NO, UNKNOWN, EXEMPT])


def _tree(logic, counted):
    if isinstance(logic, str):
        return {"all": [criterion.id for criterion in counted]}
    return logic


def _logic(node, holds, villages):
    """Three-valued logic over a nested rule; exempt parts are left out of it."""
    if isinstance(node, str):
        return holds[node]
    parts = [_logic(part, holds, villages) for part in node.get("all", node.get("of", ()))]
    if "all" in node:
        return _all(parts)
    wanted = np.full(len(villages), int(node["any_n"]))
    if "or_n" in node:
        wanted = np.where(_when(node["or_n"]["when"], villages), int(node["or_n"]["n"]), wanted)
    table = np.column_stack(parts)
    sure, open_, out = ((table == code).sum(1) for code in (YES, UNKNOWN, EXEMPT))
    return np.where(
        out == table.shape[1],
        EXEMPT,
        np.where(sure >= wanted, YES, np.where(sure + open_ < wanted, NO, UNKNOWN)),
    )


def _all(parts):
    table = np.column_stack(parts)
    return np.where(
        (table == EXEMPT).all(1),
        EXEMPT,
        np.where((table == NO).any(1), NO, np.where((table == UNKNOWN).any(1), UNKNOWN, YES)),
    )


def _when(rule, villages):
    column = (
        villages[rule["attribute"]]
        if rule["attribute"] in villages
        else pd.Series(np.nan, index=villages.index)
    )
    value, limit = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float), float(rule["value"])
    with np.errstate(invalid="ignore"):
        return {"ge": value >= limit, "gt": value > limit, "le": value <= limit, "lt": value < limit}[
            rule["compare"]
        ]
