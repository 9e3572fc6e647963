"""Which files may come in, and how a file is told by its content."""

import zipfile
from dataclasses import dataclass

from gis.errors import IntakeError

HEAD_BYTES = 65536


@dataclass(frozen=True)
class Format:
    """One kind of file.

    `starts` are the first bytes (any of them); `member` is a file that an archive of this format holds;
    `kind` is what it becomes (vector, table, raster) or "archive"; `driver` opens it; `reader` is the module
    of this folder whose `read` does the work.
    """

    id: str
    kind: str
    extensions: tuple
    driver: str
    reader: str | None
    starts: tuple = ()
    member: str | None = None


FORMATS = (
    Format("gpkg", "vector", (".gpkg",), "GPKG", "geopackage", (b"SQLite format 3\0",)),
    Format("shapefile", "vector", (".shp",), "ESRI Shapefile", "shapefile", (b"\x00\x00\x27\x0a",)),
    Format("geojson", "vector", (".geojson", ".json"), "json", "geojson", (b"{",)),
    Format("xlsx", "table", (".xlsx", ".xlsm"), "calamine", "workbook", (b"PK\x03\x04",), "xl/workbook.xml"),
    Format("ods", "table", (".ods",), "calamine", "workbook", (b"PK\x03\x04",), "content.xml"),
    Format("xls", "table", (".xls",), "calamine", "workbook", (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)),
    Format("csv", "table", (".csv", ".tsv", ".txt"), "csv", "csvtable"),
    Format(
        "geotiff", "raster", (".tif", ".tiff"), "GTiff", "geotiff", (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
    ),
    Format("zip", "archive", (".zip",), "zip", None, (b"PK\x03\x04", b"PK\x05\x06")),
)

SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".cst")
"""The parts that are read; indexes and metadata beside them are not."""

SHAPEFILE_NEEDED = (".shx", ".dbf")

REDIRECTS = (b"<ogrvrtdatasource", b"<vrtdataset", b"<gdal_wms", b"<wcs_gdal", b"ogrwfs")
"""Texts that tell a driver to fetch another file or address."""

BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def format_named(identity):
    """The format with this id."""
    return next(known for known in FORMATS if known.id == identity)


def judge(path, name):
    """The format of a file by its content; the extension only decides whether plain text is a table.

    Parameters
    ----------
    path : Path
        A regular file.
    name : str
        How its owner calls it, for messages and for the extension.

    Returns
    -------
    Format

    Raises
    ------
    IntakeError
        If the file is empty, points to other files, is a damaged archive or of no format known here.
    """
    with open(path, "rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise IntakeError("intake-empty", file=name)
    lowered = head.lower()
    if any(text in lowered or text.decode().encode("utf-16-le") in lowered for text in REDIRECTS):
        raise IntakeError("intake-redirect", file=name)
    text = head.removeprefix(BYTE_ORDER_MARKS[0]).lstrip()
    for known in FORMATS:
        start = text if known.id == "geojson" else head
        if known.starts and start.startswith(known.starts) and _has_member(known, path, name):
            return known
    if _extension(name) in SHAPEFILE_PARTS[1:]:
        raise IntakeError("intake-shapefile-part", file=name)
    if _extension(name) in format_named("csv").extensions and _is_text(head) and not text.startswith(b"<"):
        return format_named("csv")
    raise IntakeError("intake-format-unknown", file=name, extensions=_listed())


def _has_member(known, path, name):
    if known.member is None:
        return True
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        raise IntakeError("intake-zip-damaged", file=name) from None
    if known.id == "ods":
        return known.member in names and names[0] == "mimetype"
    return known.member in names


def _is_text(head):
    return head.startswith(BYTE_ORDER_MARKS) or b"\0" not in head


def _extension(name):
    return name[name.rfind(".") :].lower() if "." in name else ""


def _listed():
    return ", ".join(known.extensions[0] for known in FORMATS)
