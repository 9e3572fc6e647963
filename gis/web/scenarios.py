"""Changes tried on a study: what they flip, at once; kept, shared, and compared with each other and with plans."""

from flask import Blueprint, abort

pages = Blueprint("scenarios", __name__)


@pages.get("/studies/<study_id>/scenario")
def edit(study_id):
    abort(404)


@pages.get("/studies/<study_id>/scenarios/<key>")
def one(study_id, key):
    abort(404)


@pages.get("/studies/<study_id>/compare")
def compare(study_id):
    abort(404)
