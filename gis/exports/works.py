"""The works of a plan as files to hand over, whatever plan: just made, or saved last year."""

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from gis.errors import ExportError
from gis.exports._works import WorksTable, works_table
from gis.exports._works_book import works_book
from gis.exports._works_files import works_csv, works_geojson, works_geopackage, works_shapefile
from gis.exports.xlsx import MIMETYPE
from gis.labels import Label


@dataclass(frozen=True)
class WorksFormat:
    """A format of the works list: what it is called, the end of its name and what the web calls it."""

    label: Label
    suffix: str
    mimetype: str


WORKS_FORMATS = MappingProxyType(
    {
        "xlsx": WorksFormat(
            Label({"vi": "Biểu danh mục công trình (Excel)", "en": "Forms of the works (Excel)"}),
            ".xlsx",
            MIMETYPE,
        ),
        "shapefile": WorksFormat(
            Label({"vi": "Shapefile (tệp zip)", "en": "Shapefile (zip)"}), ".zip", "application/zip"
        ),
        "geopackage": WorksFormat(Label("GeoPackage (QGIS)"), ".gpkg", "application/geopackage+sqlite3"),
        "geojson": WorksFormat(Label("GeoJSON (WGS 84)"), ".geojson", "application/geo+json"),
        "csv": WorksFormat(
            Label({"vi": "Bảng CSV: mỗi công trình một dòng", "en": "CSV, one row a work"}),
            ".csv",
            "text/csv; charset=utf-8",
        ),
    }
)
"""Every format of the works list by its name."""


def write_works(record, path, format=None, *, language="vi"):
    """Write the works of a plan as one file and say what was written.

    Parameters
    ----------
    record : Mapping
        Of a plan, as `gis.plan.record.to_record` gives it or the store keeps it.
    path : path-like
        Replaced only when the new file is whole and has been read back.
    format : str, optional
        Of `WORKS_FORMATS`; by the end of `path` where left out.
    language : str

    Returns
    -------
    ExportReport
        Its `problems` say which works have no place on the map and what could not be held whole.

    Raises
    ------
    ExportError
        If the format is not known or the file could not be written whole; the old one then stays.
    PlanError
        If it is no record of a plan.
    """
    path = Path(path)
    if format is None:
        by_suffix = {one.suffix: name for name, one in WORKS_FORMATS.items()}
        format = by_suffix.get(path.suffix.lower(), path.suffix.lower() or path.name)
    if format not in WORKS_FORMATS:
        raise ExportError("export-no-format", format=format, known=" | ".join(WORKS_FORMATS))
    works = works_table(record, language)
    if format == "xlsx":
        return works_book(works, record, path, language)
    write = {
        "shapefile": works_shapefile,
        "geopackage": works_geopackage,
        "geojson": works_geojson,
        "csv": works_csv,
    }[format]
    return write(works, path, language)


__all__ = ["WORKS_FORMATS", "WorksFormat", "WorksTable", "works_table", "write_works"]
