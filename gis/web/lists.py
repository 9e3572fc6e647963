"""The lists behind every number: villages and communes, as a page and as files."""

import pandas as pd
from flask import Blueprint, render_template, request

from gis.tables import STATUSES
from gis.web import asked, choosing, facts, gapcosts, narrowing, progress, yearview
from gis.web.downloads import exported, in_turn, send_list
from gis.web.guard import Refused
from gis.web.home import ready
from gis.web.payload import pack_json, send
from gis.web.texts import by_set, failing, language, pick, t

ROWS_A_PAGE = 500
FILES = ("xlsx", "csv", "json")

pages = Blueprint("lists", __name__)


@pages.get("/studies/<study_id>/villages")
def villages(study_id):
    """Villages that answer to the filters of the address."""
    standing = ready(study_id)
    review, stood = standing.review, progress.stood(study_id, standing)
    filters, ids = chosen(review, stood)
    page, last, shown = asked.page_of(ids, ROWS_A_PAGE)
    costs = gapcosts.gap_costs(standing, filters["criterion"], ids) if gapcosts.wanted(filters) else None
    one_commune = "commune" in filters and "criterion" not in filters
    return render_template(
        "lists/villages.html",
        costs=costs,
        lacking=gapcosts.lacking(review, ids) if one_commune else [],
        review=review,
        study=review.study,
        study_id=study_id,
        filters=filters,
        count=len(ids),
        first=(page - 1) * ROWS_A_PAGE,
        rows=facts.village_rows(review, shown, language()),
        page=page,
        last=last,
        communes=facts.communes_by_name(review, language()),
        criteria=facts.criteria_counts(review, language()),
        words={status: facts.outcome(review, status, language()) for status in STATUSES},
        criterion_words={
            each: facts.criterion_word(review, filters.get("criterion"), each, language())
            for each in STATUSES
        },
        symbols=facts.SYMBOLS,
        said=said(review, filters),
        stood=None if stood is None else progress.told(stood.loc[shown]),
        state_words=progress.filter_words(),
        narrowing=narrowing.choices(review),
    )


@pages.get("/studies/<study_id>/villages.<any(xlsx, csv, json):format>")
def villages_file(study_id, format):
    """The same list as a file, every row of it."""
    standing = ready(study_id)
    review, stood = standing.review, progress.stood(study_id, standing)
    filters, ids = chosen(review, stood)
    costs = gapcosts.gap_costs(standing, filters["criterion"], ids) if gapcosts.wanted(filters) else None
    name = "-".join([study_id + choosing.in_names(), "villages", *filters.values()])
    if costs is not None and format != "json":
        table, headings = gapcosts.gap_table(costs, facts.village_rows(review, ids, language()))
        title = "; ".join([t("web-villages-count", count=len(ids)), *said(review, filters)])
        return send_list(review, table, headings, format, title=title, name=name)
    if format == "json":
        rows = facts.village_rows(review, ids, language())
        if costs is not None:
            rows = [row | {"gap": costs.rows[row["id"]]} for row in rows]
        if stood is not None:
            rows = [row | {"state": stood.at[row["id"], "state"]} for row in rows]
        return send(
            pack_json({"study": study_id, "run": review.run.id, "filters": filters, "villages": rows})
        )
    reader = language()
    make = lambda: exported(progress.with_states(review, stood, reader), format, reader, select=ids)  # noqa: E731
    key = ("villages", format, reader, tuple(sorted(filters.items())), progress.version(study_id))
    # What people search for has no end, so only the other lists are kept.
    payload = make() if "q" in filters else in_turn(standing, key, make)
    return send(payload, filename=f"{name}.{format}")


@pages.get("/studies/<study_id>/communes")
def communes(study_id):
    """Every commune, those furthest from the target first."""
    standing = ready(study_id)
    review = standing.review
    rows, stood = _communes(study_id, standing)
    return render_template(
        "lists/communes.html",
        stood=stood,
        review=review,
        study=review.study,
        study_id=study_id,
        rows=rows,
        part=asked.part(),
        sheet=request.args.get("sheet", ""),
        words={status: facts.outcome(review, status, language()) for status in STATUSES},
        symbols=facts.SYMBOLS,
    )


@pages.get("/studies/<study_id>/communes.<any(xlsx, csv, json):format>")
def communes_file(study_id, format):
    """The same list as a file."""
    standing = ready(study_id)
    found, stood = _communes(study_id, standing)
    rows = [
        {name: value for name, value in row.items() if name not in ("search", "bar")}
        | {"received": row["received"]["word"]}
        for row in found
    ]
    if format == "json":
        return send(pack_json({"study": study_id, "run": standing.review.run.id, "communes": rows}))
    study = standing.review.study
    kept = [name for name in COMMUNE_COLUMNS if stood or name not in ("checked", "locked")]
    headings = {name: t(COMMUNE_COLUMNS[name]) for name in kept}
    headings |= {
        name: by_set(study.criteria, COMMUNE_COLUMNS[name]) for name in ("met", "unmet", "share_pct")
    }
    headings["short_by"] = failing(study, COMMUNE_COLUMNS["short_by"])
    table = pd.DataFrame(rows, columns=list(headings)).round({"share_pct": 2})
    table["has_sheet"] = [t("web-yes" if there else "web-no-sheet") for there in table["has_sheet"]]
    name = f"{study_id}{choosing.in_names()}-communes"
    return send_list(standing.review, table, headings, format, title=t("web-communes"), name=name)


