"""Tiles of an ``.mbtiles`` file: one SQLite table of pictures, opened for reading and trusted with nothing.

Such a file may hold any schema: endless queries behind a view, triggers, huge values. So each opening allows plain
reading only, and ends after a moment.
"""

import sqlite3
import time
from contextlib import contextmanager
from urllib.parse import quote

from gis.basemaps.tiles import DEEPEST, MOST_TILE_BYTES, WORLD, checked, kind_of_picture
from gis.errors import IntakeError

MOST_S = 0.7
STEPS = 2000
"""Instructions of the database between two looks at the clock."""
MAGIC = b"SQLite format 3\0"
READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}
PLAIN_FUNCTIONS = {"min", "max"}
TILE = "select tile_data from tiles where zoom_level = ? and tile_column = ? and tile_row = ? limit 1"


def open_mbtiles(path):
    """What a file is and how to ask it for tiles.

    Parameters
    ----------
    path : Path

    Returns
    -------
    about : About
    tile : callable
        ``tile(z, x, y)`` gives the bytes of a picture, y counted from the north; None where the file has none.

    Raises
    ------
    IntakeError
        If it is no such file, is damaged or too slow, or its tiles are no pictures.
    """
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise IntakeError("basemap-not-mbtiles", file=path.name)
    try:
        with _opened(path) as connection:
            told = dict(_texts(connection))
            if told.get("format", "").lower() in ("pbf", "mvt"):
                raise IntakeError("basemap-vector", file=path.name)
            known = "minzoom" in told and "maxzoom" in told
            levels = (told["minzoom"], told["maxzoom"]) if known else _levels(connection)
            one = connection.execute(
                "select zoom_level, tile_column, tile_row, tile_data from tiles limit 1"
            ).fetchone()
            if one is None:
                raise IntakeError("basemap-empty", file=path.name)
            if not isinstance(one[3], bytes) or kind_of_picture(one[3]) is None:
                raise IntakeError("basemap-vector", file=path.name)
            # a table without an index answers the first row at once and the last one never
            connection.execute(TILE, (one[0], one[1], one[2])).fetchone()
            connection.execute(TILE, (DEEPEST, -1, -1)).fetchone()
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            raise IntakeError("basemap-slow", file=path.name) from None
        raise IntakeError("basemap-damaged", file=path.name) from None
    bounds = told["bounds"].split(",") if told.get("bounds") else WORLD
    about = checked(
        path.name,
        title=told.get("name"),
        credit=told.get("attribution"),
        least=levels[0],
        most=levels[1],
        bounds=bounds,
    )

    def tile(z, x, y):
        try:
            with _opened(path) as connection:
                row = connection.execute(TILE, (z, x, 2**z - 1 - y)).fetchone()
        except sqlite3.Error:
            return None
        return row[0] if row and isinstance(row[0], bytes) else None

    return about, tile


@contextmanager
def _opened(path):
    # immutable: no lock, no journal and no other file beside it is looked at
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    connection = sqlite3.connect(address, uri=True, isolation_level=None)
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_TILE_BYTES)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.execute("pragma trusted_schema = off")
        connection.execute("pragma cell_size_check = on")
        connection.set_authorizer(_only_reading)
        end = time.monotonic() + MOST_S
        connection.set_progress_handler(lambda: time.monotonic() > end, STEPS)
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        yield connection
    finally:
        connection.close()


def _only_reading(action, first, second, *_):
    """Reading columns and nothing else; no recursion, without which no query is endless by itself."""
    if action in READING or (action == sqlite3.SQLITE_FUNCTION and second in PLAIN_FUNCTIONS):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _texts(connection):
    """Names and values that the file gives about itself; a file without them is still a map."""
    try:
        rows = connection.execute("select name, value from metadata limit 200").fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            raise
        return []
    return [(str(name), str(value)) for name, value in rows if isinstance(name, str) and value is not None]


def _levels(connection):
    return connection.execute("select min(zoom_level), max(zoom_level) from tiles").fetchone()
