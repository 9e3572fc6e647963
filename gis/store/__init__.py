"""The store: records in one transactional database, layers in immutable files named by their content.

Everything that changes goes through `Store.writing`, which is one transaction with one line or more in the
diary; a file is there, whole, before any row names it. Geospatial libraries never open the database.
"""

import datetime
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from gis.errors import StoreError
from gis.store import audit, engine, schema
from gis.store.files import Files
from gis.store.migrate import bring_up_to_date
from gis.store.points import reached

RECORDS = "records.sqlite"
PERSON = "person"
"""Name of the note that says who works at this computer."""


@dataclass(frozen=True)
class Store:
    """An open store; threads may share it, and many processes may open the same one.

    Attributes
    ----------
    folder : Path
        Holds the files, and the records unless they are in another database.
    url : str
        Of the records.
    files : Files
    """

    folder: Path
    url: str
    engine: sa.Engine = field(repr=False)

    @property
    def files(self):
        return Files(self.folder / "files")

    def reading(self):
        """A context manager: a connection that sees one state of the records."""
        return engine.reading(self.engine)

    def writing(self, who):
        """A context manager: a `Change`, kept as a whole when the block ends well, else not at all."""
        return _Writing(self, who)

    def close(self):
        """Let go of all connections."""
        self.engine.dispose()


@dataclass(frozen=True)
class Change:
    """A transaction under way: its connection, and who makes it when."""

    connection: sa.Connection
    who: str
    at: str

    @property
    def by(self):
        """The columns `who` and `at`."""
        return {"who": self.who, "at": self.at}

    def note(self, action, *, study=None, subject="", before=None, after=None):
        """Write a line into the diary, and count the study's revision up."""
        if study is not None:
            moved = schema.studies.update().where(schema.studies.c.id == study)
            self.connection.execute(moved.values(revision=schema.studies.c.revision + 1))
        audit.append(
            self.connection,
            **self.by,
            action=action,
            study_id=study,
            subject=subject,
            before=before,
            after=after,
        )

    def remember(self, name, value):
        """Keep a note of the installation."""
        changed = schema.notes.update().where(schema.notes.c.name == name).values(value=value)
        if not self.connection.execute(changed).rowcount:
            self.connection.execute(schema.notes.insert().values(name=name, value=value))


class _Writing:
    def __init__(self, store, who):
        if not (isinstance(who, str) and who.strip()):
            raise StoreError("store-nobody")
        self.who, self.open = who.strip()[:120], engine.writing(store.engine)

    def __enter__(self):
        connection = self.open.__enter__()
        reached("change-begun")
        return Change(connection, self.who, now())

    def __exit__(self, *failure):
        if failure[0] is None:
            reached("change-made")
        ended = self.open.__exit__(*failure)
        if failure[0] is None:
            reached("change-kept")
        return ended


def now():
    """This moment, UTC, as ISO text with seconds."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def recall(connection, name):
    """What the installation remembers under a name; None without it."""
    return connection.execute(sa.select(schema.notes.c.value).where(schema.notes.c.name == name)).scalar()


def open_store(folder, url=None):
    """Open a store, making it or bringing its tables up to date where needed.

    Parameters
    ----------
    folder : str or Path
        Made when it is not there.
    url : str, optional
        A PostgreSQL database for the records; without it they are an SQLite file in `folder`.

    Returns
    -------
    Store

    Raises
    ------
    StoreError
        If the store was written by a newer version of the program, is damaged, cannot be reached, or the
        folder cannot be written.
    """
    folder = Path(folder).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError("store-unreachable", reason=error.strerror or "") from error
    url = url or f"sqlite:///{(folder / RECORDS).as_posix()}"
    opened = Store(folder, url, engine.make_engine(url))
    bring_up_to_date(opened)
    return opened
