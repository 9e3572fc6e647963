"""Plans of a study: asking for one, the list of them, and each on a page of its own, on a map and as files."""

import datetime
import tempfile
from pathlib import Path

from flask import Blueprint, redirect, render_template, request, url_for

from gis.errors import GisError, PlanError
from gis.exports.works import WORKS_FORMATS, write_works
from gis.plan import Request, settled
from gis.plan.record import works_of
from gis.plan.roadmap import villages_wanted
from gis.store import plans as kept
from gis.web import asked, doing, planfacts, planform, sessions, wants
from gis.web.buildable import works_drawn
from gis.web.guard import Refused, let_through
from gis.web.home import ready_all
from gis.web.payload import pack, send
from gis.web.planparts import TELL
from gis.web.shapes import GEOJSON
from gis.web.texts import language, pick, t
from gis.workflows.planning import ASKED, saved_plan, saved_plans

pages = Blueprint("plans", __name__)

FORM_BYTES = 300_000
"""The form names every commune at every fund, and what is wanted of many works."""
SHOWN = 200
"""Rows of a list that stand on a page; the files have all."""
let_through(pages, lambda: FORM_BYTES, "start")


@pages.get("/studies/<study_id>/plan")
def listed(study_id):
    """The plans of a study, and the form that asks for another."""
    standing = ready_all(study_id)
    given = planform.first_given(datetime.date.today().year)
    if key := request.args.get("from"):
        record = kept_of(study_id, key)[1]
        given = planform.given_of(record["request"])
        given.update(planform.parts_of(record))
    return _list_page(study_id, standing, given)


def _list_page(study_id, standing, given, faults=()):
    review, stored = standing.review, doing.is_stored(study_id)
    choices = wants.wants_of(sessions.found_store(), study_id)
    job = _job(study_id) if stored else None
    return render_template(
        "plans/list.html",
        review=review,
        study=review.study,
        study_id=study_id,
        stored=stored,
        rows=rows_of(study_id) if stored else [],
        job=job,
        going=bool(job) and not job["over"] and not faults,
        given=given,
        faults=faults,
        assumes=any(name.startswith("assumed-") and given[name] for name in given),
        choices=planform.choices(review),
        draw_words=[
            (each, t(f"plan-page-draws-{'some' if each else 'none'}", count=each)) for each in planform.DRAWS
        ],
        second_words=[(each, t("plan-page-seconds", count=each)) for each in planform.SECONDS],
        wanted={
            "locked": sum(one["wanted"] == "in" for one in choices.values()),
            "banned": sum(one["wanted"] == "out" for one in choices.values()),
            "costs": sum(one["cost"] is not None for one in choices.values()),
        },
    )


JOB = "make-plan"


@pages.post("/studies/<study_id>/plan")
def start(study_id):
    """Have a plan made."""
    sessions.allow("amend")
    sessions.who()
    doing.stored_study(study_id)
    standing, form = ready_all(study_id), request.form
    target = "".join(form.get("target", "").split())[:12] or None
    try:
        asked_for = Request.from_plain(planform.plain_of(form, wants.wants_of(sessions.store(), study_id)))
        if not asked_for.funds:
            raise PlanError("plan-no-money")
        # said here, beside the form as it was filled in, and not at the end of the long work
        settled(asked_for, standing.review)
        if form.get("roadmap") == "yes":
            villages_wanted(standing.review, asked_for, target)
    except (GisError, Refused) as fault:
        faults = [problem.say(language()) for problem in fault.problems]
        return _list_page(study_id, standing, form, faults), 422
    plain = asked_for.to_plain()
    name = kept.named(form.get("name")) or t("plan-page-name-usual", years=_years(plain))
    own, beside = wants.own_list(sessions.store(), study_id), {}
    if own is not None:
        beside["needs"] = {"content": sessions.store().files.put_octets([own.data])[0], "file": own.file}
    draws = int(form["robust"]) if form.get("robust") in map(str, planform.DRAWS) else planform.DRAWS[0]
    wanted = ["confirmed", "reasons", *(name for name in ("curve", "fairness") if form.get(name) == "yes")]
    wanted += ["robustness"] if draws else []
    wanted += ["roadmap"] if form.get("roadmap") == "yes" else []
    job = doing.begin(
        JOB,
        study_id,
        study=study_id,
        name=name,
        request=plain,
        **beside,
        parts=[each for each in ASKED if each in wanted],
        target=target,
        draws=draws,
    )
    view = "plans.listed" if job else "plans.made"
    return redirect(url_for(view, study_id=study_id), 303)


def _years(plain):
    years = plain.get("years") or [""]
    return f"{years[0]}–{years[-1]}" if len(years) > 1 else str(years[0])


@pages.get("/studies/<study_id>/plan/made")
def made(study_id):
    """On to the plan that was made last; to the list where there is none."""
    doing.stored_study(study_id)
    job = doing.latest_job(study_id, kind=JOB)
    rows = rows_of(study_id, kind="plan")
    key = ((job or {}).get("result") or {}).get("key") or (rows[0]["key"] if rows else None)
    return redirect(
        url_for("plans.one", study_id=study_id, key=key)
        if key
        else url_for("plans.listed", study_id=study_id),
        303,
    )


