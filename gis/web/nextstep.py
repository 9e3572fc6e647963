"""What to do next with a study: the thin line under the menu of each of its pages."""

from flask import Blueprint, current_app, request, url_for

from gis import jobs
from gis.store import plans
from gis.web import disagreeing, doing, longwork, pieces, sessions, todo
from gis.web.campaigns import today
from gis.web.origins import FROZEN

pages = Blueprint("nextstep", __name__)

PAGES = {
    "files": ("intake", "reviewing"),
    "names": ("matches",),
    "problems": ("inputs.problems",),
    "communes": ("campaigns", "campaign_figures", "lists.communes"),
    "contradicted": ("disagreeing",),
    "gaps": ("options", "lists.villages", "gapcosts"),
    "plan": ("plans", "scenarios"),
    "papers": ("papers", "printing"),
}
"""Step to the blueprints and endpoints of the pages on which it is taken, in the order of the work."""


@pages.app_template_global("next_step")
def next_step(study_id):
    """The step that comes next, None where there is none to tell.

    Returns
    -------
    dict or None
        ``code``, ``count``, ``address``, ``then`` (whether the page itself is where the step before it is taken), and
        ``job``, long work that goes on, as `gis.web.longwork.facts` tells it.
    """
    if FROZEN in study_id:
        return None
    running = _running(study_id)
    if running is not None:
        address = url_for("jobs.page", number=running["id"])
        return {"code": "job", "count": 0, "address": address, "then": False, "job": running}
    standing = current_app.extensions["shelf"].peek(study_id)
    if standing is None or standing.state == "computing":
        return None
    if standing.review is None:
        found = {"files": 1} if doing.is_stored(study_id) else {}
    else:
        stored = doing.is_stored(study_id)
        mark = (pieces.mark_of(study_id) if stored else 0, today())
        found = standing.beside("next-step", mark, lambda: _undone(study_id, standing, stored))
    steps = [(code, found[code]) for code in PAGES if found.get(code)]
    here = {request.endpoint, request.blueprint}
    then = bool(steps) and bool(here & {*PAGES[steps[0][0]]})
    steps = steps[1:] if then else steps
    if not steps:
        return None
    code, count = steps[0]
    return {"code": code, "count": count, "address": _address(study_id, code), "then": then, "job": None}


def _undone(study_id, standing, stored):
    """Step to how much waits in it; nothing here depends on the language."""
    review, has_plan = standing.review, False
    missing = review.headline["communes_without_sheet"] or 0
    if stored:
        for _, found in todo.open_campaigns(study_id, standing):
            missing = found["late"] + found["waiting"]
            break
        with sessions.store().reading() as connection:
            has_plan = any(not row["withdrawn"] for row in plans.listed(connection, study_id, "plan"))
    gaps = int((review.findings["status"] == "unmet").sum())
    return {
        "names": todo.open_names(study_id, standing),
        "problems": sum(problem.severity == "error" for problem in review.study.problems),
        "communes": missing,
        "contradicted": disagreeing.undecided(study_id, review),
        "gaps": 0 if has_plan else gaps,
        "plan": 0 if has_plan else gaps,
        "papers": 1,
    }


def _running(study_id):
    if not doing.is_stored(study_id):
        return None
    for job in jobs.listed(sessions.store(), study_id=study_id):
        if job["state"] in jobs.ACTIVE:
            return longwork.facts(job)
    return None


def _address(study_id, code):
    place, stored = {"study_id": study_id}, doing.is_stored(study_id)
    if code == "communes":
        campaign = None
        if stored:
            standing = current_app.extensions["shelf"].peek(study_id)
            campaign = next((row["id"] for row, _ in todo.open_campaigns(study_id, standing)), None)
        if campaign is not None:
            return url_for("campaigns.page", number=campaign, **place)
        return (
            url_for("campaigns.listed", **place) if stored else url_for("lists.communes", sheet="no", **place)
        )
    return {
        "files": lambda: url_for("intake.files", **place),
        "names": lambda: (
            url_for("matches.listed", **place) if stored else url_for("todo.listed", what="names", **place)
        ),
        "problems": lambda: url_for("inputs.problems", **place),
        "contradicted": lambda: url_for("disagreeing.listed", decided="no", **place),
        "gaps": lambda: url_for("options.listed", view="gaps", **place),
        "plan": lambda: url_for("plans.listed", **place),
        "papers": lambda: url_for("papers.papers", **place),
    }[code]()
