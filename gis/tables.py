"""Columns, types and units of every table that crosses a room, written down once.

`number` columns are float64: NaN is "not measured", inf is "not reachable". `text` columns hold str or
None. Every table that leaves a room is sorted by village, then by the order of criteria in their file.
"""

from types import MappingProxyType

import pandas as pd

from gis.errors import TableError

STATUSES = ("met", "unmet", "unknown", "exempt")

VILLAGES = MappingProxyType(
    {
        "name": "text: as the best source spells it",
        "commune_id": "text",
        "commune": "text: name of the commune",
        "population": "number: people",
        "households": "number",
        "approximate": "flag: the extent is not a surveyed boundary",
        "extent_doubt_m": "number: metres by which the border of an approximate extent made here may be off",
        "point": "geometry: where access is measured from; None without any geometry",
        "geometry": "geometry: polygon, or None",
    }
)
"""One row a village, index `village_id` (text); further columns are attributes that groups may use."""

MEASUREMENTS = MappingProxyType(
    {
        "village_id": "text",
        "measure": "text: indicator with its bound arguments",
        "source": "text: measured | reported",
        "value": "number: in the indicator's unit, 1/0 for yes/no",
        "low": "number: the least the true value can be, given completeness and edge of the layers",
        "high": "number: the most it can be",
        "doubt": "text: why low and high differ or the value is missing: layer-missing | layer-incomplete | beyond-edge"
        " | no-geometry | approximate | no-record | no-denominator | no-people | no-roads | impossible"
        " | not-given | no-centre | kind-unknown | capacity-unknown | sharer-no-place | no-elevation"
        " | layer-old (the value is sure, its data are old) | None",
        "layer": "text: catalogue id of the layer or table that the value comes from",
        "facility_id": "text: the facility that decides, None where none does",
        "facility_name": "text",
        "numerator": "number: part that a share or a count is made of; for a link by road the km that it lacks",
        "denominator": "number",
        "record": "text: file, sheet and row of the assessment",
        "least": "number: the least value among the places where the village may be, by the tolerance of position or"
        " all over an approximate extent; NaN where the indicator does not look around",
        "median": "number: the median over an approximate extent, NaN for a surveyed one",
        "most": "number: the most",
        "lowest": "number: the least that low can be if people are slower or faster by the tolerance; NaN where the"
        " indicator does not look",
        "highest": "number: the most that high can be then",
        "legs": "text: how the way goes, part by part, as walk:1210 motorbike:8420 walk:90 in metres",
        "estimated": "number: percent of the way's time that rests on roads of unrecorded class, surface or state",
        "closed": "text: what closes the way in the rains, as crossing:name | road:name | water: | slow:",
    }
)

FINDINGS = MappingProxyType(
    {
        "village_id": "text",
        "criterion": "text: id in the criteria set",
        "status": "text: met | unmet | unknown | exempt",
        "grade": "text: label of the band the value falls in; nearly where it is unmet and reaches the set's easier figure",
        "nearly_status": "text: met | unmet | unknown | exempt by the easier figure, None where the set has none",
        "value": "number: of the source that decided",
        "threshold": "number: NaN where the set gives none (or a band)",
        "unit": "text",
        "compare": "text: the comparator of the set",
        "margin": "number: in the unit; positive = passes by so much, negative = short by so much",
        "source": "text: measured | reported | both | None: which value decided",
        "measured": "number",
        "measured_status": "text: met | unmet | unknown",
        "reported": "number",
        "reported_status": "text: met | unmet | unknown",
        "agreement": "text: agree | disagree | one-sided | none",
        "reason": "text: code of the sentence that explains the status",
        "doubt": "text: as in MEASUREMENTS, of the source that decided",
        "layer": "text",
        "facility_id": "text",
        "facility_name": "text",
        "numerator": "number",
        "denominator": "number",
        "record": "text",
        "legs": "text",
        "estimated": "number",
        "closed": "text",
        "group": "text: which column of thresholds applied",
        "verification": "text: how sure the threshold itself is",
        "checked": "flag: a named person checked the threshold against the signed annex",
        "least": "number: the least the measured value can be within the study's tolerance; NaN where none is known",
        "median": "number: the median over an approximate extent; NaN where it is not looked at",
        "median_status": "text: met | unmet at that median; None where it is not looked at",
        "most": "number: the most it can be within the tolerance",
        "near": "flag: the measured status does not hold over the tolerance",
        "near_of": "text: which of position | extent | speed, each by itself, the status does not hold over, separated by a"
        " space; both where it takes two together; None where it holds",
        "confidence": "text: sure | likely | open; None where the criterion does not apply",
        "confidence_why": "text: codes of `gis.confidence.SIGNS`, separated by a space; None where nothing speaks"
        " against the finding",
    }
)

RESULTS = MappingProxyType(
    {
        "status": "text: the set's verdict on the village by its logic",
        "infra_status": "text: the part that works can fix, decided on its own",
        "missed": "count of flag and trigger criteria unmet",
        "infra_missed": "count of those that works can fix",
        "unknown": "count of flag and trigger criteria unknown",
        "score": "number: share of decided flag and trigger criteria that are met, percent",
        "grade": "text: nearly where a verdict by points is unmet and surely reaches the easier mark, else None",
        "points_low": "number: the least points that the village has, unknown rows counted as lost; NaN without points",
        "points_high": "number: the most points that it can have",
    }
)
"""One row a village, index `village_id`."""


