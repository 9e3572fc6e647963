"""The list of studies, and the page of one study."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from gis.labels import format_number
from gis.web import asked, basis, choosing, facts
from gis.web.guard import Refused
from gis.web.payload import pack_json, send
from gis.web.texts import language, pick, t

PATIENCE_S = 0.6
"""Each reader who waits keeps one of the few threads of the server, so they are asked to come again."""

RETRY_S = 2
WORKSPACE_KEYS = ("commune", "status", "criterion", "q", "village", "layers", "try")
"""What addresses of the overview named while it was the workspace too; such an address leads there."""

LAYERS_ON_MAP = ("facility", "network", "area")

pages = Blueprint("home", __name__)
pages.app_url_defaults(choosing.keep_set)


def ready(study_id):
    """The standing of a study that has a review, under the set that the address asks for.

    Raises
    ------
    Refused
        404 without such a study or set, 422 with its sentences where it cannot be read, 503 while it is computed.
    """
    return under_set(ready_all(study_id))


def under_set(standing):
    """A standing under the set that the address asks for.

    Raises
    ------
    Refused
        404 where the study is not judged by it.
    """
    name = choosing.asked()
    choosing.chosen_review(standing.review, name)
    return standing.under(name) if name else standing


def ready_all(study_id):
    """The standing of a study that has a review under its own set; raises as `ready`."""
    try:
        standing = current_app.extensions["shelf"].look(study_id, wait_s=PATIENCE_S)
    except KeyError:
        raise Refused(404, "web-no-study", study=study_id) from None
    if standing.state == "failed":
        raise Refused(422, "web-study-failed", problems=standing.problems, study=study_id)
    if standing.state == "computing":
        raise Refused(503, "web-computing", retry_s=RETRY_S, study=study_id)
    return standing


def settled(study_id):
    """The standing of a study, under its own set and as it is recorded this moment, for what is kept of a judgement.

    Raises
    ------
    Refused
        As `ready`; 503 also where the study was changed since it was judged.
    """
    standing = ready_all(study_id)
    if standing.origin.has_changed(failed=False):
        raise Refused(503, "web-computing", retry_s=RETRY_S, study=study_id)
    return standing


@pages.get("/")
def studies():
    """Every study that was found and how it stands."""
    shelf = current_app.extensions["shelf"]
    rows = []
    for study_id, origin in shelf.found().items():
        standing = shelf.peek(study_id)
        row = {"id": study_id, "state": standing.state if standing else "new", "title": origin.title}
        row["file"] = origin.place
        row["empty"] = origin.place is None and origin.is_empty()
        row["problems"] = [problem.say(language()) for problem in standing.problems] if standing else []
        if standing and standing.review is not None:
            review = standing.review
            row |= {"title": review.study.label, "review": review, "headline": review.headline}
            row["words"] = {status: facts.outcome(review, status, language()) for status in facts.STATUSES}
            row["bar"] = facts.bar(review.headline)
        rows.append(row)
    return render_template("home/studies.html", studies=rows, folder=shelf.folder.name)


@pages.get("/studies/<study_id>")
def study(study_id):
    """The overview of one study; while it is computed, a page that says so and looks again."""
    standing, instead = open_study(study_id)
    if instead is not None:
        return instead
    if any(key in request.args for key in WORKSPACE_KEYS):
        return redirect(url_for("workspace.page", study_id=study_id, **request.args.to_dict()))
    review = under_set(standing).review
    return render_template(
        "home/study.html",
        sets=sets_of(standing),
        chosen_set=choosing.asked(),
        review=review,
        study=review.study,
        study_id=study_id,
        part=asked.part(),
        words={status: facts.outcome(review, status, language()) for status in facts.STATUSES},
        rung=basis.rung_texts(review.study, language()),
        symbols=facts.SYMBOLS,
        has_map=has_map(review),
    )


def open_study(study_id):
    """The standing of a study, and the answer to give instead of a page of it while there is no review.

    Raises
    ------
    Refused
        404 without such a study.
    """
    shelf = current_app.extensions["shelf"]
    try:
        standing = shelf.look(study_id, wait_s=PATIENCE_S)
    except KeyError:
        raise Refused(404, "web-no-study", study=study_id) from None
    instead = None
    if standing.state == "computing":
        instead = render_template("home/waiting.html", standing=standing, title=standing.origin.title), 202
    elif standing.state == "failed" and standing.origin.place is None and standing.origin.is_empty():
        instead = redirect(url_for("intake.files", study_id=study_id))
    elif standing.state == "failed":
        instead = render_template("home/failed.html", standing=standing, title=standing.origin.title), 422
    return standing, instead


def sets_of(standing):
    """Name, label and edition of every set that a study is judged by."""
    return [
        (name, pick(each.criteria.label), each.criteria.edition)
        for name in choosing.sets_of(standing.review)
        for each in [choosing.chosen_review(standing.review, name)]
    ]


@pages.get("/studies/<study_id>/state.json")
def state(study_id):
    """How far the computation is, for the page that waits."""
    try:
        standing = current_app.extensions["shelf"].look(study_id)
    except KeyError:
        raise Refused(404, "web-no-study", study=study_id) from None
    told = {
        "state": standing.state,
        "fraction": round(standing.fraction, 3),
        "percent": t("web-percent", value=format_number(round(100 * standing.fraction), language())),
        "message": standing.saying.say(language()),
    }
    return send(pack_json(told), cache="no-store")


def has_map(review):
    """Whether any village has a place."""
    return bool(review.study.villages["point"].notna().any())


def things_on_map(review):
    """The layers of a study that have things to show: id and data, in order of id."""
    return [
        (layer_id, data)
        for layer_id, data in sorted(review.study.layers.items())
        if data.frame is not None and data.layer.role in LAYERS_ON_MAP and len(data.frame)
    ]


def layers_on_map(review):
    """The layers a reader can lay over the map: id, label, count, style."""
    rows = []
    for layer_id, data in things_on_map(review):
        style = dict(data.layer.style)
        rows.append(
            {
                "id": layer_id,
                "label": data.layer.label.pick(language()),
                "count": len(data.frame),
                "color": str(style.get("color", "#555555")),
                "shape": str(style.get("shape", "circle")),
                "letter": str(style.get("letter", ""))[:1],
                "width": float(style.get("width", 1.5)),
                "geometry": data.layer.geometry,
            }
        )
    return rows
