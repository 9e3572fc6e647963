"""The rows of people who may sign in, and of sign-ins that failed."""

import sqlalchemy as sa

from gis.store.schema import tries, users

KEPT_S = 86_400.0
"""How long a failed sign-in is kept."""


def get(connection, name):
    """A person as a dict, whichever way the capitals of the name are written; None without one."""
    return next((row for row in listed(connection) if row["name"].casefold() == name.casefold()), None)


def listed(connection):
    """All people as dicts, in order of name."""
    return [dict(row) for row in connection.execute(sa.select(users).order_by(users.c.name)).mappings()]


def add(change, name, password, role, area, *, must_change=False):
    """A new person; `password` is its hash, `area` its ``communes``, ``studies`` and ``only_own``."""
    row = {"name": name, "password": password, "role": role, **area, "active": True}
    change.connection.execute(users.insert().values(**row, must_change=must_change, stamp=1, **change.by))


def alter(change, row, *, ends_sessions, **values):
    """Write values into a person's row; with `ends_sessions` nobody stays signed in by that name."""
    stamp = row["stamp"] + 1 if ends_sessions else row["stamp"]
    written = users.update().where(users.c.name == row["name"]).values(stamp=stamp, **values, **change.by)
    change.connection.execute(written)


def count_try(change, name, address, *, moment, most, most_there, within_s):
    """Note one more try to sign in, unless there were `most` already, or `most_there` by all names from there.

    The try is noted before its password is looked at, so that many at once are counted as many.

    Parameters
    ----------
    moment : float
        Now, in seconds of the wall clock. Tries that lie as far ahead as others behind count as well: the
        clock may have been set back.

    Returns
    -------
    int
        How many tries there are with this one; `most` + 1 where it was one too many, by this name or by all.
    """
    change.connection.execute(tries.delete().where(sa.func.abs(tries.c.moment - moment) > KEPT_S))
    there = (tries.c.address == address, sa.func.abs(tries.c.moment - moment) < within_s)
    counted = sa.select(sa.func.count()).select_from(tries).where(*there)
    if change.connection.execute(counted).scalar() >= most_there:
        return most + 1
    found = change.connection.execute(counted.where(tries.c.name == name)).scalar()
    if found < most:
        change.connection.execute(tries.insert().values(name=name, address=address, moment=moment))
    return found + 1


def forget_tries(change, name, address):
    """Forget the tries of one name at one address, after a sign-in."""
    change.connection.execute(tries.delete().where(tries.c.name == name, tries.c.address == address))
