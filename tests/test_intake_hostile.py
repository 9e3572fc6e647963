"""The reading door with hostile files: nothing is fetched or read besides, and all ends in a sentence.

The reader runs without its network namespace here, so that a request would reach the listener: the other
locks must hold on their own.
"""

import json
import os
import signal
import socket
import sqlite3
import stat
import struct
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
from affine import Affine
from shapely.geometry import Point, Polygon

from gis.errors import IntakeError
from gis.intake import Reader
from gis.settings import Settings

CANARY = "CANARY-of-another-project"
CANARY_HEIGHT = 7777


class Listener:
    """Counts who connects to a port of this machine, and answers with a body."""

    def __init__(self):
        self.requests = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(1)
                try:
                    self.requests.append(connection.recv(500))
                    connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                except OSError:
                    pass

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(5)


@pytest.fixture(scope="module")
def listener():
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture(autouse=True)
def nothing_is_fetched(request):
    """After every test here that has a listener: nobody has called it."""
    yield
    if "listener" in request.fixturenames:
        assert request.getfixturevalue("listener").requests == []


@pytest.fixture(scope="module")
def canary(tmp_path_factory):
    """Folder of another project, whose content must never come out."""
    folder = tmp_path_factory.mktemp("other-project")
    (folder / "secret.csv").write_text(f"name,x,y\n{CANARY},1,2\n")
    secret = geopandas.GeoDataFrame({"name": [CANARY]}, geometry=[Point(1, 2)], crs=4326)
    secret.to_file(folder / "secret.geojson", engine="pyogrio")
    raster(folder / "secret.tif", np.full((4, 4), CANARY_HEIGHT, dtype="int16"))
    return folder


@pytest.fixture(scope="module")
def reader():
    with Reader(Settings(reader_namespace=False, reader_seconds=30)) as reader:
        yield reader


def raster(path, array, **options):
    height, width = array.shape
    profile = {"driver": "GTiff", "height": height, "width": width, "count": 1, "dtype": array.dtype}
    profile |= {"crs": "EPSG:32648", "transform": Affine(10, 0, 500000, 0, -10, 1600000)}
    with rasterio.open(path, "w", **(profile | options)) as file:
        if height * width < 1e6:
            file.write(array, 1)
    return path


def refused(call, *arguments, code=None, **options):
    """The error of a call that must fail, with a sentence in both languages."""
    with pytest.raises(IntakeError) as caught:
        call(*arguments, **options)
    error = caught.value
    if code is not None:
        assert error.code == code, error.say("en")
    for language in ("vi", "en"):
        said = error.say(language)
        assert error.code not in said and "{" not in said and CANARY not in said, said
    return error


