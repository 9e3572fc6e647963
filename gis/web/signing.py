"""Signing in and out, the name of the person at this computer, passwords, and the list of accounts."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from gis import accounts, invitations
from gis.errors import AccountError, StoreError
from gis.web import sessions
from gis.web.guard import Refused
from gis.web.texts import language

pages = Blueprint("signing", __name__)


@pages.route("/sign-in", methods=("GET", "POST"))
def sign_in():
    """The form, and what comes of it; says of no name whether there is one."""
    needs_accounts(True)
    wanted = sessions.own_path(request.values.get("next"))
    if request.method != "POST":
        if sessions.account() is not None:
            return redirect(wanted)
        return render_template("signing/sign_in.html", wanted=wanted)
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        account = accounts.check_password(sessions.store(), name, password, address=request.remote_addr or "")
    except AccountError as fault:
        told = [fault.say(language())]
        page = render_template("signing/sign_in.html", wanted=wanted, name=name, sentences=told)
        if fault.code == "accounts-limit":
            return page, 429, {"Retry-After": str(round(accounts.TRIES_S))}
        return page, 401
    sessions.begin(account)
    return redirect(wanted)


@pages.post("/sign-out")
def sign_out():
    """Sign out here, or everywhere."""
    needs_accounts(True)
    sessions.end(everywhere=request.form.get("everywhere") == "yes")
    return redirect(url_for("signing.sign_in"))


@pages.route("/name", methods=("GET", "POST"))
def name():
    """The name of the person at this computer, where there are no accounts."""
    needs_accounts(False)
    wanted = sessions.own_path(request.values.get("next"))
    known = accounts.person(sessions.store()) or ""
    if request.method == "POST":
        try:
            accounts.name_person(sessions.store(), request.form.get("name", ""))
            return redirect(wanted)
        except AccountError as fault:
            told = [fault.say(language())]
            return render_template("signing/name.html", wanted=wanted, name=known, sentences=told), 422
    return render_template("signing/name.html", wanted=wanted, name=known)


@pages.get("/account")
def account():
    """The account of who has signed in."""
    needs_accounts(True)
    done = {"done": "signing-password-changed"} if request.args.get("done") == "password" else {}
    return _account_page(**done)


@pages.post("/account/password")
def password():
    """A new password of one's own; who is signed in elsewhere by the old one is not any more."""
    needs_accounts(True)
    store, who = sessions.store(), sessions.who()
    try:
        accounts.check_password(
            store, who, request.form.get("password", ""), address=request.remote_addr or ""
        )
        accounts.set_password(store, who, twice(), who=who)
    except AccountError as fault:
        return _account_page(sentences=[fault.say(language())]), 422
    sessions.begin(accounts.get_account(store, who))
    # The page is that of an account which needs no other password any more.
    return redirect(url_for("signing.account", done="password"), 303)


@pages.post("/account/sessions")
def end_session():
    """Sign out on another machine."""
    needs_accounts(True)
    sessions.end_one(request.form.get("session", ""))
    return redirect(url_for("signing.account"))


@pages.get("/users")
def users():
    """All accounts, for administrators."""
    needs_accounts(True)
    sessions.allow("manage")
    return users_page()


@pages.post("/users/add")
def add():
    """A new account with a password that somebody else chose, which is changed at the first sign-in."""
    grants = grants_asked()

    def change(name, who):
        accounts.add_user(sessions.store(), name, twice(), who=who, must_change=True, **grants)

    return managed(change)


@pages.post("/users/change")
def change_grants():
    """Another role, or another area."""
    grants = grants_asked()
    return managed(lambda name, who: accounts.change_user(sessions.store(), name, who=who, **grants))


@pages.post("/users/active")
def active():
    """Close an account, or open it again."""
    opened = request.form.get("active") == "yes"
    return managed(lambda name, who: accounts.change_user(sessions.store(), name, who=who, active=opened))


@pages.post("/users/password")
def new_password():
    """A new password for somebody who has forgotten theirs, which they change at the next sign-in."""

    def change(name, who):
        other = name.casefold() != who.casefold()
        accounts.set_password(sessions.store(), name, twice(), who=who, must_change=other)

    return managed(change)


@pages.post("/users/sessions")
def end_sessions():
    """Sign somebody out everywhere."""
    return managed(lambda name, who: accounts.end_sessions(sessions.store(), name, who=who))


def grants_asked():
    """Role and area of a form."""
    form = request.form
    codes = {name: form.get(name, "").replace(";", ",").split(",") for name in ("communes", "studies")}
    return {"role": form.get("role", ""), "only_own": form.get("only_own") == "yes", **codes}


def managed(change):
    """Do ``change(name, who)`` for an administrator, and show the accounts as they are then."""
    needs_accounts(True)
    sessions.allow("manage")
    try:
        change(request.form.get("name", ""), sessions.who())
    except (AccountError, StoreError) as fault:
        return users_page(sentences=[fault.say(language())]), 422
    return redirect(url_for("signing.users"))


def needs_accounts(needed):
    """Let a request go on where people sign in, or where they do not.

    Raises
    ------
    Refused
        404 elsewhere, and without a store.
    """
    if current_app.config["ACCOUNTS"] != needed:
        raise Refused(404, "web-not-found")
    sessions.store()


def twice():
    """The password that a form holds twice.

    Raises
    ------
    AccountError
        If it is not the same.
    """
    first, second = request.form.get("new", ""), request.form.get("again", "")
    if first != second:
        raise AccountError("accounts-differ")
    return first


def users_page(**told):
    """The accounts and invitations as a page."""
    return render_template(
        "signing/users.html",
        accounts=accounts.list_accounts(sessions.store()),
        roles=accounts.ROLES,
        invitations=invitations.listed(sessions.store()),
        signed_in=sessions.counted(),
        studies=[(id_, one.title) for id_, one in current_app.extensions["shelf"].found().items()],
        **told,
    )


def _account_page(**told):
    return render_template(
        "signing/account.html", account=sessions.account(), sessions=sessions.own(), **told
    )
