"""The reading door with each format of map programs: what comes in, what is asked, what is told."""

import json
import struct

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
import shapely
from pyproj import CRS
from shapely.geometry import Point, Polygon

from foreign import (
    GPX,
    KML,
    PLACE,
    ROAD,
    VN2000,
    codes,
    dot,
    drawing,
    fails,
    label,
    polyline,
    told,
    villages,
    write,
    zipped,
)
from gis.intake import Reader
from gis.settings import Settings


@pytest.fixture(scope="module")
def reader():
    with Reader(Settings()) as reader:
        yield reader


@pytest.mark.parametrize("suffix", [".tab", ".mif", ".fgb", ".parquet", ".kml"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_layer_comes_in_with_its_rows_text_and_shapes(reader, tmp_path, suffix, packed):
    frame = villages("EPSG:4326" if suffix == ".kml" else VN2000)
    path = write(tmp_path / "parts" / f"thôn{suffix}", frame)
    if packed:
        path = zipped(tmp_path / "thôn.zip", path.parent, inside="Bản đồ/")
    found = reader.vector(path)
    # FlatGeobuf orders its rows by place.
    rows = found.frame.sort_values("dan_so", key=lambda values: -values.astype(int))
    assert list(rows["ten"]) == ["Thôn Đăk Rơ Nga", "Bản Nà Ốc", None] and [
        int(n) for n in rows["dan_so"]
    ] == [120, 85, 40]
    difference = shapely.hausdorff_distance(rows.geometry.normalize().to_numpy(), frame.geometry.normalize())
    assert (difference < 0.02).all()
    assert sorted(found.frame["source_row"]) == [1, 2, 3] and found.report.skipped == ()
    assert found.report.format == {".fgb": "flatgeobuf", ".parquet": "geoparquet"}.get(suffix, suffix[1:])
    moved = shapely.distance(
        found.frame.to_crs(4326).geometry.union_all().centroid,
        frame.to_crs(4326).geometry.union_all().centroid,
    )
    assert moved < 1e-6


def test_an_archive_with_two_layers_asks_which(reader, tmp_path):
    for name in ("a.tab", "b.mif", "c.kml"):
        write(tmp_path / "parts" / name, villages("EPSG:4326"))
    path = zipped(tmp_path / "a.zip", tmp_path / "parts")
    assert {"a", "b", "c"} == set(fails("intake-layers", reader.vector, path).arguments["layers"])
    assert reader.vector(path, "b").report.format == "mif"


@pytest.mark.parametrize(("main", "part"), [("a.mif", ".mid"), ("a.tab", ".map"), ("a.tab", ".dat")])
def test_a_missing_part_of_a_mapinfo_table_is_named(reader, tmp_path, main, part):
    path = write(tmp_path / "parts" / main)
    path.with_suffix(part).unlink()
    assert fails("intake-part-missing", reader.vector, path).arguments["missing"] == [part]
    fails("intake-part-missing", reader.vector, zipped(tmp_path / "a.zip", path.parent))


def test_a_part_in_place_of_the_main_file_is_explained(reader, tmp_path):
    path = write(tmp_path / "parts" / "a.tab")
    for part in (".dat", ".map", ".id"):
        assert fails("intake-part", reader.vector, path.with_suffix(part)).arguments["main"] == ".tab"


# MapInfo


@pytest.mark.parametrize("suffix", [".tab", ".mif"])
def test_vn2000_with_its_parameters_written_out_lies_where_epsg_says(reader, tmp_path, suffix):
    frame = geopandas.GeoDataFrame({"n": [1]}, geometry=[Point(550_000, 1_588_000)], crs=VN2000)
    found = reader.vector(write(tmp_path / f"a{suffix}", frame))
    truth = geopandas.GeoSeries(frame.geometry.to_numpy(), crs=9216).to_crs(32649)
    assert found.frame.to_crs(32649).geometry.distance(truth).max() < 0.05
    assert "intake-mapinfo-datum" not in codes(found)


def test_wgs84_in_a_zone_of_vn2000_is_doubted(reader, tmp_path):
    # The library itself writes 9216 as "104", WGS 84, without the shift.
    assert "intake-mapinfo-datum" in codes(reader.vector(write(tmp_path / "a.mif", villages("EPSG:9216"))))
    assert "intake-mapinfo-datum" not in codes(reader.vector(write(tmp_path / "b.mif", villages(32648))))


def _mif(folder, text, charset, version=300):
    head = f'Version {version}\nCharset "{charset}"\nDelimiter ","\nColumns 2\n  ten Char(40)\n  n Integer\nData\n\n'
    folder.mkdir(exist_ok=True)
    (folder / "a.mif").write_text(f"{head}Point 1 2\n    Symbol (35,0,12)\nnone\n")
    (folder / "a.mid").write_bytes(b'"' + text + b'",1\n"x",2\n')
    return folder / "a.mif"


def test_text_of_mif_follows_the_owner_then_utf8_then_a_character_set_that_means_something(reader, tmp_path):
    path = _mif(tmp_path / "a", "Café đ".encode("cp1258"), "WindowsVietnamese")
    found = reader.vector(path)
    assert found.frame["ten"][0] == "Café đ" and found.report.encoding == "cp1258"
    path = _mif(tmp_path / "a", "Thôn".encode(), "WindowsVietnamese")
    assert reader.vector(path).frame["ten"][0] == "Thôn"
    path = _mif(tmp_path / "a", b"Th\xabn \xae\xb9ng", "WindowsLatin1")
    found = reader.vector(path)
    assert found.frame["ten"][0] == "Thôn đạng" and found.report.encoding == "tcvn3"
    assert told(found, "encoding-guessed")


def test_text_of_tab_is_decoded_the_same_way(reader, tmp_path):
    path = write(tmp_path / "a.tab", villages().iloc[:1])
    octets = path.with_suffix(".dat").read_bytes()
    was = "Thôn Đăk Rơ Nga".encode()
    assert was in octets
    path.with_suffix(".dat").write_bytes(octets.replace(was, b"Th\xabn \xae\xb9ng".ljust(len(was), b"\0")))
    assert reader.vector(path).frame["ten"][0] == "Thôn đạng"
    assert reader.vector(path, encoding="tcvn3").frame["ten"][0] == "Thôn đạng"
    header = path.read_text().replace("Neutral", "WindowsVietnamese")
    path.write_text(header)
    path.with_suffix(".dat").write_bytes(
        octets.replace(was, "Café đ".encode("cp1258").ljust(len(was), b"\0"))
    )
    assert reader.vector(path).frame["ten"][0] == "Café đ"


def test_rows_of_mid_that_have_no_shape_are_not_lost(reader, tmp_path):
    path = _mif(tmp_path / "a", b"a", "Neutral")
    found = reader.vector(path)
    assert found.frame.geometry.isna().tolist() == [False, True] and found.frame.crs is None
    assert told(found, "geometry-missing")["rows"] == [2]
    path.with_suffix(".mid").write_text('"a",1\n"b",2\n"c",3\n')
    assert fails("intake-part-counts", reader.vector, path).arguments["rows"] == 3
    path.with_suffix(".mid").write_text('"a",1\n')
    fails("intake-damaged", reader.vector, path)


def test_rows_deleted_in_a_tab_are_skipped_by_number(reader, tmp_path):
    frame = villages()
    frame.loc[2, "geometry"] = None
    path = write(tmp_path / "a.tab", frame)
    octets = bytearray(path.with_suffix(".dat").read_bytes())
    header, width = struct.unpack("<HH", octets[8:12])
    octets[header + 2 * width] = ord("*")
    path.with_suffix(".dat").write_bytes(octets)
    found = reader.vector(path)
    assert (found.report.rows_in, found.report.rows_out) == (3, 2)
    assert found.report.skipped == ((3, "row-deleted"),) and list(found.frame["source_row"]) == [1, 2]


# KML and GPX


def test_kml_comes_in_with_folders_data_and_what_is_wrong(reader, tmp_path):
    path = tmp_path / "xã.kml"
    path.write_text(KML.format(address="http://127.0.0.1:1"), encoding="utf-8")
    found = reader.vector(path)
    frame = found.frame
    assert list(frame["name"]) == ["Thôn 1", "Không hình", "Tuyến", None, None, None]
    assert list(frame["folder"]) == ["Thôn", "Thôn", "Đường", "Đường", "Đường", "Đường"]
    assert frame["so_ho"][0] == "85" and "<b>Đẹp</b>" in frame["description"][0]
    assert frame.geometry[0].equals(Polygon([(108, 14), (109, 14), (109, 15)]))
    assert [None if shape is None else shape.geom_type for shape in frame.geometry[2:4]] == [
        "MultiLineString",
        "LineString",
    ]
    assert frame.crs.to_epsg() == 4326 and not frame.has_z.any()
    assert told(found, "geometry-ring-closed")["rows"] == [1]
    assert told(found, "geometry-unreadable")["rows"] == [5]
    assert told(found, "geometry-not-finite")["rows"] == [6]
    assert told(found, "geometry-missing")["rows"] == [2]
    assert told(found, "intake-kml-links")["kind"] == "NetworkLink"
    assert len(reader.vector(path, "Đường").frame) == 4 and len(reader.vector(path, "Bản đồ xã").frame) == 6
    assert "Thôn" in fails("intake-layer-missing", reader.vector, path, "x").arguments["layers"]


def test_kmz_is_a_zip_and_two_documents_in_it_ask(reader, tmp_path):
    import zipfile

    text = KML.format(address="x")
    path = tmp_path / "a.kmz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("doc.kml", text)
        archive.writestr("files/icon.png", b"\x89PNG")
    assert len(reader.vector(path).frame) == 6
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("khác.kml", text)
    assert fails("intake-layers", reader.vector, path).arguments["layers"] == ["doc", "khác"]
    assert len(reader.vector(path, "khác").frame) == 6


def test_kml_in_utf16_is_read(reader, tmp_path):
    path = tmp_path / "a.kml"
    path.write_bytes(KML.format(address="x").replace("UTF-8", "UTF-16").encode("utf-16"))
    assert reader.vector(path).frame["name"][0] == "Thôn 1"


def test_waypoints_routes_and_tracks_are_layers(reader, tmp_path):
    path = tmp_path / "a.gpx"
    path.write_text(GPX, encoding="utf-8")
    assert fails("intake-layers", reader.vector, path).arguments["layers"] == [
        "waypoints",
        "routes",
        "tracks",
    ]
    found = reader.vector(path, "waypoints")
    assert list(found.frame["name"]) == ["Trạm y tế", None, None] and found.frame["ele"][0] == "612.5"
    assert found.frame.geometry[0].equals(Point(108.25, 14.5))
    assert told(found, "geometry-unreadable")["rows"] == [3]
    assert shapely.length(reader.vector(path, "routes").frame.geometry[0]) == 1.0
    tracks = reader.vector(path, "tracks")
    assert tracks.frame.geometry[0].geom_type == "MultiLineString" and tracks.frame.geometry[1] is None
    assert told(tracks, "geometry-missing")["rows"] == [2]


def test_the_only_layer_of_a_gpx_needs_no_name(reader, tmp_path):
    frame = geopandas.GeoDataFrame({"name": ["Bản"]}, geometry=[PLACE], crs=4326)
    path = write(tmp_path / "a.gpx", frame)
    assert reader.vector(path).report.layer == "waypoints"
    assert fails("intake-layer-missing", reader.vector, path, "tracks").arguments["layers"] == ["waypoints"]


# DXF


def test_a_drawing_gives_the_kind_it_has_most_of_and_reports_the_others(reader, tmp_path):
    areas = [polyline((x, 0), (x + 9, 0), (x + 9, 9), closed=True) for x in (0, 20)]
    road = polyline((0, 0), (5, 5), closed=False)
    labels = [label(8, 4, "Thôn 1"), label(28, 4, "A"), label(27, 4, "B"), label(99, 99, "Ngoài")]
    path = tmp_path / "a.dxf"
    path.write_text(drawing(*areas, road, *labels, dot(1, 2), version="AC1021"), encoding="utf-8")
    found = reader.vector(path)
    assert found.report.layer == "areas" and found.frame.area.tolist() == [40.5, 40.5]
    assert list(found.frame["Text"]) == ["Thôn 1", "A; B"] and list(found.frame["Layer"]) == ["RANH", "RANH"]
    assert (found.report.rows_in, found.report.rows_out, len(found.report.skipped)) == (8, 2, 6)
    assert found.frame.crs is None
    assert told(found, "intake-dxf-kind") | {"file": ""} == {
        "file": "",
        "kind": "areas",
        "points": 5,
        "lines": 1,
        "areas": 2,
    }
    assert reader.vector(path, "lines").frame.length.round(2).tolist() == [7.07]
    assert reader.vector(path, "points").frame["source_row"].tolist() == [4, 5, 6, 7, 8]
    path.write_text(drawing(dot(1, 2)))
    assert fails("intake-layer-missing", reader.vector, path, "areas").arguments["layers"] == ["points"]
    path.write_text(drawing())
    fails("intake-layers-none", reader.vector, path)


def test_text_of_a_drawing_is_decoded_or_told_as_a_guess(reader, tmp_path):
    path = tmp_path / "a.dxf"
    path.write_bytes(drawing(label(1, 1, "XXXX")).encode().replace(b"XXXX", b"Th\xabn"))
    assert told(reader.vector(path), "encoding-guessed")
    assert reader.vector(path, encoding="tcvn3").frame["Text"][0] == "Thôn"
    path.write_bytes(drawing(label(1, 1, "Café đ"), page="ANSI_1258").encode("cp1258"))
    assert reader.vector(path).frame["Text"][0] == "Café đ"
    # A letter beyond the code page is written as its number; then the code page of the others is meant.
    path.write_bytes(drawing(label(1, 1, r"Thôn \U+0110\U+1EA1t")).encode("cp1252"))
    assert reader.vector(path).frame["Text"][0] == "Thôn Đạt"


# FlatGeobuf and GeoParquet


def test_the_crs_of_geoparquet_is_what_it_says(reader, tmp_path):
    path = write(tmp_path / "a.parquet")
    assert reader.vector(path).frame.crs == CRS(9216)
    table = pa.parquet.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    for crs, epsg in (("left out", "OGC:CRS84"), (None, None)):
        geo["columns"]["geometry"].pop("crs", None)
        if crs is None:
            geo["columns"]["geometry"]["crs"] = None
        pa.parquet.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
        found = reader.vector(path).frame.crs
        assert found == (epsg and CRS(epsg))


def test_parquet_that_is_no_geoparquet_is_refused(reader, tmp_path):
    path = tmp_path / "a.parquet"
    table = pa.table({"ma": ["0101"], "geometry": [b"x"]})
    pa.parquet.write_table(table, path)
    fails("intake-parquet-plain", reader.vector, path)
    for encoding in ("point", "ORC"):
        geo = {"primary_column": "geometry", "columns": {"geometry": {"encoding": encoding}}}
        pa.parquet.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
        fails("intake-parquet-encoding", reader.vector, path)
    for geo in ("[", "[]", "{}", '{"primary_column": "x", "columns": {"x": {"encoding": "WKB"}}}'):
        pa.parquet.write_table(table.replace_schema_metadata({"geo": geo}), path)
        fails("intake-damaged", reader.vector, path)


def test_columns_of_geoparquet_become_plain(reader, tmp_path):
    import datetime

    frame = geopandas.GeoDataFrame({"n": np.array([1, 2], "int8")}, geometry=[PLACE, None], crs=4326)
    frame["loai"] = frame["n"].map({1: "a", 2: "b"}).astype("category")
    frame["ngay"] = [datetime.date(2025, 6, 30), None]
    frame["co"] = [True, False]
    path = tmp_path / "a.parquet"
    frame.to_parquet(path)
    found = reader.vector(path).frame
    assert found["n"].dtype == "int64" and list(found["loai"]) == ["a", "b"]
    assert list(found["ngay"]) == ["2025-06-30", None] and list(found["co"]) == [True, False]
    assert found.geometry.isna().tolist() == [False, True]


def test_lines_of_every_format_stay_lines(reader, tmp_path):
    frame = geopandas.GeoDataFrame({"ten": ["Đường"]}, geometry=[ROAD], crs=4326)
    for suffix in (".tab", ".mif", ".fgb", ".parquet", ".kml"):
        found = reader.vector(write(tmp_path / f"a{suffix}", frame)).frame
        assert found.geom_type.tolist() == ["LineString"]
        assert shapely.length(found.geometry[0]) == pytest.approx(2**0.5, abs=1e-4)
