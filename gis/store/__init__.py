"""The store: records in one transactional database, layers in immutable files named by their content.

Everything that changes goes through `Store.writing`, which is one transaction with one line or more in the
diary; a file is there, whole, before any row names it. Geospatial libraries never open the database.
"""

import datetime
from dataclasses import dataclass, field, replace
from pathlib import Path

import sqlalchemy as sa

from gis.errors import StoreError
from gis.store import audit, engine, marks, schema
from gis.store.checking import barring, check
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
    barred : tuple of Problem
        Why nothing may be written; empty where all is well.
    """

    folder: Path
    url: str = field(repr=False)
    engine: sa.Engine = field(repr=False)
    barred: tuple = ()

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
    lines: list = field(default_factory=list)
    """Number and hash of each line that the change wrote into the diary."""

    @property
    def by(self):
        """The columns `who` and `at`."""
        return {"who": self.who, "at": self.at}

    def note(self, action, *, study=None, subject="", before=None, after=None, moves=True):
        """Write a line into the diary, and count the study's revision up where its judgement may change."""
        if study is not None and moves:
            moved = schema.studies.update().where(schema.studies.c.id == study)
            self.connection.execute(moved.values(revision=schema.studies.c.revision + 1))
        written = audit.append(
            self.connection,
            **self.by,
            action=action,
            study_id=study,
            subject=subject,
            before=before,
            after=after,
        )
        self.lines.append(written)

    def note_all(self, action, rows, *, study):
        """Write a line for each of many changes of a study: rows of ``subject``, ``before`` and ``after``."""
        moved = schema.studies.update().where(schema.studies.c.id == study)
        self.connection.execute(moved.values(revision=schema.studies.c.revision + 1))
        self.lines.extend(audit.append_all(self.connection, rows, **self.by, action=action, study_id=study))

    def remember(self, name, value):
        """Keep a note of the installation."""
        changed = schema.notes.update().where(schema.notes.c.name == name).values(value=value)
        if not self.connection.execute(changed).rowcount:
            self.connection.execute(schema.notes.insert().values(name=name, value=value))


class _Writing:
    def __init__(self, store, who):
        if not (isinstance(who, str) and who.strip()):
            raise StoreError("store-nobody")
        if store.barred:
            raise StoreError(problems=store.barred)
        self.who, self.open, self.folder = who.strip()[:120], engine.writing(store.engine), store.folder

    def __enter__(self):
        connection = self.open.__enter__()
        reached("change-begun")
        self.change = Change(connection, self.who, now())
        return self.change

    def __exit__(self, *failure):
        if failure[0] is None:
            reached("change-made")
        ended = self.open.__exit__(*failure)
        if failure[0] is None:
            reached("change-kept")
            if self.change.lines:
                marks.write(self.folder, self.change.lines[-1])
        return ended


def now():
    """This moment, UTC, as ISO text with seconds."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def recall(connection, name):
    """What the installation remembers under a name; None without it."""
    return connection.execute(sa.select(schema.notes.c.value).where(schema.notes.c.name == name)).scalar()


def open_store(folder, url=None, *, checked=False):
    """Open a store, making it or bringing its tables up to date where needed.

    Parameters
    ----------
    folder : str or Path
        Made when it is not there.
    url : str, optional
        A PostgreSQL database for the records; without it they are an SQLite file in `folder`.
    checked : bool
        Look at all of it first, as `check` does. A store with damaged records can still be viewed as far as
        it reads, and refuses to be written.

    Returns
    -------
    Store

    Raises
    ------
    StoreError
        If the store was written by a newer version of the program, its records are gone or no database at
        all, they cannot be reached, or the folder cannot be written and holds no store.
    """
    folder = Path(folder).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError("store-unreachable", reason=error.strerror or "") from error
    url = url or engine.sqlite_url(folder / RECORDS)
    opened = Store(folder, str(url), engine.make_engine(url))
    try:
        bring_up_to_date(opened)
        return replace(opened, barred=barring(check(opened) if checked else _end_lost(opened)))
    except BaseException:
        opened.close()
        raise


def accept_loss(store, *, who):
    """Go on with records that lost their latest changes, because there is no better copy; told in the diary.

    Returns
    -------
    Store
        The same one, which can be written again unless something else bars it.
    """
    lost = _end_lost(store)
    rest = tuple(problem for problem in store.barred if problem.code != "store-diary-lost")
    mended = replace(store, barred=rest)
    if lost:
        with mended.writing(who) as change:
            change.note("loss-accepted", before={"line": lost[0].arguments["noted"]})
    return mended


def _end_lost(store):
    noted = marks.read(store.folder)
    with store.reading() as connection:
        lost = marks.lost(noted, connection)
    return (lost,) if lost else ()
