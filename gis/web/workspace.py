"""The workspace: map, filters, criteria, table and scorecard of one study, all following one address."""

from flask import Blueprint, render_template

from gis.web import asked, basis, choosing, facts, pieces
from gis.web.home import has_map, layers_on_map, open_study, sets_of, under_set
from gis.web.texts import language
from gis.whatif import COMPARES

pages = Blueprint("workspace", __name__)


@pages.get("/studies/<study_id>/map")
def page(study_id):
    """The workspace of one study; while it is computed, a page that says so and looks again."""
    standing, instead = open_study(study_id)
    if instead is not None:
        return instead
    review = under_set(standing).review
    return render_template(
        "workspace/workspace.html",
        sets=sets_of(standing),
        chosen_set=choosing.asked(),
        review=review,
        study=review.study,
        study_id=study_id,
        part=asked.part(),
        figures={each: facts.headline(review, each) for each in facts.PARTS},
        communes={each: facts.communes(review, each, language()) for each in facts.PARTS},
        criteria=facts.criteria_counts(review, language()),
        words={status: facts.outcome(review, status, language()) for status in facts.STATUSES},
        criterion_words={each: facts.criterion_word(review, "", each, language()) for each in facts.STATUSES},
        rung=basis.rung_texts(review.study, language()),
        symbols=facts.SYMBOLS,
        figure_signs=facts.FIGURE_SIGNS,
        can_play=can_play(review),
        layers=[
            *layers_on_map(review),
            *pieces.photo_layer(study_id, standing),
            *pieces.missing_layer(review.study),
            *pieces.reach_layer(review.study),
        ],
        has_map=has_map(review),
    )


def can_play(review):
    """Whether a figure of the set can be tried on the overview."""
    return any(one.compare in COMPARES for one in review.criteria.criteria)
