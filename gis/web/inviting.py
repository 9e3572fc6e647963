"""Invitations and new passwords without a mail server: the slip that is handed over, and what its code opens."""

from flask import Blueprint, redirect, render_template, request, url_for

from gis import accounts, invitations
from gis.errors import AccountError, StoreError
from gis.web import sessions, signing
from gis.web.texts import language

pages = Blueprint("inviting", __name__)


@pages.post("/users/invite")
def invite():
    """Invite somebody; the slip with the code, which is shown this once."""
    name, grants = request.form.get("name", ""), signing.grants_asked()

    def make(store, who):
        return invitations.invite(store, name, who=who, **grants)

    return _slip("invite", name, make)


@pages.post("/users/reset")
def reset():
    """Let somebody make a new password; the slip with the code."""
    name = request.form.get("name", "")

    def make(store, who):
        return invitations.offer_reset(store, name, who=who)

    return _slip("reset", name, make)


@pages.post("/users/invitations/<int:number>/withdraw")
def withdraw(number):
    """Make an invitation worth nothing."""
    return signing.managed(lambda _, who: invitations.withdraw(sessions.store(), number, who=who))


@pages.route("/join", methods=("GET", "POST"))
def enter():
    """Where a code is typed in that came on paper."""
    signing.needs_accounts(True)
    if request.method == "POST":
        return redirect(
            url_for("inviting.join", code=invitations.plain(request.form.get("code")) or "-"), 303
        )
    return render_template("signing/enter_code.html")


@pages.route("/join/<code>", methods=("GET", "POST"))
def join(code):
    """What a code is for, and the password that its holder chooses."""
    signing.needs_accounts(True)
    store = sessions.store()
    try:
        found = invitations.look(store, code)
    except AccountError as fault:
        return render_template("signing/enter_code.html", sentences=[fault.say(language())]), 410
    if request.method == "POST":
        try:
            account = invitations.accept(store, code, signing.twice())
        except AccountError as fault:
            told = [fault.say(language())]
            return render_template("signing/join.html", found=found, sentences=told), 422
        sessions.begin(account)
        return redirect(url_for("home.studies"), 303)
    return render_template("signing/join.html", found=found)


def _slip(kind, name, make):
    signing.needs_accounts(True)
    sessions.allow("manage")
    try:
        code = make(sessions.store(), sessions.who())
    except (AccountError, StoreError) as fault:
        return signing.users_page(sentences=[fault.say(language())]), 422
    days = round(invitations.LASTS_S / 86_400)
    address = url_for("inviting.join", code=code, _external=True)
    return render_template(
        "signing/slip.html",
        kind=kind,
        name=accounts.tidy(name),
        code=code,
        days=days,
        address=address,
        page=url_for("inviting.enter", _external=True),
    )
