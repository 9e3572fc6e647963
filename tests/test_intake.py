"""The reading door with honest files: every format, its text, its rows, its report."""

import datetime
import gzip
import json
import os
import shutil
import sqlite3
import struct
import time
import unicodedata
import zipfile

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
import xlsxwriter
from affine import Affine
from shapely.geometry import LineString, Point, Polygon

from gis.encodings import decode
from gis.errors import IntakeError, Problem
from gis.intake import Reader
from gis.intake.codepages import codec_named
from gis.intake.reports import FileReport
from gis.settings import Settings

PLACE = Affine(10, 0, 500000, 0, -10, 1600000)
NAMES = ["Thôn Đăk Rơ Nga", "Bản Nà Ốc", None]


@pytest.fixture(scope="module")
def reader():
    with Reader(Settings()) as reader:
        yield reader


@pytest.fixture(scope="module")
def villages():
    squares = [Polygon([(x, 0), (x + 1, 0), (x + 1, 1), (x, 1)]) for x in range(3)]
    columns = {
        "ma": ["0101", "0102", "0103"],
        "ten": NAMES,
        "dan_so": [120, 85, 40],
        "ty_le": [1.5, None, 2.0],
    }
    return geopandas.GeoDataFrame(columns, geometry=squares, crs="EPSG:9216")


def fails(code, call, *arguments, **options):
    """The error of a call that must fail with this code and say so in both languages."""
    with pytest.raises(IntakeError) as caught:
        call(*arguments, **options)
    error = caught.value
    assert error.code == code, error.say("en")
    for language in ("vi", "en"):
        said = error.say(language)
        assert code not in said and "{" not in said, said
    return error


def codes(result):
    return [problem.code for problem in result.report.problems]


def zip_of(folder, target, *, inside="", also=()):
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, f"{inside}{part.name}")
        for name, octets in also:
            archive.writestr(name, octets)
    return target


def shapefile(folder, villages, *, keep=("shp", "shx", "dbf", "prj", "cpg"), stem="thôn"):
    folder.mkdir()
    villages.to_file(folder / f"{stem}.shp", engine="pyogrio", encoding="UTF-8")
    for part in list(folder.iterdir()):
        if part.suffix[1:] not in keep:
            part.unlink()
    return folder / f"{stem}.shp"


def write_raster(path, array, *, crs="EPSG:32648", **options):
    array = np.asarray(array)
    profile = {"driver": "GTiff", "height": array.shape[0], "width": array.shape[1], "count": 1}
    profile |= {"dtype": array.dtype, "crs": crs, "transform": PLACE} | options
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(array, 1)
    return path


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".geojson"])
def test_a_layer_comes_in_with_its_rows_text_numbers_and_crs(reader, villages, tmp_path, suffix):
    path = tmp_path / f"thôn{suffix}"
    villages.to_file(path, engine="pyogrio", encoding="UTF-8" if suffix == ".shp" else None)
    found = reader.vector(path)
    frame, report = found.frame, found.report
    assert list(frame.columns) == ["source_row", "ma", "ten", "dan_so", "ty_le", "geometry"]
    assert list(frame["source_row"]) == [1, 2, 3]
    assert list(frame["ma"]) == ["0101", "0102", "0103"]
    assert list(frame["ten"]) == NAMES
    assert frame["dan_so"].dtype == "int64" and frame["ty_le"].isna().tolist() == [False, True, False]
    assert frame.crs.to_epsg() == 9216
    assert shapely.equals(frame.geometry.normalize(), villages.geometry.normalize()).all()
    assert (report.rows_in, report.rows_out, report.skipped) == (3, 3, ())
    assert report.file == f"thôn{suffix}" and len(report.sha256) == 64 and report.layer == "thôn"


def test_the_parent_process_never_loads_the_reading_libraries():
    import subprocess
    import sys

    script = (
        "import sys; from gis.intake import Reader; from gis.errors import IntakeError\n"
        "with Reader() as reader:\n"
        "    frame = reader.vector(sys.argv[1]).frame\n"
        "print(len(frame), [name for name in ('pyogrio', 'rasterio', 'fiona') if name in sys.modules])"
    )
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.geojson")
        with open(path, "w") as file:
            file.write('{"type": "Point", "coordinates": [108, 14]}')
        done = subprocess.run(
            [sys.executable, "-c", script, path], capture_output=True, text=True, check=True
        )
    assert done.stdout.strip() == "1 []"


