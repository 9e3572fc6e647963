"""A study under several criteria sets: the chooser that stays in the address, and two sets held together."""

import pandas as pd
from flask import Blueprint, redirect, render_template, request, url_for

from gis.criteria import list_criteria
from gis.side_by_side import cross_table, side_by_side
from gis.store import editions
from gis.tables import STATUSES
from gis.web import doing, facts, sessions
from gis.web.choosing import OWN, chosen_review, sets_of
from gis.web.downloads import send_list
from gis.web.guard import Refused
from gis.web.home import ready_all
from gis.web.intake import sets_offered
from gis.web.texts import by_set, date, language, pick, t
from gis.workflows.editions import set_beside, set_of

pages = Blueprint("beside", __name__)

MOST_ROWS = 500


@pages.get("/studies/<study_id>/sets")
def compare(study_id):
    """Two sets of a study side by side: how many villages under each, and which differ."""
    review = ready_all(study_id).review
    names = sets_of(review)
    first, second = _pair(names)
    one, other = chosen_review(review, first), chosen_review(review, second)
    table = side_by_side(one, other)
    differing = table[table["differs"]]
    return render_template(
        "criteria/beside.html",
        review=review,
        study=review.study,
        study_id=study_id,
        sets=[_told(name, chosen_review(review, name)) for name in names],
        pair=(first, second),
        one=one,
        other=other,
        words=[
            {status: facts.outcome(each, status, language()) for status in STATUSES} for each in (one, other)
        ],
        counts=cross_table(table),
        rows=_rows(differing[:MOST_ROWS], one, other),
        count=len(differing),
        symbols=facts.SYMBOLS,
        offered=_offered(study_id, names),
        revision=doing.stored_study(study_id)["revision"] if doing.is_stored(study_id) else None,
    )


@pages.get("/studies/<study_id>/sets.<any(xlsx, csv):suffix>")
def compare_file(study_id, suffix):
    """Every village with its status under two sets, as a file."""
    review = ready_all(study_id).review
    first, second = _pair(sets_of(review))
    one, other = chosen_review(review, first), chosen_review(review, second)
    table = side_by_side(one, other)
    rows = pd.DataFrame(_rows(table, one, other), dtype=object)
    headings = {
        "id": t("web-column-id"),
        "name": t("export-column-name"),
        "commune": t("web-commune"),
        "first_text": _heading(one),
        "first_missed": by_set(one.criteria, "beside-missed", name=_heading(one)),
        "second_text": _heading(other),
        "second_missed": by_set(other.criteria, "beside-missed", name=_heading(other)),
        "differs_text": t("beside-differs"),
    }
    rows["differs_text"] = [t("web-yes" if differs else "beside-same") for differs in table["differs"]]
    return send_list(review, rows, headings, suffix, title=t("beside-title"), name=f"{study_id}-sets")


@pages.post("/studies/<study_id>/sets")
def change(study_id):
    """Judge the study by one more set beside its own, or by one fewer."""
    sessions.allow("amend")
    study = doing.stored_study(study_id)
    names = list(study["recipe"].get("also", ()))
    wanted, unwanted = request.form.get("add", ""), request.form.get("remove", "")
    if wanted:
        if wanted not in {name for name, _ in _offered(study_id, [OWN, *names])}:
            raise Refused(422, "beside-unknown")
        names.append(wanted)
    names = [name for name in names if name != unwanted]
    set_beside(sessions.store(), study_id, names, who=sessions.who(), seen=doing.seen())
    return redirect(url_for("beside.compare", study_id=study_id), 303)


def _pair(names):
    """The two sets that were asked for, else the study's own and the first beside it."""
    pair = request.args.get("first", names[0]), request.args.get("second", names[min(1, len(names) - 1)])
    if not set(pair) <= set(names):
        raise Refused(404, "web-not-found")
    return pair


def _told(name, review):
    headline = review.headline
    return {
        "name": name,
        "label": pick(review.criteria.label),
        "edition": review.criteria.edition,
        "legal_ref": review.criteria.legal_ref,
        "trial": headline["trial"],
        "words": {status: facts.outcome(review, status, language()) for status in STATUSES},
        **{status: headline[status] for status in STATUSES},
        "share_pct": headline["share_pct"],
    }


def _heading(review):
    return f"{pick(review.criteria.label)} ({date(review.criteria.edition)})"


def _rows(table, one, other):
    rows = []
    for village_id, row in zip(table.index, table.to_dict("records"), strict=True):
        rows.append(
            {
                "id": village_id,
                "name": facts.text_of(row["name"]) or village_id,
                "commune": facts.text_of(row["commune"]) or "",
                **{name: row[name] for name in ("first", "second")},
                "first_text": facts.outcome(one, row["first"], language()),
                "second_text": facts.outcome(other, row["second"], language()),
                "first_missed": facts.plain(row["first_missed"]),
                "second_missed": facts.plain(row["second_missed"]),
            }
        )
    return rows


def _offered(study_id, names):
    """Sets that can be put beside those there are: those of the house, and other editions of the study's own."""
    if not doing.is_stored(study_id):
        return []
    study = doing.stored_study(study_id)
    with sessions.store().reading() as connection:
        own = set_of(connection, study)
        rows = editions.listed(connection, own.id)
    found = {row["id"]: row["label"] for row in sets_offered()}
    now = study["recipe"]["criteria"]
    if own.id in list_criteria():
        found[own.id] = t("beside-as-it-came", name=found[own.id])
    else:
        found.pop(own.id, None)
    found |= {
        f"{own.id}@{row['edition']}": t("beside-edition", name=pick(own.label), edition=row["edition"])
        for row in rows
    }
    return [(name, label) for name, label in found.items() if name not in (*names, now)]
