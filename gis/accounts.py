"""Who works here: one person at this computer, or people who sign in; and who may do what.

At an address of this computer alone there are no accounts: whoever sits there may do everything, and says a
name once so that every change has a "who". At any other address everybody signs in.
"""

import secrets
import time
import unicodedata
from dataclasses import dataclass

from gis.errors import AccountError, MissingError
from gis.store import PERSON, recall, users

ROLES = ("viewer", "editor", "verifier", "administrator")
ALLOWED = {
    "view": ROLES,
    "import": ("editor", "administrator"),
    "edit_value": ("editor", "administrator"),
    "decide": ("editor", "administrator"),
    "attach": ("editor", "verifier", "administrator"),
    "amend": ("editor", "verifier", "administrator"),
    "verify": ("verifier", "administrator"),
    "manage": ("administrator",),
}
"""Action to the roles that may do it. An editor with communes of their own does so for these only."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")
TRIES, TRIES_S = 10, 900.0
"""So many tries to sign in by one name from one address are looked at in so many seconds."""

SHORTEST, LONGEST, LONGEST_NAME = 10, 200, 60
METHOD = "scrypt:32768:8:1"
DECOY = f"{METHOD}$nobody${'0' * 128}"
"""A hash that no password has; checked where there is no such person, so that both take as long."""

COMMON = (
    "password", "passw0rd", "matkhau", "mậtkhẩu", "qwertyuiop", "asdfghjkl", "iloveyou", "anhyeuem", "langmap",
    "administrator", "admin", "nongthonmoi", "vietnam", "kontum",
)  # fmt: skip
"""What a password must not be, also with digits and signs around it."""

KEY = "session-key"
NOBODY = "–"


@dataclass(frozen=True)
class Account:
    """Somebody who works here.

    Attributes
    ----------
    name : str
        Empty at this computer as long as nobody has said a name.
    role : str
        One of `ROLES`.
    communes : tuple of str
        Communes that an editor may change; empty for all.
    active : bool
        Whether they may sign in.
    stamp : int
        Grows with every new password: sessions opened before it are over.
    """

    name: str
    role: str
    communes: tuple = ()
    active: bool = True
    stamp: int = 0


def may(account, action, *, communes=None):
    """Whether an account may do something.

    Parameters
    ----------
    account : Account
    action : str
        A key of `ALLOWED`.
    communes : iterable of str, optional
        The communes that are touched; None where the whole study is. An editor with communes of their own
        may touch no others, so not a whole study either.
    """
    if not account.active or account.role not in ALLOWED[action]:
        return False
    if action == "view" or account.role != "editor" or not account.communes:
        return True
    return communes is not None and set(communes) <= set(account.communes)


def required(settings):
    """Whether people must sign in: at another address than this computer's own, or behind a proxy."""
    return settings.host not in LOOPBACK or settings.proxy


def add_user(store, name, password, role, *, communes=(), who):
    """Let somebody sign in from now on.

    Parameters
    ----------
    store : Store
    name : str
        At most 60 letters; not that of another account, whichever way its capitals are written.
    password : str
        See `check_new_password`.
    role : str
        One of `ROLES`.
    communes : iterable of str
        Communes that an editor may change; empty for all.
    who : str
        The person who adds them.

    Returns
    -------
    Account

    Raises
    ------
    AccountError
        If the name, the password or the role cannot be used.
    """
    name, communes = _checked_name(name), _checked_communes(communes)
    if role not in ROLES:
        raise AccountError("accounts-role", role=str(role)[:40], known=list(ROLES))
    check_new_password(name, password)
    hashed = _hash(password)
    with store.writing(who) as change:
        if users.get(change.connection, name):
            raise AccountError("accounts-exists", name=name)
        users.add(change, name, hashed, role, communes)
        change.note("user-added", subject=name, after={"role": role, "communes": list(communes)})
    return Account(name, role, communes, True, 1)


def set_password(store, name, password, *, who):
    """Give an account a new password; whoever is signed in by it is not any more.

    Raises
    ------
    MissingError
        If there is no such account.
    AccountError
        If the password cannot be used.
    """
    check_new_password(name, password)
    hashed = _hash(password)
    with store.writing(who) as change:
        row = _existing(change.connection, name)
        users.alter(change, row, password=hashed, ends_sessions=True)
        change.note("user-password", subject=row["name"])


def change_user(store, name, *, who, role=None, communes=None, active=None):
    """Give an account another role or other communes, close it or open it again; its sessions end.

    Raises
    ------
    MissingError
        If there is no such account.
    AccountError
        If the role or communes cannot be used, or no administrator would be left.
    """
    if role is not None and role not in ROLES:
        raise AccountError("accounts-role", role=str(role)[:40], known=list(ROLES))
    given = {"role": role, "active": active}
    given["communes"] = None if communes is None else list(_checked_communes(communes))
    values = {key: value for key, value in given.items() if value is not None}
    with store.writing(who) as change:
        row = _existing(change.connection, name)
        after = row | values
        if _administers(row) and not _administers(after):
            others = [one for one in users.listed(change.connection) if one["name"] != row["name"]]
            if not any(map(_administers, others)):
                raise AccountError("accounts-last", name=row["name"])
        users.alter(change, row, ends_sessions=True, **values)
        change.note(
            "user-changed", subject=row["name"], before={key: row[key] for key in values}, after=values
        )