def zip_with(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in members:
            archive.writestr(name, octets)
    return path


# Files that point elsewhere (facts 1 to 3)


def redirects(listener, canary):
    """Texts that make a driver read another file or send a request."""
    geometry = "<GeometryType>wkbPoint</GeometryType>"
    vector = "<OGRVRTDataSource><OGRVRTLayer name='{layer}'><SrcDataSource>{source}</SrcDataSource>{rest}"
    ends = "</OGRVRTLayer></OGRVRTDataSource>"
    band = "<VRTRasterBand dataType='Int16' band='1'><SimpleSource><SourceFilename>{source}</SourceFilename>"
    band += "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
    start = "<VRTDataset rasterXSize='4' rasterYSize='4'>"
    raw = "<VRTRasterBand dataType='Byte' band='1' subClass='VRTRawRasterBand'><SourceFilename>/etc/passwd"
    raw += "</SourceFilename></VRTRasterBand></VRTDataset>"
    remote = f"/vsicurl/{listener.address}/x.geojson"
    return {
        "vrt-file": vector.format(layer="secret", source=canary / "secret.geojson", rest=geometry) + ends,
        "vrt-passwd": vector.format(layer="passwd", source="CSV:/etc/passwd", rest="") + ends,
        "vrt-remote": vector.format(layer="x", source=remote, rest=geometry) + ends,
        "vrt-raster": start + band.format(source=canary / "secret.tif"),
        "vrt-raster-remote": start + band.format(source=f"/vsicurl/{listener.address}/x.tif"),
        "vrt-raw": start + raw,
        "wms": f"<GDAL_WMS><Service name='TMS'><ServerUrl>{listener.address}</ServerUrl></Service>",
        "wcs": f"<WCS_GDAL><ServiceURL>{listener.address}/?</ServiceURL></WCS_GDAL>",
        "wfs": f"<OGRWFSDataSource><URL>{listener.address}/wfs</URL></OGRWFSDataSource>",
    }


KINDS = (
    "vrt-file",
    "vrt-passwd",
    "vrt-remote",
    "vrt-raster",
    "vrt-raster-remote",
    "vrt-raw",
    "wms",
    "wcs",
    "wfs",
)
EXTENSIONS = (
    *(".gpkg", ".geojson", ".json", ".shp", ".csv", ".txt", ".xlsx", ".tif", ".vrt", ".fgb", ".kml", ".gpx"),
    *(".dxf", ".mif", ".tab", ".parquet", ".osm.pbf"),
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_points_elsewhere_is_refused_by_any_name(reader, listener, canary, tmp_path, kind):
    text = redirects(listener, canary)[kind]
    for extension in EXTENSIONS:
        path = tmp_path / f"a{extension}"
        for content in (text, "\ufeff<?xml version='1.0'?>\n" + text):
            path.write_text(content, encoding="utf-8")
            for call in (reader.vector, reader.table, reader.raster):
                refused(call, path, code="intake-redirect")
        path.write_text(text, encoding="utf-16")
        refused(reader.vector, path, code="intake-redirect")
        # Beyond the part that is searched the content still is of no format that is read.
        path.write_text(f"<!--{' ' * 70000}-->{text}", encoding="utf-8")
        for call in (reader.vector, reader.table, reader.raster):
            refused(call, path)


@pytest.mark.parametrize("kind", ["vrt-file", "vrt-remote", "vrt-raster"])
def test_a_file_that_points_elsewhere_is_refused_inside_an_archive(reader, listener, canary, tmp_path, kind):
    text = redirects(listener, canary)[kind]
    for extension, call in ((".geojson", reader.vector), (".gpkg", reader.vector), (".tif", reader.raster)):
        path = zip_with(tmp_path / f"{kind}{extension}.zip", [(f"a{extension}", text)])
        refused(call, path, code="intake-redirect")
    parts = [(f"a{part}", text) for part in (".shp", ".shx", ".dbf")]
    refused(reader.vector, zip_with(tmp_path / "parts.zip", parts), code="intake-redirect")


@pytest.mark.parametrize("kind", ["link", "url", "EPSG"])
def test_a_crs_link_in_geojson_is_dropped_and_not_followed(reader, listener, tmp_path, kind):
    crs = {
        "type": kind,
        "properties": {"href": f"{listener.address}/crs", "url": listener.address, "type": "ogcwkt"},
    }
    path = tmp_path / "a.geojson"
    point = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2]}}
    path.write_text(
        json.dumps({"type": "FeatureCollection", "crs": crs, "features": [{**point, "crs": crs}]})
    )
    found = reader.vector(path)
    assert found.frame.crs is None and len(found.frame) == 1
    assert [problem.code for problem in found.report.problems] == ["intake-geojson-crs-dropped"]


def test_a_prj_that_holds_an_address_is_no_crs(reader, listener, tmp_path):
    frame = geopandas.GeoDataFrame({"n": [1]}, geometry=[Point(1, 2)], crs=4326)
    frame.to_file(tmp_path / "a.shp", engine="pyogrio")
    for text in (f"{listener.address}/x.prj", f'PROJCS["{listener.address}"', "EPSG:99999999"):
        (tmp_path / "a.prj").write_text(text)
        found = reader.vector(tmp_path / "a.shp")
        assert found.frame.crs is None and found.report.crs is None and len(found.frame) == 1


# Rasters (facts 4 and 11)