def test_a_report_must_add_up():
    values = {"file": "a", "sha256": "", "size": 1, "format": "csv", "driver": "csv"}
    with pytest.raises(ValueError, match="3 rows in"):
        FileReport(**values, rows_in=3, rows_out=1, skipped=((2, "row-deleted"),))
    report = FileReport(
        **values, rows_in=1, problems=(Problem("geometry-missing", {"count": 1}),), rows_out=1
    )
    assert FileReport.from_json(json.loads(json.dumps(report.as_json()))) == report


def test_columns_can_be_chosen_and_a_missing_one_is_named(reader, villages, tmp_path):
    path = tmp_path / "a.gpkg"
    villages.to_file(path, engine="pyogrio")
    assert list(reader.vector(path, columns=["ten"]).frame.columns) == ["source_row", "ten", "geometry"]
    assert "dan_so" in fails("intake-columns-missing", reader.vector, path, columns=["danso"]).say("en")


def test_columns_named_like_ours_are_renamed_and_told(reader, villages, tmp_path):
    path = tmp_path / "a.geojson"
    villages.to_crs(4326).rename(columns={"ma": "source_row"}).to_file(path, engine="pyogrio")
    found = reader.vector(path)
    assert list(found.frame["source_row"]) == [1, 2, 3]
    assert list(found.frame["source_row_2"]) == ["0101", "0102", "0103"]
    assert "intake-columns-renamed" in codes(found)


# Shapefiles


@pytest.mark.parametrize("inside", ["", "Bản đồ/xã/"])
def test_a_zipped_shapefile_is_read_also_from_a_folder_beside_litter(reader, villages, tmp_path, inside):
    shapefile(tmp_path / "parts", villages)
    litter = [("__MACOSX/._thôn.shp", b"\0\5\x16\7"), ("readme.pdf", b"%PDF"), (".DS_Store", b"x")]
    path = zip_of(tmp_path / "parts", tmp_path / "thôn.zip", inside=inside, also=litter)
    found = reader.vector(path)
    assert list(found.frame["ten"]) == NAMES and found.report.format == "shapefile"
    assert codes(found) == ["intake-zip-ignored"] and "readme.pdf" in found.report.problems[0].say("vi")


@pytest.mark.parametrize("part", ["shx", "dbf"])
def test_a_missing_part_of_a_shapefile_is_named(reader, villages, tmp_path, part):
    keep = {"shp", "shx", "dbf", "prj", "cpg"} - {part}
    path = shapefile(tmp_path / "parts", villages, keep=keep)
    assert f".{part}" in fails("intake-shapefile-missing", reader.vector, path).say("vi")
    fails("intake-shapefile-missing", reader.vector, zip_of(tmp_path / "parts", tmp_path / "a.zip"))


def test_a_part_given_in_place_of_the_shp_is_explained(reader, villages, tmp_path):
    path = shapefile(tmp_path / "parts", villages)
    fails("intake-shapefile-part", reader.vector, path.with_suffix(".dbf"))


def test_parts_that_do_not_belong_together_are_refused(reader, villages, tmp_path):
    path = shapefile(tmp_path / "parts", villages)
    other = shapefile(tmp_path / "other", villages.iloc[:2])
    shutil.copy(other.with_suffix(".dbf"), path.with_suffix(".dbf"))
    fails("intake-shapefile-counts", reader.vector, path)


def test_a_cut_dbf_is_refused(reader, villages, tmp_path):
    path = shapefile(tmp_path / "parts", villages)
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes()[:-60])
    fails("intake-damaged", reader.vector, path)


def test_rows_deleted_in_the_dbf_are_skipped_by_number(reader, villages, tmp_path):
    path = shapefile(tmp_path / "parts", villages)
    octets = bytearray(path.with_suffix(".dbf").read_bytes())
    header, width = struct.unpack("<HH", octets[8:12])
    octets[header + width] = ord("*")
    path.with_suffix(".dbf").write_bytes(octets)
    found = reader.vector(path)
    assert list(found.frame["source_row"]) == [1, 3]
    assert (found.report.rows_in, found.report.rows_out) == (3, 2)
    assert found.report.skipped == ((2, "row-deleted"),)


def test_without_prj_the_crs_stays_open(reader, villages, tmp_path):
    path = shapefile(tmp_path / "parts", villages, keep=("shp", "shx", "dbf", "cpg"))
    found = reader.vector(path)
    assert found.frame.crs is None and found.report.crs is None


def test_utf8_without_cpg_is_read_as_utf8(reader, villages, tmp_path):
    path = shapefile(tmp_path / "parts", villages, keep=("shp", "shx", "dbf", "prj"))
    found = reader.vector(path)
    assert list(found.frame["ten"]) == NAMES and found.report.encoding == "utf-8"


