"""The years of a study: what became of every village, and what of a change is the rule's."""

from flask import Blueprint, render_template, request

from gis import yearly as lists
from gis.store import studies
from gis.tables import STATUSES
from gis.trend.history import STANDINGS
from gis.web import asked, doing, sessions
from gis.web.charts import year_bars
from gis.web.downloads import send_list
from gis.web.guard import Refused
from gis.web.home import PATIENCE_S, RETRY_S, ready
from gis.web.texts import language, pick, t
from gis.web.verdicts import verdicts
from gis.workflows import Corner, rescore, study_history, target_progress
from gis.workflows.editions import editions_of
from gis.workflows.rejudging import known_sets, named_set, notes_of

SHOWN = 100
"""Rows of a list that stand on a page; the files have all."""

pages = Blueprint("years", __name__)


def patient(standing, key, work):
    """What is worked out once for a study; while it is not there, an answer that asks to come again.

    Raises
    ------
    Refused
        503 while it is computed.
    """
    try:
        return standing.worked_out(key, work, wait_s=PATIENCE_S)
    except TimeoutError:
        raise Refused(503, "web-working-out", retry_s=RETRY_S) from None


def history_of(standing):
    """The history of a study under its own set, and what must be said of its years."""
    return years_of(standing)[:2]


def years_of(standing):
    """As `history_of`, and by year what `gis.web.verdicts.verdicts` gives."""

    def work():
        history, reviews = study_history(standing.review.study, base=standing.review)
        return history, notes_of(reviews.values()), {year: verdicts(each) for year, each in reviews.items()}

    return patient(standing, ("years",), work)


def list_file(listing, review, name, format):
    """The response of one list as a file."""
    title, file = t(f"years-page-{name}"), f"{review.study.id}-{name}"
    return send_list(review, listing.table, listing.headings, format, title=title, name=file)


@pages.get("/studies/<study_id>/years")
def years(study_id):
    """Villages by status in every year, who came to pass and who slid back."""
    standing = ready(study_id)
    review = standing.review
    history, notes = history_of(standing)
    chosen = _standing()
    villages = lists.status_rows(history, review.study, language(), standing=chosen)
    ahead = target_progress(history, review)
    return render_template(
        "years/years.html",
        review=review,
        study=review.study,
        study_id=study_id,
        history=history,
        notes=notes,
        years=lists.year_rows(history, review.criteria, language()),
        chart=year_bars(history, ahead.target_pct),
        words={each: lists.verdict_word(review.criteria, each, language()) for each in STATUSES},
        target_pct=ahead.target_pct,
        events={
            kind: lists.event_rows(history, review.study, language(), kind=kind)
            for kind in ("back", "new", "lost-sight")
        },
        standings=_counted(history),
        standing=chosen,
        villages=villages,
        shown=SHOWN,
    )


@pages.get("/studies/<study_id>/years/<any(villages, events, years):name>.<any(xlsx, csv):format>")
def years_file(study_id, name, format):
    """One list of the page as a file, whole."""
    standing = ready(study_id)
    study = standing.review.study
    history, _ = history_of(standing)
    if name == "villages":
        listing = lists.status_rows(history, study, language(), standing=_standing())
    elif name == "events":
        listing = lists.event_rows(history, study, language())
    else:
        listing = lists.year_rows(history, study.criteria, language())
    return list_file(listing, standing.review, f"list-{name}", format)


@pages.get("/studies/<study_id>/rescore")
def rescoring(study_id):
    """The change between two years and sets, split into the village's and the rule's part."""
    standing = ready(study_id)
    review = standing.review
    made = _rescored(standing, study_id) if "from" in request.args else None
    return render_template(
        "years/rescore.html",
        review=review,
        study=review.study,
        study_id=study_id,
        years=[str(year) for year in sorted(review.study.assessments)],
        sets=_sets(review.study, _editions(study_id)),
        asked={name: request.args.get(name, default) for name, default in _defaults(review.study).items()},
        made=made,
        tables=_rescoring_lists(review.study, made) if made else {},
        shown=SHOWN,
    )


@pages.get("/studies/<study_id>/rescore/<any(changes, criteria, findings):name>.<any(xlsx, csv):format>")
def rescoring_file(study_id, name, format):
    """One list of the page as a file, whole."""
    standing = ready(study_id)
    listing = _rescoring_lists(standing.review.study, _rescored(standing, study_id))[name]
    return list_file(listing, standing.review, f"list-{name}", format)


def _editions(study_id):
    """The editions of the study's set that were made here; what a folder holds is known by name."""
    if not doing.is_stored(study_id):
        return ()
    with sessions.store().reading() as connection:
        found = editions_of(connection, studies.get_study(connection, study_id))
    return tuple(entry["criteria"] for entry in found.values())


def _rescored(standing, study_id):
    """The rescoring that the address asks for, with its sets and what must be said of the corners."""
    study = standing.review.study
    known_years = {str(year): str(year) for year in sorted(study.assessments)}
    editions = _editions(study_id)
    sets = _sets(study, editions)
    years = [asked.one_of(name, known_years) or str(study.year) for name in ("from", "to")]
    names = [asked.one_of(name, sets) or study.criteria.id for name in ("set_from", "set_to")]
    if not known_years:
        raise Refused(400, "years-none")

    def work():
        rules = [named_set(study, name, editions) for name in names]
        corners = [Corner(int(year), rule) for year, rule in zip(years, rules, strict=True)]
        result, judged = rescore(study, *corners, base=standing.review)
        return {"result": result, "sets": rules, "years": years, "notes": notes_of(judged)}

    return patient(standing, ("rescore", *years, *names), work)


def _rescoring_lists(study, made):
    result, sets = made["result"], made["sets"]
    return {
        "causes": lists.cause_rows(result, language()),
        "changes": lists.change_rows(result, study, sets, language()),
        "criteria": lists.criterion_change_rows(result, sets, language()),
        "findings": lists.finding_change_rows(result, study, sets, language()),
    }


def _sets(study, editions):
    """Name of every set that judges villages, and of the study's own, to its label; older editions say which."""
    return {
        name: pick(one.label) + (f" ({one.edition})" if "@" in name else "")
        for name, one in known_sets(study, editions).items()
    }


def _defaults(study):
    years = [str(year) for year in sorted(study.assessments)] or [""]
    return {
        "from": years[-2] if len(years) > 1 else years[0],
        "to": years[-1],
        "set_from": study.criteria.id,
        "set_to": study.criteria.id,
    }


def _standing():
    return asked.one_of("standing", {word: t(f"years-standing-{word}") for word in STANDINGS})


def _counted(history):
    counts = history.standing.value_counts()
    return [(word, t(f"years-standing-{word}"), int(counts[word])) for word in STANDINGS if word in counts]