def test_overviews_declared_elsewhere_are_refused_or_not_seen(reader, listener, canary, tmp_path):
    heights = np.arange(16, dtype="int16").reshape(4, 4)
    sources = (canary / "secret.tif", f"/vsicurl/{listener.address}/x.tif", "/etc/passwd")
    for number, source in enumerate(sources):
        # A fresh name each time: writing over such a file deletes what its tag names.
        path = raster(tmp_path / f"tag{number}.tif", heights)
        with rasterio.open(path, "r+") as file:
            file.update_tags(ns="OVERVIEWS", OVERVIEW_FILE=str(source))
        Path(f"{path}.aux.xml").unlink(missing_ok=True)
        assert b"OVERVIEW_FILE" in path.read_bytes()
        refused(reader.raster, path, code="intake-redirect")

        path = raster(tmp_path / f"beside{number}.tif", heights)
        band = "<VRTRasterBand dataType='Int16' band='1'><SimpleSource>"
        band += f"<SourceFilename>{source}</SourceFilename>"
        overview = (
            f"<VRTDataset rasterXSize='2' rasterYSize='2'>{band}</SimpleSource></VRTRasterBand></VRTDataset>"
        )
        Path(f"{path}.ovr").write_text(overview)
        Path(f"{path}.msk").write_text(overview)
        meta = f"<Metadata domain='OVERVIEWS'><MDI key='OVERVIEW_FILE'>{source}</MDI></Metadata>"
        Path(f"{path}.aux.xml").write_text(f"<PAMDataset>{meta}</PAMDataset>")
        assert np.array_equal(reader.raster(path).array, heights)


def test_a_huge_sparse_raster_is_refused_before_it_is_read(reader, tmp_path):
    tiles = {"SPARSE_OK": True, "tiled": True, "blockxsize": 4096, "blockysize": 4096, "BIGTIFF": "YES"}
    shape = {"height": 200_000, "width": 200_000}
    path = raster(tmp_path / "a.tif", np.zeros((2000, 2000), "uint8"), **tiles, **shape)
    assert path.stat().st_size < 1e6
    started = time.monotonic()
    error = refused(reader.raster, path, code="intake-pixels")
    assert error.arguments["width"] == 200_000 and time.monotonic() - started < 5


# GeoPackages (facts 8 and 9)


@pytest.fixture
def package(tmp_path):
    path = tmp_path / "a.gpkg"
    squares = [Polygon([(x, 0), (x + 1, 0), (x + 1, 1)]) for x in range(2)]
    frame = geopandas.GeoDataFrame({"name": ["một", "hai"]}, geometry=squares, crs=4326)
    frame.to_file(path, layer="villages", engine="pyogrio")
    return path


def run_sql(path, *statements):
    database = sqlite3.connect(path)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


COUNTING = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
ENDLESS = f"{COUNTING} SELECT count(*) AS fid, NULL AS geom FROM n"


def register(view):
    contents = f"'{view}', 'features', '{view}', 4326"
    return (
        f"INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ({contents})",
        f"INSERT INTO gpkg_geometry_columns VALUES ('{view}', 'geom', 'POINT', 4326, 0, 0)",
    )


def test_a_view_that_never_ends_does_not_keep_the_layer_from_being_read(reader, package):
    run_sql(package, f"CREATE VIEW trap AS {ENDLESS}", *register("trap"))
    started = time.monotonic()
    found = reader.vector(package)
    assert list(found.frame["name"]) == ["một", "hai"] and time.monotonic() - started < 10
    assert [problem.code for problem in found.report.problems] == ["intake-gpkg-views"]
    refused(reader.vector, package, layer="trap", code="intake-layer-missing")


@pytest.mark.parametrize(
    "table", ["gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys", "gpkg_extensions"]
)
def test_a_view_in_place_of_a_system_table_never_runs(reader, package, table):
    columns = sqlite3.connect(package)
    names = [row[1] for row in columns.execute(f"PRAGMA table_info({table})")]
    columns.close()
    picked = ", ".join(f"i AS {name}" for name in names)
    endless = f"{COUNTING} SELECT {picked} FROM n"
    run_sql(package, f"DROP TABLE {table}", f"CREATE VIEW {table} AS {endless}")
    started = time.monotonic()
    if table == "gpkg_extensions":
        assert len(reader.vector(package).frame) == 2
    else:
        refused(reader.vector, package, code="intake-gpkg-foreign")
    assert time.monotonic() - started < 10


def test_a_layer_that_is_only_a_view_is_not_read(reader, package):
    run_sql(package, "ALTER TABLE villages RENAME TO hidden", f"CREATE VIEW villages AS {ENDLESS}")
    refused(reader.vector, package, code="intake-layers-none")