def _with_text(path, octets):
    """Put these bytes in place of the first village's name."""
    table = path.with_suffix(".dbf")
    was = NAMES[0].encode()
    content = table.read_bytes()
    assert was in content and len(octets) <= len(was)
    table.write_bytes(content.replace(was, octets.ljust(len(was))))


def test_text_that_is_not_utf8_is_read_by_its_letters_and_the_argument_wins(reader, villages, tmp_path):
    path = shapefile(tmp_path / "parts", villages.iloc[:1], keep=("shp", "shx", "dbf", "prj"), stem="a")
    _with_text(path, b"Th\xabn \xae\xb9ng")
    found = reader.vector(path)
    assert found.frame["ten"][0] == "Thôn đạng" and found.report.encoding == "tcvn3"
    assert "encoding-guessed" in codes(found)
    assert reader.vector(path, encoding="cp1252").frame["ten"][0] == "Th«n ®¹ng"
    fails("intake-encoding-wrong", reader.vector, path, encoding="utf-8")
    path.with_suffix(".cpg").write_text("UTF-8")
    found = reader.vector(path)
    assert found.frame["ten"][0] == "Thôn đạng"
    assert {"encoding-guessed", "intake-cpg-differs"} <= set(codes(found))
    assert reader.vector(path, encoding="tcvn3").frame["ten"][0] == "Thôn đạng"
    fails("intake-encoding-unknown", reader.vector, path, encoding="unicode_escape")


def test_the_cpg_is_honoured(reader, villages, tmp_path):
    path = shapefile(tmp_path / "parts", villages.iloc[:1], keep=("shp", "shx", "dbf", "prj"), stem="a")
    _with_text(path, "Café đ".encode("cp1258"))
    path.with_suffix(".cpg").write_text("ANSI 1258\n")
    found = reader.vector(path)
    assert found.frame["ten"][0] == "Café đ" and found.report.encoding == "cp1258"


def test_a_cpg_that_would_garble_utf8_does_not(reader, villages, tmp_path):
    path = shapefile(tmp_path / "parts", villages)
    path.with_suffix(".cpg").write_text("ISO-8859-1")
    found = reader.vector(path)
    assert list(found.frame["ten"]) == NAMES and "intake-cpg-differs" in codes(found)


def test_a_letter_cut_in_half_by_the_width_of_the_field_is_told(reader, villages, tmp_path):
    path = shapefile(tmp_path / "parts", villages.iloc[:1])
    was = NAMES[0].encode()
    octets = path.with_suffix(".dbf").read_bytes()
    path.with_suffix(".dbf").write_bytes(octets.replace(was, was[:-1] + "ạ".encode()[:1]))
    found = reader.vector(path)
    assert found.frame["ten"][0] == NAMES[0][:-1] and "intake-text-cut" in codes(found)


def test_every_byte_survives_the_first_reading(reader, villages, tmp_path):
    letters = bytes(range(0xA1, 0xFF))
    text = "".join(chr(0x61 + position % 26) for position in range(len(letters)))
    path = shapefile(tmp_path / "parts", villages.iloc[:1].assign(ten=[text]), stem="a")
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().replace(text.encode(), letters))
    assert reader.vector(path, encoding="cp1252").frame["ten"][0] == letters.decode("cp1252")


@pytest.mark.parametrize(
    ("told", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("65001", "utf-8"),
        ("ANSI 1258", "cp1258"),
        ("88591", "iso8859-1"),
        ("ABC", "tcvn3"),
    ],
)
def test_encodings_go_by_many_names(told, codec):
    assert codec_named(told, "a") == codec


def test_vietnamese_code_pages_decode_to_composed_letters():
    assert decode("Nậm Rỗng".encode("cp1258", "replace"), "cp1252") != "Nậm Rỗng"
    assert decode(b"N\xcbm R\xe7ng", "tcvn3") == "Nậm Rỗng"
    parts = unicodedata.normalize("NFD", "Nà").encode("cp1258")
    assert decode(parts, "cp1258") == unicodedata.normalize("NFC", "Nà")


# GeoPackages


def test_several_layers_and_none_named_lists_them(reader, villages, tmp_path):
    path = tmp_path / "a.gpkg"
    villages.to_file(path, layer="thôn", engine="pyogrio")
    villages.to_file(path, layer="xã", engine="pyogrio")
    assert "thôn, xã" in fails("intake-layers", reader.vector, path).say("vi")
    assert reader.vector(path, layer="xã").report.layer == "xã"
    fails("intake-layer-missing", reader.vector, path, layer="huyện")


