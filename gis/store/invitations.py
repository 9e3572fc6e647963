"""The rows of invitations: codes by which a person makes an account or a new password of their own."""

import hashlib

import sqlalchemy as sa

from gis.errors import MissingError
from gis.store.schema import invitations


def key_of(code):
    """What a code is kept under; nobody who reads the records can use one."""
    return hashlib.sha256(code.encode()).hexdigest()


def add(change, code, *, kind, name, grants, until):
    """A new invitation; an open one for the same name is withdrawn. Its number."""
    table = invitations
    same = (sa.func.lower(table.c.name) == name.lower(), table.c.state == "open", table.c.kind == kind)
    change.connection.execute(table.update().where(*same).values(state="withdrawn"))
    row = {"kind": kind, "name": name, "grants": grants, "until": until, "state": "open"}
    made = change.connection.execute(table.insert().values(key=key_of(code), **row, **change.by))
    return made.inserted_primary_key[0]


def find(connection, code):
    """The invitation of a code as a dict; None without one."""
    asked = sa.select(invitations).where(invitations.c.key == key_of(code))
    row = connection.execute(asked).mappings().first()
    return row and dict(row)


def get(connection, number):
    """An invitation as a dict.

    Raises
    ------
    MissingError
    """
    asked = sa.select(invitations).where(invitations.c.id == number)
    row = connection.execute(asked).mappings().first()
    if row is None:
        raise MissingError("inviting-none", number=number)
    return dict(row)


def listed(connection, limit=200):
    """Invitations as dicts, the latest first."""
    asked = sa.select(invitations).order_by(invitations.c.id.desc()).limit(limit)
    return [dict(row) for row in connection.execute(asked).mappings()]


def close(change, number, state):
    """Say that an open invitation was used or withdrawn; whether it was open still."""
    table = invitations
    closed = table.update().where(table.c.id == number, table.c.state == "open").values(state=state)
    return bool(change.connection.execute(closed).rowcount)
