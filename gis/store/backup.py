"""Backup and restore: records and files of a store in one archive, the same for either database."""

import contextlib
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from gis.errors import Problem, StoreError
from gis.files import replacing
from gis.store import RECORDS, Change, audit, engine, marks, migrate, now, records, sweeping, uploads
from gis.store.archive import Archive, Writer
from gis.store.checking import barring, check
from gis.store.files import ENDINGS, Files, disk_code, flush
from gis.store.points import reached
from gis.store.schema import metadata, studies

KIND = "langmap-backup"
ROWS = "records.jsonl"
WAIT_MS = 2000
"""How long `restore` waits for others to let go of the records."""


@dataclass(frozen=True)
class Backup:
    """A backup that was written and read back: where, how large, of how many studies and files.

    `problems` are files that the records name and the store does not have; they are not in the backup.
    """

    path: Path
    octets: int
    studies: int
    files: int
    problems: tuple


@dataclass(frozen=True)
class Restored:
    """What became of a restore: when the backup was made, and under which name the old records are kept aside.

    `aside` is None where there were none.
    """

    made_at: str
    aside: str | None
    problems: tuple


def backup(store, path):
    """Write everything of a store into one file; others may go on writing meanwhile.

    The records are those of one moment. The file is there, whole and read back, or not at all; an older one
    of that name stays until then.

    Raises
    ------
    StoreError
        If the records are damaged.
    ExportError
        If the file cannot be written.
    """
    path = Path(path)
    problems = check(store)
    if barring(problems):
        raise StoreError(problems=barring(problems))
    with replacing(path) as fresh:
        with tempfile.TemporaryFile(dir=fresh.parent) as rows:
            with store.reading() as connection:
                for line in records.dump(connection):
                    rows.write(line)
                wanted = sweeping.named(connection)
                on_the_way = sweeping.named_on_the_way(connection)
                waiting = sorted(sweeping.waiting(connection))
                counted = len(connection.execute(sa.select(studies.c.id)).all())
            reached("backup-records")
            rows.seek(0)
            wanted |= {(name, kind) for name, kind, _ in store.files.all() if name in on_the_way}
            with Writer(fresh, KIND, made_at=now(), revision=migrate.newest()) as archive:
                archive.add(ROWS, uploads.pieces_of(rows))
                files = _add_files(archive, store, wanted, waiting)
        reached("backup-written")
        with Archive(fresh, KIND) as written:
            written.verify()
        octets = fresh.stat().st_size
    reached("backup-kept")
    return Backup(path, octets, counted, files, problems)


def restore(path, folder, url=None, *, who):
    """Put a backup in the place of a store; what was there is kept aside.

    The files of the old store stay where they are, since each is named by its content. Its records are kept
    under another name, in PostgreSQL in another schema.

    Parameters
    ----------
    path : Path
        What `backup` wrote.
    folder : Path
        Of the store; made when it is not there.
    url : str, optional
        As for `open_store`; need not be of the kind that the backup was made from.
    who : str

    Returns
    -------
    Restored

    Raises
    ------
    StoreError
        If the file is no backup, damaged, or of a newer program, if the store is in use, or the disk is full.
        The store is then as it was.
    """
    folder = Path(folder).absolute()
    with Archive(path, KIND) as archive, _disk_told():
        migrate.check_known(str(archive.about.get("revision")))
        folder.mkdir(parents=True, exist_ok=True)
        archive.check_room(folder)
        archive.verify()
        given = _given(archive)
        _take_files(archive, folder, given)
        reached("restore-files")
        put = _into_postgres if url else _into_file
        aside = put(archive, folder, url, who, given)
        reached("restore-kept")
        return Restored(str(archive.about.get("made_at")), aside, given.problems)


@dataclass(frozen=True)
class _Given:
    """The files of a backup by what they are, and what its records name but it does not hold."""

    stored: dict
    uploads: frozenset
    problems: tuple


def _given(archive):
    kinds = {ending: kind for kind, ending in ENDINGS.items()}
    stored, waiting = {}, set()
    for member in archive.members:
        place, _, name = member.rpartition("/")
        if place == "files" and Path(name).suffix in kinds:
            stored[member] = (Path(name).stem, kinds[Path(name).suffix])
        elif place == "uploads" and len(name) == 32:
            waiting.add(name)
        elif member != ROWS:
            raise StoreError("archive-foreign", file=archive.name)
    missing = archive.about.get("missing") or []
    problems = tuple(Problem("backup-without-file", {"content": str(one)[:12]}) for one in missing)
    return _Given(stored, frozenset(waiting), problems)


def _add_files(archive, store, wanted, waiting):
    missing, count = [], 0
    for content, kind in sorted(wanted):
        try:
            path = store.files.path(content, kind)
        except StoreError:
            missing.append(content)
            continue
        archive.add_file(f"files/{content}{ENDINGS[kind]}", path)
        count += 1
    for identity in waiting:
        # Settled since the records were read: its row says so after the restore.
        with contextlib.suppress(FileNotFoundError):
            archive.add_file(f"uploads/{identity}", store.folder / "uploads" / identity)
    archive.about["missing"] = missing
    return count


