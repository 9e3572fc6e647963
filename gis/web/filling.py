"""Facilities that more people need than they hold, and villages whose people find no place."""

import math

import pandas as pd
from flask import Blueprint, render_template, request

from gis.catalogue import load_catalogue
from gis.criteria import Binding
from gis.filling import filling
from gis.indicators.access import of_kind
from gis.indicators.room import ONE, count_straight_ways
from gis.web import asked, facts
from gis.web.downloads import send_list
from gis.web.guard import Refused
from gis.web.home import ready
from gis.web.texts import number, pick, quantity, t

pages = Blueprint("filling", __name__)

SHOWN = 200
"""Rows of a list that stand on the page; the files have all."""
MOST_WAYS = 1_000_000
"""Pairs of village and facility in reach that a page works out while its reader waits."""
LINKED = 12
"""Villages of a facility that are named on the page."""
FIRST = ("water_schemes", "schools", "clinics", "water_points", "telecom", "culture_houses")
"""The layer that is asked about first, where the study has it."""
USUAL = {
    "schools": {"capacity": "rooms", "serves_each": 35.0, "share_pct": 15.0},
    "water_schemes": {"demand": "households"},
}
"""How a question about a layer begins; assumptions to be changed by who asks, not norms."""


@pages.get("/studies/<study_id>/capacity")
def listed(study_id):
    """Which facilities are overloaded, and who is without a place for distance or for capacity."""
    review = ready(study_id).review
    question = _question(review)
    found = _found(review, question)
    tables = {name: make(review, found) for name, make in MAKE.items()} if found else {}
    return render_template(
        "filling/capacity.html",
        review=review,
        study=review.study,
        study_id=study_id,
        question=question,
        asked_for={name: value for name, value in request.args.items() if name in question},
        criteria={id_: pick(review.criteria.criterion(id_).label) for id_ in review.fillings},
        choices=_choices(review),
        found=found,
        unit=_unit(found) if found else "",
        told=_told(found) if found else "",
        sums=_sums(found) if found else {},
        rows={name: table.head(SHOWN).to_dict("records") for name, table in tables.items()},
        counts={name: len(table) for name, table in tables.items()},
        linked=LINKED,
    )


@pages.get("/studies/<study_id>/capacity-<any(facilities, villages):name>.<any(xlsx, csv):format>")
def listed_file(study_id, name, format):
    """One of the two lists as a file, every row of it."""
    review = ready(study_id).review
    question = _question(review)
    found = _found(review, question)
    if found is None:
        raise Refused(404, "filling-no-layer")
    table = MAKE[name](review, found)
    if name == "facilities":
        table["served"] = [
            "; ".join(f"{each} ({number(count)})" for _, each, count in row) for row in table["served"]
        ]
    unit = _unit(found)
    headings = {column: t(f"filling-column-{column}", unit=unit) for column in table}
    return send_list(
        review, table, headings, format, title=t(f"filling-{name}"), name=f"{study_id}-capacity-{name}"
    )


def _question(review):
    """What is asked: a criterion of the set that asks for room, or a question put together in the form."""
    study, known = review.study, review.fillings
    labels = {id_: pick(review.criteria.criterion(id_).label) for id_ in known}
    criterion = asked.one_of("criterion", labels)
    if criterion is None and "what" not in request.args:
        criterion = next(iter(known), None)
    layers = [name for name in FIRST if name in study.layers]
    what = asked.one_of("what", dict(_whats(study)))
    layer, _, kind = (what or (layers[0] if layers else "")).partition(":")
    usual = {
        "capacity": "capacity",
        "serves_each": 1.0,
        "share_pct": 100.0,
        "demand": "population",
    } | USUAL.get(layer, {})
    return {
        "criterion": criterion,
        "what": what or layer,
        "layer": layer,
        "kind": kind,
        "capacity": asked.one_of("capacity", _fields()) or usual["capacity"],
        "demand": asked.one_of("demand", _demands()) or usual["demand"],
        "serves_each": _number("serves_each", usual["serves_each"], 1e6),
        "share_pct": _number("share_pct", usual["share_pct"], 100),
        "within_km": _number("within_km", 3.0, 1000),
    }