def test_curves_are_cut_into_lines_heights_dropped_and_undefined_crs_left_open(reader, tmp_path):
    path = tmp_path / "a.gpkg"
    frame = geopandas.GeoDataFrame({"n": [1, 2]}, geometry=[Point(1, 2, 3), Point(1, 2)], crs=4326)
    frame.to_file(path, layer="p", geometry_type="Unknown", engine="pyogrio")
    arc = struct.pack("<BII6d", 1, 8, 3, 0, 0, 1, 1, 2, 0)
    database = sqlite3.connect(path)
    for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        database.execute(f'DROP TRIGGER "{name}"')
    header = b"GP\0\1" + struct.pack("<i", -1)
    database.execute("UPDATE p SET geom = ? WHERE n = 2", (header + arc,))
    database.execute("UPDATE gpkg_geometry_columns SET srs_id = -1")
    database.commit()
    database.close()
    found = reader.vector(path)
    assert found.frame.geometry[1].geom_type == "LineString" and not found.frame.has_z.any()
    assert found.frame.crs is None
    assert "geometry-flattened" in codes(found)


def test_a_file_that_another_program_is_writing_is_refused(reader, villages, tmp_path):
    path = tmp_path / "a.gpkg"
    villages.to_file(path, engine="pyogrio")
    (tmp_path / "a.gpkg-wal").write_bytes(b"rows to come")
    fails("intake-gpkg-open", reader.vector, path)


def test_content_decides_and_not_the_extension(reader, villages, tmp_path):
    path = tmp_path / "a.gpkg"
    villages.to_file(path, engine="pyogrio")
    renamed = path.rename(tmp_path / "a.shp")
    found = reader.vector(renamed)
    assert found.report.format == "gpkg" and codes(found) == ["intake-extension-differs"]


# GeoJSON


def geojson(path, features, **members):
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features, **members}), encoding="utf-8"
    )
    return path


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def test_geojson_without_crs_is_longitude_and_latitude(reader, tmp_path):
    path = geojson(tmp_path / "a.geojson", [feature({"type": "Point", "coordinates": [108.1, 14.3]}, n=1)])
    frame = reader.vector(path).frame
    assert frame.crs.to_epsg() == 4326 and frame.geometry[0].coords[0] == (108.1, 14.3)


@pytest.mark.parametrize(
    ("name", "epsg"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326),
        ("urn:ogc:def:crs:EPSG::32648", 32648),
        ("EPSG:3405", 3405),
        ("urn:x:/vsicurl/http://127.0.0.1/x", None),
    ],
)
def test_only_plain_names_of_a_crs_are_taken(reader, tmp_path, name, epsg):
    crs = {"type": "name", "properties": {"name": name}}
    found = reader.vector(geojson(tmp_path / "a.geojson", [], crs=crs))
    assert (found.frame.crs and found.frame.crs.to_epsg()) == epsg
    assert ("intake-geojson-crs-dropped" in codes(found)) == (epsg is None)


def test_geometries_that_cannot_be_used_are_kept_as_rows_and_counted(reader, tmp_path):
    ring = [[0, 0], [1, 0], [1, 1]]
    path = tmp_path / "a.geojson"
    geojson(
        path,
        [
            feature({"type": "Point", "coordinates": [1, 2]}, n="a", v=1),
            feature(None, n="b", v=2.5),
            feature({"type": "Point", "coordinates": []}, n="c", v=True),
            feature({"type": "Polygon", "coordinates": [ring]}, n="d", v=None),
            feature({"type": "Point", "coordinates": ["x", "y"]}, n="e", v=[1, "hai"]),
            "not a feature",
            feature({"type": "Point", "coordinates": [3, 4, 5]}, n="g", v={"a": 1}),
            feature({"type": "Point", "coordinates": [4444, 4]}, n="h", v="x"),
        ],
    )
    path.write_text(path.read_text().replace("4444", "1e400"))
    found = reader.vector(path)
    assert list(found.frame["n"]) == ["a", "b", "c", "d", "e", "g", "h"]
    assert list(found.frame["source_row"]) == [1, 2, 3, 4, 5, 7, 8]
    assert found.frame.geometry.isna().tolist() == [False, True, True, False, True, False, True]
    assert list(found.frame["v"]) == ["1", "2.5", "true", None, '[1, "hai"]', '{"a": 1}', "x"]
    assert found.report.skipped == ((6, "not-a-feature"),) and found.report.rows_in == 8
    assert {problem.code: problem.arguments["rows"] for problem in found.report.problems} == {
        "geometry-unreadable": [5],
        "geometry-not-finite": [8],
        "geometry-ring-closed": [4],
        "geometry-missing": [2, 3],
        "geometry-flattened": [7],
    }


