"""Who works here: one person at this computer, or people who sign in; and who may do what.

At an address of this computer alone there are no accounts: whoever sits there may do everything, and says a
name once so that every change has a "who". At any other address everybody signs in.
"""

import secrets
import time
import unicodedata
from dataclasses import dataclass

from gis import passwords
from gis.errors import AccountError, MissingError
from gis.store import PERSON, recall, sessions, users

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
TRIES_THERE = 50
"""So many by all names from one address; a whole office may have one."""

LONGEST_NAME = 60
METHOD = "scrypt:32768:8:1"
DECOY = f"{METHOD}$nobody${'0' * 128}"
"""A hash that no password has; checked where there is no such person, so that both take as long."""

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
    studies : tuple of str
        Studies that they see; empty for all.
    only_own : bool
        Whether they see, and change, of these studies only what lies in `communes`.
    must_change : bool
        Somebody else chose the password, so they choose one before they see anything.
    """

    name: str
    role: str
    communes: tuple = ()
    active: bool = True
    stamp: int = 0
    studies: tuple = ()
    only_own: bool = False
    must_change: bool = False

    @property
    def sees_all(self):
        """Whether there is nothing that they do not see."""
        return not (self.studies or self.only_own)

    def sees_study(self, study_id):
        """Whether a study is theirs to see; a frozen version of it is as the study is."""
        return not self.studies or study_id.partition("@")[0] in self.studies


def may(account, action, *, communes=None):
    """Whether an account may do something.

    Parameters
    ----------
    account : Account
    action : str
        A key of `ALLOWED`.
    communes : iterable of str, optional
        The communes that are touched; None where the whole study is. An editor with communes of their own, and
        whoever sees only those, may touch no others, so not a whole study either.
    """
    if not account.active or account.role not in ALLOWED[action]:
        return False
    bound = account.only_own or (account.role == "editor" and account.communes)
    if action == "view" or not bound:
        return True
    return communes is not None and set(communes) <= set(account.communes)


def required(settings):
    """Whether people must sign in: at another address than this computer's own, or behind a proxy."""
    return settings.host not in LOOPBACK or settings.proxy


def add_user(store, name, password, role, *, who, must_change=False, **area):
    """Let somebody sign in from now on.

    Parameters
    ----------
    store : Store
    name : str
        At most 60 letters; not that of another account, whichever way its capitals are written.
    password : str
        See `gis.passwords.check_password`.
    role : str
        One of `ROLES`.
    who : str
        The person who adds them.
    must_change : bool
        Whether they choose another password before they see anything.
    **area
        As `checked_grants` takes it.

    Returns
    -------
    Account

    Raises
    ------
    AccountError
        If the name, the password, the role or the area cannot be used.
    """
    name, grants = checked_name(name), checked_grants(role, **area)
    check_password_of(name, password)
    hashed = hash_password(password)
    with store.writing(who) as change:
        return insert(change, name, hashed, grants, must_change=must_change)


def insert(change, name, hashed, grants, *, must_change=False):
    """Add an account as part of a change.

    Raises
    ------
    AccountError
        If there is one of that name.
    """
    if users.get(change.connection, name):
        raise AccountError("accounts-exists", name=name)
    area = {key: value for key, value in grants.items() if key != "role"}
    users.add(change, name, hashed, grants["role"], area, must_change=must_change)
    change.note("user-added", subject=name, after=grants)
    return _account(users.get(change.connection, name))


def checked_grants(role, *, communes=(), studies=(), only_own=False):
    """What an account is given, as it is kept: ``role``, ``communes``, ``studies`` and ``only_own``.

    Parameters
    ----------
    role : str
        One of `ROLES`.
    communes : iterable of str
        Communes that an editor may change; empty for all.
    studies : iterable of str
        Studies that are seen; empty for all.
    only_own : bool
        Whether only `communes` are seen.

    Raises
    ------
    AccountError
        If the role is not known, a code cannot be one, an administrator would not see everything, or only communes of
        their own would be seen and none is named.
    """
    if role not in ROLES:
        raise AccountError("accounts-role", role=str(role)[:40], known=list(ROLES))
    communes, studies = _checked_communes(communes), _checked_studies(studies)
    if role == "administrator" and (studies or only_own):
        raise AccountError("accounts-chief-area")
    if only_own and not communes:
        raise AccountError("accounts-no-communes")
    return {
        "role": role,
        "communes": list(communes),
        "studies": list(studies),
        "only_own": bool(only_own),
    }


def set_password(store, name, password, *, who, must_change=False):
    """Give an account a new password; whoever is signed in by it is not any more.

    Raises
    ------
    MissingError
        If there is no such account.
    AccountError
        If the password cannot be used, or is the one there was.
    """
    check_password_of(name, password)
    with store.reading() as connection:
        row = existing(connection, name)
    if _fits(row["password"], normal(password)):
        raise AccountError("accounts-same")
    hashed = hash_password(password)
    with store.writing(who) as change:
        renew(change, name, hashed, must_change=must_change)


