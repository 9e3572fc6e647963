"""The page of what could be built: every work that would close gaps, every gap, and what is wanted of single works."""

import pandas as pd
from flask import Blueprint, redirect, render_template, request, url_for

from gis.errors import GisError
from gis.interventions import SECTORS
from gis.web import asked, doing, facts, sessions, wants, works
from gis.web.buildable import NAMED, gap_rows, options_of, own_needs, work_rows, works_drawn
from gis.web.downloads import send_list
from gis.web.guard import Refused
from gis.web.home import ready_all
from gis.web.payload import pack, send
from gis.web.shapes import GEOJSON
from gis.web.texts import language, pick, t

pages = Blueprint("options", __name__)
pages.add_app_template_global(works.millions, "millions")

ROWS_A_PAGE = 50
MOST_DRAWN = 5_000
VIEWS = ("works", "gaps")
MARKS = ("in", "out", "cost")
HEADINGS = {
    "id": "plan-page-column-id",
    "work": "plan-page-column-work",
    "sector": "plan-page-column-sector",
    "village": "web-column-name",
    "commune": "web-commune",
    "cost": "plan-page-column-cost",
    "low": "plan-page-column-low",
    "high": "plan-page-column-high",
    "by": "plan-page-column-by",
    "villages": "plan-page-column-serves",
    "gaps": "plan-page-column-closes",
    "wanted": "plan-page-column-wanted",
}
GAP_HEADINGS = {
    "village": "web-column-name",
    "commune": "web-commune",
    "criterion": "web-criterion",
    "fix": "plan-page-column-fix",
    "cost": "plan-page-column-cost",
    "by": "plan-page-column-by",
    "why": "plan-page-column-why",
}


@pages.get("/studies/<study_id>/options")
def listed(study_id):
    """The works or the gaps that answer to the filters of the address."""
    return _page(study_id)


def _page(study_id, written=None, faults=()):
    """The page; after faults with what was `written` in its fields, by their names."""
    standing = ready_all(study_id)
    review = standing.review
    view = asked.one_of("view", {each: t(f"plan-page-view-{each}") for each in VIEWS}) or VIEWS[0]
    found, filters = options_of(standing), _filters(review)
    kept = wants.wants_of(sessions.found_store(), study_id)
    rows = work_rows(review, found, kept, filters) if view == "works" else gap_rows(standing, filters)
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
        draws=view == "works" and bool(rows),
        may_change=doing.may("amend") and bool(sessions.person().name),
        own=wants.own_list(sessions.found_store(), study_id),
        own_faults=_faults(own_needs(standing)),
        gone=sorted(set(kept) - set(found.table.index)),
        saved=request.args.get("saved", "") == "yes",
        written=written or {},
        faults=faults,
    )


@pages.post("/studies/<study_id>/options")
def choose(study_id):
    """Take up what is wanted of the works of one page of the list."""
    sessions.allow("amend")
    who = sessions.who()
    known = options_of(ready_all(study_id)).table.index
    changes, faults = {}, []
    if (
        request.form.get("forget") == "gone"
    ):  # a plan cannot be made as long as it is to hold what there is not
        there = wants.wants_of(sessions.found_store(), study_id)
        changes = {each: {"wanted": None, "cost": None} for each in there if each not in known}
    for option in request.form.getlist("option"):
        if option not in known:
            raise Refused(422, "plan-page-no-option", option=option[:60])
        wanted = request.form.get(f"wanted:{option}", "")
        if wanted not in ("", *wants.WANTED):
            raise Refused(400, "web-bad-request")
        try:
            cost = works.number_of(
                request.form.get(f"cost:{option}", ""),
                t("plan-page-column-own-cost"),
                wants.MOST_VND / works.MILLION,
            )
        except Refused as fault:
            faults += [problem.say(language()) for problem in fault.problems]
            continue
        changes[option] = {"wanted": wanted or None, "cost": None if cost is None else cost * works.MILLION}
    if faults:
        return _page(study_id, request.form, faults), 422
    with sessions.store().writing(who) as change:
        wants.want(change, study_id, changes)
    filters = {name: value for name, value in request.args.items() if name in (*FILTERS, "page")}
    return redirect(
        url_for("options.listed", study_id=study_id, saved="yes", _anchor="list-title", **filters), 303
    )


@pages.get("/studies/<study_id>/options-<any(works, gaps):view>.<any(xlsx, csv):format>")
def listed_file(study_id, view, format):
    """The same list as a file, every row of it."""
    standing = ready_all(study_id)
    review, filters = standing.review, _filters(standing.review)
    if view == "works":
        kept = wants.wants_of(sessions.found_store(), study_id)
        rows = pd.DataFrame(
            work_rows(review, options_of(standing), kept, filters), columns=list(HEADINGS), dtype=object
        )
        rows["villages"] = ["; ".join(name for _, name in each) for each in rows["villages"]]
        rows["gaps"] = ["; ".join(each) for each in rows["gaps"]]
        rows["wanted"] = [t(f"plan-page-wanted-{each}") if each else "" for each in rows["wanted"]]
        headings = HEADINGS
    else:
        rows = pd.DataFrame(gap_rows(standing, filters), columns=list(GAP_HEADINGS), dtype=object)
        rows["fix"] = ["; ".join(each) for each in rows["fix"]]
        headings = GAP_HEADINGS
    for column in rows.columns.intersection(["cost", "low", "high"]):
        rows[column] = pd.to_numeric(rows[column]).div(works.MILLION).round(1)
    if "by" in rows:
        rows["by"] = [t(f"plan-page-cost-by-{each}") if each else "" for each in rows["by"]]
    return send_list(
        review,
        rows,
        {column: t(code) for column, code in headings.items()},
        format,
        title=t("plan-page-options-title"),
        name=f"{study_id}-options-{view}",
    )


@pages.get("/studies/<study_id>/options.geojson")
def drawn(study_id):
    """Where the works of the list are, for the map beside it."""
    standing = ready_all(study_id)
    kept = wants.wants_of(sessions.found_store(), study_id)
    rows = work_rows(standing.review, options_of(standing), kept, _filters(standing.review))[:MOST_DRAWN]
    table = options_of(standing).table.loc[[row["id"] for row in rows]]
    return send(pack(works_drawn(table["geometry"], rows, standing.review.study.crs), GEOJSON))


def _faults(needs):
    return [problem.say(language()) for problem in needs.problems] if isinstance(needs, GisError) else []


FILTERS = ("commune", "sector", "criterion", "q", "wanted", "view")


def _choices(review):
    return {
        "commune": dict(facts.communes_by_name(review, language())),
        "sector": {each: works.sector_word(each) for each in SECTORS},
        "criterion": {
            one.id: f"{one.code} {pick(one.label)}" if one.code else pick(one.label)
            for one in review.criteria.criteria
            if one.fixable_by == "works"
        },
        "wanted": {each: t(f"plan-page-mark-{each}") for each in MARKS},
    }


def _filters(review):
    """What the address asks for, by name; only what is given."""
    found = {name: asked.one_of(name, allowed) for name, allowed in _choices(review).items()}
    found["q"] = request.args.get("q", "").strip()[:100]
    return {name: value for name, value in found.items() if value}


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
