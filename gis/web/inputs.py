"""What the judgement stands on: the criteria, what was wrong with the inputs, and where they come from."""

from flask import Blueprint, render_template

from gis.sentences import marks_text
from gis.web import asked, basis, choosing, facts
from gis.web.home import ready
from gis.web.texts import language, t

pages = Blueprint("inputs", __name__)


@pages.get("/studies/<study_id>/criteria")
def criteria(study_id):
    """The set with every clause and threshold and how sure each is."""
    review = ready(study_id).review
    rows = basis.criteria_rows(review, language())
    only = asked.one_of("figures", {"open": t("amend-figures-open")})
    addresses = [address for address in map(facts.web_address, review.study.criteria.sources) if address]
    return render_template(
        "inputs/criteria.html",
        review=review,
        study=review.study,
        study_id=study_id,
        rows=[row for row in rows if row["open"] or not only],
        total=len(rows),
        only=only,
        signs=facts.FIGURE_SIGNS,
        own_set=not choosing.asked(),
        marks_text=marks_text(review.study.criteria, language()),
        addresses=addresses,
    )


@pages.get("/studies/<study_id>/problems")
def problems(study_id):
    """Everything found wrong with the inputs, for each layer rows in = rows used + rows reported, and the ground."""
    review = ready(study_id).review
    found = basis.problem_groups(review, language())
    return render_template(
        "inputs/problems.html",
        review=review,
        study=review.study,
        study_id=study_id,
        ground=basis.ground_facts(review, language()),
        **found,
    )


@pages.get("/studies/<study_id>/sources")
def sources(study_id):
    """Files, dates, fingerprints and what must be said when the data are shown."""
    review = ready(study_id).review
    return render_template(
        "inputs/sources.html",
        review=review,
        study=review.study,
        study_id=study_id,
        layers=basis.problem_groups(review, language())["layers"],
        citations=basis.citation_rows(review, language()),
        inputs=[(basis.file_name(name, language()), digest) for name, digest in review.study.inputs.items()],
    )
