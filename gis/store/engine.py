"""The connection to the records: SQLite in a folder by default, PostgreSQL by URL; the same code on both."""

import contextlib

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
    url : str
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


def _sqlite(url):
    engine = sa.create_engine(url, connect_args={"timeout": WAIT_S})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection, _):
        # The driver's own BEGIN comes too late and cannot be IMMEDIATE; `begin` below gives it.
        connection.isolation_level = None
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "trusted_schema = OFF",
        ):
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
        raise StoreError(_code(str(error.orig)), reason=" ".join(str(error.orig).split())[:160]) from error


def _code(text):
    words = {
        "locked": "store-busy",
        "disk is full": "store-full",
        "readonly": "store-read-only",
        "malformed": "store-damaged",
        "not a database": "store-damaged",
        "unable to open": "store-unreachable",
        "connection": "store-unreachable",
    }
    return next((code for word, code in words.items() if word in text), "store-failed")
