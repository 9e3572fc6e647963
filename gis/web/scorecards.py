"""The scorecard of one village."""

from flask import Blueprint, current_app, render_template

from gis.web import facts, progress
from gis.web.buildable import known_fixes
from gis.web.disagreeing import decided
from gis.web.guard import Refused
from gis.web.home import ready
from gis.web.payload import pack_json, send
from gis.web.texts import language

pages = Blueprint("scorecards", __name__)


@pages.get("/studies/<study_id>/villages/<path:village_id>")
def village(study_id, village_id):
    """One village as a page, or as data where the address ends in ``.json``."""
    standing = ready(study_id)
    review, stood = standing.review, progress.stood(study_id, standing)
    known = review.villages_table.index
    plain = village_id.removesuffix(".json")
    as_data = village_id not in known and plain in known and plain != village_id
    wanted = plain if as_data else village_id
    if wanted not in known:
        raise Refused(404, "web-no-village", village=village_id[:60])
    made = {
        criterion: row for (village, criterion), row in decided(study_id, review).items() if village == wanted
    }
    fixes = known_fixes(standing)
    state = None if stood is None else progress.told(stood.loc[[wanted]], review)[wanted]
    if as_data:

        def data():
            told = {} if state is None else {"state": state["state"], "decision": state["decision"]}
            card = facts.scorecard(review, wanted, language(), made, fixes)
            return pack_json(card | {"study": study_id, "run": review.run.id} | told)

        # What people decided and what could be built stand beside the judgement, so they are part of the key.
        at = current_app.extensions["shelf"].recorded()
        return send(standing.prepared(("card", wanted, language(), at, fixes is None), data))
    card = facts.scorecard(review, wanted, language(), made, fixes)
    return render_template(
        "scorecards/village.html",
        review=review,
        study=review.study,
        study_id=study_id,
        card=card,
        symbols=facts.SYMBOLS,
        state=state,
        steps=progress.steps(study_id, wanted),
        figure_signs=facts.FIGURE_SIGNS,
    )
