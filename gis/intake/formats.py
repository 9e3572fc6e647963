"""Which files may come in, and how a file is told by its content."""

import re
import zipfile
from dataclasses import dataclass

from gis.errors import IntakeError

HEAD_BYTES = 65536


@dataclass(frozen=True)
class Format:
    """One kind of file.

    `starts` are the first bytes (any of them); `pattern` is looked for at the start of the content without
    white space, byte order mark or XML declaration and comments; `member` is a file that an archive of this
    format holds; `kind` is what it becomes (vector, table, raster) or "archive"; `driver` opens it; `reader`
    is the module of this folder whose `read` does the work. Of a format in several files `parts` are all
    extensions that are read, the main one first, and `needed` those without which it is no use.
    """

    id: str
    kind: str
    extensions: tuple
    driver: str
    reader: str | None
    starts: tuple = ()
    member: str | None = None
    pattern: str | None = None
    parts: tuple = ()
    needed: tuple = ()


FORMATS = (
    Format("gpkg", "vector", (".gpkg",), "GPKG", "geopackage", (b"SQLite format 3\0",)),
    Format(
        *("shapefile", "vector", (".shp",), "ESRI Shapefile", "shapefile", (b"\x00\x00\x27\x0a",)),
        parts=(".shp", ".shx", ".dbf", ".prj", ".cpg", ".cst"),
        needed=(".shx", ".dbf"),
    ),
    Format("geojson", "vector", (".geojson", ".json"), "json", "geojson", (b"{",)),
    Format("kml", "vector", (".kml",), "xml", "kml", pattern=r"<(?:\w+:)?kml[\s>]"),
    Format("gpx", "vector", (".gpx",), "xml", "gpx", pattern=r"<(?:\w+:)?gpx[\s>]"),
    Format(
        *("mif", "vector", (".mif",), "MapInfo File", "mapinfo"),
        pattern=r"version\s+\d+\s*[\r\n]",
        parts=(".mif", ".mid"),
        needed=(".mid",),
    ),
    Format(
        *("tab", "vector", (".tab",), "MapInfo File", "mapinfo"),
        pattern=r"!table\s*[\r\n]",
        parts=(".tab", ".dat", ".map", ".id", ".ind", ".dbf"),
        needed=(".map", ".id"),
    ),
    Format("flatgeobuf", "vector", (".fgb",), "FlatGeobuf", "flatgeobuf", (b"fgb\x03fgb",)),
    Format(
        "dxf", "vector", (".dxf",), "DXF", "dxf", pattern=r"(?:999\s*\n[^\n]*\n\s*)*0\s*\r?\n\s*SECTION\b"
    ),
    Format("geoparquet", "vector", (".parquet", ".geoparquet"), "parquet", "geoparquet", (b"PAR1",)),
    Format("osm", "vector", (".osm.pbf", ".pbf"), "OSM", "osm"),
    Format("xlsx", "table", (".xlsx", ".xlsm"), "calamine", "workbook", (b"PK\x03\x04",), "xl/workbook.xml"),
    Format("ods", "table", (".ods",), "calamine", "workbook", (b"PK\x03\x04",), "content.xml"),
    Format("xls", "table", (".xls",), "calamine", "workbook", (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)),
    Format("csv", "table", (".csv", ".tsv", ".txt"), "csv", "csvtable"),
    Format(
        "geotiff", "raster", (".tif", ".tiff"), "GTiff", "geotiff", (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
    ),
    Format("gzip", "archive", (".gz",), "gzip", None, (b"\x1f\x8b\x08",)),
    Format("zip", "archive", (".zip", ".kmz"), "zip", None, (b"PK\x03\x04", b"PK\x05\x06")),
)
"""The one list of what comes in. `driver` is a library's own name where a library opens the file: "json" and
"xml" are the standard library, which follows nothing a file points to."""

REDIRECTS = (b"<ogrvrtdatasource", b"<vrtdataset", b"<gdal_wms", b"<wcs_gdal", b"ogrwfs")
"""Texts that tell a driver to fetch another file or address."""

BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
BEFORE_ROOT = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
OSM_HEADER = b"\x0a\x09OSMHeader"
"""A block of the kind "OSMHeader", after four bytes that give the length of this."""


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
    if _extension(name) == ".shx":
        # It begins like the .shp that it belongs to.
        _explain_part(name)
    for known in FORMATS:
        start = text if known.id == "geojson" else head
        if known.starts and start.startswith(known.starts) and _has_member(known, path, name):
            return known
    if head[4:].startswith(OSM_HEADER):
        return format_named("osm")
    letters = _letters(head)
    for known in FORMATS:
        if known.pattern and re.match(known.pattern, letters, re.IGNORECASE):
            return known
    if re.match(r"<!doctype\s+(?:\w+:)?(?:kml|gpx)\b", letters, re.IGNORECASE):
        raise IntakeError("intake-xml-doctype", file=name)
    _explain_part(name)
    if _extension(name) in format_named("csv").extensions and _is_text(head) and not text.startswith(b"<"):
        return format_named("csv")
    raise IntakeError("intake-format-unknown", file=name, extensions=_listed())


def parts_of(extension):
    """The format in several files that has a part with this extension besides its main one, or None."""
    return next((known for known in FORMATS if extension in known.parts[1:]), None)


def _explain_part(name):
    whole = parts_of(_extension(name))
    if whole is not None and whole.id == "shapefile":
        raise IntakeError("intake-shapefile-part", file=name)
    if whole is not None:
        raise IntakeError("intake-part", file=name, main=whole.parts[0])


def _letters(head):
    """The start of a text as it is told by; XML in UTF-16 counts too."""
    wide = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(head[:2], "utf-8")
    letters = head[:8192].decode(wide, "replace").lstrip("\ufeff")
    return letters[BEFORE_ROOT.match(letters).end() :]


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
