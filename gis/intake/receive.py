"""What the reading child left behind, checked again and made into frames.

Each function takes the folder of one job and the child's answer, and fails with ValueError, TypeError,
KeyError or OSError where the two do not fit.
"""

import dataclasses
import datetime
import json

import numpy as np

from gis.intake.reports import Attachment, FileReport, Foreign, RasterData, Sheets


def foreign(job, answer):
    """The `Foreign` of a layer."""
    import geopandas
    import pyarrow as pa

    report = FileReport.from_json(answer["report"])
    with pa.OSFile(str(job / "attributes.arrow"), "rb") as file:
        layer = pa.ipc.open_file(file).read_all()
    layer.validate(full=True)
    _check_count(layer.num_rows, report)
    crs, report = _crs(report)
    columns = {name: _series(layer.column(name)) for name in layer.schema.names}
    geometry = _shapes(job / "geometry.arrow")
    _check_count(len(geometry), report)
    frame = geopandas.GeoDataFrame(columns, geometry=geometry, crs=crs)
    first = ["source_row", *(name for name in columns if name != "source_row"), "geometry"]
    return Foreign(frame[first], report)


def _shapes(path):
    """The geometries of a layer; batch by batch, so that the bytes never lie in memory beside all of them."""
    import pyarrow as pa
    import shapely

    shapes = [np.empty(0, dtype=object)]
    with pa.OSFile(str(path), "rb") as file:
        batches = pa.ipc.open_file(file)
        for number in range(batches.num_record_batches):
            batch = batches.get_batch(number)
            batch.validate(full=True)
            wkb = batch.column("geometry")
            shapes.append(shapely.from_wkb(wkb.to_numpy(zero_copy_only=False), on_invalid="ignore"))
            if shapely.is_missing(shapes[-1]).sum() != wkb.null_count:
                raise ValueError("geometry that cannot be read")
    return np.concatenate(shapes)


def _crs(report):
    """The CRS of a report, and the report; a text that is no CRS counts as none and the owner is asked."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if report.crs is None:
        return None, report
    try:
        return CRS.from_user_input(report.crs), report
    except CRSError:
        return None, dataclasses.replace(report, crs=None)


def _series(column):
    import pandas as pd
    import pyarrow as pa

    if pa.types.is_int64(column.type):
        return pd.array(column.to_pylist(), dtype="Int64") if column.null_count else column.to_numpy()
    if pa.types.is_float64(column.type) or (pa.types.is_boolean(column.type) and not column.null_count):
        return column.to_numpy()
    if not (pa.types.is_string(column.type) or pa.types.is_boolean(column.type)):
        raise ValueError(column.type)
    return pd.Series(column.to_pylist(), dtype=object)


def sheets(job, answer):
    """The `Sheets` of a table file."""
    report = FileReport.from_json(answer["report"])
    found = json.loads((job / "sheets.json").read_text(encoding="ascii"))
    _check_count(sum(len(rows) for rows in found["sheets"].values()), report)
    merged = {
        name: tuple(
            tuple(int(place) for place in (top, left, bottom, right)) for top, left, bottom, right in ranges
        )
        for name, ranges in found["merged"].items()
    }
    return Sheets(found["sheets"], report, merged)


def raster(job, answer):
    """The `RasterData` of a raster."""
    from affine import Affine

    report = FileReport.from_json(answer["report"])
    array = np.load(job / "raster.npy", allow_pickle=False)
    _check_count(array.shape[0], report)
    crs, report = _crs(report)
    return RasterData(array, Affine(*answer["transform"]), crs, answer["nodata"], report)


KINDS = ("jpg", "png", "heic", "pdf", "docx", "xlsx")
MOST_PREVIEW_BYTES = 60_000


def attachment(job, answer):
    """The `Attachment` of a document or photo."""
    kind, about, preview = answer["kind"], answer["about"], None
    if kind not in KINDS:
        raise ValueError(kind)
    if about is not None:
        about = {
            "width": int(about["width"]),
            "height": int(about["height"]),
            "taken": None if about["taken"] is None else _moment(about["taken"]),
            **{
                name: _within(about[name], most)
                for name, most in (("lon", 180), ("lat", 90), ("accuracy_m", 1e5))
            },
        }
        preview = (job / "preview.jpg").read_bytes()
        if not preview.startswith(b"\xff\xd8\xff") or len(preview) > MOST_PREVIEW_BYTES:
            raise ValueError("preview")
    return Attachment(kind, about, preview, tuple(str(note) for note in answer["notes"]))


def _moment(text):
    return datetime.datetime.fromisoformat(text).isoformat()


def _within(value, most):
    if value is not None and not -most <= float(value) <= most:
        raise ValueError(value)
    return None if value is None else float(value)


def _check_count(found, report):
    if found != report.rows_out:
        raise ValueError(f"{found} rows, {report.rows_out} reported")
