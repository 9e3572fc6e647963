"""Read keys: the page on which people make and revoke theirs, and how a program shows one."""

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for

from gis import readkeys
from gis.accounts import TRIES_S
from gis.errors import AccountError, GisError, Problem
from gis.web import sessions
from gis.web.guard import FOR_PROGRAMS, Refused, wants_data
from gis.web.sessions import Signed
from gis.web.texts import language

pages = Blueprint("keys", __name__)


@pages.record_once
def _look_at_keys(state):
    state.app.login_manager.request_loader(_by_key)


def _by_key(asked):
    """Who asks by a key, for reading at the addresses for programs alone; None for everybody else."""
    shown = asked.authorization
    reading = asked.method in ("GET", "HEAD") and f"{asked.path}/".startswith(FOR_PROGRAMS)
    if not current_app.config["ACCOUNTS"] or not reading or shown is None or shown.type != "basic":
        return None
    if g.get("key_refused"):
        # asked once more, for what is done after the refusal
        return None
    name, key = shown.username or "", shown.password or ""
    try:
        return Signed(readkeys.account_by_key(sessions.store(), name, key, address=asked.remote_addr or ""))
    except AccountError as fault:
        g.key_refused, limited = True, fault.code == "keys-limit"
        raise Refused(
            429 if limited else 401,
            fault.code,
            problems=[Problem(fault.code, fault.arguments, "error")],
            retry_s=round(TRIES_S) if limited else None,
        ) from None


@pages.after_app_request
def _say_how(response):
    """Tell a program that it may show a key; not a page of ours, whose reader signs in by the form."""
    if response.status_code == 401 and f"{request.path}/".startswith(FOR_PROGRAMS) and wants_data():
        response.headers.setdefault("WWW-Authenticate", 'Basic realm="LangMap", charset="UTF-8"')
    return response


@pages.get("/account/keys")
def listed():
    """One's own keys, and the one that was made just now."""
    return _page()


@pages.post("/account/keys")
def make():
    """A new key, shown this once: it stands in the answer to the form and nowhere else."""
    _needs_account()
    what_for = request.form.get("name", "")
    try:
        key = readkeys.make_key(sessions.store(), sessions.who(), what_for)
    except GisError as fault:
        return _page(sentences=[fault.say(language())]), 422
    return _page(key=key, made=what_for)


@pages.post("/account/keys/revoke")
def revoke():
    """End one of one's own keys."""
    _needs_account()
    readkeys.revoke_key(sessions.store(), sessions.who(), request.form.get("key", "")[:40])
    return redirect(url_for("keys.listed"), 303)


def _needs_account():
    if not current_app.config["ACCOUNTS"]:
        raise Refused(404, "web-not-found")


def _page(**told):
    _needs_account()
    name = sessions.who()
    features = url_for("ogc.landing", _external=True)
    rows = readkeys.keys_of(sessions.store(), name)
    return render_template("keys/keys.html", rows=rows, name=name, features=features, **told)
