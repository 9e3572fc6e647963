"""Rows as lines of JSON: the same for every database, so that a backup of one can be put into another."""

import json

import sqlalchemy as sa

from gis.errors import StoreError
from gis.store.schema import metadata

BATCH = 500


def dump(connection):
    """Every row of every table as a line of bytes: table and row; in an order in which they can be put back."""
    for table in metadata.sorted_tables:
        for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings():
            yield line(table.name, row)


def line(*parts):
    """A table and a row as a line of bytes."""
    plain = [dict(part) if not isinstance(part, str) else part for part in parts]
    return (json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def load(connection, lines, *, file):
    """Put rows into empty tables, of whatever state of the tables is there.

    Parameters
    ----------
    lines : iterable of (str, dict)
    file : str
        Where they come from, for the sentence.

    Raises
    ------
    StoreError
        If there is no such table or column, or the rows do not fit each other.
    """
    there = sa.MetaData()
    there.reflect(connection)
    for table in there.tables.values():
        for column in table.columns:
            if isinstance(column.type, sa.JSON):
                column.type.none_as_null = column.nullable
    batch, of = [], None
    try:
        for table, row in lines:
            if of is not None and (table != of or len(batch) == BATCH):
                connection.execute(there.tables[of].insert(), batch)
                batch = []
            batch, of = [*batch, dict(row)], table
        if batch:
            connection.execute(there.tables[of].insert(), batch)
    except (sa.exc.OperationalError, sa.exc.InternalError):
        raise
    except (KeyError, TypeError, ValueError, OverflowError, sa.exc.SQLAlchemyError) as error:
        raise StoreError("archive-damaged", file=file, member="records") from error
    if connection.dialect.name == "postgresql":
        _count_on(connection, there)


def _count_on(connection, there):
    """PostgreSQL counts keys by itself only where it gave them."""
    for table in there.tables.values():
        if "id" in table.c and isinstance(table.c.id.type, sa.Integer):
            highest = connection.execute(sa.select(sa.func.max(table.c.id))).scalar()
            if highest is not None:
                counter = sa.func.pg_get_serial_sequence(table.name, "id")
                connection.execute(sa.select(sa.func.setval(counter, highest)))
