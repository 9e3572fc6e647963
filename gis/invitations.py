"""Invitations without a mail server: a code is handed over, and who has it makes an account of their own.

The same way a new password is made by who has forgotten theirs: nobody ever knows the password of another.
"""

import secrets
import time

from gis import accounts
from gis.errors import AccountError
from gis.store import invitations, users

KINDS = ("invite", "reset")
LASTS_S = 7 * 86_400.0
LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""What a code is made of: no letter that looks like another or like a digit on paper."""
GROUPS, IN_GROUP = 5, 4
"""20 letters of 30: far more than anybody can try."""


def invite(store, name, role, *, who, **area):
    """Invite somebody who has no account yet.

    Parameters
    ----------
    store : Store
    name : str
        Of the account that is to be.
    role : str
    who : str
        The administrator who invites.
    **area
        As `gis.accounts.checked_grants` takes it.

    Returns
    -------
    str
        The code; it is shown once and kept only as a hash. An earlier one for the same name is withdrawn.

    Raises
    ------
    AccountError
        If there is an account of that name, or the name, role or area cannot be used.
    """
    name, grants = accounts.checked_name(name), accounts.checked_grants(role, **area)
    with store.writing(who) as change:
        if users.get(change.connection, name):
            raise AccountError("accounts-exists", name=name)
        return _issue(change, "invite", name, grants)


def offer_reset(store, name, *, who):
    """Let somebody who has forgotten their password make a new one; the code, as `invite` gives it.

    Raises
    ------
    MissingError
        If there is no such account.
    """
    with store.writing(who) as change:
        row = accounts.existing(change.connection, name)
        return _issue(change, "reset", row["name"], None)


def look(store, code):
    """The invitation of a code, as it was typed, that can still be used.

    Returns
    -------
    dict
        ``kind``, ``name``, ``grants``, ``until`` and so on.

    Raises
    ------
    AccountError
        ``inviting-unknown``, ``inviting-used``, ``inviting-withdrawn`` or ``inviting-expired``.
    """
    with store.reading() as connection:
        return _usable(invitations.find(connection, plain(code)))


def accept(store, code, password):
    """Make the account, or the new password, that a code is for.

    Returns
    -------
    Account

    Raises
    ------
    AccountError
        As `look`; also if the password cannot be used, the account was made meanwhile or is gone or closed.
    """
    found = look(store, code)
    name = found["name"]
    accounts.check_password_of(name, password)
    hashed = accounts.hash_password(password)
    with store.writing(name) as change:
        # Two who hold the same code are one after the other here.
        found = _usable(invitations.get(change.connection, found["id"]))
        invitations.close(change, found["id"], "used")
        if found["kind"] == "invite":
            change.note("invitation-used", subject=name)
            return accounts.insert(change, name, hashed, found["grants"])
        row = users.get(change.connection, name)
        if row is None or not row["active"]:
            raise AccountError("inviting-closed")
        change.note("reset-used", subject=name)
        accounts.renew(change, name, hashed)
    return accounts.get_account(store, name)


def withdraw(store, number, *, who):
    """Make an open invitation worth nothing.

    Raises
    ------
    MissingError
        If there is none of that number.
    AccountError
        If it was used or withdrawn already.
    """
    with store.writing(who) as change:
        found = invitations.get(change.connection, number)
        if not invitations.close(change, number, "withdrawn"):
            raise AccountError(f"inviting-{found['state']}")
        change.note("invitation-withdrawn", subject=found["name"])


def listed(store):
    """The latest invitations, each with ``state``: open, used, withdrawn or expired."""
    with store.reading() as connection:
        rows = invitations.listed(connection)
    return [row | {"state": _state(row)} for row in rows]


def plain(code):
    """A code as it is kept, whichever way it was typed."""
    return "".join(letter for letter in str(code or "").upper() if letter in LETTERS)[:60]


def _issue(change, kind, name, grants):
    drawn = "".join(secrets.choice(LETTERS) for _ in range(GROUPS * IN_GROUP))
    until = time.time() + LASTS_S
    invitations.add(change, drawn, kind=kind, name=name, grants=grants, until=until)
    change.note("invited" if kind == "invite" else "reset-offered", subject=name, after=grants)
    return "-".join(drawn[at : at + IN_GROUP] for at in range(0, len(drawn), IN_GROUP))


def _state(row):
    return "expired" if row["state"] == "open" and row["until"] < time.time() else row["state"]


def _usable(row):
    if row is None:
        raise AccountError("inviting-unknown")
    state = _state(row)
    if state != "open":
        raise AccountError(f"inviting-{state}")
    return row
