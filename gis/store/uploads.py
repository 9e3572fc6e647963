"""Files on their way in: kept under random names until a person accepts or discards them."""

import contextlib
import hashlib
import secrets

import sqlalchemy as sa

from gis.errors import MissingError, StoreError
from gis.store.files import CHUNK_BYTES, check_space, disk_code, flush
from gis.store.points import reached
from gis.store.schema import uploads
from gis.store.studies import get_study

STATES = ("waiting", "read", "refused", "accepted", "discarded")


def receive(store, study_id, name, pieces, *, who, limit_mb, options=None):
    """Keep an upload; nothing of the study changes.

    Parameters
    ----------
    store : Store
    name : str
        How its owner calls it; kept as data, never used as a path.
    pieces : iterable of bytes
        The content as it arrives.
    limit_mb : float
        More than this is refused while it arrives.
    options : Mapping, optional
        How the file is to be read.

    Returns
    -------
    dict
        The row.

    Raises
    ------
    StoreError
        If it is too large or empty, or the disk is full; nothing is left then.
    """
    identity, size, digest = secrets.token_hex(16), 0, hashlib.sha256()
    path = path_of(store, identity)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        check_space(path.parent)
        with open(path, "xb") as sink:
            for piece in pieces:
                size += len(piece)
                if size > limit_mb * 1_000_000:
                    raise StoreError("store-upload-large", file=name, limit_mb=limit_mb)
                digest.update(piece)
                sink.write(piece)
        if not size:
            raise StoreError("store-upload-empty", file=name)
        flush(path)
        reached("upload-written")
        with store.writing(who) as change:
            get_study(change.connection, study_id)
            row = {"id": identity, "study_id": study_id, "file": name, "size": size, "sha256": digest.hexdigest(),
                   "state": "waiting", "options": dict(options or {}), **change.by}  # fmt: skip
            change.connection.execute(uploads.insert().values(**row))
            change.note(
                "upload-received",
                subject=identity,
                after={"file": name, "sha256": row["sha256"], "study": study_id},
            )
        reached("upload-kept")
        return row
    except OSError as error:
        path.unlink(missing_ok=True)
        raise StoreError(disk_code(error), reason=error.strerror or "") from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def path_of(store, identity):
    """Where the bytes of an upload lie."""
    return store.folder / "uploads" / identity


def pieces_of(file):
    """The content of an open file, piece by piece."""
    return iter(lambda: file.read(CHUNK_BYTES), b"")


def get(connection, study_id, identity):
    """An upload as a dict.

    Raises
    ------
    MissingError
    """
    where = (uploads.c.id == str(identity), uploads.c.study_id == study_id)
    row = connection.execute(sa.select(uploads).where(*where)).mappings().first()
    if row is None:
        raise MissingError("store-no-upload", study=study_id)
    return dict(row)


def listed(connection, study_id, states=("waiting", "read", "refused")):
    """Uploads of a study in these states, the latest first."""
    where = (uploads.c.study_id == study_id, uploads.c.state.in_(states))
    rows = connection.execute(
        sa.select(uploads).where(*where).order_by(uploads.c.at.desc(), uploads.c.id)
    ).mappings()
    return [dict(row) for row in rows]


def settle(change, study_id, identity, state, *, options=None, found=None):
    """Record what became of an upload."""
    before = get(change.connection, study_id, identity)
    values = {"state": state} | {k: v for k, v in (("options", options), ("found", found)) if v is not None}
    change.connection.execute(uploads.update().where(uploads.c.id == identity).values(**values))
    change.note(
        f"upload-{state}",
        subject=identity,
        before={"state": before["state"]},
        after={"study": study_id, "options": values.get("options")},
    )


def forget(store, identity):
    """Remove the bytes of an upload that was accepted or discarded."""
    with contextlib.suppress(OSError):
        path_of(store, identity).unlink(missing_ok=True)
