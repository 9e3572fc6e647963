"""Which of a study's criteria sets a reader looks at: ``?set=`` in the address, kept by every link of the study."""

from flask import has_request_context, request

from gis.web.guard import Refused

OWN = "own"
"""Stands in addresses for the set that the study itself is judged by."""

KEEPING = (
    "home.study", "workspace.", "lists.", "inputs.criteria", "scorecards.village", "downloads.download", "mapdata.", "leveldata.", "play.",
    "sides.", "printing.", "differing.",
)  # fmt: skip
"""Endpoints, or how they begin, that show a study under the chosen set."""


def sets_of(review):
    """The names of the sets that a study is judged by, its own first."""
    return [OWN, *review.beside]


def chosen_review(review, name):
    """The review under one of the study's sets.

    Raises
    ------
    Refused
        404 where the study is not judged by it.
    """
    if name in ("", OWN):
        return review
    if name not in review.beside:
        raise Refused(404, "beside-unknown")
    return review.beside[name]


def asked():
    """The name of the set that the address asks for; empty for the study's own."""
    name = request.args.get("set", "")
    return "" if name == OWN else name


def in_names():
    """What the chosen set adds to the name of a file, so that two of one study are told apart."""
    return f"-{asked()}" if asked() else ""


def keep_set(endpoint, values):
    """Carry the chosen set over into the links of the same study."""
    if not has_request_context() or "set" in values or not endpoint.startswith(KEEPING):
        return
    name = asked()
    same = values.get("study_id") == (request.view_args or {}).get("study_id")
    if name and same and request.endpoint and request.endpoint.startswith(KEEPING):
        values["set"] = name
