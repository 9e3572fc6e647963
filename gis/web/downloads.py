"""A study as files: data, sheets, shapefile and a map to carry away."""

import tempfile
from pathlib import Path

from flask import Blueprint

from gis.exports import export, list_title, to_xlsx
from gis.exports.csv_table import write_csv
from gis.reaching import judged_far
from gis.web import choosing, whole
from gis.web.guard import Refused
from gis.web.home import PATIENCE_S, RETRY_S, ready
from gis.web.memory import give_back
from gis.web.payload import pack, pack_json, send
from gis.web.texts import language

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {
    "xlsx": ("xlsx", XLSX),
    "csv": ("csv", "text/csv"),
    "zip": ("shapefile", "application/zip"),
    "gpkg": ("geopackage", "application/geopackage+sqlite3"),
    "geojson": ("geojson", "application/geo+json"),
    "json": ("", "application/json"),
    "html": ("", "text/html"),
}
"""Suffix of the address to the export's name and media type; the data and the map file are no exports."""

pages = Blueprint("downloads", __name__)


@pages.get("/studies/<study_id>.<any(xlsx, csv, zip, gpkg, geojson, json, html):suffix>")
def download(study_id, suffix):
    """The whole study in one file, made once for each state of the data."""
    standing = ready(study_id)
    reader = language()
    payload = in_turn(standing, ("study", suffix, reader), lambda: exported(standing.review, suffix, reader))
    return send(payload, filename=f"{study_id}{choosing.in_names()}.{suffix}")


def in_turn(standing, key, make):
    """A large payload, made once for `key`.

    Raises
    ------
    Refused
        503 while others wait for as many as may be made at once.
    """
    try:
        return standing.prepared_in_turn(key, make, wait_s=PATIENCE_S)
    except TimeoutError:
        raise Refused(503, "web-busy", retry_s=RETRY_S) from None


def exported(review, suffix, reader, *, select=None):
    """The payload of one file; `select` leaves these villages only, in exports."""
    name, mimetype = FORMATS[suffix]
    if suffix == "json":
        return pack_json(whole.everything(review, reader))
    with tempfile.TemporaryDirectory(prefix="langmap-") as folder:
        path = Path(folder) / f"langmap.{suffix}"
        if suffix == "html":
            from gis.maps import save_map  # folium, which most readers never ask for

            save_map(review, path, language=reader, far=judged_far(review.study))
        else:
            export(review, path, name, language=reader, select=select)
        give_back()
        return pack(path.read_bytes(), mimetype)


def table_file(rows, headings, suffix, *, title):
    """The payload of one list, by the writers of the exports.

    Parameters
    ----------
    rows : DataFrame
    headings : Mapping of str to str
        Column to its heading; the columns written and their order.
    suffix : str
        ``"csv"`` or ``"xlsx"``.
    title : str
        First line of the sheet; CSV has none.
    """
    with tempfile.TemporaryDirectory(prefix="langmap-") as folder:
        path = Path(folder) / f"langmap.{suffix}"
        if suffix == "csv":
            write_csv(rows[list(headings)].rename(columns=headings), path)
        else:
            to_xlsx(rows, path, title=title, labels=headings, language=language())
        return pack(path.read_bytes(), FORMATS[suffix][1])


def send_list(review, rows, headings, suffix, *, title, name):
    """The response of one list about a judged study; `name` is the file's without its end, the rest as `table_file`.

    Its first line says of which study and run the figures are, and what a reader must know before any.
    """
    payload = table_file(rows, headings, suffix, title=list_title(review, title, language()))
    return send(payload, filename=f"{name}.{suffix}")
