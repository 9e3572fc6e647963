"""What pages that change a study share: the study itself, what its reader saw of it, and long work."""

from flask import current_app, redirect, request, url_for

from gis import accounts, jobs
from gis.errors import MissingError
from gis.intake.reports import problem_from_json
from gis.store import studies
from gis.web import longwork, sessions
from gis.web.basis import whole_lists
from gis.web.guard import Refused
from gis.web.texts import language, t_or
from gis.workflows.jobs import KINDS


def stored_study(study_id):
    """The row of a study of the store.

    Raises
    ------
    Refused
        404 where there is none; a study of the folder can be looked at, and taken in.
    """
    try:
        with sessions.store().reading() as connection:
            return studies.get_study(connection, study_id)
    except MissingError:
        found = current_app.extensions["shelf"].found()
        code = "intake-page-not-stored" if study_id in found else "web-no-study"
        raise Refused(404, code, study=study_id[:80]) from None


def is_stored(study_id):
    """Whether a study is one of the store, so that files can be taken into it."""
    return study_id in current_app.extensions["shelf"].stored_ids()


IN_AREA = ("attach", "verify", "edit_value", "decide")
"""What may be done with single villages; who sees their own communes alone sees no others to do it with."""


def may(action):
    """Whether the reader may do something here; see `gis.accounts.may`."""
    asking = sessions.account()
    if sessions.person() is None or asking is None:
        return False
    within = asking.communes if asking.only_own and action in IN_AREA else None
    return accounts.may(asking, action, communes=within)


def ask_name():
    """The page that asks the person at this computer for a name, where none is known yet; else None."""
    shown = sessions.person()
    if shown is not None and not shown.name:
        return redirect(url_for("signing.name", next=request.path))
    return None


def is_sheet(source):
    """Whether a source is a sheet and no layer."""
    return source.startswith(f"{studies.SHEETS}-")


def seen():
    """The revision of the study that the sender of a form looked at; None where the form does not say."""
    text = request.form.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def begin(kind, study_id, **arguments):
    """Have long work done; its job, of which nothing may have happened yet.

    Where there are no processes for long work it is done before this returns, and its faults are raised.
    """
    arguments |= {"who": sessions.who()}
    store = sessions.store()
    if current_app.config["WORKERS"]:
        return jobs.enqueue(store, kind, arguments, who=arguments["who"], study_id=study_id)
    KINDS[kind](store, arguments, lambda *_, **__: None)
    return None


def latest_job(study_id, *, kind=None, **arguments):
    """The latest job of a study, of a kind and with these arguments, as pages show it; None without one."""
    for job in jobs.listed(sessions.store(), study_id=study_id):
        if kind in (None, job["kind"]) and all(
            job["arguments"].get(name) == value for name, value in arguments.items()
        ):
            return longwork.facts(job)
    return None


SHOWN_ELSEWHERE = ("crs-proposals",)
"""Codes of problems that the page of a file shows as a choice."""


def say_all(problems):
    """Problems as plain values, the worst first, as pages show them: severity, sentence, whole lists.

    Where a sentence tells what to write into a study file, a page has its own words for it.
    """
    order = {"error": 0, "warning": 1, "note": 2}
    found = [problem for problem in map(problem_from_json, problems) if problem.code not in SHOWN_ELSEWHERE]
    return [
        {
            "code": problem.code,
            "severity": problem.severity,
            "message": _said(problem),
            "lists": whole_lists(problem, language()),
        }
        for problem in sorted(found, key=lambda problem: order[problem.severity])
    ]


def _said(problem):
    return t_or(problem.say(language()), f"intake-page-fault-{problem.code}", **problem.arguments)
