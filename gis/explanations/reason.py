"""Every part of the reason of a finding as data."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from types import MappingProxyType

import numpy as np

from gis.labels import Label
from gis.registry import INDICATORS, discover
from gis.sentences import limit

WAYS = MappingProxyType(
    {
        "nearest_distance": "straight",
        "walking_time": "straight",
        "network_distance": "road",
        "travel_time": "ground",
        "travel_time_people": "lived",
        "cut_off_in_rains": "rains",
        "all_season_link": "road-all-season",
        "present_inside": "inside",
    }
)
"""How a measurement goes from the village to what it looks for."""


@dataclass(frozen=True)
class Behind:
    """A layer that a measurement stands on: what it is, of when, and whether it holds all there is around here."""

    id: str
    label: Label
    file: str
    as_of: str | None
    complete: str
    stale: bool
    limit_years: float | None


@dataclass(frozen=True)
class Explanation:
    """All there is to say for one finding.

    Attributes
    ----------
    limit_shown : Mapping of str to str
        What is asked for, by language.
    path : Mapping or None
        ``way`` of `WAYS`, ``start`` (what of the village), ``end`` (the facility, or None), ``length``
        and ``unit`` where the value is a length or a time; for ways over the ground ``mode``, ``season``, ``legs`` (pairs
        of how one goes and the metres), ``estimated`` percent of the time and ``closed`` (what closes it in the rains,
        and its name).
    record : str or None
        File, sheet and row of the claim; ``record_year`` of its assessment.
    layers : tuple of Behind
        Empty where nothing was measured.
    within : Mapping or None
        ``least`` and ``most`` of the measured value over the tolerance, its ``median`` over an approximate extent
        with ``median_status``, and the tolerance itself.
    near_of : str or None
        What the measured status depends on, as in `FINDINGS`.
    checked : Mapping or None
        Who compared the threshold with the signed annex, when, and with which document.
    confidence_why : tuple of str
        Codes of the signs that speak against the finding.
    room : Mapping or None
        Where capacity was asked for: ``gap`` "distance" (no facility in reach), "capacity" (those in reach are full) or
        None; ``within`` in ``unit``; how many ask (``demand``, of ``demand_unit``) and are ``without`` a place; the
        nearest facility in reach (``facility``), what it holds (``capacity``) and for how many it is the nearest
        (``wanted``); and who serves them, ``served_by``: pairs of facility and number.
    decision : Mapping or None
        What a person decided on a disagreement: ``answer``, ``reason``, ``who``, ``at``.
    cheapest_fix : Mapping or None
        The cheapest change that would make it pass by itself, where somebody found it: ``cost`` in VND, ``assumed``
        (nobody stands for a part of the cost) and ``works``, each with ``label``, ``quantity``, ``unit`` and ``cost``.
    """

    village_id: str
    criterion: str
    label: Label
    kind: str
    clause: str | None
    group: str | None
    group_label: Label
    status: str
    grade: str | None
    reason: str
    value: float
    unit: str | None
    compare: str
    threshold: float
    limit_shown: Mapping
    margin: float
    source: str | None
    decides: str
    measured: float
    reported: float
    agreement: str
    doubt: str | None
    facility_id: str | None
    facility_name: str | None
    numerator: float
    denominator: float
    path: Mapping | None
    record: str | None
    record_year: int | None
    layer: str | None
    layers: tuple
    near: bool
    near_of: str | None
    within: Mapping | None
    verification: str | None
    checked: Mapping | None
    confidence: str | None
    confidence_why: tuple
    room: Mapping | None = None
    decision: Mapping | None = None
    cheapest_fix: Mapping | None = None

    def to_plain(self):
        """As plain values that JSON holds; NaN is None, infinity a text, labels are by language."""
        return _plain(self)


def explanation(finding, study, decision=None, filling=None, fix=None):
    """The explanation of a finding.

    Parameters
    ----------
    finding : Mapping
        One row of the table `FINDINGS`.
    study : Study
    decision : Mapping, optional
        What a person decided on its disagreement: ``answer``, ``reason``, ``who``, ``at``.
    filling : Filling, optional
        The division behind its criterion, where that asks for room.
    fix : Mapping, optional
        The cheapest change that closes it, as `gis.plan.fixes` tells it; counts only where it is unmet.

    Returns
    -------
    Explanation
    """
    criterion = study.criteria.criterion(finding["criterion"])
    group = finding["group"]
    layers = tuple(_behind(name, finding, study) for name in _layers_of(criterion) if name in study.layers)
    least, median, most = (finding.get(name, np.nan) for name in ("least", "median", "most"))
    tolerance = {
        name.removeprefix("tolerance_"): value
        for name, value in study.parameters.items()
        if name.startswith("tolerance_")
    }
    known = ("village_id", "criterion", "status", "grade", "reason", "value", "unit", "compare", "threshold", "margin",
             "source", "agreement", "doubt", "facility_id", "facility_name", "numerator", "denominator", "record",
             "layer", "verification", "group")  # fmt: skip
    return Explanation(
        **{name: finding[name] for name in known},
        measured=finding.get("measured", np.nan),
        reported=finding.get("reported", np.nan),
        label=criterion.label,
        kind=criterion.kind,
        clause=criterion.clause,
        group_label=Label(study.criteria.groups.get(group) or group or "–"),
        limit_shown={language: limit(finding, language, criterion) for language in ("vi", "en")},
        decides=criterion.decides,
        path=_path(criterion, finding),
        record_year=study.year if finding["record"] else None,
        layers=layers,
        near=bool(finding.get("near", False)),
        near_of=finding.get("near_of"),
        within={
            "least": least,
            "median": median,
            "median_status": finding.get("median_status"),
            "most": most,
            **tolerance,
        }
        if least == least or most == most
        else None,
        checked=criterion.checked.get(group) if finding["checked"] else None,
        confidence=finding.get("confidence"),
        confidence_why=tuple((finding.get("confidence_why") or "").split()),
        room=_room(finding, filling),
        decision=decision,
        cheapest_fix=fix if finding["status"] == "unmet" else None,
    )


def _layers_of(criterion):
    """Ids of the layers that the measured value of a criterion comes from, in the order of its indicator."""
    if not criterion.measured:
        return []
    discover("gis.indicators")
    declared, arguments = INDICATORS[criterion.measured.indicator], dict(criterion.measured.arguments)
    things = [thing for thing in declared.things if thing not in ("villages", "reported")]
    return [arguments.get(thing, thing) for thing in things]


def _behind(name, finding, study):
    data = study.layers[name]
    return Behind(
        id=name,
        label=data.layer.label,
        file=data.file,
        as_of=data.as_of,
        complete=_completeness(data, finding["village_id"], study),
        stale=data.stale,
        limit_years=getattr(data, "limit_years", None),
    )


def _completeness(layer, village, study):
    """What the layer says of the village's own commune, else of everywhere."""
    commune = study.villages.at[village, "commune_id"]
    return layer.complete.get(commune, layer.complete.get("*", "unknown"))


