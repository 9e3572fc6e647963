"""FlatGeobuf: one layer, its rows in the order of the file, which its writer may have changed."""

from gis.errors import IntakeError
from gis.intake.sources import only_layer
from gis.intake.vectors import finish


def read(source, request, limits):
    """The features of a FlatGeobuf file; see `child.read_vector` for what comes back."""
    from gis.intake.drivers import layer_info, read_vector

    found = layer_info(source.path, source.name, source.format.driver)
    only_layer(source, found["layer_name"])
    count = found["features"]
    if count > limits.reader_rows:
        raise IntakeError("intake-rows", file=source.name, found=count, limit=limits.reader_rows)
    meta, table, wkb = read_vector(source.path, source.name, source.format.driver)
    if count >= 0 and table.num_rows != count:
        raise IntakeError("intake-damaged", file=source.name, reason=f"{table.num_rows} / {count}")
    rows = list(range(1, table.num_rows + 1))
    columns = list(zip(table.schema.names, table.columns, strict=True))
    problems = finish(source, columns, wkb, rows, wanted=request.get("columns"))
    return {
        "layer": source.stem,
        "encoding": "utf-8",
        "crs": meta["crs"],
        "rows_in": len(rows),
        "rows_out": len(rows),
        "skipped": [],
        "problems": problems,
    }
