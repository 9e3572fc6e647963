"""What to mend in the data of a study, the repair first on which most verdicts hang."""

from flask import Blueprint, render_template, url_for

from gis.exports import repair_list
from gis.repairs import KINDS, repairs
from gis.store import decisions
from gis.web import asked, doing
from gis.web.disagreeing import decided
from gis.web.downloads import send_list
from gis.web.home import ready
from gis.web.texts import language, t

pages = Blueprint("repairing", __name__)

SHOWN = 200
LINKED = 12
"""Villages of a repair that are named on the page; the file names all."""


@pages.get("/studies/<study_id>/repairs")
def listed(study_id):
    """The repairs, or those of one kind."""
    review, kind, rows = _chosen(study_id)
    table, _ = repair_list(review, rows.head(SHOWN), language())
    shown = rows.head(SHOWN).to_dict("records")
    names = review.study.villages["name"]
    for row, told in zip(shown, table.to_dict("records"), strict=True):
        ids = row["village_ids"].split(" ")
        row |= {"rank": told["rank"], "sentence": told["repair"], "to": _where(study_id, row)}
        row |= {
            "shown_villages": [(id_, names[id_]) for id_ in ids[:LINKED]],
            "more": max(0, len(ids) - LINKED),
        }
    return render_template(
        "doubts/repairs.html",
        review=review,
        study=review.study,
        study_id=study_id,
        rows=shown,
        count=len(rows),
        decided=int((rows["decides"] > 0).sum()),
        kind=kind,
        kinds=KINDS,
    )


@pages.get("/studies/<study_id>/repairs.<any(xlsx, csv):format>")
def listed_file(study_id, format):
    """The same list as a file, every row of it with all its villages."""
    review, _, rows = _chosen(study_id)
    table, headings = repair_list(review, rows, language())
    return send_list(review, table, headings, format, title=t("repair-title"), name=f"{study_id}-repairs")


def _chosen(study_id):
    review = ready(study_id).review
    kind = asked.one_of("kind", {each: t(f"repair-kind-{each}") for each in KINDS})
    rows = repairs(
        review.study,
        review.findings,
        review.disagreements,
        settled=decisions.settled(decided(study_id, review)),
    )
    return review, kind, rows[rows["kind"] == kind] if kind else rows


def _where(study_id, row):
    """The page on which a repair is done, or where there is more about it."""
    if row["kind"] == "confirm-name" and doing.is_stored(study_id):
        return url_for("matches.listed", study_id=study_id)
    if row["kind"] in ("check-place", "check-gap", "settle-claim"):
        asked_for = {"criterion": row["criterion"], "commune": row["commune_id"]}
        return url_for("disagreeing.listed", study_id=study_id, **{k: v for k, v in asked_for.items() if v})
    if row["village_id"]:
        return url_for("scorecards.village", study_id=study_id, village_id=row["village_id"])
    if row["kind"] in ("give-threshold", "check-threshold", "give-group"):
        return url_for("inputs.criteria", study_id=study_id)
    if doing.is_stored(study_id):
        return url_for("intake.files", study_id=study_id)
    return url_for("inputs.problems", study_id=study_id)
