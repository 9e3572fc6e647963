"""A plan as plain data, whole: what a store keeps, and what pages, exports and comparisons read of any plan.

A record says all that a reader is shown, with the request and the run that every number comes from, so that a plan
saved last year reads as one made now. Money is in VND, geometry in degrees (EPSG:4326), what is not known is null.
"""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import mapping, shape

from gis.crs import WGS84
from gis.errors import PlanError, Problem
from gis.interventions import load_interventions
from gis.labels import Label
from gis.plan.confirming import edits_of as all_edits
from gis.plan.edits import Edit
from gis.plan.rules import passing_rules

FORMAT = 1
KINDS = ("plan", "scenario")
PARTS = ("curve", "robustness", "fairness", "confirmed", "rankings", "reasons", "roadmap")
"""What may be told beside the plan itself, where it was asked for."""
DIGITS = 7
"""Of degrees: a centimetre."""


def to_record(plan, review, *, request=None, told=(), binds=None, interventions=None, why=None, **parts):
    """A plan as plain data that JSON holds.

    Parameters
    ----------
    plan : Plan
    review : Review
        The one that it was made from.
    request : Request, optional
        As it was asked, where the plan was made from one that was set against the study first.
    told : iterable of Problem, optional
        What the plan rests on and nobody has proved: under ``assumptions``.
    binds : iterable of Problem, optional
        What stands in the way of more, where more is known of it than the answer tells.
    interventions : Mapping of str to Intervention, optional
        For the names of the works; those of the house where left out.
    why : Mapping of str to Problem, optional
        Village to the reason why the plan does not make it pass.
    **parts
        Of `PARTS`: frames, dataclasses or plain values; what is None is left out.

    Returns
    -------
    dict
        ``format``, ``kind`` ("plan"), ``study``, ``run``, ``request``, ``criteria``, ``inputs``, ``figures``,
        ``works``, ``villages``, ``binds``, ``assumptions`` and the parts. See ``docs/plan-record.md``.
    """
    strange = sorted(set(parts) - set(PARTS))
    if strange:
        raise TypeError(f"no part of a record: {strange}")
    interventions = load_interventions() if interventions is None else interventions
    return {
        "format": FORMAT,
        "kind": "plan",
        **origin_of(review),
        "request": plain((request or plan.request).to_plain()),
        "figures": _figures(plan, review),
        "works": _works(plan, review, interventions),
        "villages": _villages(plan, review, why or {}),
        "edits": _further_edits(plan, review),
        "binds": problems_plain(plan.answer.binds if binds is None else binds),
        "assumptions": problems_plain(told),
        **{name: plain(part) for name, part in parts.items() if part is not None},
    }


def origin_of(review):
    """What a result was made from, as plain data: study, run, criteria set with its marks, and input files."""
    study, run, figures = review.study, review.run, review.criteria.figures
    return {
        "study": {
            "id": study.id,
            "label": dict(study.label),
            "year": study.year,
            "as_of": study.as_of,
            "illustration": bool(study.illustration),
            "crs": study.crs.to_string() if study.crs is not None else None,
            "target_pct": plain(study.target.get("share_pct")),
        },
        "run": run.id,
        "code_version": run.code_version,
        "criteria": {
            "id": review.criteria.id,
            "edition": review.criteria.edition,
            "hash": review.criteria.hash,
            "label": dict(review.criteria.label),
            "trial": bool(review.criteria.is_trial),
            "checked": int(figures["checked"]),
            "total": int(figures["total"]),
            "labels": {one.id: dict(one.label) for one in review.criteria.criteria},
        },
        "inputs": dict(run.inputs),
    }


def works_of(record):
    """The works of a record as a frame.

    Parameters
    ----------
    record : Mapping
        As `to_record` gives it, also read back from JSON.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, index ``option_id``; the columns of the table `OPTIONS`, ``label`` (by language), ``year``, ``paid``
        (fund to VND), ``people_paid`` (VND), ``closes`` (pairs of village and criterion), ``serves`` (village ids). A
        work without a known place has no geometry. `places` is inf where it does not matter.

    Raises
    ------
    PlanError
        If it is no record of a plan.
    """
    rows = check_record(record, ("plan",))["works"]
    columns = list(dict.fromkeys(name for row in rows for name in row)) or list(EMPTY)
    frame = pd.DataFrame(rows, columns=columns).set_index("option_id")
    shapes = [None if each is None else shape(each) for each in frame.pop("geometry")]
    for name in NUMBERS:
        if name in frame:
            frame[name] = pd.to_numeric(frame[name], errors="coerce").astype(float)
    frame["places"] = frame["places"].fillna(np.inf)
    frame["closes"] = [tuple(map(tuple, each)) for each in frame["closes"]]
    frame["serves"] = [tuple(each) for each in frame["serves"]]
    frame["edits"] = [tuple(map(Edit.from_plain, each)) for each in frame["edits"]]
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=frame.index, crs=WGS84), crs=WGS84)


