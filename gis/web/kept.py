"""Pages that many look at, kept as they were written for a moment: a meeting of a thousand reads what one does.

A page is the same for all who may do the same, but for the name at its top and the token of its forms; these
are put in for each reader. It is written anew as soon as anything is recorded in the store or the study is
judged again; where some of what it says was still being counted in the background, after two seconds.
"""

import dataclasses
import datetime
import threading
import time
import weakref
from collections import OrderedDict

from flask import Response, current_app, g, render_template, request
from flask_wtf.csrf import generate_csrf
from markupsafe import escape

from gis.web import sessions
from gis.web.guard import wants_data
from gis.web.texts import language

PAGES = ("home.study", "workspace.page", "lists.villages", "lists.communes", "scorecards.village")
"""What is read most; nothing of it depends on the reader but by their rights and their language."""

KEPT_S, PASSING_S = 60.0, 2.0
"""Seconds; the latter for a page that was made while something that it tells was still being worked out."""

MOST_BYTES = 16_000_000
MOST_QUERY = 300
"""Characters of an address's query; there is no end of longer ones."""

TOKEN, PERSON = "\0token\0", "\0person\0"
"""Stand in a kept page where a reader's own goes; a page that holds this letter by itself, such as one that says a
search back, is not kept."""

OWN_FIELDS = ("name", "stamp")
"""What of an account decides nothing on these pages but the name at the top."""


class Kept:
    """Key to text as bytes, the oldest going first when there is too much of it; many may ask at once."""

    def __init__(self, most_bytes=MOST_BYTES, clock=time.monotonic):
        self._most, self._clock = most_bytes, clock
        self._texts, self._bytes = OrderedDict(), 0
        self._writing, self._lock = {}, threading.Lock()

    def get(self, key):
        """The text, where it is young enough; else None."""
        with self._lock:
            text, until = self._texts.get(key, (None, 0.0))
            return text if self._clock() < until else None

    def put(self, key, text, *, seconds=KEPT_S):
        """Keep a text from now on."""
        with self._lock:
            self._drop(key)
            self._texts[key] = text, self._clock() + seconds
            self._bytes += len(text)
            while self._texts and (self._bytes > self._most or self._is_over(next(iter(self._texts)))):
                self._drop(next(iter(self._texts)))

    def turn(self, key):
        """A lock for who writes a page, so that who asks meanwhile waits for it and writes no second one."""
        with self._lock:
            while len(self._writing) > 500:
                self._writing.pop(next(iter(self._writing)))
            return self._writing.setdefault(key, threading.Lock())

    def _is_over(self, key):
        return self._clock() >= self._texts[key][1]

    def _drop(self, key):
        text, _ = self._texts.pop(key, (b"", 0.0))
        self._bytes -= len(text)


def begin_with(app):
    """Let an application keep pages; called once what decides who may ask is in place."""
    app.extensions["kept"] = Kept()
    app.before_request(_answer)
    app.after_request(_keep)
    app.teardown_request(_let_go)


def _answer():
    if request.endpoint not in PAGES or request.method != "GET" or len(request.query_string) > MOST_QUERY:
        return None
    if wants_data():
        return None
    key, name = _key()
    if key is None:
        return None
    kept = current_app.extensions["kept"]
    text = kept.get(key) or kept.get((*key, name))
    if text is None:
        g.kept_turn = kept.turn(key)
        g.kept_turn.acquire()
        # Another may have written it while this one waited.
        text = kept.get(key) or kept.get((*key, name))
    if text is None:
        g.kept_key, g.kept_name = key, name
        return None
    _let_go()
    return Response(_for_reader(text), mimetype="text/html")


def _key():
    """What decides the text of a page, and the reader's name; None where it is not ready to be read."""
    shelf, account = current_app.extensions["shelf"], sessions.account()
    try:
        standing = shelf.look(request.view_args["study_id"])
    except KeyError:
        return None, ""
    if standing.state != "ready" or account is None:
        return None, ""
    rights = tuple(
        getattr(account, each.name) for each in dataclasses.fields(account) if each.name not in OWN_FIELDS
    )
    address = request.path, request.query_string
    signed, day = (bool(account.name), bool(account.stamp)), datetime.date.today()
    judged = weakref.ref(standing), id(standing.review)
    return (address, language(), rights, signed, shelf.recorded(), judged, day), account.name


def _keep(response):
    key = g.get("kept_key")
    if key is None or response.status_code != 200 or response.mimetype != "text/html":
        return response
    text = response.get_data(as_text=True)
    if "\0" in text:
        return response
    block = render_template("_person.html")
    shared = text.replace(block, PERSON, 1) if len(block.strip()) else text
    field = current_app.config["WTF_CSRF_FIELD_NAME"]
    if field in g:
        shared = shared.replace(g.get(field), TOKEN)
    # Where the name stands elsewhere too, the page is this reader's alone.
    told = g.kept_name and str(escape(g.kept_name)) in shared
    seconds = PASSING_S if g.get("passing") else KEPT_S
    # As bytes: a text with one Vietnamese letter takes two bytes for each of its letters.
    wanted = (*key, g.kept_name) if told else key
    current_app.extensions["kept"].put(wanted, shared.encode(), seconds=seconds)
    return response


def _for_reader(text):
    # The person first: a button in it may have a token of its own.
    person, token = PERSON.encode(), TOKEN.encode()
    if person in text:
        text = text.replace(person, render_template("_person.html").encode(), 1)
    return text.replace(token, generate_csrf().encode()) if token in text else text


def _let_go(_=None):
    turn = g.pop("kept_turn", None)
    if turn is not None:
        turn.release()
