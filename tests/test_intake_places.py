"""Tables of places: how coordinates are written, which column is east, what cannot be, and what is asked."""

import math

import pytest
import shapely
import xlsxwriter
from shapely.geometry import LineString, Point

from foreign import codes, fails, told
from gis.intake import Reader
from gis.intake.coordinates import coordinates
from gis.settings import Settings


@pytest.fixture(scope="module")
def reader():
    with Reader(Settings()) as reader:
        yield reader


def table(path, *rows, delimiter=";"):
    path.write_text("\n".join(delimiter.join(map(str, row)) for row in rows) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("14.35", 14.35),
        ("14,35", 14.35),
        (14.35, 14.35),
        ("-0,5", -0.5),
        ("14°30'00\"", 14.5),
        ("14°30'36\"N", 14.51),
        ("14° 30′ 36″ N", 14.51),
        ("N 14°30'36\"", 14.51),
        ("14º30’36,0”B", 14.51),
        ("107°59'60\"Đ", math.nan),
        ("107°60'Đ", math.nan),
        ("107°45'Đ", 107.75),
        ("107 45 00 E", 107.75),
        ("107°45.5'E", 107 + 45.5 / 60),
        ("107,75 Đ", 107.75),
        ("14.5S", -14.5),
        ("75°30'W", -75.5),
        ("75°30'T", -75.5),
        ("-75°30'", -75.5),
        ("1.588.000,25", 1588000.25),
        ("1,588,000.25", 1588000.25),
        ("1.588.000", 1588000),
        ("1 588 000,25", 1588000.25),
        ("1588000", 1588000),
        ("-1.79769e+308", -1.79769e308),
        ("1,588.000,25", math.nan),
        ("nhà ông A", math.nan),
        ("14°30'36\"X", math.nan),
        (True, math.nan),
        ("", None),
        (" - ", None),
        (None, None),
    ],
)
def test_a_coordinate_is_read_as_it_is_written(text, value):
    (found,) = coordinates([text])
    if value is None or math.isnan(value):
        assert found is None if value is None else math.isnan(found)
    else:
        assert found == pytest.approx(value, rel=1e-12)


def test_n_is_south_only_in_a_column_that_speaks_vietnamese():
    assert coordinates(["14°30'N", "15°N"]) == [14.5, 15.0]
    assert coordinates(["14°30'N", "15°B"]) == [-14.5, 15.0]


@pytest.mark.parametrize(
    ("east", "north"),
    [
        ("lon", "lat"),
        ("Longitude", "Latitude"),
        ("Kinh độ", "Vĩ độ"),
        ("KINH_DO", "VI_DO"),
        ("Easting", "Northing"),
        ("x", "y"),
        ("Tọa độ X", "Tọa độ Y"),
    ],
)
def test_columns_of_coordinates_are_found_by_their_names(reader, tmp_path, east, north):
    path = table(tmp_path / "a.csv", ("ma", north, east), ("0101", "14,5", "108,25"))
    found = reader.vector(path)
    assert found.frame.geometry[0].equals(Point(108.25, 14.5)) and found.frame.crs is None
    assert list(found.frame.columns) == ["source_row", "ma", north, east, "geometry"]
    assert list(found.frame["ma"]) == ["0101"] and found.frame["source_row"].tolist() == [2]


def test_degrees_minutes_and_seconds_become_points(reader, tmp_path):
    path = table(
        tmp_path / "a.csv",
        ("Tên", "Vĩ độ", "Kinh độ"),
        ("A", "14°30'00\"B", "108°15'00\"Đ"),
        ("B", "14°45'B", "108°45'Đ"),
        delimiter="\t",
    )
    assert shapely.get_coordinates(reader.vector(path).frame.geometry).tolist() == [
        [108.25, 14.5],
        [108.75, 14.75],
    ]


def test_x_that_is_north_in_a_survey_sheet_is_seen_by_its_values_and_told(reader, tmp_path):
    rows = ("1588000,5", "550000,25"), ("1589000", "551000")
    found = reader.vector(table(tmp_path / "a.csv", ("X", "Y"), *rows))
    assert found.frame.geometry[0].equals(Point(550000.25, 1588000.5))
    assert (told(found, "intake-xy-taken")["east"], told(found, "intake-xy-taken")["north"]) == ("Y", "X")
    found = reader.vector(table(tmp_path / "b.csv", ("Y", "X"), *rows))
    assert found.frame.geometry[0].equals(Point(550000.25, 1588000.5))
    assert told(found, "intake-xy-taken")["east"] == "X"


def test_degrees_with_x_as_latitude_are_seen_where_longitude_is_beyond_90(reader, tmp_path):
    found = reader.vector(table(tmp_path / "a.csv", ("x", "y"), (14.5, 108.25)))
    assert found.frame.geometry[0].equals(Point(108.25, 14.5)) and found.report.problems[0].severity == "note"
    found = reader.vector(table(tmp_path / "b.csv", ("x", "y"), (77.5, 20.25)))
    assert (
        found.frame.geometry[0].equals(Point(77.5, 20.25)) and found.report.problems[0].severity == "warning"
    )


