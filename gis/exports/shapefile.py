"""Shapefiles that can be trusted: unique names, whole texts or a list of the cut ones, nothing dropped."""

import math
import unicodedata
import zipfile
from pathlib import Path

import fiona
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from gis.errors import ExportError, Problem
from gis.exports._origin import dictionary, run_table
from gis.exports._report import Cut, ExportReport, same
from gis.exports._text import MOST_BYTES as MOST_TEXT_BYTES
from gis.exports._text import encodable, fit_text
from gis.exports._wide import findings_table, wide_table
from gis.exports.csv_table import write_csv
from gis.files import replacing
from gis.messages import say
from gis.registry import exporter

MOST_BYTES = 2**31 - 1
"""Readers other than GDAL stop at two gigabytes for either file."""

MOST_FIELDS = 255


@exporter(suffix=".zip", mimetype="application/zip", vi="Shapefile (tệp zip)", en="Shapefile (zip)")
def shapefile(review, path, *, language="vi", select=None, encoding=None):
    """A zip of shapefiles in the study's CRS with dictionary, findings and a readme.

    Parameters
    ----------
    review : Review
    path : path-like
    language : str
    select : iterable of str, optional
    encoding : str, optional
        ``"UTF-8"`` or ``"cp1258"``, for programs that know no other Vietnamese.

    Returns
    -------
    ExportReport
        Every text that does not stand in the table as it was is in its `cut`, and in ``cut_texts.csv``.
        Villages without any geometry are in ``no_geometry.csv``.

    Raises
    ------
    ExportError
        If the encoding is another, a file would pass 2 GB, or the zip does not read back as written.
    """
    coding = _coding(encoding)
    path = Path(path)
    wide = wide_table(review, language, select)
    fields = wide.columns[:MOST_FIELDS]
    meaning = dictionary(wide.columns)
    table, cut = fit_table(wide, fields, coding)
    parts = parts_by_kind(wide.geometry, len(table))
    problems = _problems(wide, fields, cut, parts)
    with replacing(path) as fresh:
        folder = fresh.parent
        for name, rows in parts.items():
            if name is not None:
                write_part(folder / f"{name}.shp", table[rows], fields, wide.geometry[rows], coding)
        tables = {
            "dictionary": meaning,
            "findings": findings_table(review, language, select),
            "villages": wide.table,
            "no_geometry": wide.table[parts[None]] if None in parts else None,
            "cut_texts": pd.DataFrame([vars(one) for one in cut]) if cut else None,
        }
        prefixed = [
            write_csv(rows, folder / f"{name}.csv") for name, rows in tables.items() if rows is not None
        ]
        if count := sum(map(len, prefixed)):
            problems += (Problem("export-formula-prefixed", {"count": count}, "note"),)
        (folder / "README.txt").write_bytes(_readme(review, language, problems).encode("utf-8-sig"))
        zip_folder(folder, fresh)
        for name, rows in parts.items():
            if name is not None:
                check_part(fresh, name, table[rows], wide.geometry[rows], coding)
    return ExportReport(path, "shapefile", len(table), (path,), meaning, cut, problems)


def _coding(encoding):
    name = (encoding or "utf-8").lower().replace("_", "-")
    known = {
        "utf-8": "utf-8",
        "utf8": "utf-8",
        "cp1258": "cp1258",
        "1258": "cp1258",
        "windows-1258": "cp1258",
    }
    if name not in known:
        raise ExportError("export-encoding", encoding=encoding, known=["UTF-8", "cp1258"])
    return known[name]


def fit_table(wide, fields, coding, *, key="village_id"):
    """The table under short names with texts as the file can hold them, and what had to change, by column `key`."""
    fitted, cut = {}, []
    ids = wide.table[key]
    for column in fields:
        values = wide.table[column.name]
        if column.kind == "text":
            cells = [fit_text(value, coding) for value in values]
            for village, before, after in zip(ids, values, cells, strict=True):
                if before is not None and unicodedata.normalize("NFC", after) != before.rstrip(" "):
                    why = (
                        "length"
                        if len(encodable(before, coding).encode(coding)) > MOST_TEXT_BYTES
                        else coding
                    )
                    cut.append(Cut(village, column.name, before, why))
            values = pd.Series(
                [None if cell in (None, "") else cell for cell in cells], index=values.index, dtype="object"
            )
        elif column.kind == "number":
            huge = values.abs() >= 1e17
            cut += [
                Cut(village, column.name, repr(float(value)), "number")
                for village, value in zip(ids[huge], values[huge], strict=True)
            ]
            values = values.where(~huge)
        fitted[column.short] = values
    return pd.DataFrame(fitted), tuple(cut)


def parts_by_kind(geometry, count, layer="villages"):
    """Name of each shapefile, None for rows without a shape, to its rows as a mask."""
    if geometry is None:
        return {None: np.ones(count, dtype=bool)}
    kinds = geometry.geom_type.to_numpy()
    groups = {
        "polygon": np.isin(kinds, ["Polygon", "MultiPolygon"]),
        "line": np.isin(kinds, ["LineString", "MultiLineString"]),
        "point": kinds == "Point",
        "multipoint": kinds == "MultiPoint",
    }
    groups = {kind: rows for kind, rows in groups.items() if rows.any()}
    rest = ~np.logical_or.reduce([np.zeros(count, dtype=bool), *groups.values()])
    parts = {layer if len(groups) == 1 else f"{layer}_{kind}": rows for kind, rows in groups.items()}
    return parts | ({None: rest} if rest.any() else {})


