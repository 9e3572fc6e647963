"""What could be built: every work that would close gaps, the cheapest for each gap, and gaps that none closes."""

from collections import Counter

import geopandas as gpd
import pandas as pd
from flask import Blueprint, redirect, render_template, request, url_for

from gis.plan import cheapest_fixes, find_options
from gis.web import asked, doing, facts, sessions, wants, works
from gis.web.downloads import send_list
from gis.web.guard import Refused
from gis.web.home import ready_all
from gis.web.mapdata import GEOJSON, collection
from gis.web.payload import pack, send
from gis.web.texts import language, pick, t
from gis.web.years import patient

pages = Blueprint("options", __name__)
pages.add_app_template_global(works.millions, "millions")

ROWS_A_PAGE = 50
NAMED = 6
"""Villages or gaps of a work that are named on the page; the files have all."""
MOST_DRAWN = 5_000
VIEWS = ("works", "gaps")
MARKS = ("in", "out", "cost")
HEADINGS = {
    "id": "plans-column-id",
    "work": "plans-column-work",
    "sector": "plans-column-sector",
    "village": "web-column-name",
    "commune": "web-commune",
    "cost": "plans-column-cost",
    "low": "plans-column-low",
    "high": "plans-column-high",
    "by": "plans-column-by",
    "villages": "plans-column-serves",
    "gaps": "plans-column-closes",
    "wanted": "plans-column-wanted",
}
GAP_HEADINGS = {
    "village": "web-column-name",
    "commune": "web-commune",
    "criterion": "web-criterion",
    "fix": "plans-column-fix",
    "cost": "plans-column-cost",
    "by": "plans-column-by",
    "why": "plans-column-why",
}


def options_of(standing):
    """What could be built for a study, worked out once for each state of it."""
    return patient(standing, ("plan-options",), lambda: find_options(standing.review))


def fixes_of(standing):
    """The cheapest way to close each gap by itself."""
    found = options_of(standing)
    return patient(standing, ("plan-fixes",), lambda: cheapest_fixes(found))


@pages.get("/studies/<study_id>/options")
def listed(study_id):
    """The works or the gaps that answer to the filters of the address."""
    standing = ready_all(study_id)
    review = standing.review
    view = asked.one_of("view", {each: t(f"plans-view-{each}") for each in VIEWS}) or VIEWS[0]
    found, filters = options_of(standing), _filters(review)
    kept = wants.wants_of(sessions.found_store(), study_id)
    rows = _works(review, found, kept, filters) if view == "works" else _gaps(standing, filters)
    page, last, shown = asked.page_of(rows, ROWS_A_PAGE)
    return render_template(
        "plans/options.html",
        review=review,
        study=review.study,
        study_id=study_id,
        view=view,
        views=VIEWS,
        filters=filters,
        choices=_choices(review),
        rows=shown,
        count=len(rows),
        page=page,
        last=last,
        sums=_sums(found, kept),
        named=NAMED,
        marks_there=MARKS,
        draws=view == "works" and bool(rows),
        may_change=doing.may("amend"),
        saved=request.args.get("saved", "") == "yes",
    )


@pages.post("/studies/<study_id>/options")
def choose(study_id):
    """Take up what is wanted of the works of one page of the list."""
    sessions.allow("amend")
    who = sessions.who()
    known = options_of(ready_all(study_id)).table.index
    changes = {}
    for option in request.form.getlist("option"):
        if option not in known:
            raise Refused(422, "plans-no-option", option=option[:60])
        wanted = request.form.get(f"wanted:{option}", "")
        if wanted not in ("", *wants.WANTED):
            raise Refused(400, "web-bad-request")
        cost = works.number_of(
            request.form.get(f"cost:{option}", ""), t("plans-column-own-cost"), wants.MOST_VND / works.MILLION
        )
        changes[option] = {"wanted": wanted or None, "cost": None if cost is None else cost * works.MILLION}
    with sessions.store().writing(who) as change:
        wants.want(change, study_id, changes)
    filters = {name: value for name, value in request.args.items() if name in (*FILTERS, "page")}
    return redirect(url_for("options.listed", study_id=study_id, saved="yes", **filters), 303)