def test_metres_that_could_be_either_are_asked_for_and_the_answer_is_taken(reader, tmp_path):
    path = table(tmp_path / "a.csv", ("X", "Y"), (950000, 550000))
    assert fails("intake-xy-order", reader.vector, path).arguments["x"] == "X"
    found = reader.vector(path, coordinates={"x": "Y", "y": "X"})
    assert found.frame.geometry[0].equals(Point(550000, 950000)) and codes(found) == []
    path = table(tmp_path / "b.csv", ("cột 1", "cột 2"), (950000, 550000))
    fails("intake-no-coordinates", reader.vector, path)
    assert len(reader.vector(path, coordinates={"x": "cột 2", "y": "cột 1"}).frame) == 1
    fails("intake-columns-missing", reader.vector, path, coordinates={"x": "cột 3", "y": "cột 1"})


def test_impossible_coordinates_keep_their_row_and_are_listed(reader, tmp_path):
    bad = (
        ("-1.79769e+308", "-1.79769e+308"),
        ("nan", "x"),
        (0, 0),
        (108, 91),
        (181, 14),
        ("", 14),
        ("1e400", 14),
    )
    path = table(tmp_path / "a.csv", ("lon", "lat"), *((108 + n / 100, 14) for n in range(9)), *bad)
    found = reader.vector(path)
    assert found.frame.geometry.isna().tolist() == [False] * 9 + [True] * 7
    assert told(found, "geometry-impossible")["count"] == 6
    assert told(found, "geometry-impossible")["rows"] == [11, 12, 13, 14, 15]
    assert told(found, "geometry-missing")["rows"] == [16]
    assert (found.report.rows_in, found.report.rows_out) == (16, 16)


def test_wkt_makes_shapes_and_what_it_cannot_be_is_listed_by_line(reader, tmp_path):
    path = table(
        tmp_path / "a.csv",
        ("ten", "WKT"),
        ("a", "POINT (108 14)"),
        ("b", "SRID=4326;LINESTRING (108 14, 109 15)"),
        ("c", "POINT (một hai)"),
        ("d", ""),
        ("e", Point(1, 2).wkb_hex),
        ("f", "POINT (nan nan)"),
        ("g", "POINT Z (1 2 3)"),
        delimiter="\t",
    )
    found = reader.vector(path)
    assert list(found.frame.columns) == ["source_row", "ten", "geometry"]
    assert found.frame.geometry[1].equals(LineString([(108, 14), (109, 15)]))
    assert found.frame.geometry[4].equals(Point(1, 2)) and found.frame.geometry[6].equals(Point(1, 2))
    assert told(found, "geometry-unreadable")["rows"] == [4]
    assert told(found, "geometry-missing")["rows"] == [5]
    assert told(found, "geometry-not-finite")["rows"] == [7]
    assert told(found, "geometry-flattened")["rows"] == [8]


def test_a_workbook_with_a_title_and_one_sheet_of_places_comes_in(reader, tmp_path):
    path = tmp_path / "điểm.xlsx"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("Bìa").write(0, 0, "UBND xã")
    sheet = book.add_worksheet("Điểm")
    sheet.write(0, 0, "DANH SÁCH ĐIỂM TRƯỜNG")
    sheet.write_row(2, 0, ["Tên", "Kinh độ", "Vĩ độ"])
    sheet.write_row(3, 0, ["Điểm A", 108.25, 14.5])
    sheet.write_row(5, 0, ["Điểm B", "108°30'Đ", "14°30'B"])
    book.close()
    found = reader.vector(path)
    assert found.report.layer == "Điểm" and found.frame["source_row"].tolist() == [4, 6]
    assert shapely.get_coordinates(found.frame.geometry).tolist() == [[108.25, 14.5], [108.5, 14.5]]
    assert list(reader.table(path).sheets) == ["Bìa", "Điểm"]


def test_two_sheets_of_places_ask_which(reader, tmp_path):
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    for name in ("Xã A", "Xã B"):
        book.add_worksheet(name).write_column(0, 0, ["WKT", "POINT (1 2)"])
    book.close()
    assert fails("intake-layers", reader.vector, path).arguments["layers"] == ["Xã A", "Xã B"]
    assert len(reader.vector(path, "Xã B").frame) == 1


def test_a_table_in_an_archive_is_read_only_where_there_is_no_layer(reader, tmp_path):
    import zipfile

    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("điểm.csv", "lon,lat\n108,14\n")
    assert reader.vector(path).report.format == "csv"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("a.geojson", '{"type": "Point", "coordinates": [1, 2]}')
    found = reader.vector(path)
    assert found.report.format == "geojson" and "điểm.csv" in found.report.problems[0].say("vi")


@pytest.mark.real
def test_real_habitations_with_impossible_coordinates_keep_all_rows(shared_data, reader):
    found = reader.vector(shared_data / "messy" / "habitations_impossible_coordinates.csv")
    assert found.report.rows_in == len(found.frame) == 239
    wild = found.frame["x"].str.startswith("-1.79") | found.frame["y"].str.startswith("-1.79")
    assert wild.sum() >= 20 and found.frame.geometry[wild].isna().all()
    assert told(found, "geometry-impossible")["count"] == found.frame.geometry.isna().sum()
