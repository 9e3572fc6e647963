"""Where map and report contradict each other: the list with its causes, and what a person decides on each row."""

from flask import Blueprint, redirect, render_template, request

from gis.disagreements import CAUSES, CONTRADICTIONS, KINDS, count_causes, not_measured
from gis.exports import disagreement_list
from gis.store import decisions
from gis.web import areas, asked, doing, facts, sessions
from gis.web.downloads import send_list
from gis.web.guard import Refused
from gis.web.home import ready
from gis.web.origins import FROZEN
from gis.web.texts import language, pick, t

pages = Blueprint("disagreeing", __name__)

ROWS_A_PAGE = 100
LEAST_REASON, MOST_REASON = 3, 1000
SHOWN = ("contradictions", *KINDS, "all")
"""What a reader may ask to see; the first is what is shown where nothing is asked for."""


@pages.get("/studies/<study_id>/disagreements")
def listed(study_id):
    """The rows that answer to the filters of the address, and the causes of all that they are chosen from."""
    review = ready(study_id).review
    filters, rows, known = _chosen(study_id, review)
    page, last, part = asked.page_of(rows, ROWS_A_PAGE)
    table, _ = disagreement_list(review, part, known, language())
    everything = review.disagreements
    return render_template(
        "doubts/disagreements.html",
        review=review,
        study=review.study,
        study_id=study_id,
        filters=filters,
        shown=SHOWN,
        kinds=everything["kind"].value_counts().to_dict(),
        contradictions=int(everything["kind"].isin(CONTRADICTIONS).sum()),
        causes=[row for row in count_causes(_of_kind(everything, filters["kind"])).to_dict("records")],
        known_causes=[cause for cause in CAUSES if cause in set(everything["cause"])],
        communes=facts.communes_by_name(review, language()),
        criteria=_compared(review),
        not_measured=[pick(one.label) for one in not_measured(review.study.criteria)],
        rows=table.to_dict("records"),
        count=len(rows),
        villages=int(rows["village_id"].nunique()),
        answers=decisions.ANSWERS,
        page=page,
        last=last,
        symbols=facts.SYMBOLS,
        may_decide=doing.is_stored(study_id) and doing.may("verify"),
        stored=doing.is_stored(study_id),
        most_reason=MOST_REASON,
    )


@pages.get("/studies/<study_id>/disagreements.<any(xlsx, csv):format>")
def listed_file(study_id, format):
    """The same list as a file, every row of it."""
    review = ready(study_id).review
    filters, rows, known = _chosen(study_id, review)
    table, headings = disagreement_list(review, rows, known, language())
    name = "-".join([study_id, "disagreements", *(value for value in filters.values() if value)])
    return send_list(review, table, headings, format, title=t("disagree-title"), name=name)


@pages.post("/studies/<study_id>/disagreements")
def decide(study_id):
    """Record what a person decides on one row, or withdraw it; neither figure is changed."""
    doing.stored_study(study_id)
    review = ready(study_id).review
    sessions.allow("verify", communes=areas.communes_of(review, [request.form.get("village", "")]))
    do = request.form.get("do", "")
    village, criterion = request.form.get("village", "")[:200], request.form.get("criterion", "")[:200]
    rows = review.disagreements
    there = rows[(rows["village_id"] == village) & (rows["criterion"] == criterion)]
    if there.empty:
        raise Refused(422, "disagree-no-such", village=village[:60], criterion=criterion[:60])
    subject = decisions.disagreement_subject(village, criterion, int(there["year"].iloc[0]))
    if do == "withdraw":
        with sessions.store().writing(sessions.who()) as change:
            decisions.withdraw(change, study_id, "disagreement", subject)
    elif do == "decide":
        answer, reason = request.form.get("answer", ""), request.form.get("reason", "").strip()
        if answer not in decisions.ANSWERS:
            raise Refused(422, "disagree-answer-needed")
        if not LEAST_REASON <= len(reason) <= MOST_REASON:
            raise Refused(422, "disagree-reason-needed")
        with sessions.store().writing(sessions.who()) as change:
            decisions.decide(change, study_id, "disagreement", subject, answer, reason=reason)
    else:
        raise Refused(400, "web-bad-request")
    return redirect(sessions.own_path(request.form.get("back", "")), 303)


def decided(study_id, review):
    """What people decided on the disagreements of a study's year, by village and criterion."""
    if FROZEN in study_id:
        made = ready(study_id).origin.frozen.decisions
        return {(row["village"], row["criterion"]): row for row in made}
    if not doing.is_stored(study_id):
        return {}
    with sessions.store().reading() as connection:
        return decisions.on_disagreements(connection, study_id, review.study.year or 0)


def undecided(study_id, review):
    """How many claims that the map contradicts wait for a decision: the rows of this page with ``decided=no``."""
    rows = review.findings[review.findings["agreement"] == "disagree"]
    known = decided(study_id, review)
    return sum(key not in known for key in zip(rows["village_id"], rows["criterion"], strict=True))


def _chosen(study_id, review):
    """The filters that were asked for, the rows they leave, and what people decided."""
    known = decided(study_id, review)
    filters = {
        "kind": asked.one_of("kind", {each: _kind_word(each) for each in SHOWN}),
        "cause": asked.one_of("cause", {each: t(f"cause-{each}") for each in CAUSES}),
        "commune": asked.one_of("commune", facts.commune_names(review, language())),
        "criterion": asked.one_of("criterion", _compared(review)),
        "decided": asked.one_of("decided", {each: t(f"disagree-decided-{each}") for each in ("yes", "no")}),
    }
    rows = _of_kind(review.disagreements, filters["kind"])
    if filters["cause"]:
        rows = (
            rows[[filters["cause"] in causes.split(" ") for causes in rows["causes"]]] if len(rows) else rows
        )
    if filters["commune"]:
        rows = rows[facts.in_commune(review, rows["village_id"], filters["commune"])]
    if filters["criterion"]:
        rows = rows[rows["criterion"] == filters["criterion"]]
    if filters["decided"] and len(rows):
        keys = zip(rows["village_id"], rows["criterion"], strict=True)
        rows = rows[[(key in known) == (filters["decided"] == "yes") for key in keys]]
    return filters, rows, known


def _of_kind(rows, kind):
    kinds = {None: CONTRADICTIONS, SHOWN[0]: CONTRADICTIONS, "all": KINDS}.get(kind, (kind,))
    return rows[rows["kind"].isin(kinds)]


def _kind_word(kind):
    return t(
        {"contradictions": "disagree-contradictions", "all": "disagree-all-kinds"}.get(
            kind, f"disagree-kind-{kind}"
        )
    )


def _compared(review):
    return {
        one.id: pick(one.label) for one in review.study.criteria.criteria if one.measured and one.reported
    }
