"""GeoParquet: its columns through Arrow alone, its CRS and its geometry column from the `geo` metadata."""

import json

import pyarrow as pa

from gis.errors import IntakeError
from gis.intake.sources import only_layer
from gis.intake.vectors import finish

DEFAULT_CRS = "OGC:CRS84"
"""What the format says where it names no CRS: longitude and latitude."""


def read(source, request, limits):
    """The rows of a GeoParquet file; see `child.read_vector` for what comes back."""
    import pyarrow.parquet as parquet

    only_layer(source)
    try:
        with parquet.ParquetFile(source.path, memory_map=False) as file:
            _check(file, source, limits)
            name, column = _geometry_column(file.metadata.metadata or {}, source.name)
            table = file.read(use_threads=False)
            count = file.metadata.num_rows
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError) as error:
        if isinstance(error, IntakeError):
            raise
        reason = " ".join(str(error).replace(str(source.path), "").split())[:160]
        raise IntakeError("intake-damaged", file=source.name, reason=reason) from None
    if name not in table.schema.names or table.num_rows != count:
        raise IntakeError("intake-damaged", file=source.name, reason=f"{name}, {table.num_rows} / {count}")
    position = table.schema.names.index(name)
    wkb = table.column(position)
    if isinstance(wkb.type, pa.BaseExtensionType):
        wkb = pa.chunked_array([chunk.storage for chunk in wkb.chunks], wkb.type.storage_type)
    if not (pa.types.is_binary(wkb.type) or pa.types.is_large_binary(wkb.type)):
        raise IntakeError("intake-parquet-encoding", file=source.name, encoding=str(wkb.type))
    table = table.remove_column(position)
    rows = list(range(1, count + 1))
    columns = list(zip(table.schema.names, map(_decoded, table.columns), strict=True))
    problems = finish(source, columns, wkb, rows, wanted=request.get("columns"))
    return {
        "layer": source.stem,
        "encoding": "utf-8",
        "crs": _crs(column),
        "rows_in": count,
        "rows_out": len(rows),
        "skipped": [],
        "problems": problems,
    }


def _check(file, source, limits):
    """Refuse what says itself that it is too large, before memory is taken for it."""
    count = file.metadata.num_rows
    if count > limits.reader_rows:
        raise IntakeError("intake-rows", file=source.name, found=count, limit=limits.reader_rows)
    groups = range(file.metadata.num_row_groups)
    if sum(file.metadata.row_group(group).total_byte_size for group in groups) > (
        limits.reader_unpacked_mb * 1_000_000
    ):
        raise IntakeError("intake-zip-large", file=source.name, limit_mb=limits.reader_unpacked_mb)


def _geometry_column(metadata, file):
    """The name of the column that holds the geometry, and what the file says of it."""
    if b"geo" not in metadata:
        raise IntakeError("intake-parquet-plain", file=file)
    geo = json.loads(metadata[b"geo"])
    name = geo["primary_column"]
    column = geo["columns"][name]
    encoding = str(column.get("encoding"))
    if encoding.upper() != "WKB":
        raise IntakeError("intake-parquet-encoding", file=file, encoding=encoding[:40])
    return name, column


def _crs(column):
    """The CRS as text: PROJJSON, the default where the file is silent, None where it says that it has none.

    A bare text is not of the format, and could name a file.
    """
    if "crs" not in column:
        return DEFAULT_CRS
    return json.dumps(column["crs"]) if isinstance(column["crs"], dict) else None


def _decoded(column):
    """A column of repeated values in full; codes and a list of values say the same."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
