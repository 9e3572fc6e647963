"""What could be built for a study, worked out once and told as rows: works, gaps with their cheapest change, a map."""

import logging
from collections import Counter

import geopandas as gpd
from flask import current_app

from gis.errors import GisError
from gis.plan import changed, find_options, without_option
from gis.plan.fixes import fixes_of as plain_fixes
from gis.web import facts, sessions, wants, works
from gis.web.guard import Refused
from gis.web.origins import FrozenOrigin
from gis.web.shapes import collection
from gis.web.texts import language, pick, t
from gis.web.years import patient

log = logging.getLogger("gis.web")

NAMED = 6
"""Villages of a work that are named on a page; the files have all."""
OPTIONS, FIXES = ("plan-options",), ("plan-fixes",)


def options_of(standing):
    """What could be built for a study, the planner's own works among it; worked out once for each state of it."""
    found, needs = generated(standing), own_needs(standing)
    if needs is None or isinstance(needs, GisError):
        return found
    return patient(standing, (*OPTIONS, *_mark(standing)), lambda: needs.applied(found))


def own_needs(standing):
    """What the planner's own list says and which gaps its works close; None without one.

    A list that fitted the study when it was sent may not fit what the study has become: then the error that tells why is
    given back and not raised, so that the page on which the list is dropped can still be shown.
    """
    own = wants.own_list(sessions.found_store(), standing.study_id)
    if own is None:
        return None
    found, settings = generated(standing), current_app.config["SETTINGS"]

    def work():
        try:
            return own.read(standing.review, found, settings)
        except GisError as fault:
            return fault

    return patient(standing, ("plan-needs", own.digest), work)


def generated(standing):
    """What could be built without the planner's own works."""
    return patient(standing, OPTIONS, lambda: find_options(standing.review))


def fixes_of(standing):
    """The cheapest change for each gap by itself, as `gis.plan.fixes` tells it, at the planner's own costs."""
    found, costs = options_of(standing), _own_costs(standing)
    key = (*FIXES, *_mark(standing), frozenset(costs.items()))
    return patient(standing, key, lambda: plain_fixes(changed(found, costs)))


def _own_costs(standing):
    """Option to what it costs by the planner's own word, as the list of works shows it."""
    kept = wants.wants_of(sessions.found_store(), standing.study_id)
    return {option: one["cost"] for option, one in kept.items() if one["cost"] is not None}


def _mark(standing):
    own = wants.own_list(sessions.found_store(), standing.study_id)
    return () if own is None else (own.digest,)


def known_fixes(standing):
    """The same for pages that do not wait for it: None until it is there, and where it cannot be worked out."""
    if isinstance(standing.origin, FrozenOrigin):
        return None
    # What a gap costs is not another thing for who sees a part of the study.
    standing = standing.whole
    try:
        standing.worked_out(OPTIONS, lambda: find_options(standing.review), wait_s=0)
        return fixes_of(standing)
    except (TimeoutError, Refused):
        return None
    except Exception:
        # A scorecard does not stand or fall with what could be built.
        log.exception("what could be built for study %r could not be worked out", standing.study_id)
        return None


def works_drawn(geometry, rows, crs):
    """GeoJSON of works: name, cost, colour and shape of the sector; what lies nowhere is left out.

    Parameters
    ----------
    geometry : sequence of geometry or None
    rows : list of dict
        ``id``, ``work``, ``sector`` (the word), ``sector_id``, ``cost_text`` and ``villages``, in the same order.
    crs : CRS
    """
    there = [
        (shape, row)
        for shape, row in zip(geometry, rows, strict=True)
        if shape is not None and not shape.is_empty
    ]
    shapes = gpd.GeoSeries([shape for shape, _ in there], crs=crs).to_crs(4326)
    told = [_drawn(row) for _, row in there]
    return collection(shapes, told)


def _drawn(row):
    color, shape = works.sign_of(row["sector_id"])
    names = ", ".join(name for _, name in row["villages"][:NAMED])
    told = {name: row[name] for name in ("id", "work", "sector", "cost_text") if row.get(name)}
    return {
        **told,
        "villages": names,
        "color": color,
        "shape": shape,
        "year": row.get("year"),
        "wanted": row.get("wanted"),
    }


