"""The data with which the overview judges anew when a figure is tried; nothing of the study changes."""

from flask import Blueprint

from gis.sentences import unit_label
from gis.web.home import ready
from gis.web.payload import pack_json, send
from gis.web.texts import language, pick
from gis.whatif import what_if

pages = Blueprint("play", __name__)


@pages.get("/studies/<study_id>/what-if.json")
def data(study_id):
    """Values as places on the grid of their figure, and how criteria combine."""
    standing = ready(study_id)
    reader, review = language(), standing.review
    return send(standing.prepared(("what-if", reader), lambda: pack_json(_told(review, reader))))


def _told(review, reader):
    labels = {group: pick(label, reader) or group for group, label in review.criteria.groups.items()}
    told = what_if(review)
    for one in told["movable"]:
        one["unit_text"] = unit_label(one["unit"], reader) or ""
    return told | {"group_labels": [labels[group] for group in told["groups"]]}