def test_not_finite_coordinates_in_a_binary_file_are_found(reader, tmp_path):
    path = tmp_path / "a.gpkg"
    points = [Point(0, 0), Point(float("inf"), 2), None, Point(1e300, 0)]
    geopandas.GeoDataFrame({"n": [1, 2, 3, 4]}, geometry=points, crs=4326).to_file(path, engine="pyogrio")
    found = reader.vector(path)
    assert found.frame.geometry.isna().tolist() == [False, True, True, True]
    assert {p.code: p.arguments["count"] for p in found.report.problems} == {
        "geometry-not-finite": 2,
        "geometry-missing": 1,
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "intake-damaged"),
        ('{"type": "Topology"}', "intake-geojson-shape"),
        ('{"a": ' * 3000 + "1" + "}" * 3000, "intake-too-deep"),
        ('{"type": "Point", "coordinates": [1, 2], "n": "\\ud800"}', "intake-damaged"),
        ('{"type": "FeatureCollection", "features": 5}', "intake-geojson-shape"),
    ],
)
def test_json_that_is_no_geojson_is_refused(reader, tmp_path, text, code):
    path = tmp_path / "a.geojson"
    path.write_text(text)
    fails(code, reader.vector, path)


def test_geojson_of_another_encoding_is_read_by_its_letters(reader, tmp_path):
    path = tmp_path / "a.geojson"
    features = b'{"type": "Feature", "geometry": null, "properties": {"t\xaan": "Th\xabn \xae\xb9ng"}}'
    path.write_bytes(b'{"type": "FeatureCollection",\n "features": [' + features + b"]}")
    found = reader.vector(path)
    assert found.frame["tên"][0] == "Thôn đạng" and found.report.encoding == "tcvn3"
    assert "encoding-guessed" in codes(found)


# Tables


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_delimiter_and_encoding_are_found(reader, tmp_path, delimiter, encoding):
    rows = [["mã", "tên", "ghi chú"], ["0101", "Thôn Đông, xã A; B", "1,5"], ["0102", 'Bản "Nà"', ""]]
    quoted = "\r\n".join(delimiter.join('"' + v.replace('"', '""') + '"' for v in row) for row in rows)
    path = tmp_path / "thôn.csv"
    path.write_bytes(f"{quoted}\r\n\r\n".encode(encoding))
    found = reader.table(path)
    assert found.sheets == {"thôn": [rows[0], rows[1], rows[2][:2]]}
    assert found.report.rows_in == found.report.rows_out == 3


