"""The scorecard of one village."""

from flask import Blueprint, render_template

from gis.web import facts
from gis.web.guard import Refused
from gis.web.home import ready
from gis.web.payload import pack_json, send
from gis.web.texts import language

pages = Blueprint("scorecards", __name__)


@pages.get("/studies/<study_id>/villages/<path:village_id>")
def village(study_id, village_id):
    """One village as a page, or as data where the address ends in ``.json``."""
    review = ready(study_id).review
    known = review.villages_table.index
    plain = village_id.removesuffix(".json")
    as_data = village_id not in known and plain in known and plain != village_id
    wanted = plain if as_data else village_id
    if wanted not in known:
        raise Refused(404, "web-no-village", village=village_id[:60])
    card = facts.scorecard(review, wanted, language())
    if as_data:
        return send(pack_json(card | {"study": study_id, "run": review.run.id}))
    return render_template(
        "scorecards/village.html",
        review=review,
        study=review.study,
        study_id=study_id,
        card=card,
        symbols=facts.SYMBOLS,
        figure_signs=facts.FIGURE_SIGNS,
    )
