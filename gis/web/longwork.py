"""Long work as its readers see it: what waits and runs, how far it is, and how to stop it."""

from flask import Blueprint, redirect, render_template, request

from gis import accounts, jobs
from gis.errors import MissingError
from gis.intake.reports import problem_from_json
from gis.labels import format_number
from gis.store.studies import get_study
from gis.web import sessions
from gis.web.guard import Refused, wants_data
from gis.web.payload import pack_json, send
from gis.web.texts import language, t

pages = Blueprint("jobs", __name__)


@pages.get("/jobs")
def listed():
    """The latest jobs that this reader may see."""
    store = sessions.store()
    rows = [facts(job) for job in jobs.listed(store) if _may_see(job)]
    return render_template("jobs/list.html", jobs=rows)


@pages.get("/jobs/<int:number>")
def page(number):
    """One job; the page follows it by itself."""
    return render_template("jobs/job.html", job=facts(find(number)))


@pages.get("/jobs/<int:number>.json")
def job(number):
    """One job, for the page that waits."""
    return send(pack_json(facts(find(number))), cache="no-store")


@pages.post("/jobs/<int:number>/cancel")
def cancel(number):
    """Stop a job."""
    return _changed(number, jobs.cancel)


@pages.post("/jobs/<int:number>/retry")
def retry(number):
    """Run a job again that did not come to its end."""
    return _changed(number, jobs.retry)


def facts(job):
    """What a page or a program is told of a job, in the reader's language.

    Parameters
    ----------
    job : dict
        As `gis.jobs.get` gives it.
    """
    said = problem_from_json(job["saying"]).say(language()) if job["saying"] else ""
    running = job["state"] == "running"
    mine = _may_change(job)
    return {
        "id": job["id"],
        "kind": job["kind"],
        "study": job["study_id"],
        "who": job["who"],
        "at": job["at"],
        "state": job["state"],
        "over": job["state"] not in jobs.ACTIVE,
        "fraction": round(job["fraction"], 3),
        "percent": t("web-percent", value=format_number(round(100 * job["fraction"]), language())),
        "message": said if running and said else t(f"jobs-state-{job['state']}"),
        "problems": [
            {"code": problem.code, "severity": problem.severity, "message": problem.say(language())}
            for problem in map(problem_from_json, job["problems"] or ())
        ],
        "result": job["result"],
        "stoppable": mine and job["state"] in (*jobs.ACTIVE, "interrupted") and not job["cancel"],
        "repeatable": mine and job["state"] in jobs.AGAIN,
    }


def find(number):
    """A job that this reader may see.

    Raises
    ------
    Refused
        404 where there is none, and also where it is not theirs to see; the latter stands in the diary.
    """
    store = sessions.store()
    try:
        found = jobs.get(store, number)
    except MissingError:
        raise Refused(404, "jobs-none", job=str(number)) from None
    if not _may_see(found):
        with store.writing(sessions.who()) as change:
            change.note("refused", subject=f"job {number}")
        raise Refused(404, "jobs-none", job=str(number))
    return found


def _may_see(job):
    """Whoever may see the study; of a study that was removed, or of none, who asked for it."""
    asking = sessions.account()
    if job["who"] == asking.name or accounts.may(asking, "manage"):
        return True
    if asking.only_own or not asking.sees_study(job["study_id"] or ""):
        return False
    if job["study_id"] is None or not accounts.may(asking, "view"):
        return False
    try:
        with sessions.store().reading() as connection:
            get_study(connection, job["study_id"])
    except MissingError:
        return False
    return True


def _may_change(job):
    asking = sessions.account()
    own = job["who"] == asking.name and accounts.may(asking, "import", communes=asking.communes)
    return own or accounts.may(asking, "import")


def _changed(number, change):
    found = find(number)
    if not _may_change(found):
        raise Refused(403, "web-not-allowed")
    change(sessions.store(), number, sessions.who())
    if wants_data() or "application/json" in request.accept_mimetypes.values():
        return send(pack_json(facts(find(number))), cache="no-store")
    return redirect(sessions.own_path(request.form.get("next")))
