"""What an account sees: its studies, and of these the communes that are its own where it sees no others.

Every page asks the shelf for a study, so the shelf hands out what the account may see and nothing else. Pages that read
the records beside it are open to accounts of a few communes only where they are named in `WITHIN`.
"""

from urllib.parse import urlsplit

from flask import current_app, has_request_context, request
from werkzeug.exceptions import HTTPException

from gis.accounts import Account
from gis.errors import Problem, StoreError
from gis.web import limits, sessions
from gis.web.guard import Refused
from gis.web.shelf import Shelf, Standing

WITHIN = (
    "home.", "workspace.", "mapdata.", "play.", "lists.", "scorecards.", "todo.", "inputs.criteria", "downloads.", "evidence.",
    "disagreeing.", "trusting.", "papers.", "states.", "jobs.", "signing.", "inviting.", "assets.",
    "leveldata.", "sides.", "ways.", "differing.", "gapcosts.", "printing.", "valuing.", "yearview.",
    "basemaps.", "keys.", "ogc.", "api.page", "api.document", "api.features_document", "api.studies", "api.study",
    "api.criteria", "api.table",
)  # fmt: skip
"""Endpoints, or how they begin, that show nothing but what the shelf hands out, or look themselves whose it is.

The others show a study as a whole: its files, plans, campaigns, years. An account that sees its own communes only is told
so. A new page is among the others until it is named here; `tests/test_matrix_areas.py` then looks whether it keeps to it.
"""
OF_ALL_STUDIES = ("intake.new", "intake.create", "intake.take_in")
"""Endpoints that make a study, which an account of certain studies could not see."""


STRANGER = Account("", "viewer", studies=("@",))
"""Who has not signed in sees no study: none has such an id."""


class SeenShelf(Shelf):
    """The shelf as the account of a request sees it; outside of requests it is the whole shelf."""

    def found(self):
        """As `Shelf.found`, of the studies that are theirs to see."""
        account, found = _account(), super().found()
        if account is None:
            return found
        return {id_: one for id_, one in found.items() if account.sees_study(id_)}

    def peek(self, study_id):
        """As `Shelf.peek`; None of a study that is not theirs to see."""
        account = _account()
        if account is not None and not account.sees_study(study_id):
            return None
        standing = super().peek(study_id)
        return standing and seen(standing, account)

    def look(self, study_id, *, wait_s=0.0):
        """As `Shelf.look`; a study that is not theirs to see is not there."""
        account = _account()
        if account is not None and not account.sees_study(study_id):
            raise KeyError(study_id)
        return seen(super().look(study_id, wait_s=wait_s), account)


def seen(standing, account):
    """A standing as an account sees it: of an account of its own communes nothing else, also of what went wrong."""
    if account is None or not account.only_own:
        return standing
    state = standing.state
    if state == "ready":
        return standing.within(account.communes)
    told = Standing(standing.study_id, standing.origin)
    told.fraction, told.saying = standing.fraction, Problem("web-waiting", {}, "note")
    if state == "failed":
        told.problems = (Problem("web-study-failed", {"study": standing.study_id}, "error"),)
        told.done.set()
    return told


def begin_with(app):
    """Keep every request of an application to what its account may see."""
    app.before_request(_keep_to_area)
    app.after_request(_note_refusal)
    app.jinja_env.globals["may_open"] = may_open


def communes_of(review, villages):
    """The communes that some villages lie in, for `gis.web.sessions.allow`; None where one is not known."""
    table = review.villages_table["commune_id"]
    if not set(villages) <= set(table.index):
        return None
    return sorted({str(commune or "") for commune in table[list(villages)]})


def kept(rows, review):
    """Of rows with a ``village_id`` those that the account may see.

    Records may speak of villages that a study has no more: they are for who sees whole studies.
    """
    account = _account()
    if account is None or not account.only_own:
        return rows
    known = set(review.villages_table.index)
    return [row for row in rows if row["village_id"] in known]


def sees_study(study_id):
    """Whether a study is one that the account of this request may see."""
    account = _account()
    return account is None or account.sees_study(study_id)


def sees_whole():
    """Whether the account of this request sees whole studies."""
    account = _account()
    return account is None or not account.only_own


def may_open(address):
    """Whether a page of this server is one that the account of this request may open, by its address or endpoint."""
    account = _account()
    if account is None or not account.only_own:
        return True
    if not address.startswith("/"):
        return address.startswith(WITHIN)
    try:
        endpoint, _ = current_app.url_map.bind("").match(urlsplit(address).path)
    except HTTPException:
        return False
    return endpoint.startswith(WITHIN)


def _account():
    """The account of this request where it does not see everything, else None."""
    if not has_request_context():
        return None
    account = sessions.account()
    if account is None:
        return STRANGER
    return None if account.sees_all else account


def _keep_to_area():
    account = _account()
    if account is None or request.endpoint is None:
        return
    study_id = (request.view_args or {}).get("study_id")
    if study_id is not None and not account.sees_study(study_id):
        raise Refused(404, "web-no-study", study=study_id[:80])
    if account.studies and request.endpoint in OF_ALL_STUDIES:
        raise Refused(403, "areas-no-new-study")
    if account.only_own and not request.endpoint.startswith(WITHIN):
        raise Refused(403, "areas-whole-study")


def _note_refusal(response):
    """A line for what an account of an area asked for and did not get: it may be somebody looking around."""
    account = _account()
    if (
        account in (None, STRANGER)
        or response.status_code not in (403, 404)
        or request.endpoint == "assets.static"
    ):
        return response
    if limits.allowed(("refused", account.name), most=limits.MOST_REFUSALS, within_s=limits.REFUSALS_S):
        note_read("refused", request.path)
    return response


def note_read(action, subject, **after):
    """A line in the diary about something that was read, or that somebody wanted to read; nothing without a store."""
    store, asking = sessions.found_store(), sessions.account()
    if store is None or asking is None:
        return
    study_id = (request.view_args or {}).get("study_id")
    try:
        with store.writing(asking.name or "–") as change:
            change.note(
                action,
                study=study_id and study_id[:120],
                subject=subject[:300],
                after=after or None,
                moves=False,
            )
    except StoreError:
        current_app.logger.warning("what %r read could not be written down", asking.name)