def renew(change, name, hashed, *, must_change=False):
    """Give an account a new password as part of a change.

    Raises
    ------
    MissingError
        If there is no such account.
    """
    row = existing(change.connection, name)
    users.alter(change, row, password=hashed, must_change=must_change, ends_sessions=True)
    sessions.end(change, name=row["name"])
    change.note("user-password", subject=row["name"])


def change_user(store, name, *, who, active=None, **grants):
    """Give an account another role or area, close it or open it again; its sessions end.

    Parameters
    ----------
    **grants
        As `checked_grants` takes them; what is not given stays.

    Raises
    ------
    MissingError
        If there is no such account.
    AccountError
        If the role or area cannot be used, or no administrator would be left.
    """
    with store.writing(who) as change:
        row = existing(change.connection, name)
        values = {} if active is None else {"active": active}
        if grants:
            kept = {key: row[key] for key in ("role", "communes", "studies", "only_own")}
            values |= checked_grants(**(kept | grants))
            values = {key: value for key, value in values.items() if key in (*grants, "active")}
        after = row | values
        if _administers(row) and not _administers(after):
            others = [one for one in users.listed(change.connection) if one["name"] != row["name"]]
            if not any(map(_administers, others)):
                raise AccountError("accounts-last", name=row["name"])
        users.alter(change, row, ends_sessions=True, **values)
        sessions.end(change, name=row["name"])
        change.note(
            "user-changed", subject=row["name"], before={key: row[key] for key in values}, after=values
        )


def end_sessions(store, name, *, who=None):
    """Sign somebody out everywhere, as they asked or an administrator did."""
    with store.writing(who or name) as change:
        row = existing(change.connection, name)
        users.alter(change, row, ends_sessions=True)
        sessions.end(change, name=row["name"])
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
        same work; ``accounts-limit`` after ten tries in fifteen minutes by one name, or fifty by any from one
        address, whatever the password.
    """
    name, password = tidy(name), normal(password)
    key, address = name.casefold(), str(address)[:60]
    limits = {"most": TRIES, "most_there": TRIES_THERE, "within_s": TRIES_S}
    with store.writing(name or NOBODY) as change:
        tried = users.count_try(change, key, address, moment=time.time(), **limits)
        row = users.get(change.connection, name)
        if tried == TRIES:
            change.note("sign-in-limit", subject=name, after={"address": address})
    if tried > TRIES:
        raise AccountError("accounts-limit", minutes=round(TRIES_S / 60))
    fits = _fits(row["password"] if row else DECOY, password)
    if row is None or not row["active"] or not fits:
        # What stands where a name should may be a password, so an unknown one is not written down.
        known = row["name"] if row else NOBODY
        with store.writing(known) as change:
            change.note("sign-in-refused", subject=known, after={"address": address})
        raise AccountError("accounts-wrong")
    with store.writing(row["name"]) as change:
        users.forget_tries(change, key, address)
        change.note("signed-in", subject=row["name"], after={"address": address})
    return _account(row)


def check_password_of(name, password):
    """Raise `AccountError` where a person cannot have a password, see `gis.passwords.check_password`."""
    passwords.check_password(tidy(name), normal(password))


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
    name = checked_name(name)
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


def checked_name(name):
    """A name as it is kept; `AccountError` where it cannot be one."""
    tidied = tidy(name)
    if not tidied or len(tidied) > LONGEST_NAME or not any(map(str.isalnum, tidied)):
        raise AccountError("accounts-name", most=LONGEST_NAME)
    return tidied


def _checked_communes(communes):
    codes = tuple(sorted({tidy(code) for code in communes} - {""}))
    if any(not code.isalnum() or len(code) > 20 for code in codes):
        raise AccountError("accounts-communes", communes=list(codes))
    return codes


def _checked_studies(studies):
    ids = tuple(sorted({tidy(study) for study in studies} - {""}))
    if any(len(study) > 120 or "@" in study or "/" in study for study in ids):
        raise AccountError("accounts-studies", studies=list(ids))
    return ids


def existing(connection, name):
    """The row of an account; `MissingError` where there is none."""
    row = users.get(connection, tidy(name))
    if row is None:
        raise MissingError("accounts-none", name=tidy(name))
    return row


def _administers(row):
    return row["active"] and row["role"] == "administrator"


def _account(row):
    return Account(
        row["name"],
        row["role"],
        tuple(row["communes"]),
        row["active"],
        row["stamp"],
        tuple(row["studies"]),
        row["only_own"],
        row["must_change"],
    )


def hash_password(password):
    """What is kept of a password."""
    from werkzeug.security import generate_password_hash

    return generate_password_hash(normal(password), METHOD)


def _fits(hashed, password):
    from werkzeug.security import check_password_hash

    return len(password) <= passwords.LONGEST and check_password_hash(hashed, password)
