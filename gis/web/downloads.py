"""A study as files: data, sheets, shapefile and a map to carry away."""

import csv
import io
import tempfile
from pathlib import Path

from flask import Blueprint

from gis.exports import export
from gis.web import whole
from gis.web.home import ready
from gis.web.payload import pack, pack_json, send
from gis.web.texts import language

FORMATS = {
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": ("csv", "text/csv"),
    "zip": ("shapefile", "application/zip"),
    "gpkg": ("geopackage", "application/geopackage+sqlite3"),
    "geojson": ("geojson", "application/geo+json"),
    "json": ("", "application/json"),
    "html": ("", "text/html"),
}
"""Suffix of the address to the export's name and media type; the data and the map file are no exports."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

pages = Blueprint("downloads", __name__)


@pages.get("/studies/<study_id>.<any(xlsx, csv, zip, gpkg, geojson, json, html):suffix>")
def download(study_id, suffix):
    """The whole study in one file, made once for each state of the data."""
    standing = ready(study_id)
    reader = language()
    payload = standing.prepared((suffix, reader), lambda: exported(standing.review, suffix, reader))
    return send(payload, filename=f"{study_id}.{suffix}")


def exported(review, suffix, reader, *, select=None):
    """The payload of one file; `select` leaves these villages only, in exports."""
    name, mimetype = FORMATS[suffix]
    if suffix == "json":
        return pack_json(whole.everything(review, reader))
    with tempfile.TemporaryDirectory(prefix="langmap-") as folder:
        path = Path(folder) / f"langmap.{suffix}"
        if suffix == "html":
            from gis.maps import save_map  # folium, which most readers never ask for

            save_map(review, path, language=reader)
        else:
            export(review, path, name, language=reader, select=select)
        return pack(path.read_bytes(), mimetype)


def table_file(rows, headings, suffix):
    """A small table as a sheet or CSV; texts are never taken for formulas."""
    if suffix == "csv":
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(headings.values())
        writer.writerows([_harmless(row[name]) for name in headings] for row in rows)
        return pack("\ufeff" + out.getvalue(), FORMATS["csv"][1])
    import xlsxwriter

    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        sheet.write_row(0, 0, list(headings.values()), bold)
        for number, row in enumerate(rows, start=1):
            for column, name in enumerate(headings):
                value = row[name]
                _write_cell(sheet, number, column, value)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(rows), 1), len(headings) - 1)
        sheet.set_column(0, len(headings) - 1, 16)
    return pack(out.getvalue(), FORMATS["xlsx"][1])


def _write_cell(sheet, row, column, value):
    if value is None:
        sheet.write_blank(row, column, None)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, (int, float)):
        sheet.write_number(row, column, round(value, 2))
    else:
        sheet.write_string(row, column, str(value))


def _harmless(value):
    if value is None:
        return ""
    if isinstance(value, float):
        return round(value, 2)
    text = str(value)
    return "'" + text if isinstance(value, str) and text.startswith(FORMULA_STARTS) else text