def _found(review, question):
    """The division that answers it; None where the study lacks a layer."""
    if question["criterion"]:
        return review.fillings[question["criterion"]]
    if not question["layer"]:
        return None
    plain = {
        "facilities": question["layer"],
        **{name: question[name] for name in ("capacity", "demand", "serves_each", "share_pct", "within_km")},
    }
    if question["kind"]:
        plain["kind"] = question["kind"]
    study = review.study
    near = of_kind(study.layers[question["layer"]].frame, question["kind"] or None)
    ways = count_straight_ways(study.villages, near, question["within_km"])
    if ways > MOST_WAYS:
        raise Refused(422, "filling-too-many", count=ways, most=MOST_WAYS)
    return filling(study, Binding.from_plain({"indicator": "capacity_gap", **plain}))


def _number(name, usual, most):
    """A number above 0 of the query, as people write it."""
    text = request.args.get(name, "").strip().replace(",", ".")
    if not text:
        return usual
    try:
        value = float(text) if len(text) < 12 else math.nan
    except ValueError:
        value = math.nan
    if not 0 < value <= most:
        raise Refused(
            400, "web-bad-filter", name=t(f"filling-{name}"), value=text[:60], allowed=[f"0–{number(most)}"]
        )
    return value


def _whats(study):
    """Every layer of facilities of the study, and each kind of it: what the address says, and its name."""
    for name in FIRST:
        if name in study.layers:
            layer = study.layers[name].layer
            yield name, pick(layer.label)
            for kind, (label, _) in layer.vocabularies.get("kind", {}).items():
                yield f"{name}:{kind}", f"{pick(layer.label)}: {pick(label)}"


def _fields():
    return {name: t(f"filling-field-{name}") for name in ("capacity", "rooms", ONE)}


def _demands():
    fields = load_catalogue()["villages"].fields
    return {name: pick(fields[name].label) for name in ("population", "households", "pupils")}


def _choices(review):
    return {"what": dict(_whats(review.study)), "capacity": _fields(), "demand": _demands()}


def _told(found):
    """The question in words."""
    room, layers = found.room, load_catalogue()
    fields = layers[found.layer].fields
    known = fields.get(room.capacity)
    by = pick(known.label) if known else t(f"filling-field-{room.capacity}")
    return t(
        "filling-asked",
        within=quantity(found.within, found.unit),
        capacity=by,
        each=number(room.serves_each),
        share=number(room.share_pct),
        demand=pick(layers["villages"].fields[room.demand].label),
    )


def _unit(found):
    return quantity(0, found.demand_unit).removeprefix("0").strip()


def _sums(found):
    """The totals, NaN where no village has a figure of demand."""
    villages, facilities = found.allocation.villages, found.allocation.facilities
    counted = villages[villages["demand"].notna()]
    return {
        **{name: counted[name].sum(min_count=1) for name in ("demand", "served", "overflow", "beyond")},
        "facilities": len(facilities),
        "full": int((facilities["over"] > 0).sum()),
        "unrecorded": int(facilities["capacity"].isna().sum()),
        "uncounted": int(villages["demand"].isna().sum()),
    }


def _facilities(review, found):
    """One row a facility, the most overloaded first, those of unrecorded capacity last."""
    table = found.allocation.facilities
    names = review.study.villages["name"]
    flows = found.allocation.flows
    served = {
        facility: [
            (village, facts.text_of(names[village]) or village, round(people))
            for village, people in zip(rows["village"], rows["people"], strict=True)
        ]
        for facility, rows in flows.groupby("facility")
    }
    rows = pd.DataFrame(
        {
            "id": table.index,
            "name": [found.name_of(one) for one in table.index],
            **{
                name: table[name].round()
                for name in ("capacity", "wanted", "over", "load", "spare", "turned_away")
            },
            "served": [served.get(one, []) for one in table.index],
        },
        index=table.index,
    ).reset_index(drop=True)
    return rows.sort_values(
        ["over", "turned_away", "name", "id"], ascending=[False, False, True, True], na_position="last"
    )


def _villages(review, found):
    """One row a village with people who find no place, most first."""
    table, villages = found.allocation.villages, review.study.villages
    without = table["overflow"] + table["beyond"]
    rows = pd.DataFrame(
        {
            "id": table.index,
            "name": villages["name"],
            "commune": villages["commune"],
            "demand": table["demand"].round(),
            "without": without.round(),
            "gap": [
                t("filling-gap-distance" if far > 0 else "filling-gap-capacity") for far in table["beyond"]
            ],
            "nearest": [found.name_of(one) if one is not None else "" for one in table["nearest"]],
        },
        index=table.index,
    )
    rows = rows[without > 0].reset_index(drop=True)
    return rows.sort_values(["without", "id"], ascending=[False, True])


MAKE = {"facilities": _facilities, "villages": _villages}