COMMUNE_COLUMNS = {
    "id": "web-column-id",
    "name": "web-commune",
    "villages": "web-column-villages",
    "met": "web-column-met",
    "unmet": "web-column-unmet",
    "unknown": "web-column-unknown",
    "exempt": "web-column-exempt",
    "share_pct": "web-column-share-pct",
    "short_by": "web-column-short-by",
    "has_sheet": "web-column-has-sheet",
    "received": "first-column-received",
    "checked": "first-column-checked",
    "locked": "first-column-locked",
}
"""Column of the file to the message that heads it."""


def _communes(study_id, standing):
    """Rows of the communes that the address asks for, and whether what was checked and locked is kept."""
    rows, _, stood = yearview.marked_communes(study_id, standing, asked.part())
    sheet = asked.one_of("sheet", {"yes": t("web-yes"), "no": t("web-no-sheet")})
    return [row for row in rows if not sheet or row["has_sheet"] == (sheet == "yes")], stood


def filters_asked(review, stood):
    """The filters of the address, those that are given; the search is not one of them.

    Raises
    ------
    Refused
        400 where a filter is not known.
    """
    criteria = {criterion.id: pick(criterion.label) for criterion in review.study.criteria.criteria}
    filters = {
        "part": asked.part(),
        "status": asked.one_of(
            "status", {each: facts.outcome(review, each, language()) for each in STATUSES}
        ),
        "commune": asked.one_of("commune", facts.commune_names(review, language())),
        "criterion": asked.one_of("criterion", criteria),
        "criterion_status": asked.one_of(
            "criterion_status", {each: t(f"web-status-{each}") for each in STATUSES}
        ),
    }
    if stood is not None:
        filters["state"] = asked.one_of("state", progress.filter_words())
    if filters["criterion_status"] and not filters["criterion"]:
        raise Refused(400, "web-criterion-missing")
    filters |= narrowing.asked_for(review)
    return {name: value for name, value in filters.items() if value and value != "all"}


def fitting(review, stood, filters):
    """Which rows of `Review.villages_table` some filters leave, as an array."""
    wanted = {name: filters.get(name) for name in ("status", "commune", "criterion", "criterion_status")}
    if wanted["commune"] == facts.NO_COMMUNE:
        wanted["commune"] = ""
    # One status of a criterion is a condition; a criterion alone only colours the map.
    if not wanted["criterion_status"]:
        wanted["criterion"] = None
    fits = review.fits(part=filters.get("part", "all"), **wanted)
    if "state" in filters:
        fits &= progress.fits(stood.loc[review.villages_table.index], filters["state"])
    if filters.keys() & narrowing.NAMES:
        fits &= narrowing.fits(review, filters, filters.get("criterion"))
    return fits


def chosen(review, stood):
    """The filters that were asked for, the search among them, and the ids of the villages they leave."""
    filters = filters_asked(review, stood)
    table = review.villages_table[fitting(review, stood, filters)]
    search = request.args.get("q", "").strip()[:200]
    if search:
        filters["q"] = search
        columns = table[["name", "commune"]].assign(id=table.index).to_dict("records")
        kept = [row["id"] for row in columns if facts.matches(search, row)]
        return filters, kept
    return filters, list(table.index)


def said(review, filters):
    """The filters in words, for the heading."""
    words = []
    if "status" in filters:
        words.append(facts.outcome(review, filters["status"], language()))
    if "commune" in filters:
        words.append(t("web-in-commune", name=facts.commune_names(review, language())[filters["commune"]]))
    if "criterion" in filters:
        label = review.study.criteria.criterion(filters["criterion"]).label
        status = filters.get("criterion_status")
        word = facts.criterion_word(review, filters["criterion"], status, language()) if status else ""
        words.append(t("web-by-criterion", name=label, status=word))
    if filters.get("part") == "infrastructure":
        words.append(t("web-part-infrastructure"))
    if "state" in filters:
        words.append(progress.filter_words()[filters["state"]])
    words += [
        t("narrow-said", name=t(f"narrow-{name}"), value=values[filters[name]])
        for name, values in narrowing.choices(review).items()
        if name in filters
    ]
    if "q" in filters:
        words.append(f"“{filters['q']}”")
    return words
