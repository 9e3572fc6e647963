"""Sessions: who has signed in, for how long, and that a change comes from one of our own pages."""

import secrets
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, urlsplit

from flask import current_app, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from gis import accounts
from gis.accounts import Account
from gis.errors import GisError, StoreError
from gis.store import sessions as rows
from gis.web.guard import Refused, wants_data

LASTS_S = 12 * 3600
IDLE_S = 2 * 3600
NOTED_S = 300
"""The use of a session is written down so seldom, since every request is one."""
OPEN = (
    "signing.sign_in", "inviting.enter", "inviting.join", "assets.static", "assets.favicon", "assets.health",
)  # fmt: skip
"""What is answered before anybody has signed in."""
FIRST = ("signing.account", "signing.password", "signing.sign_out", *OPEN)
"""What is answered before a password was changed that somebody else chose."""


@dataclass(frozen=True)
class Signed(UserMixin):
    """An account as the session knows it: by its name and the stamp that a new password changes."""

    account: Account

    def get_id(self):
        return f"{self.account.stamp}:{self.account.name}"


def begin_with(app, settings, store):
    """Prepare an application: its key, cookies, sign-in and the check of where changes come from.

    Raises
    ------
    ValueError
        If accounts are needed and there is no store to hold them.
    """
    needed = accounts.required(settings)
    if needed and store is None:
        raise ValueError("accounts need a store")
    secure = needed and not settings.without_tls
    app.config.update(
        ACCOUNTS=needed,
        SECRET_KEY=accounts.session_key(store) if store is not None else secrets.token_hex(32),
        # Servers at several ports of one computer share its cookies, but not their key.
        SESSION_COOKIE_NAME="__Host-langmap" if secure else f"langmap-{settings.port}",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=LASTS_S),
        # A form is good as long as the session that it was made for.
        WTF_CSRF_TIME_LIMIT=None,
        # Our pages send no referrer.
        WTF_CSRF_SSL_STRICT=False,
    )
    if settings.proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)
    manager = LoginManager(app)
    manager.user_loader(_load)
    app.before_request(_ask_to_sign_in)
    CSRFProtect(app)
    app.jinja_env.globals["person"] = person


def begin(account):
    """Begin the session of who has just signed in; nothing of the one before goes over into it."""
    session.clear()
    now, token = time.time(), secrets.token_urlsafe(24)
    told = {"address": request.remote_addr or "", "agent": request.user_agent.string}
    with store().writing(account.name) as change:
        rows.begin(change, token, account.name, moment=now, lasts_s=LASTS_S, **told)
    login_user(Signed(account))
    session.permanent = True
    session["since"], session["token"] = now, token


def end(*, everywhere=False):
    """End the session of this reader, or all by the same name; no copy of a cookie stays good."""
    if current_user.is_authenticated:
        name = current_user.account.name
        if everywhere:
            accounts.end_sessions(store(), name)
        else:
            with store().writing(name) as change:
                rows.end(change, key=rows.key_of(session.get("token")), name=name)
                change.note("signed-out", subject=name)
    logout_user()
    session.clear()


def end_one(key):
    """End another session of this reader, by its key; nothing where it is over already."""
    with store().writing(who()) as change:
        if rows.end(change, key=key, name=who()):
            change.note("signed-out", subject=who())


def own():
    """The sessions of this reader that are not over, the latest used first, each with ``here``."""
    with store().reading() as connection:
        found = rows.listed(connection, who())
    here = rows.key_of(session.get("token"))
    return [row | {"here": row["key"] == here} for row in found if _lives(row)]


def counted():
    """How many sessions each person has that are not over."""
    with store().reading() as connection:
        found = rows.listed(connection)
    return Counter(row["name"] for row in found if _lives(row))


def account():
    """Who asks: the account that has signed in, else the person at this computer."""
    if current_app.config["ACCOUNTS"]:
        return current_user.account if current_user.is_authenticated else None
    if current_app.extensions["store"] is None:
        return Account("", "viewer")
    name = current_app.extensions["shelf"].remembered("person", lambda: accounts.person(store()))
    return Account(name or "", "administrator")


def person():
    """Who is shown at the top of a page; None where nobody can change anything, or it cannot be told."""
    if current_app.extensions["store"] is None:
        return None
    try:
        return account()
    except GisError:
        return None


def who():
    """The name under which a change is recorded.

    Raises
    ------
    Refused
        403 where the person at this computer has not said a name yet.
    """
    asking = account()
    if asking is None or not asking.name:
        raise Refused(403, "web-name-needed")
    return asking.name


def allow(action, *, communes=None):
    """Let a request go on whose account may do this; see `gis.accounts.may`.

    Raises
    ------
    Refused
        403 for all others.
    """
    asking = account()
    if asking is None or not accounts.may(asking, action, communes=communes):
        raise Refused(403, "web-not-allowed")


def store():
    """The store of the application.

    Raises
    ------
    Refused
        404 where it has none.
    """
    found = current_app.extensions["store"]
    if found is None:
        raise Refused(404, "web-no-store")
    return found


def found_store():
    """The store of the application; None where it has none."""
    return current_app.extensions["store"]


def own_path(text):
    """An address of this server as it was given, and the first page for anything else.

    Examples
    --------
    >>> own_path("/studies/a?part=all"), own_path("//evil.example"), own_path("https://evil.example")
    ('/studies/a?part=all', '/', '/')
    """
    text = text or "/"
    plain = text.isprintable() and "\\" not in text and text.startswith("/") and not text.startswith("//")
    if not plain:
        return "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc else text


def _load(signed):
    stamp, _, name = signed.partition(":")
    found, token = accounts.get_account(store(), name), session.get("token", "")
    age = time.time() - session.get("since", 0)
    if found is None or not found.active or str(found.stamp) != stamp or not -60 < age < LASTS_S:
        return None
    with store().reading() as connection:
        row = rows.get(connection, token)
    if row is None or row["name"] != found.name or not _lives(row):
        return None
    _note_use(row, token)
    return Signed(found)


def _lives(row):
    now = time.time()
    return abs(now - row["begun"]) < LASTS_S and abs(now - row["seen"]) < IDLE_S


def _note_use(row, token):
    now = time.time()
    if abs(now - row["seen"]) < NOTED_S:
        return
    # Who cannot be written down now is let in all the same; they will be asked to sign in sooner.
    with suppress(StoreError), store().writing(row["name"]) as change:
        rows.touch(change, token, now)


def _ask_to_sign_in():
    if not current_app.config["ACCOUNTS"] or request.endpoint in (None, *OPEN):
        return None
    if current_user.is_authenticated:
        return _ask_for_password()
    if wants_data() or request.method not in ("GET", "HEAD"):
        raise Refused(401, "web-sign-in-needed")
    wanted = quote(request.path) + (
        f"?{request.query_string.decode('ascii', 'ignore')}" if request.args else ""
    )
    return redirect(url_for("signing.sign_in", next=wanted))


def _ask_for_password():
    """Nothing, or to the page where a password is changed that somebody else chose."""
    if not current_user.account.must_change or request.endpoint in FIRST:
        return None
    if wants_data() or request.method not in ("GET", "HEAD"):
        raise Refused(403, "signing-must-change")
    return redirect(url_for("signing.account"))