OPTIONS = MappingProxyType(
    {
        "intervention": "text: id of the kind of work; None for a planner's own",
        "name": "text: what the planner calls it; None for what was generated",
        "source": "text: generated | proposed | committed",
        "sector": "text: theme of the criteria it is for",
        "village_id": "text: the village it lies in or is mainly for, None where nobody says",
        "commune_id": "text",
        "place": "text: the road, facility or crossing that it is about, None for something new",
        "quantity": "number: in `unit`",
        "unit": "text: km | ha | household | room | piece",
        "cost": "number: VND to make it, the people's part included",
        "cost_low": "number: the least it may cost",
        "cost_high": "number: the most",
        "cost_by": "text: assumption | user | source: who stands for the cost",
        "maintenance": "number: VND a year, from the year after it serves",
        "people_pct": "number: percent of the cost that the people contribute",
        "places": "number: units of demand it holds, inf where it does not matter",
        "pays": "text: kinds of money that may pay it, separated by a space",
        "years": "count of years from paying to serving",
        "wanted": "text: in (committed or locked) | out (banned) | None",
        "edits": "object: tuple of `gis.plan.edits.Edit` that it makes",
        "geometry": "geometry: where it is, None where nobody knows",
    }
)
"""What could be built, index `option_id` (text, the same for the same work whenever it is generated)."""

WAYS = MappingProxyType(
    {
        "village_id": "text",
        "criterion": "text",
        "way": "count: number of the way within village and criterion",
        "option_id": "text",
        "amount": "number: what the option gives",
        "need": "number: of the way; it is gone when the amounts of its chosen options reach it",
        "takes": "number: units of the places of the option that the village takes by this way",
    }
)
"""How gaps close: a gap closes when one of its ways is gone. One option alone: amount 1, need 1; both of two: need 2."""


DISAGREEMENTS = MappingProxyType(
    {
        "village_id": "text",
        "criterion": "text",
        "year": "count of years: of the assessment that claims",
        "kind": "text: claimed-met | claimed-unmet (the map says the other) | claim-alone (the map cannot tell)"
        " | not-compared (nothing is claimed)",
        "measured": "number",
        "measured_status": "text",
        "reported": "number",
        "reported_status": "text",
        "unit": "text",
        "status": "text: of the finding",
        "source": "text: which value decided it",
        "record": "text: file, sheet and row of the claim",
        "layer": "text: that the measurement comes from",
        "cause": "text: the first of `causes`",
        "causes": "text: every cause of `gis.disagreements.CAUSES` that fits, in their order, separated by a space",
        "place_id": "text: the facility, or the gap in the road, that the first cause is about",
        "place_name": "text",
        "away_m": "number: metres by which that facility lies outside, or width of the gap",
        "x": "number: of that place, in the study's CRS",
        "y": "number",
    }
)
"""One row a village and criterion of which map and sheet do not say the same, or cannot be compared."""

REPAIRS = MappingProxyType(
    {
        "repair": "text: key",
        "kind": "text: what is to be done, of `gis.repairs.KINDS`",
        "layer": "text",
        "commune_id": "text",
        "village_id": "text: the only village it is about",
        "criterion": "text",
        "subject": "text: the name, facility, place or fields of the sheet that it is about",
        "decides": "count of villages whose verdict by the whole set is open and would be decided",
        "opens": "count of findings that are unknown and would be decided",
        "firms": "count of findings that are decided and would be surer",
        "villages": "count of villages that those findings are of",
        "village_ids": "text: of those villages, separated by a space",
    }
)
"""One row a repair of the data, the one first on which most verdicts hang."""


def conform(frame, table):
    """The frame with exactly the columns of `table`, in its order and types.

    Parameters
    ----------
    frame : DataFrame
    table : Mapping
        One of the tables of this module.

    Returns
    -------
    DataFrame
        A copy; missing text columns become None, missing numbers NaN, missing flags False.

    Raises
    ------
    TableError
        If a column that nobody declared is there.
    """
    extra = [column for column in frame.columns if column not in table]
    if extra:
        raise TableError("table-extra-columns", columns=extra)
    columns = {}
    for name, meaning in table.items():
        kind = meaning.split(":")[0].split()[0]
        if name not in frame:
            empty = {"number": float("nan"), "flag": False, "count": 0}.get(kind)
            columns[name] = pd.Series([empty] * len(frame), index=frame.index, dtype=_dtype(kind))
        else:
            columns[name] = frame[name].astype(_dtype(kind)) if kind != "text" else _text(frame[name])
    return pd.DataFrame(columns, index=frame.index, copy=False)


def _dtype(kind):
    return {"number": "float64", "flag": "bool", "count": "int64"}.get(kind, "object")


def _text(column):
    blank = column.isna()
    return column.astype("object").where(~blank, None) if blank.any() else column.astype("object")