def test_triggers_and_huge_values_in_views_do_nothing(reader, package):
    action = f"INSERT INTO gpkg_extensions SELECT * FROM ({ENDLESS})"
    run_sql(
        package,
        "CREATE VIEW big AS SELECT 1 AS fid, zeroblob(900000000) AS geom",
        *register("big"),
        f"CREATE TRIGGER trap BEFORE DELETE ON gpkg_contents BEGIN {action}; END",
    )
    assert len(reader.vector(package).frame) == 2


def test_the_file_itself_is_not_changed(reader, package):
    run_sql(package, f"CREATE VIEW trap AS {ENDLESS}", *register("trap"))
    before = package.read_bytes()
    reader.vector(package)
    assert package.read_bytes() == before
    assert sorted(path.name for path in package.parent.iterdir()) == ["a.gpkg"]


def test_another_kind_of_database_is_refused(reader, tmp_path):
    path = tmp_path / "a.gpkg"
    run_sql(path, "CREATE TABLE secrets (a)")
    refused(reader.vector, path, code="intake-gpkg-foreign")


# Archives (fact 13)


def test_names_that_leave_the_folder_are_refused_and_nothing_is_written(reader, tmp_path):
    for name in (
        "../out.geojson",
        "/tmp/out.geojson",
        "a/../../out.geojson",
        "C:/out.geojson",
        "a\\out.geojson",
    ):
        path = zip_with(tmp_path / "a.zip", [(name, "{}")])
        refused(reader.vector, path, code="intake-zip-unsafe")
    assert not list(tmp_path.parent.rglob("out.geojson"))


def test_links_and_devices_in_an_archive_are_refused(reader, canary, tmp_path):
    for kind in (stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO):
        entry = zipfile.ZipInfo("a.geojson")
        entry.create_system, entry.external_attr = 3, (kind | 0o777) << 16
        path = zip_with(tmp_path / "a.zip", [(entry, str(canary / "secret.geojson"))])
        refused(reader.vector, path, code="intake-zip-unsafe")


def test_archives_in_archives_too_many_members_and_nothing_useful_are_refused(reader, tmp_path):
    refused(reader.vector, zip_with(tmp_path / "a.zip", [("b.zip", b"PK")]), code="intake-zip-nested")
    many = [(f"{number}.geojson", "{}") for number in range(201)]
    refused(reader.vector, zip_with(tmp_path / "b.zip", many), code="intake-zip-members")
    refused(reader.vector, zip_with(tmp_path / "c.zip", [("a.txt", "x")]), code="intake-zip-nothing")
    two = [("a.geojson", "{}"), ("b.geojson", "{}")]
    refused(reader.vector, zip_with(tmp_path / "d.zip", two), code="intake-layers")
    refused(reader.vector, zip_with(tmp_path / "e.zip", two), layer="c", code="intake-layer-missing")


def test_an_archive_bomb_stops_at_its_limit(tmp_path):
    path = zip_with(tmp_path / "a.zip", [("a.geojson", b"\0" * 30_000_000)])
    with Reader(Settings(reader_namespace=False)) as reader:
        refused(reader.vector, path, code="intake-zip-ratio")
    with Reader(Settings(reader_namespace=False, reader_ratio=10**6, reader_unpacked_mb=10)) as reader:
        refused(reader.vector, path, code="intake-zip-large")


def test_an_archive_whose_members_share_one_body_is_stopped_by_counting(reader, tmp_path):
    path = zip_with(tmp_path / "a.zip", [("0.geojson", b" " * 60_000_000)])
    octets = path.read_bytes()
    start = octets.index(b"PK\x01\x02")
    entry = bytearray(octets[start : octets.index(b"PK\x05\x06")])
    directory = b"".join(bytes(entry).replace(b"0.geojson", b"%d.geojson" % n) for n in range(9))
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 9, 9, len(directory), start, 0)
    path.write_bytes(octets[:start] + directory + end)
    started = time.monotonic()
    refused(reader.vector, path)
    assert time.monotonic() - started < 15


def test_a_damaged_or_locked_member_is_refused(reader, tmp_path):
    path = zip_with(tmp_path / "a.zip", [("a.geojson", '{"type": "FeatureCollection", "features": []}' * 20)])
    octets = bytearray(path.read_bytes())
    octets[40:44] = b"XXXX"
    path.write_bytes(octets)
    refused(reader.vector, path, code="intake-zip-damaged")
    octets = bytearray(zip_with(tmp_path / "b.zip", [("a.geojson", "{}")]).read_bytes())
    octets[6] |= 1
    octets[octets.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "b.zip").write_bytes(octets)
    refused(reader.vector, tmp_path / "b.zip", code="intake-zip-encrypted")