def test_csv_keeps_row_numbers_and_reads_the_line_that_names_the_delimiter(reader, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("sep=;\nma;ten\n\n01;a,b\n;;\n")
    assert reader.table(path).sheets["a"] == [[], ["ma", "ten"], [], ["01", "a,b"]]


def test_csv_of_unknown_encoding_is_read_by_its_letters(reader, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"ma,ten\n01,Th\xabn \xae\xb9ng\n")
    found = reader.table(path)
    assert found.sheets["a"][1] == ["01", "Thôn đạng"] and found.report.encoding == "tcvn3"
    assert codes(found) == ["encoding-guessed"]
    assert reader.table(path, encoding="tcvn3").sheets["a"][1] == ["01", "Thôn đạng"]
    fails("intake-encoding-wrong", reader.table, path, encoding="utf-8")


def test_letters_lost_before_are_reported(reader, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("ten\nTh�n\n", encoding="utf-8")
    found = reader.table(path)
    assert codes(found) == ["intake-text-damaged"] and found.report.problems[0].arguments["rows"] == [2]


def test_a_workbook_comes_in_sheet_by_sheet(reader, tmp_path):
    path = tmp_path / "phiếu.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Phiếu 1")
    sheet.write_row(1, 0, ["Mã", "Tên", "Số", "Ngày", "Có"])
    sheet.write_row(2, 0, ["0101", "Thôn Đông", 12.5])
    sheet.write_datetime(2, 3, datetime.datetime(2025, 6, 30), book.add_format({"num_format": "dd/mm/yyyy"}))
    sheet.write_boolean(2, 4, True)
    sheet.write_formula(3, 0, "=1/0", None, "#DIV/0!")
    sheet.write_blank(9, 9, None, book.add_format({"bold": True}))
    book.add_worksheet("Trống")
    book.close()
    found = reader.table(path)
    assert found.sheets["Phiếu 1"] == [
        [],
        ["Mã", "Tên", "Số", "Ngày", "Có"],
        ["0101", "Thôn Đông", 12.5, "2025-06-30", True],
    ]
    assert found.sheets["Trống"] == []
    assert codes(found) == ["intake-cell-errors"] and found.report.problems[0].arguments["rows"] == [4]
    assert list(reader.table(path, sheet="Trống").sheets) == ["Trống"]
    assert "Phiếu 1" in fails("intake-sheet-missing", reader.table, path, sheet="Sheet1").say("vi")


def test_a_kind_that_is_not_wanted_is_named(reader, villages, tmp_path):
    path = tmp_path / "a.gpkg"
    villages.to_file(path, engine="pyogrio")
    fails("intake-not-table", reader.table, path)
    fails("intake-not-raster", reader.raster, path)
    table = tmp_path / "a.csv"
    table.write_text("a,b\n1,2\n")
    fails("intake-no-coordinates", reader.vector, table)
    fails("intake-not-vector", reader.vector, write_raster(tmp_path / "a.tif", np.ones((2, 2), "uint8")))


# Rasters


def test_a_raster_comes_in_with_nan_where_it_has_no_data(reader, tmp_path):
    path = write_raster(tmp_path / "dem.tif", np.array([[1, 2], [-9999, 4]], dtype="int16"), nodata=-9999)
    found = reader.raster(path)
    assert found.array.dtype == np.float32
    assert np.array_equal(found.array, [[1, 2], [np.nan, 4]], equal_nan=True)
    assert found.transform == PLACE
    assert found.crs.to_epsg() == 32648 and found.nodata == -9999 and found.report.rows_in == 2


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float32", "float64"])
def test_values_of_a_raster_stay_exact(reader, tmp_path, dtype):
    most = 2**31 - 1 if dtype == "int32" else 200
    path = write_raster(tmp_path / "a.tif", np.full((3, 5), most, dtype=dtype), tiled=False)
    assert (reader.raster(path).array == most).all()


def test_a_raster_without_a_place_says_so_and_complex_values_are_refused(reader, tmp_path):
    path = tmp_path / "a.tif"
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        write_raster(path, np.ones((2, 2), dtype="uint8"), crs=None, transform=None)
    assert codes(reader.raster(path)) == ["intake-raster-no-place"]
    fails("intake-raster-kind", reader.raster, write_raster(tmp_path / "c.tif", np.ones((2, 2), "complex64")))


# Paths


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1/a.gpkg",
        "/vsicurl/http://127.0.0.1/a.gpkg",
        "\\vsizip\\a.zip",
        "PG:dbname=x",
        "GPKG:a.gpkg:x",
        "zip://a.zip",
        "file:///etc/hostname",
        "a\0.gpkg",
        "",
    ],
)
def test_addresses_are_refused(reader, text):
    fails("intake-address", reader.vector, text)


def test_what_is_no_file_or_empty_is_refused(reader, tmp_path):
    fails("intake-not-found", reader.vector, tmp_path / "không có.gpkg")
    fails("intake-not-a-file", reader.vector, tmp_path)
    (tmp_path / "a.gpkg").touch()
    fails("intake-empty", reader.vector, tmp_path / "a.gpkg")
    (tmp_path / "a.gml").write_text("<gml></gml>")
    fails("intake-format-unknown", reader.vector, tmp_path / "a.gml")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.gpkg")
        fails("intake-not-a-file", reader.vector, tmp_path / "pipe.gpkg")


def test_names_of_any_script_and_signs_are_read(reader, tmp_path):
    for name in (
        "ບ້ານ.geojson",
        "a b'c\"d.geojson",
        "x" * 200 + ".geojson",
        "%2e.geojson",
        "\u202egpj.geojson",
    ):
        assert len(reader.vector(geojson(tmp_path / name, [])).frame) == 0


@pytest.mark.parametrize("name", ["điểm.csv.gz", "a.geojson.gz"])
def test_one_file_pressed_by_gzip_is_read(reader, tmp_path, name):
    text = "lon,lat\n108,14\n" if ".csv" in name else '{"type": "Point", "coordinates": [108, 14]}'
    (tmp_path / name).write_bytes(gzip.compress(text.encode()))
    found = reader.vector(tmp_path / name)
    assert found.frame.geometry[0].equals(Point(108, 14)) and codes(found) == []
    assert found.report.layer == name.partition(".")[0]


