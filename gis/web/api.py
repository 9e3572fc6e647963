"""The steady read addresses for programs, and the description of all of them: one document and one page."""

from flask import Blueprint, current_app, render_template, request, url_for

from gis.store import plans
from gis.web import api_document, basis, choosing, facts, offered, sessions
from gis.web.guard import Refused
from gis.web.home import ready, ready_all
from gis.web.ogc import facts_said
from gis.web.paging import answer_of, filters_asked, know_only, links_around, page_asked
from gis.web.payload import pack_json, send
from gis.web.texts import language, pick

COMMON = ("f", "lang")

pages = Blueprint("api", __name__)


@pages.get("/api")
def page():
    """What other programs can read here and how, for people."""
    return render_template(
        "api/page.html",
        groups=api_document.listed(current_app),
        features=url_for("ogc.landing", _external=True),
        accounts=current_app.config["ACCOUNTS"],
    )


@pages.get("/api/openapi.json")
def document():
    """The description of every address that answers data, as OpenAPI 3.1."""
    return send(pack_json(api_document.document(current_app)))


@pages.get("/ogc/api")
def features_document():
    """The description of the features alone, as OpenAPI 3.0, which that standard asks for."""
    return send(pack_json(api_document.features_document(current_app)))


@pages.get("/api/v1/studies")
def studies():
    """Every study and how it stands."""
    know_only(*COMMON)
    shelf = current_app.extensions["shelf"]
    rows = []
    for study_id, origin in shelf.found().items():
        standing = shelf.look(study_id)
        review = standing.review
        label = review.study.label if review is not None else origin.title
        row = {"id": study_id, "title": pick(label), "state": standing.state, "href": _to("study", study_id)}
        rows.append(row | {"headline": _headline(review)})
    return send(pack_json({"studies": rows}), cache="no-store")


@pages.get("/api/v1/studies/<study_id>")
def study(study_id):
    """One study: its figures, the run that gave them, and where its tables are."""
    know_only(*COMMON, "set")
    standing = ready(study_id)
    review = standing.review
    run, tables = review.run, offered.names_offered(review)
    told = {
        **_of(study_id, review),
        "title": pick(review.study.label),
        "notices": facts_said(review),
        "criteria_set": run.criteria_id,
        "edition": str(run.edition),
        "as_of": facts.text_of(run.as_of),
        "year": run.year,
        "headline": _headline(review),
        "sets": choosing.sets_of(ready_all(study_id).review),
        "tables": {name: _to("table", study_id, table=name) for name in tables},
        "features": {
            name: url_for("ogc.items", collection_id=f"{study_id}.{name}", _external=True) for name in tables
        },
    }
    return send(pack_json(told))


@pages.get("/api/v1/studies/<study_id>/tables/<table>")
def table(study_id, table):
    """Rows of one table without shapes, a page of them."""
    standing = ready(study_id)
    found = offered.offered(standing, table)
    if found is None:
        known = offered.names_offered(standing.review)
        raise Refused(404, "api-no-table", table=table[:60], known=known)
    know_only(*COMMON, "set", "limit", "offset", *found.filters)
    chosen = answer_of(found, filters_asked(found.filters))
    start, limit = page_asked()
    shown = chosen[start : start + limit]
    told = {
        **_of(study_id, standing.review),
        "numberMatched": len(chosen),
        "numberReturned": len(shown),
        "links": links_around(_to("table", study_id, table=table), start, limit, len(chosen)),
        "columns": [
            {"name": one.name, "type": one.type, "label": one.label, "unit": one.unit}
            for one in found.fields(language())
        ],
        "rows": found.records(shown, language()),
    }
    return send(pack_json(told))


@pages.get("/api/v1/studies/<study_id>/criteria")
def criteria(study_id):
    """Every criterion of the set with its figures, how sure they are and where they come from."""
    know_only(*COMMON, "set")
    review = ready(study_id).review
    return send(pack_json({**_of(study_id, review), "criteria": basis.criteria_rows(review, language())}))


@pages.get("/api/v1/studies/<study_id>/plans")
def plans_kept(study_id):
    """Plans and scenarios that were kept of a study, the latest first."""
    know_only(*COMMON)
    review, store = ready_all(study_id).review, sessions.found_store()
    rows = []
    if store is not None:
        with store.reading() as connection:
            rows = plans.listed(connection, study_id)
    told = [
        {
            **{name: row[name] for name in ("key", "kind", "name", "run", "headline", "at")},
            "note": row["note"] or "",
            "withdrawn": row["withdrawn"] is not None,
            "works": url_for("plans.drawn", study_id=study_id, key=row["key"], _external=True)
            if row["kind"] == "plan"
            else None,
        }
        for row in rows
    ]
    return send(pack_json({**_of(study_id, review), "plans": told}), cache="no-store")


def _of(study_id, review):
    return {"study": study_id, "run": review.run.id}


def _headline(review):
    if review is None:
        return None
    told = {name: value for name, value in review.headline.items() if isinstance(value, (int, float))}
    return {name: value if isinstance(value, bool) else facts.plain(value) for name, value in told.items()}


def _to(view, study_id, **values):
    kept = {name: request.args[name] for name in ("lang", "set") if request.args.get(name)}
    return url_for(f"api.{view}", study_id=study_id, _external=True, **values, **kept)