def _take_files(archive, folder, given):
    files = Files(folder / "files")
    for member, (content, kind) in given.stored.items():
        files.add(archive.pieces(member), kind, content)
    place = folder / "uploads"
    place.mkdir(exist_ok=True)
    for identity in sorted(given.uploads):
        fresh = place / f".new-{secrets.token_hex(8)}"
        try:
            with open(fresh, "wb") as sink:
                for piece in archive.pieces(f"uploads/{identity}"):
                    sink.write(piece)
            flush(fresh)
            os.replace(fresh, place / identity)
        finally:
            fresh.unlink(missing_ok=True)


def _fill(connection, archive, who, given):
    """Make the tables as they were, put the rows in, bring all up to date; the last line of the diary."""
    migrate.upgrade(connection, archive.about["revision"])
    records.load(connection, archive.lines(ROWS), file=archive.name)
    migrate.upgrade(connection)
    broken = audit.broken_at(connection)
    if broken is not None:
        raise StoreError("archive-damaged", file=archive.name, member=f"audit {broken}")
    change = Change(connection, who.strip()[:120] or "–", now())
    table = metadata.tables["uploads"]
    for identity in sorted(sweeping.waiting(connection) - given.uploads):
        connection.execute(table.update().where(table.c.id == identity).values(state="discarded"))
    # Who was signed in then may have left since.
    change.connection.execute(metadata.tables["sessions"].delete())
    change.note("store-restored", after={"made_at": archive.about.get("made_at")})
    return change.lines[-1]


def _into_file(archive, folder, _, who, given):
    target = folder / RECORDS
    fresh = folder / f".restoring-{secrets.token_hex(8)}"
    try:
        made = engine.make_engine(engine.sqlite_url(fresh))
        try:
            with engine.writing(made) as connection:
                line = _fill(connection, archive, who, given)
            reached("restore-records")
            _close_log(made)
        finally:
            made.dispose()
        flush(fresh)
        aside = _set_aside(target)
        marks.write(folder, *marks.read(folder), line)
        reached("restore-aside")
        os.replace(fresh, target)
        flush(folder)
        reached("restore-swapped")
        marks.write(folder, line)
        return aside
    finally:
        for ending in ("", "-wal", "-shm", "-journal"):
            fresh.with_name(fresh.name + ending).unlink(missing_ok=True)


def _set_aside(target):
    """Give the old records a second name, once nobody has them open; that name."""
    logs = [target.with_name(target.name + ending) for ending in ("-wal", "-shm", "-journal")]
    if not target.exists():
        for log in logs:
            log.unlink(missing_ok=True)
        return None
    old = engine.make_engine(engine.sqlite_url(target))
    try:
        _close_log(old)
    except StoreError as error:
        # What is damaged cannot be asked; it is what the restore is for.
        if error.code == "store-busy":
            raise StoreError("store-in-use") from None
    finally:
        old.dispose()
    stamp = "".join(letter for letter in now()[:19] if letter.isdigit())
    aside = target.with_name(f"{sweeping.ASIDE}{stamp}-{secrets.token_hex(2)}.sqlite")
    for log in logs:
        # A log left beside the new records would be written into them.
        if log.exists():
            os.replace(log, aside.with_name(aside.name + log.name.removeprefix(target.name)))
    try:
        os.link(target, aside)
    except OSError:
        shutil.copyfile(target, aside)
    flush(aside)
    return aside.name


def _close_log(of):
    """Write the log into the file and do without one; only who is alone with the records may."""
    try:
        with contextlib.closing(of.raw_connection()) as alone:
            alone.driver_connection.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
            alone.driver_connection.execute("PRAGMA journal_mode = DELETE")
    except of.dialect.loaded_dbapi.Error as error:
        code = "store-busy" if "locked" in str(error) else "store-damaged"
        raise StoreError(code, reason=str(error)[:160]) from error


def _into_postgres(archive, folder, url, who, given):
    made = engine.make_engine(url)
    try:
        with engine.writing(made) as connection:
            aside = _set_schema_aside(connection)
            line = _fill(connection, archive, who, given)
            reached("restore-records")
            marks.write(folder, *marks.read(folder), line)
        marks.write(folder, line)
        return aside
    finally:
        made.dispose()


def _set_schema_aside(connection):
    tables = sa.inspect(connection).get_table_names()
    if not tables:
        return None
    stamp = "".join(letter for letter in now()[:19] if letter.isdigit())
    aside = f"{sweeping.ASIDE.replace('-', '_')}{stamp}_{secrets.token_hex(2)}"
    connection.exec_driver_sql(f"CREATE SCHEMA {aside}")
    for table in [name for name in tables if name in (*metadata.tables, "alembic_version")]:
        connection.exec_driver_sql(f"ALTER TABLE {table} SET SCHEMA {aside}")
    connection.exec_driver_sql(f"ALTER FUNCTION audit_is_append_only() SET SCHEMA {aside}")
    return aside


@contextlib.contextmanager
def _disk_told():
    try:
        yield
    except OSError as error:
        raise StoreError(disk_code(error), reason=error.strerror or str(error)[:120]) from error
