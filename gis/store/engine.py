"""The connection to the records: SQLite in a folder by default, PostgreSQL by URL; the same code on both."""

import contextlib
import json
import os
from pathlib import Path

import sqlalchemy as sa

from gis.errors import StoreError

WAIT_S = 30.0
"""How long a writer waits for another one."""

WRITERS_LOCK = 730_401
"""Key of PostgreSQL's advisory lock that lets one writer in at a time, as SQLite does by itself."""


def make_engine(url):
    """An engine whose transactions are whole, durable and one writer at a time.

    Parameters
    ----------
    url : str or sqlalchemy.URL
        ``sqlite:///…`` or ``postgresql+psycopg://…``.

    Raises
    ------
    StoreError
        If the URL is of neither kind, or the library for it is missing.
    """
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed)
        if parsed.get_backend_name() == "postgresql":
            return sa.create_engine(parsed, isolation_level="READ COMMITTED", pool_pre_ping=True)
    except (sa.exc.ArgumentError, ImportError) as error:
        raise StoreError("store-url", reason=str(error)[:120]) from None
    raise StoreError("store-url", reason=parsed.get_backend_name())


def sqlite_url(path):
    """The URL of a file of records; any letter may stand in its path."""
    return sa.URL.create("sqlite", database=Path(path).as_posix())


ALWAYS = ("foreign_keys = ON", "trusted_schema = OFF", "cell_size_check = ON")
WRITABLE = ("journal_mode = WAL", "synchronous = FULL")


def _sqlite(url):
    path = Path(url.database)
    may_write = os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))
    if not may_write:
        # Where nobody has left a log, nobody writes: the file may be read without the lock that would be
        # a new file in a folder that takes none.
        logged = path.with_name(f"{path.name}-wal").exists()
        query = {"uri": "true", "mode": "ro"} | ({} if logged else {"immutable": "1"})
        url = sa.URL.create("sqlite", database=path.as_uri(), query=query)
    engine = sa.create_engine(url, connect_args={"timeout": WAIT_S})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection, _):
        # The driver's own BEGIN comes too late and cannot be IMMEDIATE; `begin` below gives it.
        connection.isolation_level = None
        for pragma in (*ALWAYS, *(WRITABLE if may_write else ())):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection):
        # A transaction that reads first and writes later would fail when another wrote in between.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextlib.contextmanager
def reading(engine):
    """A connection that sees one state of the records, and changes nothing."""
    with told(), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin() as transaction:
            yield connection
            transaction.rollback()


@contextlib.contextmanager
def writing(engine):
    """A connection whose changes are all kept when the block ends well, and none of them otherwise."""
    with told(), engine.connect() as connection:
        connection = connection.execution_options(writes=True)
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITERS_LOCK)))
            yield connection


@contextlib.contextmanager
def told():
    """What goes wrong in the database as a sentence: busy, full, damaged, read-only."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        said = str(error.orig)
        raise StoreError(_code(said), reason=" ".join(said.split())[:160]) from error
    except sa.exc.TimeoutError as error:
        raise StoreError("store-busy", reason=str(error)[:80]) from error
    except json.JSONDecodeError as error:
        raise StoreError("store-damaged", reason=str(error)[:80]) from error
    except UnicodeEncodeError as error:
        # Half of a letter, as a broken file name may hold.
        raise StoreError("store-failed", reason=f"U+{ord(error.object[error.start]):04X}") from error


WORDS = {
    "locked": "store-busy",
    "lock timeout": "store-busy",
    "disk is full": "store-full",
    "No space left": "store-full",
    "readonly": "store-read-only",
    "read-only": "store-read-only",
    "malformed": "store-damaged",
    "not a database": "store-damaged",
    "unsupported file format": "store-damaged",
    "Could not decode": "store-damaged",
    "invalid page": "store-damaged",
    "unable to open": "store-unreachable",
    "connection": "store-unreachable",
}
"""What the databases say, and what it means."""


def _code(text):
    return next((code for word, code in WORDS.items() if word in text), "store-failed")