def _problems(wide, fields, cut, parts):
    problems = []
    if cut:
        problems.append(Problem("export-text-cut", {"count": len(cut), "most": MOST_TEXT_BYTES}))
    if None in parts:
        names = list(wide.table["name"][parts[None]])
        problems.append(Problem("export-no-geometry", {"count": len(names), "villages": names}))
    if len(wide.columns) > len(fields):
        problems.append(
            Problem("export-fields-left", {"most": MOST_FIELDS, "left": len(wide.columns) - len(fields)})
        )
    return tuple(problems)


def write_part(path, table, fields, shapes, coding):
    """Write rows and their shapes of one kind as a shapefile."""
    properties = {column.short: _field(column, table[column.short], coding) for column in fields}
    _refuse_large(path, table, properties, shapes)
    kind = {"point": "Point", "polygon": "Polygon"}.get(path.stem.rpartition("_")[2])
    kind = kind or shapes.geom_type.iloc[0].removeprefix(
        "Multi" if "Point" not in shapes.geom_type.iloc[0] else ""
    )
    # GDAL in fiona's wheel cannot recode; bytes of cp1258 pass through it as Latin-1 and the .cpg names them.
    options = {"encoding": "UTF-8"} if coding == "utf-8" else {"encoding": "ISO-8859-1"}
    crs = {} if shapes.crs is None else {"crs_wkt": shapes.crs.to_wkt()}
    schema = {"geometry": kind, "properties": properties}
    numbers = {column.short for column in fields if column.kind == "number"}
    with fiona.open(path, "w", driver="ESRI Shapefile", schema=schema, **crs, **options) as file:
        file.writerecords(
            {
                "type": "Feature",
                "geometry": shapely.geometry.mapping(shape),
                "properties": _record(row, numbers, coding),
            }
            for row, shape in zip(table.to_dict("records"), shapes, strict=True)
        )
    if coding == "cp1258":
        path.with_suffix(".cpg").write_text("1258", encoding="ascii")


def _record(row, numbers, coding):
    record = {}
    for name, value in row.items():
        if name in numbers:
            value = None if math.isnan(value) else float(value)
        elif isinstance(value, str) and coding == "cp1258":
            value = value.encode("cp1258").decode("latin-1")
        record[name] = value
    return record


def _field(column, values, coding):
    if column.kind == "flag":
        return "int:1"
    if column.kind == "count":
        return "int:9"
    if column.kind == "number":
        largest = values.abs().max() if values.notna().any() else 0
        return f"float:24.{min(9, 21 - len(str(int(largest))))}"
    widest = max((len(value.encode(coding)) for value in values if value is not None), default=1)
    return f"str:{max(widest, 1)}"


def _refuse_large(path, table, properties, shapes):
    widths = sum(int(kind.split(":")[1].split(".")[0]) for kind in properties.values())
    rows = len(table) * (widths + 1)
    arrays = shapes.to_numpy()
    rings = int(
        shapely.get_num_geometries(arrays).sum()
        + shapely.get_num_interior_rings(shapely.get_parts(arrays)).sum()
    )
    drawn = 100 + len(table) * 52 + 4 * rings + 16 * int(shapely.get_num_coordinates(arrays).sum())
    if max(rows, drawn) > MOST_BYTES:
        raise ExportError("export-too-large", file=path.name, bytes=max(rows, drawn), most=MOST_BYTES)


def _readme(review, language, problems):
    lines = [say("export-readme-title", language), ""]
    lines += [f"{row['label']}: {row['value']}" for row in run_table(review, language).to_dict("records")]
    lines += ["", say("export-readme-files", language), ""]
    lines += [problem.say(language) for problem in problems]
    return "\r\n".join(lines) + "\r\n"


def zip_folder(folder, target):
    """Put all files of a folder into one zip with a fixed date."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in sorted(folder.iterdir()):
            if member != target:
                # A fixed date, so that the same run gives the same file.
                archive.writestr(
                    zipfile.ZipInfo(member.name, (2000, 1, 1, 0, 0, 0)),
                    member.read_bytes(),
                    zipfile.ZIP_DEFLATED,
                )


def check_part(path, name, table, shapes, coding):
    """Raise `ExportError` unless a shapefile of the zip reads back as it was written."""
    with zipfile.ZipFile(path) as archive:
        if archive.testzip() is not None:
            raise ExportError("export-values-differ", file=path.name, column=name)
        note = archive.read(f"{name}.cpg").decode("ascii")
    if note != ("UTF-8" if coding == "utf-8" else "1258"):
        raise ExportError("export-values-differ", file=f"{name}.cpg", column=note)
    found = pyogrio.read_dataframe(
        f"/vsizip/{path}/{name}.shp", encoding="UTF-8" if coding == "utf-8" else "ISO-8859-1"
    )
    if coding == "cp1258":
        for column in found.columns.drop("geometry"):
            if not pd.api.types.is_numeric_dtype(found[column]):
                found[column] = [
                    None if value is None or value != value else value.encode("latin-1").decode("cp1258")
                    for value in found[column]
                ]
    expected = table.reset_index(drop=True)
    same(
        expected.assign(**{c: expected[c].map(_stripped) for c in expected if expected[c].dtype == object}),
        found,
        f"{name}.shp",
    )
    areas = pd.DataFrame({"area": shapes.area.to_numpy()})
    same(areas, pd.DataFrame({"area": gpd.GeoSeries(found.geometry).area.to_numpy()}), f"{name}.shp")


def _stripped(value):
    return value.rstrip(" ") if isinstance(value, str) else value