# Workbooks (fact 11)

PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def workbook(path, rows, *, before=""):
    sheet = f'{before}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{rows}</worksheet>'
    return zip_with(path, [*PARTS.items(), ("xl/worksheets/sheet1.xml", sheet)])


def cell(place, quote='"'):
    row = "".join(letter for letter in place if letter.isdigit())
    return f"<row r={quote}{row}{quote}><c r={quote}{place}{quote}><v>1</v></c></row>"


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_cell_in_the_last_corner_is_refused_before_memory_is_taken(reader, tmp_path, quote):
    rows = cell("A1", quote) + cell("XFD1048576", quote)
    path = workbook(tmp_path / "a.xlsx", f"<sheetData>{rows}</sheetData>")
    started = time.monotonic()
    error = refused(reader.table, path, code="intake-cells")
    assert error.arguments["found"] == 1048576 * 16384 and time.monotonic() - started < 5


def test_a_far_cell_written_so_that_it_is_not_seen_still_ends_in_a_sentence(tmp_path):
    hidden = cell("A1") + '<row r="1048576"><c r="&#88;FD1048576"><v>1</v></c></row>'
    lower = cell("A1") + cell("xfd1048576")
    with Reader(Settings(reader_namespace=False, reader_seconds=20)) as reader:
        refused(reader.table, workbook(tmp_path / "b.xlsx", f"<sheetData>{lower}</sheetData>"))
        try:
            reader.table(workbook(tmp_path / "a.xlsx", f"<sheetData>{hidden}</sheetData>"))
        except IntakeError as error:
            assert error.say("vi")


def test_a_small_workbook_that_grows_is_refused(reader, tmp_path):
    path = workbook(tmp_path / "a.xlsx", "<sheetData>" + "<row/>" * 12_000_000 + "</sheetData>")
    assert path.stat().st_size < 300_000
    started = time.monotonic()
    refused(reader.table, path, code="intake-zip-ratio")
    assert time.monotonic() - started < 15


def test_entities_in_a_workbook_do_not_grow(reader, tmp_path, canary):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    bomb += f'<!ENTITY file SYSTEM "file://{canary}/secret.csv">]>'
    for entity in ("&j;", "&file;"):
        text = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{entity}</t></is></c></row>'
        path = workbook(tmp_path / "a.xlsx", f"<sheetData>{text}</sheetData>", before=bomb)
        try:
            found = reader.table(path)
        except IntakeError:
            continue
        assert CANARY not in str(found.sheets) and len(str(found.sheets)) < 1000


