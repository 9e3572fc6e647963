"""Campaigns of a study: opening one, sending templates out, taking workbooks in, who has sent and who has not."""

import datetime

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from gis import accounts
from gis.campaigns import title_of
from gis.errors import StoreError
from gis.store import campaigns
from gis.web import doing, sessions
from gis.web.guard import Refused, let_through
from gis.web.home import ready
from gis.web.intake import sets_offered
from gis.web.texts import language, t
from gis.workflows.campaign_files import receive, saved
from gis.workflows.campaigns import open_campaign, situation

pages = Blueprint("campaigns", __name__)
pages.add_app_template_global(title_of, "campaign_title")

MOST_ROWS = 200
"""Rows of a long list on a page; the whole is a file."""


let_through(pages, lambda: current_app.config["UPLOAD_BYTES"], "take")


def today():
    """The day by the clock of this computer."""
    return datetime.date.today()


def stand(study_id, number):
    """Review of a study and the situation of one of its campaigns.

    Raises
    ------
    Refused
        404 where the store has no such study.
    MissingError
        Where it has no such campaign.
    """
    doing.stored_study(study_id)
    review = ready(study_id).review
    return review, situation(sessions.store(), review.study, study_id, number, today=today())


def may_bring(commune, kind):
    """Whether the reader may bring values of a kind for a commune."""
    action = "edit_value" if kind == "self" else "verify"
    asking = sessions.account()
    return asking is not None and accounts.may(asking, action, communes=[commune])


@pages.get("/studies/<study_id>/campaigns")
def listed(study_id):
    """The campaigns of a study, and the form that opens one."""
    return _list_page(study_id)


def _list_page(study_id, given=None, faults=()):
    doing.stored_study(study_id)
    review = ready(study_id).review
    with sessions.store().reading() as connection:
        rows = campaigns.listed(connection, study_id)
        for row in rows:
            sent = {one["commune"] for one in campaigns.received(connection, row) if "self" in one["kinds"]}
            row["sent"] = len(sent & set(row["communes"]))
    study, day = review.study, today()
    usual = {
        "year": max([*study.assessments, day.year - 1]) + 1 if study.assessments else day.year,
        "criteria": study.criteria.id,
    }
    return render_template(
        "campaigns/list.html",
        review=review,
        study=study,
        study_id=study_id,
        rows=rows,
        given=usual | dict(given or {}),
        faults=faults,
        sets=sets_offered(),
        communes=_communes(study),
        today=day.isoformat(),
    )


def _communes(study):
    names = study.communes["name"]
    ids = sorted(set(study.villages["commune_id"].dropna()))
    return [(commune, names.get(commune, commune)) for commune in ids]


@pages.post("/studies/<study_id>/campaigns")
def start(study_id):
    """Open a campaign."""
    sessions.allow("import")
    doing.stored_study(study_id)
    who, form = sessions.who(), request.form
    given = {
        name: form.get(name, "").strip()
        for name in ("name", "year", "half", "deadline", "criteria", "contact")
    }
    year = given["year"]
    if given["criteria"] not in {
        "",
        *(row["id"] for row in sets_offered()),
        ready(study_id).review.study.criteria.id,
    }:
        raise Refused(422, "intake-page-set-needed")
    try:
        made = open_campaign(
            sessions.store(),
            ready(study_id).review.study,
            study_id,
            name=given["name"],
            year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else year,
            half=int(given["half"]) if given["half"] in ("1", "2") else given["half"] or None,
            deadline=given["deadline"],
            criteria=given["criteria"] or None,
            communes=form.getlist("commune") or None,
            contact=given["contact"],
            with_last_year=form.get("with_last_year") == "yes",
            who=who,
        )
    except StoreError as fault:
        return _list_page(study_id, given, [problem.say(language()) for problem in fault.problems]), 422
    return redirect(url_for("campaigns.page", study_id=study_id, number=made["id"]), 303)


@pages.get("/studies/<study_id>/campaigns/<int:number>")
def page(study_id, number):
    """One campaign: its communes, what came in, and what is to be done next."""
    return _page(study_id, number)


def _page(study_id, number, outcomes=None):
    review, now = stand(study_id, number)
    files = [_file(now, row) for row in _latest_first(now)]
    return render_template(
        "campaigns/campaign.html",
        review=review,
        study=review.study,
        study_id=study_id,
        now=now,
        rows=commune_rows(now)[:MOST_ROWS],
        count=len(now.sent),
        counts=counts(now),
        files=files[:MOST_ROWS],
        files_count=len(files),
        outcomes=outcomes,
        homeless=int(review.study.villages["commune_id"].isna().sum()),
        limit_mb=round(current_app.config["UPLOAD_BYTES"] / 1_000_000),
        may_send=any(
            may_bring(commune, kind) for commune in now.campaign["communes"] for kind in ("self", "recheck")
        ),
    )