def _job(study_id):
    """The plan that is being made, or that could not be; None where the last one came to its end."""
    job = doing.latest_job(study_id, kind=JOB)
    return job if job and job["state"] != "done" else None


def rows_of(study_id, kind=None):
    """Plans and scenarios of a study as the list shows them, the latest first."""
    return [
        {
            **row,
            **_told_of(row),
            "address": url_for(f"{VIEWS[row['kind']]}.one", study_id=study_id, key=row["key"]),
        }
        for row in saved_plans(sessions.store(), study_id, kind)
    ]


def _told_of(row):
    """The figures of a kept plan or scenario that the list shows."""
    told = row["headline"]
    if row["kind"] == "plan":
        by = "assumption" if told.get("assumed_cost") else ""
        return {**{name: told.get(name) for name in ("passing", "bound", "cost")}, "by": by}
    passing = told["after_infra_met"] - told["before_infra_met"]
    return {"passing": passing, "bound": None, "cost": told["cost_after"], "by": told.get("by", "")}


VIEWS = {"plan": "plans", "scenario": "scenarios"}


def kept_of(study_id, key, kind="plan"):
    """A kept plan or scenario; whether the study has changed since is told where it is judged.

    Raises
    ------
    Refused
        404 where it is of another kind.
    """
    standing = ready_all(study_id)
    saved = saved_plan(sessions.store(), study_id, key, run=standing.review.run.id)
    if saved.row["kind"] != kind:
        raise Refused(404, "web-not-found")
    return saved.row | {"changed": saved.changed}, saved.record


@pages.get("/studies/<study_id>/plans/<key>")
def one(study_id, key):
    """A plan: what it reaches, what it costs, its works, and what stands in the way of more."""
    return render_template("plans/one.html", **_told(study_id, key))


@pages.get("/studies/<study_id>/plans/<key>/present")
def present(study_id, key):
    """The same plan on few pages, for a meeting and for print."""
    return render_template("plans/present.html", **_told(study_id, key))


def _told(study_id, key):
    standing = ready_all(study_id)
    row, record = kept_of(study_id, key)
    by = (
        asked.one_of("by", {each: t(f"plan-page-by-{each}") for each in planfacts.GROUPS})
        or planfacts.GROUPS[0]
    )
    rows = planfacts.work_rows(record)
    return {
        "review": standing.review,
        "study": standing.review.study,
        "study_id": study_id,
        "row": row,
        "record": record,
        "told": {name: tell(record) for name, tell in TELL.items() if record.get(name)},
        "head": planfacts.headline(record),
        "funds": planfacts.funds(record),
        "years": planfacts.years(record),
        "by": by,
        "groups_by": planfacts.GROUPS,
        "groups": planfacts.grouped(rows, by),
        "works": rows,
        "new": planfacts.new_villages(record),
        "open": planfacts.open_villages(record),
        "binds": planfacts.said(record["binds"]),
        "assumptions": planfacts.said(record.get("assumptions") or ()),
        "villages": planfacts.on_map(record),
        "files": {end: pick(one.label) for end, one in FILES.items()},
        "shown": SHOWN,
        "may_change": doing.may("amend") and bool(sessions.person() and sessions.person().name),
    }


FILES = {one.suffix[1:]: one for one in WORKS_FORMATS.values()}
"""Formats of the works list by the end of the address."""


@pages.get("/studies/<study_id>/plans/<key>/works.geojson")
def drawn(study_id, key):
    """Where the works of a plan are."""
    _, record = kept_of(study_id, key)
    frame = works_of(record)
    return send(pack(works_drawn(frame.geometry, planfacts.work_rows(record), frame.crs), GEOJSON))


@pages.get("/studies/<study_id>/plans/<key>/list.<any(xlsx, zip, gpkg, geojson, csv):format>")
def works_file(study_id, key, format):
    """The works of a plan as a file to hand over."""
    standing, reader = ready_all(study_id), language()
    row, record = kept_of(study_id, key)

    def make():
        with tempfile.TemporaryDirectory(prefix="langmap-") as folder:
            path = Path(folder) / f"works.{format}"
            write_works(record, path, language=reader)
            return pack(path.read_bytes(), FILES[format].mimetype.partition(";")[0])

    payload = standing.prepared(("plan-works", row["content"], format, reader), make)
    return send(payload, filename=f"{study_id}-{key}-works.{format}")


@pages.post("/studies/<study_id>/plans/<key>")
def change(study_id, key):
    """Call a plan something else, or say that it does not hold any more; it stays readable."""
    sessions.allow("amend")
    who = sessions.who()
    do, form = request.form.get("do"), request.form
    if do not in ("rename", "withdraw"):
        raise Refused(400, "web-bad-request")
    with sessions.store().writing(who) as writing:
        if do == "rename":
            row = kept.rename(writing, study_id, key, name=form.get("name"), note=form.get("note"))
        else:
            row = kept.get(writing.connection, study_id, key)
            kept.withdraw(writing, study_id, key, reason=form.get("reason"))
    view = "plans.one" if row["kind"] == "plan" else "scenarios.one"
    return redirect(url_for(view, study_id=study_id, key=key), 303)