def _path(criterion, finding):
    way = WAYS.get(criterion.measured.indicator) if criterion.measured else None
    if way is None or finding["source"] not in ("measured", "both"):
        return None
    length = finding["value"] if finding["unit"] in ("km", "min") else None
    return {
        "way": way,
        "start": {"inside": "village-outline", "lived": "village-people"}.get(way, "village-point"),
        "end": finding["facility_id"],
        "end_name": finding["facility_name"],
        "length": length,
        "unit": finding["unit"] if length is not None else None,
        **(_over_ground(criterion.measured, finding) if way in ("ground", "rains") else {}),
    }


def _over_ground(binding, finding):
    """How one goes over the ground, in which season, and what is not sure or not open of it."""
    options = {**INDICATORS[binding.indicator].options, **dict(binding.arguments)}
    legs, closed = finding.get("legs"), finding.get("closed")
    return {
        "mode": options["mode"],
        "season": options.get("season", "dry"),
        "legs": tuple(
            (how, float(metres)) for how, metres in (part.split(":") for part in (legs or "").split())
        ),
        "estimated": finding.get("estimated", np.nan),
        "closed": tuple(closed.split(":", 1)) if closed else None,
    }


def _room(finding, filling):
    if filling is None or finding["source"] == "reported":
        return None
    village = filling.allocation.villages.loc[finding["village_id"]]
    nearest = village["nearest"]
    facility = filling.allocation.facilities.loc[nearest] if nearest is not None else {}
    flows = filling.allocation.flows
    served = flows[flows["village"] == finding["village_id"]]
    gap = "distance" if village["beyond"] > 0 else "capacity" if village["overflow"] > 0 else None
    return {
        "gap": gap,
        "within": filling.within,
        "unit": filling.unit,
        "demand": village["demand"],
        "demand_unit": filling.demand_unit,
        "without": village["overflow"] + village["beyond"],
        "facility": filling.name_of(nearest) if nearest is not None else None,
        "capacity": facility.get("capacity", np.nan),
        "wanted": facility.get("wanted", np.nan),
        "served_by": [
            (filling.name_of(one), people)
            for one, people in zip(served["facility"], served["people"], strict=True)
        ],
    }


def _plain(value):
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, (np.bool_, bool)):
        return bool(value)
    if isinstance(value, (float, np.floating)):
        value = float(value)
        return None if value != value else str(value) if value in (np.inf, -np.inf) else value
    return value
