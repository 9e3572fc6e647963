"""How often one account, or one address, may ask for what keeps the server busy.

Counted in the memory of this one process, by a clock that nobody sets back. The person at this computer has no limit.
"""

import re
import threading
import time
from collections import OrderedDict, deque
from dataclasses import dataclass

from flask import current_app, request

from gis.web import sessions
from gis.web.guard import Refused

MOST_KEYS = 20_000
"""So many accounts and addresses are counted; the longest unseen is forgotten first."""
MOST_REFUSALS, REFUSALS_S = 60, 600.0
"""So many refusals of one account are written down in so many seconds."""


@dataclass(frozen=True)
class Limit:
    """So many requests of a kind, by one account, in so many seconds."""

    kind: str
    most: int
    within_s: float


JOINS = Limit("join", 30, 900.0)
UPLOADS = Limit("upload", 60, 600.0)
WORK = Limit("work", 60, 600.0)
FILES = Limit("file", 120, 600.0)
DATA = Limit("data", 1200, 600.0)

SENT = ("intake.receive", "evidence.receive", "campaigns.take", "amending.upload", "needs.")
"""Changes that bring files, by endpoint or how it begins."""
WORKING = ("plans.", "scenarios.", "options.", "meetings.", "beside.", "campaign_figures.")
"""Changes that make the server work for a while."""
PROGRAMS = ("api", "ogc")
"""Blueprints for programs, by how their name begins."""
FILE = re.compile(r"\b(xlsx|csv|zip|gpkg|pdf|docx|html)\b|/papers/file|/print")
"""What an address ends with, or names, where a file is made to be saved."""


class Counter:
    """When which key was counted, as far back as its limit looks."""

    def __init__(self):
        self._moments = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, key, *, most, within_s):
        """Count one more of a key: 0.0 where it is within the limit, else in how many seconds the next may be."""
        now = time.monotonic()
        with self._lock:
            moments = self._moments.setdefault(key, deque())
            self._moments.move_to_end(key)
            while len(self._moments) > MOST_KEYS:
                self._moments.popitem(last=False)
            while moments and now - moments[0] >= within_s:
                moments.popleft()
            if len(moments) >= most:
                return within_s - (now - moments[0])
            moments.append(now)
            return 0.0


def begin_with(app):
    """Count the requests of an application that have a limit."""
    app.extensions["limits"] = Counter()
    app.before_request(_count)


def allowed(key, *, most, within_s):
    """Count something that is no request; whether it is within its limit."""
    return not current_app.extensions["limits"].wait_s(key, most=most, within_s=within_s)


def limit_of(rule, method):
    """The limit on a kind of request, None where it has none.

    Parameters
    ----------
    rule : werkzeug Rule
    method : str
    """
    endpoint = rule.endpoint
    if endpoint == "inviting.join":
        return JOINS
    if method == "POST":
        if endpoint.startswith(SENT):
            return UPLOADS
        return WORK if endpoint.startswith(WORKING) else None
    if endpoint.startswith("assets."):
        return None
    if endpoint.startswith(PROGRAMS):
        return DATA
    return FILES if FILE.search(rule.rule) else None


def _count():
    if not current_app.config["ACCOUNTS"] or request.url_rule is None:
        return
    limit = limit_of(request.url_rule, request.method)
    if limit is None:
        return
    account = sessions.account()
    whose = ("name", account.name) if account else ("address", request.remote_addr)
    wait_s = current_app.extensions["limits"].wait_s(
        (limit.kind, *whose), most=limit.most, within_s=limit.within_s
    )
    if wait_s:
        retry_s = max(1, round(wait_s + 0.5))
        raise Refused(429, "limits-wait", retry_s=retry_s, minutes=max(1, round(wait_s / 60)))