def work_rows(review, found, kept, filters):
    """Rows of the list of works, those that close most for the money first."""
    names, criteria = works.village_words(review.study), works.criterion_words(review.criteria)
    communes = facts.commune_names(review, language())
    closes = {}
    pairs = found.ways[["option_id", "village_id", "criterion"]].drop_duplicates()
    for option, village, criterion in pairs.itertuples(index=False):
        closes.setdefault(option, []).append((village, criterion))
    rows = []
    for option, row in zip(
        found.table.index, found.table.drop(columns=["edits", "geometry"]).to_dict("records"), strict=True
    ):
        own = kept.get(option, {"wanted": None, "cost": None})
        gaps = closes.get(option, [])
        name, commune = names.get(row["village_id"], ("", ""))
        cost = row["cost"] if own["cost"] is None else own["cost"]
        one = {
            "id": option,
            "work": works.work_name(row),
            "sector_id": row["sector"],
            "sector": works.sector_word(row["sector"]),
            "village_id": facts.text_of(row["village_id"]),
            "village": name,
            "commune": commune or communes.get(row["commune_id"], ""),
            "commune_id": facts.text_of(row["commune_id"]) or facts.NO_COMMUNE,
            "cost": cost,
            "cost_text": works.amount(cost),
            "low": row["cost_low"],
            "high": row["cost_high"],
            "by": "user" if own["cost"] is not None else row["cost_by"],
            "villages": [
                (village, names.get(village, (village,))[0]) for village in dict.fromkeys(v for v, _ in gaps)
            ],
            "gaps": _counted(criteria.get(criterion, criterion) for _, criterion in gaps),
            "criteria": {criterion for _, criterion in gaps},
            "wanted": own["wanted"] or facts.text_of(row["wanted"]),
            "own_cost": own["cost"],
            "count": len(gaps),
        }
        if _keeps(one, filters):
            rows.append(one)
    return sorted(
        rows, key=lambda one: (one["wanted"] != "in", -one["count"] / max(one["cost"], 1.0), one["id"])
    )


def _counted(labels):
    """Labels, each once, with how often it comes where that is more than once."""
    return [
        label if count == 1 else t("plan-page-times", label=label, count=count)
        for label, count in Counter(labels).items()
    ]


def _keeps(row, filters):
    """Whether a work or a gap answers to the filters."""
    wanted = filters.get("wanted")
    return (
        filters.get("commune", row["commune_id"]) == row["commune_id"]
        and filters.get("sector", row["sector_id"]) == row["sector_id"]
        and ("criterion" not in filters or filters["criterion"] in row["criteria"])
        and (wanted is None or (row["own_cost"] is not None if wanted == "cost" else row["wanted"] == wanted))
        and (
            "q" not in filters
            or any(
                facts.matches(filters["q"], _place(row, *each))
                for each in [(row["village_id"], row["village"]), *row["villages"]]
            )
        )
    )


def _place(row, id_, name):
    return {"id": id_ or "", "name": name, "commune": row["commune"]}


def gap_rows(standing, filters):
    """Rows of the list of gaps: each with its cheapest fix, those that no work closes last."""
    review, fixes = standing.review, fixes_of(standing)
    names, criteria = works.village_words(review.study), {one.id: one for one in review.criteria.criteria}
    gaps = review.findings[review.findings["status"] == "unmet"]
    why = reasons_of(standing)
    communes = review.study.villages["commune_id"]
    rows = []
    for village, criterion in zip(gaps["village_id"], gaps["criterion"], strict=True):
        one, fix = criteria[criterion], fixes.get((village, criterion))
        row = {
            "village_id": village,
            "village": names[village][0],
            "commune": names[village][1],
            "commune_id": facts.text_of(communes[village]) or facts.NO_COMMUNE,
            "criterion": pick(one.label),
            "criteria": {criterion},
            "sector_id": one.theme,
            "fix": [works.work_name(each) for each in fix["works"]] if fix else [],
            "cost": fix["cost"] if fix else None,
            "by": "assumption" if fix and fix["assumed"] else "",
            "why": "" if fix else why_not(one, why.get((village, criterion))),
            "villages": [],
            "wanted": None,
            "own_cost": None,
        }
        if _keeps(row, filters):
            rows.append(row)
    return sorted(rows, key=lambda row: (not row["fix"], row["commune"], row["village"], row["village_id"]))


def reasons_of(standing):
    """Village and criterion to why nothing that could be built closes the gap, as a code."""
    found = options_of(standing)
    left = patient(
        standing, ("plan-without", *_mark(standing)), lambda: without_option(standing.review, found)
    )
    return left.set_index(["village_id", "criterion"])["reason"].to_dict()


def why_not(criterion, reason):
    """Why nothing that could be built closes a gap, in words."""
    if criterion.fixable_by != "works":
        return t(f"plan-page-why-{criterion.fixable_by}")
    return t(f"options-{reason or 'no-intervention'}")