def test_a_spreadsheet_that_repeats_its_cells_endlessly_is_refused(tmp_path):
    rows = (
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="float" '
        'office:value="1" table:number-columns-repeated="16384"><text:p>1</text:p></table:table-cell>'
        "</table:table-row>"
    )
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text")
    )
    body = f'<office:spreadsheet><table:table table:name="S">{rows}</table:table></office:spreadsheet>'
    content = f"<office:document-content {names}><office:body>{body}</office:body></office:document-content>"
    members = [("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content)]
    with Reader(Settings(reader_namespace=False, reader_seconds=20)) as reader:
        refused(reader.table, zip_with(tmp_path / "a.ods", members), code="intake-cells")


def test_a_table_beyond_its_limits_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" * 100)
    with Reader(Settings(reader_namespace=False, reader_cells=50, reader_rows=90)) as reader:
        refused(reader.table, path, code="intake-cells")
        path.write_text("a\n" * 100)
        refused(reader.table, path, code="intake-cells")
    with Reader(Settings(reader_namespace=False, reader_rows=90, reader_file_mb=1)) as reader:
        refused(reader.table, path, code="intake-rows")
        path.write_bytes(b"a" * 1_100_000)
        refused(reader.table, path, code="intake-too-large")


# The child


def test_the_child_works_without_a_network_where_the_system_permits():
    script = (
        "import socket, sys; from gis.intake.confine import leave_network\n"
        "left = leave_network()\n"
        "try:\n"
        "    socket.create_connection(('127.0.0.1', int(sys.argv[1])), timeout=2)\n"
        "    print(left, 'connected')\n"
        "except OSError: print(left, 'alone')"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-c", script, port], capture_output=True, text=True, check=True
        )
    assert done.stdout.strip() in ("True alone", "False connected")


def test_a_library_with_more_drivers_than_allowed_reads_nothing(package, tmp_path, monkeypatch):
    import gis.intake.reader as module

    locked = module.child_environment

    def opened(environ, root):
        return {name: value for name, value in locked(environ, root).items() if not name.endswith("_SKIP")}

    monkeypatch.setattr(module, "child_environment", opened)
    with Reader(Settings(reader_namespace=False)) as reader:
        error = refused(reader.vector, package, code="intake-drivers")
        assert {"OGR_VRT", "WFS"} <= set(error.arguments["drivers"])
        refused(reader.raster, raster(tmp_path / "a.tif", np.zeros((2, 2), "uint8")), code="intake-drivers")


def test_variables_of_other_programs_do_not_reach_the_child(package, monkeypatch):
    for name in ("PROJ_LIB", "PROJ_DATA", "GDAL_DATA", "GDAL_DRIVER_PATH", "OGR_SQLITE_LOAD_EXTENSIONS"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("GDAL_SKIP", "GPKG")
    with Reader(Settings(reader_namespace=False)) as reader:
        assert reader.vector(package).frame.crs.to_epsg() == 4326


def test_a_child_that_was_killed_is_replaced(package):
    with Reader(Settings(reader_namespace=False)) as reader:
        assert len(reader.vector(package).frame) == 2
        first = reader._child
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        assert len(reader.vector(package).frame) == 2
        assert reader._child.pid != first.pid


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="the system cannot halt a process")
def test_a_child_that_is_killed_in_the_middle_of_a_file_is_replaced(package):
    with Reader(Settings(reader_namespace=False)) as reader:
        reader.vector(package)
        child = reader._child
        os.kill(child.pid, signal.SIGSTOP)
        killer = threading.Timer(0.3, child.kill)
        killer.start()
        assert len(reader.vector(package).frame) == 2
        killer.join()
        assert reader._child.pid != child.pid


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="the system cannot halt a process")
def test_a_file_that_takes_too_long_is_stopped_and_the_next_one_read(package):
    with Reader(Settings(reader_namespace=False, reader_seconds=5)) as reader:
        reader.vector(package)
        os.kill(reader._child.pid, signal.SIGSTOP)
        started = time.monotonic()
        error = refused(reader.vector, package, code="intake-timeout")
        assert error.arguments["seconds"] == 5 and time.monotonic() - started < 8
        assert len(reader.vector(package).frame) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_a_file_that_needs_too_much_memory_is_refused(tmp_path):
    path = tmp_path / "a.geojson"
    point = (
        '{"type": "Feature", "properties": {"a": 1}, "geometry": {"type": "Point", "coordinates": [1, 2]}}'
    )
    path.write_text(f'{{"type": "FeatureCollection", "features": [{",".join([point] * 300_000)}]}}')
    with Reader(Settings(reader_namespace=False, reader_memory_mb=512)) as reader:
        assert refused(reader.vector, path).code in ("intake-memory", "intake-died")


def test_nothing_is_left_behind(package, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Reader(Settings(reader_namespace=False)) as reader:
        reader.vector(package)
        (folder,) = tmp_path.glob("langmap-*")
        assert [path.name for path in folder.iterdir()] == ["child.log"]
        child = reader._child
    assert not folder.exists() and child.poll() is not None


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed there")
def test_nothing_is_left_behind_by_a_parent_that_was_killed(package, tmp_path):
    script = (
        "import os, sys; from gis.intake import Reader\n"
        "print(len(Reader().vector(sys.argv[1]).frame), flush=True); os._exit(9)"
    )
    home = tmp_path / "temporary"
    home.mkdir()
    command = [sys.executable, "-c", script, str(package)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"TMPDIR": str(home)})
    assert (done.returncode, done.stdout.strip()) == (9, "2")
    until = time.monotonic() + 10
    while list(home.iterdir()) and time.monotonic() < until:
        time.sleep(0.05)
    assert not list(home.iterdir())


def test_threads_may_share_a_reader(reader, package):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(len(reader.vector(package).frame))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2, 2, 2, 2]
