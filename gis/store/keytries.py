"""The rows of wrong read keys, among those of sign-ins that failed."""

import sqlalchemy as sa

from gis.store.schema import tries


def counted(connection, name, address, *, moment, within_s):
    """How many wrong keys by a name from an address count at a moment.

    Parameters
    ----------
    moment : float
        Now, in seconds of the wall clock; tries as far ahead count as well, for the clock may have been set back.
    """
    where = (
        tries.c.name == _key(name),
        tries.c.address == address,
        sa.func.abs(tries.c.moment - moment) < within_s,
    )
    return connection.execute(sa.select(sa.func.count()).select_from(tries).where(*where)).scalar()


def add(change, name, address, *, moment):
    """Note one more."""
    change.connection.execute(tries.insert().values(name=_key(name), address=address, moment=moment))


def _key(name):
    # no name of a person begins so: their passwords are counted by themselves
    return f"\x1fkey {name.casefold()}"
