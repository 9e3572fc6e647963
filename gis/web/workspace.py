"""The workspace: map, filters, criteria, table and scorecard of one study, all following one address."""

from flask import Blueprint, render_template, request

from gis.web import asked, basemaps, choosing, facts, layerlooks, narrowing, pieces, ramps, sessions, sides
from gis.web.home import has_map, layers_on_map, open_study, ready, sets_of, under_set
from gis.web.levels import MOST_WHOLE, is_large
from gis.web.payload import pack_json, send
from gis.web.texts import language
from gis.whatif import COMPARES

MOST_COMMUNES = 200
"""Of a study in levels, so many communes stand in the page; the others are in its list."""

pages = Blueprint("workspace", __name__)


@pages.get("/studies/<study_id>/map")
def page(study_id):
    """The workspace of one study; while it is computed, a page that says so and looks again."""
    standing, instead = open_study(study_id)
    if instead is not None:
        return instead
    under = under_set(standing)
    review = under.review
    large = is_large(review)
    communes = {each: facts.communes(review, each, language()) for each in facts.PARTS}
    shown = {each: first_communes(rows) for each, rows in communes.items()} if large else communes
    layers = layerlooks.with_legends(standing, layers_of(study_id, standing, review))
    return render_template(
        "workspace/workspace.html",
        sets=sets_of(standing),
        chosen_set=choosing.asked(),
        review=review,
        study=review.study,
        study_id=study_id,
        part=asked.part(),
        figures={each: facts.headline(review, each) for each in facts.PARTS},
        communes=shown,
        more_communes=len(communes["all"]) - len(shown["all"]),
        large=large,
        most_whole=MOST_WHOLE,
        criteria=facts.criteria_counts(review, language()),
        words={status: facts.outcome(review, status, language()) for status in facts.STATUSES},
        criterion_words={each: facts.criterion_word(review, "", each, language()) for each in facts.STATUSES},
        symbols=facts.SYMBOLS,
        figure_signs=facts.FIGURE_SIGNS,
        can_play=can_play(review) and not large,
        layers=layers,
        layer_groups=layerlooks.grouped(layers),
        bases=basemaps.on_offer(review.study),
        credits=layerlooks.credits(review.study),
        mine=mine(review),
        has_map=has_map(review),
        narrowing={} if large else narrowing.choices(review),
        sides=[] if large else sides.offered(study_id, under),
    )


@pages.get("/studies/<study_id>/narrow.json")
def narrow(study_id):
    """What every village is, for the filters of the page that ask more than its name and results."""
    standing = ready(study_id)
    return send(standing.prepared(("narrow",), lambda: pack_json(narrowing.facts_of(standing.review))))


def first_communes(rows):
    """The first communes of a list, as many as a page holds, and the one that the address asks for."""
    asked_for = request.args.get("commune")
    return rows[:MOST_COMMUNES] + [row for row in rows[MOST_COMMUNES:] if row["id"] == asked_for]


def can_play(review):
    """Whether a figure of the set can be tried on the overview."""
    return any(one.compare in COMPARES for one in review.criteria.criteria)


def layers_of(study_id, standing, review):
    """Every layer that can be laid over the map of a study, as `home.layers_on_map` tells them."""
    return [
        *layers_on_map(review),
        *pieces.photo_layer(study_id, standing),
        *pieces.missing_layer(review.study),
        *pieces.reach_layer(review.study),
        *ramps.layers(standing),
    ]


def mine(review):
    """The communes of this study that the reader answers for."""
    account = sessions.account()
    return [id_ for id_ in review.communes.index if id_ in getattr(account, "communes", ())]