def counts(now):
    """The figures of a campaign: communes by state, open questions, values to enter and conflicts."""
    states = [sent.state for sent in now.sent]
    return {
        "communes": len(states),
        "sent": states.count("sent") + states.count("sent-late"),
        "late": states.count("late"),
        "waiting": states.count("waiting"),
        "questions": len(now.open_questions),
        "conflicts": sum(cell.state == "conflict" for cell in now.cells),
        "enter": sum(cell.state in ("new", "change") for cell in now.cells),
    }


def commune_rows(now):
    """One row a commune, those to remind first."""
    commune_of = now.villages["commune_id"].to_dict()
    per = {sent.commune: {"questions": 0, "conflicts": 0, "enter": 0} for sent in now.sent}
    for asked in now.open_questions:
        per[commune_of[asked.village_id]]["questions"] += 1
    for cell in now.cells:
        if cell.state in ("new", "change", "conflict") and cell.village_id in commune_of:
            per[commune_of[cell.village_id]]["conflicts" if cell.state == "conflict" else "enter"] += 1
    sizes = now.villages["commune_id"].value_counts()
    order = {"late": 0, "waiting": 1, "sent-late": 2, "sent": 3}
    rows = []
    for sent in now.sent:
        last = sent.files[-1] if sent.files else None
        found = last["found"] if last else {}
        rows.append(
            {
                "id": sent.commune,
                "name": now.names.get(sent.commune, sent.commune),
                "villages": int(sizes.get(sent.commune, 0)),
                "state": sent.state,
                "days_late": sent.days_late,
                "contact": now.contacts.get(sent.commune, ""),
                "files": len(sent.files),
                "blanks": found.get("blanks") if last else None,
                "asked": found.get("asked") if last else None,
                **per[sent.commune],
            }
        )
    return sorted(rows, key=lambda row: (order[row["state"]], -row["days_late"], row["name"], row["id"]))


def _latest_first(now):
    return sorted((row for sent in now.sent for row in sent.files), key=lambda row: -row["id"])


def _file(now, row):
    newest = {
        kind: max(
            one["id"]
            for sent in now.sent
            for one in sent.files
            if one["commune"] == row["commune"] and kind in one["kinds"]
        )
        for kind in row["kinds"]
    }
    problems = [
        {"code": code, "arguments": told, "severity": word} for code, told, word in row["found"]["problems"]
    ]
    return {
        **{name: row[name] for name in ("id", "commune", "file", "who", "at", "kinds")},
        "name": now.names.get(row["commune"], row["commune"]),
        "counts": any(newest[kind] == row["id"] for kind in row["kinds"]),
        "values": sum(len(kinds) for fields in row["found"]["values"].values() for kinds in fields.values()),
        "blanks": row["found"]["blanks"],
        "problems": doing.say_all(problems),
    }


@pages.post("/studies/<study_id>/campaigns/<int:number>/files")
def take(study_id, number):
    """Take in what communes sent, each file whole or not at all, and show what became of each."""
    _, now = stand(study_id, number)
    if not any(
        may_bring(commune, kind) for commune in now.campaign["communes"] for kind in ("self", "recheck")
    ):
        raise Refused(403, "web-not-allowed")
    given = [file for file in request.files.getlist("file") if file.filename]
    if not given:
        raise Refused(422, "intake-page-no-file")
    with saved([(file.filename, file.stream) for file in given]) as files:
        outcomes = receive(
            sessions.store(), ready(study_id).review.study, study_id, number, files,
            who=sessions.who(), allowed=may_bring, today=today(), settings=current_app.config["SETTINGS"],
        )  # fmt: skip
    told = [_outcome(outcome) for outcome in outcomes]
    return _page(study_id, number, told), 200 if any(one.taken for one in outcomes) else 422


def _outcome(outcome):
    return {
        "file": outcome.file,
        "commune": outcome.commune,
        "taken": outcome.taken,
        "counts": [(t(f"campaign-count-{name}"), count) for name, count in outcome.counts],
        "sentences": [problem.say(language()) for problem in outcome.problems],
    }


@pages.post("/studies/<study_id>/campaigns/<int:number>/close")
def close(study_id, number):
    """Close a campaign, or open it again."""
    sessions.allow("import")
    doing.stored_study(study_id)
    with sessions.store().writing(sessions.who()) as change:
        campaigns.close(change, study_id, number, undo=request.form.get("do") == "reopen")
    return redirect(url_for("campaigns.page", study_id=study_id, number=number), 303)
