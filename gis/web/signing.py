"""Signing in and out, the name of the person at this computer, passwords, and the list of accounts."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from gis import accounts
from gis.errors import AccountError, StoreError
from gis.web import sessions
from gis.web.guard import Refused
from gis.web.texts import language

pages = Blueprint("signing", __name__)


@pages.route("/sign-in", methods=("GET", "POST"))
def sign_in():
    """The form, and what comes of it; says of no name whether there is one."""
    _needs_accounts(True)
    wanted = sessions.own_path(request.values.get("next"))
    if request.method == "GET":
        if sessions.account() is not None:
            return redirect(wanted)
        return render_template("signing/sign_in.html", wanted=wanted)
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        account = accounts.check_password(sessions.store(), name, password, address=request.remote_addr or "")
    except AccountError as fault:
        status = 429 if fault.code == "accounts-limit" else 401
        told = [fault.say(language())]
        return render_template("signing/sign_in.html", wanted=wanted, name=name, sentences=told), status
    sessions.begin(account)
    return redirect(wanted)


@pages.post("/sign-out")
def sign_out():
    """Sign out, everywhere."""
    _needs_accounts(True)
    sessions.end()
    return redirect(url_for("signing.sign_in"))


@pages.route("/name", methods=("GET", "POST"))
def name():
    """The name of the person at this computer, where there are no accounts."""
    _needs_accounts(False)
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
    _needs_accounts(True)
    return _account_page()


@pages.post("/account/password")
def password():
    """A new password of one's own; who is signed in elsewhere by the old one is not any more."""
    _needs_accounts(True)
    store, who = sessions.store(), sessions.who()
    try:
        accounts.check_password(
            store, who, request.form.get("password", ""), address=request.remote_addr or ""
        )
        accounts.set_password(store, who, _twice(), who=who)
    except AccountError as fault:
        return _account_page(sentences=[fault.say(language())]), 422
    sessions.begin(accounts.get_account(store, who))
    return _account_page(done="signing-password-changed")


@pages.get("/users")
def users():
    """All accounts, for administrators."""
    _needs_accounts(True)
    sessions.allow("manage")
    return _users_page()


@pages.post("/users/add")
def add():
    """A new account."""
    communes = request.form.get("communes", "").replace(";", ",").split(",")

    def change(name, who):
        role = request.form.get("role", "")
        accounts.add_user(sessions.store(), name, _twice(), role, communes=communes, who=who)

    return _managed(change)


@pages.post("/users/active")
def active():
    """Close an account, or open it again."""

    def change(name, who):
        opened = request.form.get("active") == "yes"
        accounts.change_user(sessions.store(), name, who=who, active=opened)

    return _managed(change)


@pages.post("/users/password")
def new_password():
    """A new password for somebody who has forgotten theirs."""

    def change(name, who):
        accounts.set_password(sessions.store(), name, _twice(), who=who)

    return _managed(change)


def _managed(change):
    """Do ``change(name, who)`` for an administrator, and show the accounts as they are then."""
    _needs_accounts(True)
    sessions.allow("manage")
    try:
        change(request.form.get("name", ""), sessions.who())
    except (AccountError, StoreError) as fault:
        return _users_page(sentences=[fault.say(language())]), 422
    return redirect(url_for("signing.users"))


def _needs_accounts(needed):
    if current_app.config["ACCOUNTS"] != needed:
        raise Refused(404, "web-not-found")
    sessions.store()


def _twice():
    first, second = request.form.get("new", ""), request.form.get("again", "")
    if first != second:
        raise AccountError("accounts-differ")
    return first


def _account_page(**told):
    return render_template("signing/account.html", account=sessions.account(), **told)


def _users_page(**told):
    listed = accounts.list_accounts(sessions.store())
    return render_template("signing/users.html", accounts=listed, roles=accounts.ROLES, **told)
