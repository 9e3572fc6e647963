"""Read keys: what a program such as QGIS shows in place of a password, to read for the person who made it.

A key reads what that person may see and changes nothing. Only its hash is kept; it ends when it is revoked or the
account is closed.
"""

import hashlib
import secrets
import time

from gis import accounts
from gis.errors import AccountError, MissingError
from gis.store import keytries, now, recall

NOTE = "read-keys"
"""The note of the installation that holds all keys: hash of the key to whose it is, its number, name and when it was made."""
PREFIX = "lm_"
MOST, LONGEST_NAME = 10, 80


def make_key(store, name, what_for):
    """A new key for somebody; it cannot be seen again.

    Parameters
    ----------
    store : Store
    name : str
        Of the account.
    what_for : str
        What its owner calls it, at most 80 letters.

    Returns
    -------
    str

    Raises
    ------
    AccountError
        If nothing is said of what it is for, or there are `MOST` already.
    """
    what_for = " ".join("".join(one if one.isprintable() else " " for one in str(what_for)).split())
    if not what_for or len(what_for) > LONGEST_NAME:
        raise AccountError("keys-no-name", most=LONGEST_NAME)
    key = PREFIX + secrets.token_urlsafe(32)
    with store.writing(name) as change:
        kept = recall(change.connection, NOTE) or {}
        if sum(row["of"] == name for row in kept.values()) >= MOST:
            raise AccountError("keys-many", most=MOST)
        number = secrets.token_hex(6)
        change.remember(NOTE, kept | {_hash(key): {"of": name, "id": number, "name": what_for, "at": now()}})
        change.note("key-made", subject=name, after={"name": what_for})
    return key


def keys_of(store, name):
    """The keys of an account, the latest first: ``id``, ``name`` and ``at``."""
    with store.reading() as connection:
        kept = recall(connection, NOTE) or {}
    return [row for row in reversed(kept.values()) if row["of"] == name]


def revoke_key(store, name, number):
    """End a key of an account.

    Raises
    ------
    MissingError
        If the account has none of that number.
    """
    with store.writing(name) as change:
        kept = recall(change.connection, NOTE) or {}
        found = next((key for key, row in kept.items() if row["of"] == name and row["id"] == number), None)
        if found is None:
            raise MissingError("keys-unknown")
        change.remember(NOTE, {key: row for key, row in kept.items() if key != found})
        change.note("key-revoked", subject=name, before={"name": kept[found]["name"]})


def account_by_key(store, name, key, *, address):
    """The account that a name and a key belong to.

    A right key costs one look into the records. Wrong ones are counted by name and address as passwords are, and
    after `gis.accounts.TRIES` of them no key is looked at from there for a while.

    Raises
    ------
    AccountError
        ``keys-wrong``, or ``keys-limit``.
    """
    name, address = accounts.tidy(name), str(address)[:60]
    within = {"moment": time.time(), "within_s": accounts.TRIES_S}
    with store.reading() as connection:
        row = (recall(connection, NOTE) or {}).get(_hash(key))
        wrong = keytries.counted(connection, name, address, **within)
    if wrong >= accounts.TRIES:
        raise AccountError("keys-limit", minutes=round(accounts.TRIES_S / 60))
    theirs = row is not None and row["of"].casefold() == name.casefold()
    found = accounts.get_account(store, row["of"]) if theirs else None
    if found is not None and found.active:
        return found
    with store.writing(name or accounts.NOBODY) as change:
        keytries.add(change, name, address, moment=time.time())
        if keytries.counted(change.connection, name, address, **within) == accounts.TRIES:
            change.note("sign-in-limit", subject=name, after={"address": address})
    raise AccountError("keys-wrong")


def _hash(key):
    # Two hundred and fifty-six bits by chance need no slow hash.
    return hashlib.sha256(str(key).encode("utf-8", "replace")).hexdigest()
