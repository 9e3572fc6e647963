"""GeoPackages: base tables only. Views, triggers and foreign virtual tables are cut out of the copy first."""

import sqlite3
import time

from gis.errors import IntakeError, Problem
from gis.intake.vectors import finish

QUERY_SECONDS = 2.0
STEPS = 5000
"""How many steps of a query lie between two looks at the clock."""


def read(source, request, limits):
    """The features of one layer of a GeoPackage; see `child.read_vector` for what comes back."""
    from gis.intake.drivers import read_vector

    try:
        with _opened(source, "ro") as database:
            left_out = _views(database)
            layer = _chosen(database, source)
            count = _count(database, layer)
        if count > limits.reader_rows:
            raise IntakeError("intake-rows", file=source.name, found=count, limit=limits.reader_rows)
        _strip(source, layer)
    except (sqlite3.Error, UnicodeDecodeError, MemoryError) as error:
        code = "intake-gpkg-slow" if "interrupted" in str(error) else "intake-damaged"
        raise IntakeError(code, file=source.name, reason=str(error)[:160], seconds=QUERY_SECONDS) from None
    meta, table, wkb = read_vector(
        source.path, source.name, source.format.driver, layer=layer, LIST_ALL_TABLES="NO"
    )
    if table.num_rows != count:
        raise IntakeError("intake-damaged", file=source.name, reason=f"{table.num_rows} / {count}")
    rows = list(range(1, count + 1))
    problems = finish(
        source,
        list(zip(table.schema.names, table.columns, strict=True)),
        wkb,
        rows,
        wanted=request.get("columns"),
        restore=True,
        asked=request.get("encoding"),
    )
    if left_out:
        problems.append(Problem("intake-gpkg-views", {"file": source.name, "views": left_out}, "note"))
    return {
        "layer": layer,
        "encoding": "utf-8",
        "crs": meta["crs"],
        "rows_in": count,
        "rows_out": table.num_rows,
        "skipped": [],
        "problems": problems,
    }


class _opened:
    """A guarded connection: nothing the file brings along is trusted, and each query has two seconds."""

    def __init__(self, source, mode):
        self.uri = f"{source.path.resolve().as_uri()}?mode={mode}"

    def __enter__(self):
        self.database = sqlite3.connect(self.uri, uri=True, isolation_level=None)
        deadline = time.monotonic() + QUERY_SECONDS
        self.database.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
        self.database.execute("PRAGMA trusted_schema = OFF")
        self.database.execute("PRAGMA cell_size_check = ON")
        return self.database

    def __exit__(self, *_):
        self.database.close()


def _base_tables(database):
    found = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    return {name for name, sql in found if sql and not _is_virtual(sql)}


def _is_virtual(sql):
    return sql.split(None, 2)[1].upper() == "VIRTUAL" if len(sql.split(None, 2)) > 1 else False


def _views(database):
    return [
        name
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name")
    ]


def _chosen(database, source):
    base = _base_tables(database)
    if not {"gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"} <= base:
        raise IntakeError("intake-gpkg-foreign", file=source.name)
    listed = (
        "SELECT c.table_name FROM gpkg_contents c JOIN gpkg_geometry_columns g ON c.table_name = g.table_name"
    )
    layers = [
        name
        for (name,) in database.execute(f"{listed} WHERE c.data_type = 'features' ORDER BY 1")
        if name in base
    ]
    if source.pick is not None:
        if source.pick not in layers:
            raise IntakeError("intake-layer-missing", file=source.name, layer=source.pick, layers=layers)
        return source.pick
    if not layers:
        raise IntakeError("intake-layers-none", file=source.name)
    if len(layers) > 1:
        raise IntakeError("intake-layers", file=source.name, layers=layers)
    return layers[0]


def _count(database, layer):
    quoted = layer.replace('"', '""')
    return database.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0]


def _strip(source, layer):
    """Leave in the copy only what the layer needs; drivers look at everything listed when they open it."""
    with _opened(source, "rw") as database:
        database.execute("PRAGMA journal_mode = DELETE")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA writable_schema = ON")
        database.execute(
            "DELETE FROM sqlite_master WHERE type IN ('view', 'trigger')"
            " OR (type = 'table' AND sql LIKE 'CREATE%VIRTUAL%TABLE%')"
        )
    # A new connection, since the old one still knows the triggers.
    with _opened(source, "rw") as database:
        base = _base_tables(database)
        for table in ("gpkg_contents", "gpkg_geometry_columns", "gpkg_extensions", "gpkg_ogr_contents"):
            if table in base:
                database.execute(f"DELETE FROM {table} WHERE table_name IS NOT ?", (layer,))
        if "gpkg_extensions" in base:
            database.execute("DELETE FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index'")
        if "gpkg_ogr_contents" in base:
            database.execute("DELETE FROM gpkg_ogr_contents")