@pages.get("/studies/<study_id>/options-<any(works, gaps):view>.<any(xlsx, csv):format>")
def listed_file(study_id, view, format):
    """The same list as a file, every row of it."""
    standing = ready_all(study_id)
    review, filters = standing.review, _filters(standing.review)
    if view == "works":
        kept = wants.wants_of(sessions.found_store(), study_id)
        rows = pd.DataFrame(
            _works(review, options_of(standing), kept, filters), columns=list(HEADINGS), dtype=object
        )
        rows["villages"] = ["; ".join(name for _, name in each) for each in rows["villages"]]
        rows["gaps"] = ["; ".join(each) for each in rows["gaps"]]
        rows["wanted"] = [t(f"plans-wanted-{each}") if each else "" for each in rows["wanted"]]
        headings = HEADINGS
    else:
        rows = pd.DataFrame(_gaps(standing, filters), columns=list(GAP_HEADINGS), dtype=object)
        rows["fix"] = ["; ".join(each) for each in rows["fix"]]
        headings = GAP_HEADINGS
    for column in rows.columns.intersection(["cost", "low", "high"]):
        rows[column] = pd.to_numeric(rows[column]).div(works.MILLION).round(1)
    if "by" in rows:
        rows["by"] = [t(f"plans-cost-by-{each}") if each else "" for each in rows["by"]]
    return send_list(
        review,
        rows,
        {column: t(code) for column, code in headings.items()},
        format,
        title=t("plans-options-title"),
        name=f"{study_id}-options-{view}",
    )


@pages.get("/studies/<study_id>/options.geojson")
def drawn(study_id):
    """Where the works of the list are, for the map beside it."""
    standing = ready_all(study_id)
    kept = wants.wants_of(sessions.found_store(), study_id)
    rows = _works(standing.review, options_of(standing), kept, _filters(standing.review))[:MOST_DRAWN]
    table = options_of(standing).table.loc[[row["id"] for row in rows]]
    return send(pack(works_drawn(table["geometry"], rows, standing.review.study.crs), GEOJSON))


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


FILTERS = ("commune", "sector", "criterion", "q", "wanted", "view")


def _choices(review):
    return {
        "commune": dict(facts.communes_by_name(review, language())),
        "sector": {each: works.sector_word(each) for each in works.SECTORS},
        "criterion": {
            one.id: f"{one.code} {pick(one.label)}" if one.code else pick(one.label)
            for one in review.criteria.criteria
            if one.fixable_by == "works"
        },
        "wanted": {each: t(f"plans-mark-{each}") for each in MARKS},
    }


def _filters(review):
    """What the address asks for, by name; only what is given."""
    found = {name: asked.one_of(name, allowed) for name, allowed in _choices(review).items()}
    found["q"] = request.args.get("q", "").strip()[:100]
    return {name: value for name, value in found.items() if value}


def _works(review, found, kept, filters):
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
        label if count == 1 else t("plans-times", label=label, count=count)
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


def _gaps(standing, filters):
    """Rows of the list of gaps: each with its cheapest fix, those that nothing closes first."""
    review, found, fixes = standing.review, options_of(standing), fixes_of(standing)
    names, criteria = works.village_words(review.study), {one.id: one for one in review.criteria.criteria}
    gaps = review.findings[(review.findings["status"] == "unmet")]
    told = found.table.drop(columns=["edits", "geometry"]).to_dict("index")
    communes = review.study.villages["commune_id"]
    rows = []
    for village, criterion in zip(gaps["village_id"], gaps["criterion"], strict=True):
        one, fix = criteria[criterion], None
        if (village, criterion) in fixes.index:
            fix = fixes.loc[(village, criterion)]
        taken = [told[each] for each in fix["options"]] if fix is not None else []
        row = {
            "village_id": village,
            "village": names[village][0],
            "commune": names[village][1],
            "commune_id": facts.text_of(communes[village]) or facts.NO_COMMUNE,
            "criterion": pick(one.label),
            "criteria": {criterion},
            "sector_id": one.theme,
            "fix": [works.work_name(each) for each in taken],
            "cost": None if fix is None else float(fix["cost"]),
            "by": (
                "assumption"
                if any(each["cost_by"] == "assumption" for each in taken)
                else taken[0]["cost_by"]
            )
            if taken
            else "",
            "why": ""
            if taken
            else t(f"plans-why-{one.fixable_by if one.fixable_by != 'works' else 'no-option'}"),
            "villages": [],
            "wanted": None,
            "own_cost": None,
        }
        if _keeps(row, filters):
            rows.append(row)
    return sorted(rows, key=lambda row: (bool(row["fix"]), row["commune"], row["village"], row["village_id"]))


def _sums(found, kept):
    """What the page says above the list."""
    table = found.table
    return {
        "works": len(table),
        "gaps": len(found.ways[["village_id", "criterion"]].drop_duplicates()),
        "assumed": int((table["cost_by"] == "assumption").sum()),
        "in": sum(one["wanted"] == "in" for one in kept.values()),
        "out": sum(one["wanted"] == "out" for one in kept.values()),
        "cost": sum(one["cost"] is not None for one in kept.values()),
    }