def villages_of(record):
    """The villages of a record as a frame: index village_id, the columns of its rows; ``passes`` as in `Plan`."""
    rows = check_record(record, ("plan",))["villages"]
    frame = pd.DataFrame(rows, columns=list(rows[0]) if rows else list(VILLAGE)).set_index("village_id")
    frame["passes"] = pd.to_numeric(frame["passes"], errors="coerce").astype(float)
    for name in ("closes", "open"):
        frame[name] = [tuple(each) for each in frame[name]]
    return frame


def fund_labels(record):
    """Fund id to what the planner calls it, in the order of the request."""
    return {fund["id"]: fund.get("label") or fund["id"] for fund in record["request"].get("funds") or ()}


def edits_of(record):
    """All that the works of a plan change, each once: works by id, then what villages report of it.

    A scenario made from a plan begins with them.
    """
    works = sorted(check_record(record, ("plan",))["works"], key=lambda row: row["option_id"])
    found = []
    for told in [*(each for row in works for each in row["edits"]), *record.get("edits", ())]:
        if told not in found:
            found.append(told)
    return tuple(map(Edit.from_plain, found))


def check_record(record, kinds=KINDS):
    """A record as it is, of a plan or a scenario.

    Raises
    ------
    PlanError
        If it is no record of one of some kinds, or of a newer program.
    """
    whole = isinstance(record, Mapping) and {"works", "villages", "figures", "study", "run"} <= set(record)
    if not whole or record.get("kind") not in kinds:
        raise PlanError("plan-record-none")
    if not isinstance(record.get("format"), int) or record["format"] > FORMAT:
        raise PlanError("plan-record-newer", found=str(record.get("format"))[:20], known=str(FORMAT))
    return record


def plain(value):
    """A value as JSON holds it: NaN and infinities are null, frames are lists of rows, dataclasses are mappings."""
    if isinstance(value, pd.DataFrame):
        named = value if value.index.names == [None] else value.reset_index()
        return [plain(row) for row in named.to_dict("records")]
    if isinstance(value, pd.Series):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, Edit):
        return plain(value.to_plain())
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray):
        return [plain(one) for one in value.tolist()]
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, (set, frozenset)):
        return [plain(one) for one in sorted(value)]
    if isinstance(value, shapely.Geometry):
        return mapping(value)
    if isinstance(value, np.generic):
        value = value.item()
    if value is pd.NA or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if value is None or isinstance(value, (str, bool, int, float)) else str(value)


def problems_plain(problems):
    """Sentences as pairs of code and arguments; labels stay labels (`problems_of` makes them again)."""
    return [[each.code, {name: _argument(one) for name, one in each.arguments.items()}] for each in problems]


def problems_of(rows):
    """What `problems_plain` gave, as problems that can be said; what is no such pair is left out."""
    return [
        Problem(row[0], {str(name): _revived(one) for name, one in row[1].items()}, "note")
        for row in rows or ()
        if isinstance(row, (list, tuple))
        and len(row) == 2
        and isinstance(row[0], str)
        and isinstance(row[1], Mapping)
    ]


def _argument(value):
    if isinstance(value, Label):
        return {"label": dict(value)}
    return [_argument(one) for one in value] if isinstance(value, (list, tuple)) else plain(value)


def _revived(value):
    if isinstance(value, Mapping) and set(value) == {"label"} and isinstance(value["label"], Mapping):
        return Label(value["label"])
    return [_revived(one) for one in value] if isinstance(value, list) else value


NUMBERS = ("quantity", "cost", "cost_low", "cost_high", "maintenance", "people_pct", "places", "people_paid")
EMPTY = (
    "option_id", "intervention", "name", "label", "source", "sector", "village_id", "commune_id", "place", "quantity",
    "unit", "cost", "cost_low", "cost_high", "cost_by", "maintenance", "people_pct", "places", "pays", "years", "wanted",
    "edits", "geometry", "year", "paid", "paid_by_year", "people_paid", "closes", "serves", "commune",
)  # fmt: skip
VILLAGE = (
    "village_id",
    "name",
    "commune_id",
    "commune",
    "population",
    "state",
    "passes",
    "closes",
    "open",
    "why",
)
STATES = ("exempt", "before", "assumed", "passes", "open")
"""Of villages: not asked | passes already | passes only under what is assumed | passes through the plan | does not pass."""


def _further_edits(plan, review):
    """What comes of the works beside their own edits, such as what villages then report."""
    own = [edit.to_plain() for edits in plan.works["edits"] for edit in edits]
    return [plain(edit) for edit in all_edits(plan, review) if edit.to_plain() not in own]


