"""The rows of sessions: who is signed in where."""

import hashlib

import sqlalchemy as sa

from gis.store.schema import sessions


def key_of(token):
    """What a session is kept under; of a copy of the records no cookie can be made."""
    return hashlib.sha256(str(token).encode()).hexdigest()


def begin(change, token, name, *, address, agent, moment, lasts_s):
    """A new session; those that are older than any may be are forgotten.

    Parameters
    ----------
    moment, lasts_s : float
        Now, in seconds of the wall clock, and how many seconds a session lasts.
    """
    change.connection.execute(sessions.delete().where(sa.func.abs(sessions.c.begun - moment) > lasts_s))
    row = {"name": name, "address": address[:60], "agent": agent[:300], "begun": moment, "seen": moment}
    change.connection.execute(sessions.insert().values(key=key_of(token), **row))


def get(connection, token):
    """A session as a dict; None where it is over."""
    asked = sa.select(sessions).where(sessions.c.key == key_of(token))
    row = connection.execute(asked).mappings().first()
    return row and dict(row)


def touch(change, token, moment):
    """Note that a session was used."""
    change.connection.execute(sessions.update().where(sessions.c.key == key_of(token)).values(seen=moment))


def listed(connection, name=None):
    """Sessions of one person, or of all, the latest used first."""
    asked = sa.select(sessions).order_by(sessions.c.seen.desc(), sessions.c.key)
    if name is not None:
        asked = asked.where(sessions.c.name == name)
    return [dict(row) for row in connection.execute(asked).mappings()]


def end(change, *, key=None, name=None):
    """End one session by its key, of a person where a name is given, or all of that person; how many."""
    ended = sessions.delete()
    if key is not None:
        ended = ended.where(sessions.c.key == key)
    if name is not None:
        ended = ended.where(sessions.c.name == name)
    return change.connection.execute(ended).rowcount