def end_sessions(store, name):
    """Sign somebody out everywhere, as they asked."""
    with store.writing(name) as change:
        row = _existing(change.connection, name)
        users.alter(change, row, ends_sessions=True)
        change.note("signed-out", subject=row["name"])


def get_account(store, name):
    """The account of a name; None where there is none."""
    with store.reading() as connection:
        row = users.get(connection, tidy(name))
    return row and _account(row)


def list_accounts(store):
    """All accounts, in order of name."""
    with store.reading() as connection:
        return [_account(row) for row in users.listed(connection)]


def has_administrator(store):
    """Whether anybody may manage the accounts."""
    with store.reading() as connection:
        return any(map(_administers, users.listed(connection)))


def check_password(store, name, password, *, address):
    """The account of who signs in.

    Parameters
    ----------
    address : str
        Where the person is, for the limit on tries; it holds over restarts and for all processes of a store.

    Raises
    ------
    AccountError
        ``accounts-wrong``, the same for a wrong password, an unknown name and a closed account, after the
        same work; ``accounts-limit`` after ten tries in fifteen minutes, whatever the password.
    """
    name, password = tidy(name), normal(password)
    key, address = name.casefold(), str(address)[:60]
    with store.writing(name or NOBODY) as change:
        tried = users.count_try(change, key, address, moment=time.time(), most=TRIES, within_s=TRIES_S)
        row = users.get(change.connection, name)
        if tried == TRIES:
            change.note("sign-in-limit", subject=name, after={"address": address})
    if tried > TRIES:
        raise AccountError("accounts-limit", minutes=round(TRIES_S / 60))
    fits = _fits(row["password"] if row else DECOY, password)
    if row is None or not row["active"] or not fits:
        raise AccountError("accounts-wrong")
    with store.writing(row["name"]) as change:
        users.forget_tries(change, key, address)
        change.note("signed-in", subject=row["name"], after={"address": address})
    return _account(row)


def check_new_password(name, password):
    """Raise `AccountError` where a password cannot be used: too short or long, the name, or a common one."""
    password = normal(password)
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountError("accounts-short", least=SHORTEST, most=LONGEST)
    letters = "".join(letter for letter in password.casefold() if letter.isalpha())
    bare = "".join(letter for letter in tidy(name).casefold() if letter.isalpha())
    if (
        len(set(password)) < 4
        or not letters
        or letters == bare
        or tidy(name).casefold() == password.casefold()
    ):
        raise AccountError("accounts-easy")
    if letters in COMMON:
        raise AccountError("accounts-easy")


def person(store):
    """The name of the person at this computer; None as long as nobody has said it."""
    with store.reading() as connection:
        return recall(connection, PERSON)


def name_person(store, name):
    """Remember the name of the person at this computer; the name as it is kept.

    Raises
    ------
    AccountError
        If the name cannot be used.
    """
    name = _checked_name(name)
    with store.writing(name) as change:
        before = recall(change.connection, PERSON)
        if before != name:
            change.remember(PERSON, name)
            change.note("person-named", before=before, after=name)
    return name


def who(store, given=None, *, ask=None):
    """Who makes a change at this computer: as given, else as remembered, else as asked for.

    Parameters
    ----------
    given : str, optional
        Remembered for the next time.
    ask : callable, optional
        ``ask() -> str``, where a person can be asked.

    Raises
    ------
    AccountError
        If nobody can be asked, or the name cannot be used.
    """
    known = None if given else person(store)
    if known:
        return known
    if not given and ask is None:
        raise AccountError("accounts-who")
    return name_person(store, given or ask())


def session_key(store):
    """The key that signs the sessions of a store; made once."""
    with store.reading() as connection:
        found = recall(connection, KEY)
    if found:
        return found
    with store.writing(NOBODY) as change:
        found = recall(change.connection, KEY) or secrets.token_hex(32)
        change.remember(KEY, found)
    return found


def tidy(name):
    """A name as it is kept: composed letters, one space between words, nothing that cannot be seen."""
    text = unicodedata.normalize("NFC", str(name or ""))
    seen = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(seen.split())[: LONGEST_NAME + 1]


def normal(password):
    """A password as it is compared: the same letters typed on another keyboard are the same."""
    return unicodedata.normalize("NFC", str(password or ""))


def _checked_name(name):
    tidied = tidy(name)
    if not tidied or len(tidied) > LONGEST_NAME or not any(map(str.isalnum, tidied)):
        raise AccountError("accounts-name", most=LONGEST_NAME)
    return tidied


def _checked_communes(communes):
    codes = tuple(sorted({tidy(code) for code in communes} - {""}))
    if any(not code.isalnum() or len(code) > 20 for code in codes):
        raise AccountError("accounts-communes", communes=list(codes))
    return codes


def _existing(connection, name):
    row = users.get(connection, tidy(name))
    if row is None:
        raise MissingError("accounts-none", name=tidy(name))
    return row


def _administers(row):
    return row["active"] and row["role"] == "administrator"


def _account(row):
    return Account(row["name"], row["role"], tuple(row["communes"]), row["active"], row["stamp"])


def _hash(password):
    from werkzeug.security import generate_password_hash

    return generate_password_hash(normal(password), METHOD)


def _fits(hashed, password):
    from werkzeug.security import check_password_hash

    return len(password) <= LONGEST and check_password_hash(hashed, password)