def _figures(plan, review):
    problem, answer, works = plan.problem, plan.answer, plan.works
    paid = answer.paid.sum(axis=0) if answer.paid.size else np.zeros(problem.money.shape)
    years, funds = plan.request.years, plan.request.funds
    states = pd.Series(_states(plan, review)).value_counts()
    count = {name: int(states.get(name, 0)) for name in STATES}
    judged = len(problem.villages) - count["exempt"]
    new = (plan.villages["passes"] > 0).to_numpy()
    assumed = works["cost_by"] == "assumption"
    return {
        "villages": len(problem.villages),
        "judged": judged,
        "before": count["before"],
        "by_assumption": count["assumed"],
        "passing": count["passes"],
        "after": count["before"] + count["assumed"] + count["passes"],
        "by_year": {str(year): int((plan.villages["passes"] == year).sum()) for year in years},
        "target": _target(review, judged),
        "people": float(problem.people[new].sum()),
        "closed": int(plan.villages["closes"].map(len).sum()),
        "weight": float(problem.weights[new].sum()),
        "bound": plain(float(plan.bound)),
        "gap_pct": plain(float(plan.gap_pct)),
        "floor": plain(float(answer.floor)),
        "stopped": answer.stopped,
        "seconds": round(float(answer.seconds), 3),
        "options": len(problem.options),
        "works": len(works),
        "cost": float(works["cost"].sum()),
        "cost_low": float(works["cost_low"].sum()),
        "cost_high": float(works["cost_high"].sum()),
        "assumed_works": int(assumed.sum()),
        "assumed_cost": float(works["cost"][assumed].sum()),
        "people_paid": float(works["people_paid"].sum()),
        "paid": {fund.id: _by_year(years, paid[at]) for at, fund in enumerate(funds)},
        "money": {fund.id: _by_year(years, problem.money[at]) for at, fund in enumerate(funds)},
    }


def _states(plan, review):
    """Where each village stands at the end of the plan: of `STATES`."""
    rules = passing_rules(review, plan.request.part)
    # what passes in no year of the plan passed before: without assumptions, or only under them
    return [
        "exempt"
        if rule is None
        else "before"
        if rule is True
        else "open"
        if passes != passes
        else "passes"
        if passes > 0
        else "assumed"
        for rule, passes in zip(rules, plan.villages["passes"], strict=True)
    ]


def _target(review, judged):
    share = review.study.target.get("share_pct")
    return None if share is None else math.ceil(judged * share / 100 - 1e-9)


def _by_year(years, row):
    return {str(year): round(float(each), 2) for year, each in zip(years, row, strict=True)}


def _works(plan, review, interventions):
    works, years = plan.works, plan.request.years
    at = plan.problem.options.index.get_indexer(works.index)
    degrees = gpd.GeoSeries(works["geometry"].tolist(), index=works.index, crs=review.study.crs)
    if review.study.crs is not None:
        degrees = degrees.to_crs(WGS84)
    shapes = dict(zip(degrees.index, shapely.set_precision(degrees.to_numpy(), 10.0**-DIGITS), strict=True))
    names = review.study.communes["name"]
    rows = []
    for option, row, position in zip(works.index, works.to_dict("records"), at, strict=True):
        kind = interventions.get(row["intervention"])
        geometry = shapes[option]
        empty = geometry is None or geometry.is_empty
        rows.append(
            {
                "option_id": option,
                **{name: plain(value) for name, value in row.items() if name != "geometry"},
                "label": dict(kind.label) if kind else {},
                "commune": plain(names.get(row["commune_id"])),
                "paid_by_year": {
                    fund.id: _by_year(years, plan.answer.paid[position, number])
                    for number, fund in enumerate(plan.request.funds)
                    if fund.id in row["paid"]
                },
                "geometry": None if empty else plain(mapping(geometry)),
            }
        )
    return rows


def _villages(plan, review, why):
    facts, asked = review.villages_table.loc[plan.villages.index], review.counted
    if plan.request.part == "infrastructure":
        asked = [one for one in asked if one.fixable_by == "works"]
    gaps = review.findings[review.findings["status"].isin(["unmet", "unknown"])]
    gaps = gaps[gaps["criterion"].isin([one.id for one in asked])]
    missing = gaps.groupby("village_id")["criterion"].agg(list)
    rows = []
    for village, fact, told, state in zip(
        plan.villages.index,
        facts[["name", "commune_id", "commune", "population"]].to_dict("records"),
        plan.villages.to_dict("records"),
        _states(plan, review),
        strict=True,
    ):
        reason = why.get(village)
        rows.append(
            {
                "village_id": village,
                **plain(fact),
                "state": state,
                "passes": plain(told["passes"]),
                "closes": list(told["closes"]),
                "open": [one for one in missing.get(village, ()) if one not in told["closes"]],
                "why": None if reason is None else problems_plain([reason])[0],
            }
        )
    return rows