def test_a_gzip_that_is_damaged_nested_or_a_bomb_is_refused(reader, tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" * 9000)[:-9])
    fails("intake-zip-damaged", reader.table, path)
    path.write_bytes(gzip.compress(gzip.compress(b"a,b\n1,2\n")))
    fails("intake-zip-nested", reader.table, path)
    path.write_bytes(gzip.compress(b" " * 30_000_000))
    fails("intake-zip-ratio", reader.table, path)


# Big layers


@pytest.mark.long
@pytest.mark.parametrize("suffix", [".gpkg", ".shp"])
def test_a_hundred_thousand_villages_come_in_within_the_default_limits(tmp_path, suffix):
    count, corners = 100_000, 180
    chance = np.random.default_rng(1)
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    reach = 400 + 80 * chance.random((count, corners))
    number = np.arange(count)[:, None]
    xy = np.stack(
        [number % 400 * 1000 + reach * np.cos(angles), number // 400 * 1000 + reach * np.sin(angles)], -1
    )
    rings = shapely.linearrings(np.concatenate([xy, xy[:, :1]], axis=1))
    names = [f"Thôn {number}" for number in range(count)]
    frame = geopandas.GeoDataFrame({"ten": names}, geometry=shapely.polygons(rings), crs="EPSG:9216")
    frame.to_file(tmp_path / f"a{suffix}", engine="pyogrio", encoding="UTF-8" if suffix == ".shp" else None)
    with Reader(Settings(reader_memory_mb=1500)) as reader:
        found = reader.vector(tmp_path / f"a{suffix}")
    assert len(found.frame) == count and list(found.frame["ten"]) == names
    assert shapely.get_num_coordinates(found.frame.geometry).sum() == count * (corners + 1)
    assert found.report.problems == ()


# Real data


@pytest.mark.real
def test_a_whole_study_of_real_files_comes_in_fast(shared_data):
    folder = shared_data / "nandurbar"
    started = time.perf_counter()
    with Reader(Settings()) as reader:
        villages = reader.vector(folder / "nandurbar_villages.gpkg").frame
        table = reader.table(folder / "nandurbar_village_amenities_2011.csv").sheets
        schools = reader.vector(folder / "nandurbar_schools_udise.gpkg").frame
        facilities = reader.vector(folder / "nandurbar_facilities_pmgsy.gpkg").frame
    seconds = time.perf_counter() - started
    (rows,) = table.values()
    assert (len(villages), len(rows) - 1, len(rows[0])) == (1060, 943, 95)
    assert (len(schools), len(facilities)) == (2322, 1031)
    assert villages.geometry.notna().all() and villages["village_code_2011"].map(type).eq(str).all()
    # Alone on two cores it takes about one second; the rest is for a machine that does other things.
    assert seconds < 30


@pytest.mark.real
def test_real_layers_of_all_folders_come_in_complete(shared_data, reader):
    for path in sorted(shared_data.glob("*/*.gpkg")):
        for layer in geopandas.list_layers(path)["name"]:
            frame = geopandas.read_file(path, layer=layer, engine="pyogrio")
            found = reader.vector(path, layer)
            assert len(found.frame) == len(frame) and found.frame.crs == frame.crs, path.name
            filled = ~(frame.geometry.is_empty | frame.geometry.isna())
            assert found.frame.geometry.notna().tolist() == filled.tolist(), path.name


@pytest.mark.real
def test_real_messy_files_come_in_or_say_why(shared_data, reader):
    messy = shared_data / "messy"
    blocks = reader.vector(messy / "sikkim_blocks_pmgsy_shapefile_no_cpg.zip")
    assert len(blocks.frame) == 9 and blocks.report.encoding == "utf-8" and blocks.frame.crs.to_epsg() == 4326
    raw = reader.vector(messy / "nandurbar_villages_raw_datameet.geojson").frame
    assert len(raw) == 1060 and {"525457R01", "B025D497"} <= set(raw["NEWCD2011"])
    for name in ("indonesia", "maharashtra", "papua"):
        frame = reader.vector(messy / f"{name}_villages_invalid_geometry.geojson").frame
        assert (~frame.geometry.is_valid).any() and frame.geometry.notna().all()
    (rows,) = reader.table(messy / "habitations_impossible_coordinates.csv").sheets.values()
    assert len(rows) == 240
    for name, count, kinds in (
        ("ahmedabad_facilities", 216, {"Point": 168, "Polygon": 48}),
        ("vadodara_wards", 12, {"Polygon": 12}),
    ):
        frame = reader.vector(messy / f"{name}.kml").frame
        assert len(frame) == count and frame.geom_type.value_counts().to_dict() == kinds
    assert set(frame["ward_no"]) == {str(number) for number in range(1, 13)}


# What the READMEs beside the real data say of each file.
STATED = {
    "andorra/andorra_roads.gpkg": 1614,
    "andorra/andorra_waterways.gpkg": 146,
    "andorra/andorra_places_pois.gpkg": 509,
    "kontum/kontum_communes_2025.gpkg": 40,
    "kontum/quangngai_communes_2025_simplified.gpkg": 96,
    "kontum/kontum_districts_pre2025.gpkg:districts": 10,
    "kontum/kontum_districts_pre2025.gpkg:province": 1,
    "kontum/kontum_places.gpkg": 27,
    "kontum/kontum_rivers_wdbii.gpkg": 24,
    "nandurbar/nandurbar_villages.gpkg": 1060,
    "nandurbar/nandurbar_schools_udise.gpkg": 2322,
    "nandurbar/nandurbar_facilities_pmgsy.gpkg": 1031,
    "nandurbar/nandurbar_habitations_pmgsy.gpkg": 1159,
    "nandurbar/nandurbar_road_proposals_pmgsy3.gpkg": 10,
    "sikkim/sikkim_villages.gpkg": 394,
    "sikkim/sikkim_facilities_pmgsy.gpkg": 1020,
    "sikkim/sikkim_habitation_pmgsy.gpkg": 1045,
    "sikkim/sikkim_bound_block_pmgsy.gpkg": 9,
    "sikkim/sikkim_schools_udise.gpkg": 991,
    "messy/habitations_impossible_coordinates.csv": 239,
}
STATED_ROWS = {
    "kontum/kontum_communes_pre2025_list.csv": (102, None),
    "nandurbar/nandurbar_village_amenities_2011.csv": (943, 95),
    "nandurbar/nandurbar_dchb2011_raw.csv.gz": (943, None),
}


@pytest.mark.real
@pytest.mark.parametrize("name", STATED)
def test_real_layers_have_the_rows_that_are_stated(shared_data, reader, name):
    path, _, layer = name.partition(":")
    found = reader.vector(shared_data / path, layer or None)
    assert found.report.rows_in == len(found.frame) == STATED[name]


@pytest.mark.real
@pytest.mark.parametrize("name", STATED_ROWS)
def test_real_tables_have_the_rows_that_are_stated(shared_data, reader, name):
    (rows,) = reader.table(shared_data / name).sheets.values()
    count, columns = STATED_ROWS[name]
    assert len(rows) - 1 == count and columns in (None, len(rows[0]))


@pytest.mark.real
def test_every_real_file_comes_in(shared_data, reader):
    kinds = {".gpkg": "vector", ".geojson": "vector", ".kml": "vector", ".zip": "vector", ".csv": "table"}
    kinds |= {".gz": "table", ".tif": "raster", ".pbf": "vector"}
    osm = [{"from": ["lines"], "tags": {"highway": ["*"]}, "fields": {}}]
    for path in sorted(shared_data.glob("*/*")):
        if path.suffix != ".md" and path.name != "kontum_districts_pre2025.gpkg":
            options = {"osm": osm} if path.suffix == ".pbf" else {}
            assert getattr(reader, kinds[path.suffix])(path, **options).report.rows_in > 0, path.name


@pytest.mark.real
def test_a_real_elevation_model_comes_in(shared_data, reader):
    found = reader.raster(shared_data / "andorra" / "andorra_srtm3.tif")
    assert found.array.shape == (360, 600) and found.crs.to_epsg() == 4326
    assert 700 < np.nanmin(found.array) < np.nanmax(found.array) < 3200


def test_lines_come_in_as_lines(reader, tmp_path):
    path = tmp_path / "a.gpkg"
    roads = geopandas.GeoDataFrame({"n": [1]}, geometry=[LineString([(0, 0), (1, 1)])], crs=32648)
    roads.to_file(path, engine="pyogrio")
    assert reader.vector(path).frame.geom_type.tolist() == ["LineString"]


def test_a_cut_shp_is_refused(reader, villages, tmp_path):
    path = shapefile(tmp_path / "parts", villages)
    path.write_bytes(path.read_bytes()[:-40])
    fails("intake-damaged", reader.vector, path)


def test_letters_lost_before_are_reported_for_layers_too(reader, tmp_path):
    point = {"type": "Point", "coordinates": [1, 2]}
    path = geojson(tmp_path / "a.geojson", [feature(point, ten="Thôn"), feature(point, ten="Th�n")])
    (problem,) = reader.vector(path).report.problems
    assert (problem.code, problem.arguments["rows"]) == ("intake-text-damaged", [2])


def test_a_geopackage_in_write_ahead_mode_is_read(reader, villages, tmp_path):
    path = tmp_path / "a.gpkg"
    villages.to_file(path, engine="pyogrio")
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.close()
    assert len(reader.vector(path).frame) == 3
