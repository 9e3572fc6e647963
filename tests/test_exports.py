"""Every format is written, opened again by another library and compared; whatever it cannot hold is told."""

import csv
import io
import json
import sqlite3
import unicodedata
import zipfile
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from fakes import CRITERIA, CRS, NAMES, PAYLOADS, VILLAGES, criteria_set, tiny_review
from gis.errors import ExportError
from gis.exports import export, formats, to_xlsx
from gis.exports import shapefile as shapefile_module
from gis.exports._text import encodable, fit_text
from gis.exports._wide import unique_names, wide_table
from gis.roadfacts import access_index, road_lengths

FORMATS = tuple(formats())
ROADS = ["Chiều dài đường", "Gần đường bốn mùa"]
NOTICES = {"vi": ("MINH HỌA", "SỐ THỬ NGHIỆM"), "en": ("ILLUSTRATION", "TRIAL FIGURES")}


def target(folder, name):
    return folder / f"thôn{formats()[name].suffix}"


def texts_of(path):
    """All text in a file, whatever its format."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    return path.read_bytes().decode("utf-8", "replace")


def rows_of_csv(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_whole_and_says_what_it_is(name, language, tmp_path):
    path = target(tmp_path, name)

    report = export(tiny_review(), path, name, language=language)

    assert report.path == path and report.format == name
    assert set(report.files) == set(tmp_path.iterdir()), "nothing else may be left in the folder"
    said = "".join(texts_of(file) for file in report.files)
    for text in (*NOTICES[language], "0f1e2d3c", "tiny-set", "0f" * 32, "villages.gpkg", "schools.gpkg"):
        assert text in said, text
    for village, label in zip(VILLAGES, NAMES, strict=True):
        assert village in said and label in said


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("geometry", ["polygons", "points", "none"])
def test_every_format_takes_any_kind_of_geometry(name, geometry, tmp_path):
    report = export(tiny_review(geometry=geometry), target(tmp_path, name), name)
    assert report.rows == (12 if name == "findings_csv" else 4)


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_texts_go_through_every_format(name, tmp_path):
    for text in (*PAYLOADS, "=1+1", "\t=cmd", "x" * 40_000, "nul\x00", "a\r\nb"):
        report = export(tiny_review(names=[text] * 4, text=text), target(tmp_path, name), name)
        assert report.rows


@pytest.mark.parametrize("name", FORMATS)
def test_no_token_for_nan_or_infinity_is_written_as_a_number(name, tmp_path):
    report = export(tiny_review(), target(tmp_path, name), name)
    for file in report.files:
        if file.suffix in (".json", ".geojson"):
            json.loads(file.read_text(encoding="utf-8"), parse_constant=pytest.fail)


@pytest.mark.parametrize("name", FORMATS)
def test_select_exports_only_those_villages(name, tmp_path):
    report = export(tiny_review(), target(tmp_path, name), name, select=["0103", "0101"])
    said = "".join(texts_of(file) for file in report.files)
    assert report.rows == (6 if name == "findings_csv" else 2)
    assert NAMES[2] in said and NAMES[1] not in said


@pytest.mark.parametrize("name", FORMATS)
def test_a_village_that_is_not_there_is_named_in_the_error(name, tmp_path):
    with pytest.raises(ExportError, match="0999"):
        export(tiny_review(), target(tmp_path, name), name, select=["0101", "0999"])
    assert list(tmp_path.iterdir()) == []


@contextmanager
def full_disk(limit=1000):
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_full_disk_leaves_the_old_file_and_nothing_else(name, tmp_path):
    path = target(tmp_path, name)
    path.write_bytes(b"old")

    with pytest.raises(ExportError), full_disk():
        export(tiny_review(), path, name)

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_that_cannot_be_moved_into_place_leaves_the_old_one(name, tmp_path, monkeypatch):
    path = target(tmp_path, name)
    path.write_bytes(b"old")

    def refuse(*_):
        raise PermissionError(13, "denied")

    monkeypatch.setattr("gis.files.os.replace", refuse)
    with pytest.raises(ExportError, match="denied"):
        export(tiny_review(), path, name)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "geopackage"])
def test_the_same_run_writes_the_same_bytes(name, tmp_path):
    first, second = tmp_path / "1", tmp_path / "2"
    for folder in (first, second):
        folder.mkdir()
        export(tiny_review(), target(folder, name), name)
    assert [p.read_bytes() for p in sorted(first.iterdir())] == [
        p.read_bytes() for p in sorted(second.iterdir())
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_a_folder_that_is_not_there_is_an_error_that_names_the_file(name, tmp_path):
    with pytest.raises(ExportError, match="thôn"):
        export(tiny_review(), target(tmp_path / "none", name), name)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_writes_the_sample_district(name, tmp_path, sample_review):
    report = export(sample_review, target(tmp_path, name), name)
    expected = len(sample_review.findings) if name == "findings_csv" else len(sample_review.results)
    assert report.rows == expected


def test_an_unknown_format_is_answered_with_the_known_ones(tmp_path):
    with pytest.raises(ExportError, match="shapefile"):
        export(tiny_review(), tmp_path / "a.dwg", "dwg")


def test_only_a_shapefile_has_a_choice_of_encoding(tmp_path):
    with pytest.raises(ExportError, match="geojson"):
        export(tiny_review(), tmp_path / "a.geojson", "geojson", encoding="cp1258")
    with pytest.raises(ExportError, match="latin-1"):
        export(tiny_review(), tmp_path / "a.zip", "shapefile", encoding="latin-1")


# ---- the table itself


def test_missing_unreachable_and_zero_are_three_things():
    table = wide_table(tiny_review()).table.set_index("village_id")
    value, reason = table["school_distance_value"], table["school_distance_reason"]
    assert value["0101"] == 0 and reason["0101"] == "by-number"
    assert np.isnan(value["0102"]) and reason["0102"] == "unreachable"
    assert np.isnan(value["0104"]) and reason["0104"] == "unknown-no-geometry"
    assert list(table["school_distance_measured_state"]) == ["given", "unreachable", "given", "missing"]
    assert list(table["school_distance_reported_state"]) == ["given", "missing", "given", "missing"]


def test_ids_stay_text_and_flags_are_one_or_zero():
    table = wide_table(tiny_review()).table
    assert list(table["village_id"]) == list(VILLAGES)
    assert list(table["approximate"]) == [0, 1, 0, 0]


def test_the_review_is_not_changed_by_an_export(tmp_path):
    review = tiny_review()
    before = review.findings.copy(), review.villages_table.copy(), review.study.villages.copy()
    export(review, tmp_path / "a.zip", "shapefile")
    for frame, kept in zip(
        (review.findings, review.villages_table, review.study.villages), before, strict=True
    ):
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(kept))


@given(st.lists(st.text(max_size=30), unique=True, max_size=40))
def test_field_names_are_unique_ascii_and_at_most_ten_bytes(ids):
    criteria = criteria_set(ids)
    named = [pair for parts in unique_names(criteria).values() for pair in parts.values()]
    short = [one for _, one in named]
    fixed = [column.short for column in wide_table(tiny_review()).columns if not column.criterion]
    taken = [name.lower() for name in (*short, *fixed)]
    assert len(set(taken)) == len(taken)
    assert all(1 <= len(name.encode("ascii")) <= 10 and name[0].isalpha() for name in short)
    assert len({name.lower() for name, _ in named}) == len(named)


@given(st.lists(st.sampled_from(CRITERIA + ("name", "status", "school-distance-value")), unique=True))
def test_names_depend_on_the_set_alone(ids):
    assert unique_names(criteria_set(ids)) == unique_names(criteria_set(ids))


def test_criteria_that_are_called_like_other_columns_do_not_hide_them(tmp_path):
    review = tiny_review(criteria=("name", "status", "name-status", "geometry", "fid", "run"))
    for name in FORMATS:
        export(review, target(tmp_path, name), name)


# ---- shapefile


def shapes_in(path, name, encoding="UTF-8"):
    return pyogrio.read_dataframe(f"/vsizip/{path}/{name}.shp", encoding=encoding)


def test_shapefile_keeps_values_texts_and_coordinate_system(tmp_path):
    path = tmp_path / "a.zip"
    report = export(tiny_review(), path, "shapefile")

    polygons, points = shapes_in(path, "villages_polygon"), shapes_in(path, "villages_point")

    assert polygons.crs == CRS and points.crs == CRS
    assert list(polygons["village_id"]) == ["0101", "0102"] and list(points["village_id"]) == ["0103"]
    assert list(polygons["name"]) == list(NAMES[:2])
    short = dict(zip(report.dictionary["name"], report.dictionary["short"], strict=True))
    assert polygons[short["school_distance_value"]].fillna(-1).tolist() == [0, -1]
    assert polygons[short["school_distance_reason"]].tolist() == ["by-number", "unreachable"]
    assert points[short["road_hard_value"]].tolist() == [12.345678]
    assert polygons["approx"].tolist() == [0, 1]
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        assert {f"villages_point.{end}" for end in ("shp", "shx", "dbf", "prj", "cpg")} <= names
        assert archive.read("villages_point.cpg") == b"UTF-8"
        rows = list(csv.DictReader(io.StringIO(archive.read("no_geometry.csv").decode("utf-8-sig"))))
        meaning = list(csv.DictReader(io.StringIO(archive.read("dictionary.csv").decode("utf-8-sig"))))
        readme = archive.read("README.txt").decode("utf-8-sig")
    assert [row["village_id"] for row in rows] == ["0104"]
    assert {column for column in polygons if column != "geometry"} == {row["short"] for row in meaning}
    assert any(row["clause"].startswith("QĐ 33/2020") and row["unit"] == "km" for row in meaning)
    assert "0f1e2d3c" in readme and "schools.gpkg" in readme
    assert [problem.code for problem in report.problems] == ["export-no-geometry"]


def test_shapefile_in_cp1258_keeps_every_vietnamese_letter(tmp_path):
    names = ["Thôn Đắk Ế ỹ ữ ợ ặ", "ẤẦẨẪẬ ắằẳẵặ ốồổỗộ", "Nguyễn Thị Huỳnh Ệ", "bản ქართ ລາວ"]
    path = tmp_path / "a.zip"

    report = export(tiny_review(names=names, geometry="points"), path, "shapefile", encoding="cp1258")

    raw = shapes_in(path, "villages", "ISO-8859-1")["name"]
    found = [unicodedata.normalize("NFC", text.encode("latin-1").decode("cp1258").rstrip()) for text in raw]
    assert found[:3] == names[:3]
    assert "?" not in found[3] and found[3].startswith("bản ____")
    assert [(one.village_id, one.column, one.text, one.why) for one in report.cut] == [
        ("0104", "name", names[3], "cp1258")
    ]
    with zipfile.ZipFile(path) as archive:
        assert archive.read("villages.cpg") == b"1258"
        assert names[3] in archive.read("cut_texts.csv").decode("utf-8-sig")


@given(
    st.text(
        alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ "
    )
)
def test_any_vietnamese_text_survives_cp1258(text):
    back = encodable(text, "cp1258").encode("cp1258").decode("cp1258")
    assert unicodedata.normalize("NFC", back) == unicodedata.normalize("NFC", text)


@given(st.text(max_size=400), st.sampled_from(["utf-8", "cp1258"]))
def test_a_text_is_cut_within_the_field_at_a_whole_letter(text, coding):
    text = text.encode("utf-8", "ignore").decode()
    kept = fit_text(text, coding)
    assert len(kept.encode(coding)) <= 254
    whole = encodable(text, coding)
    assert whole.startswith(kept)
    if len(kept) < len(whole):
        assert not unicodedata.combining(whole[len(kept)]) or not kept
        assert len(kept.encode(coding)) > 180 or len(whole) - len(kept) > 20


def test_cut_texts_are_reported_and_stand_whole_in_the_zip(tmp_path):
    long = "Làng Đắk Ế " * 40
    path = tmp_path / "a.zip"

    report = export(tiny_review(names=[long, *NAMES[1:]], geometry="points"), path, "shapefile")

    assert [(one.village_id, one.column, one.why) for one in report.cut] == [("0101", "name", "length")]
    assert report.cut[0].text == long
    kept = shapes_in(path, "villages")["name"][0]
    assert long.startswith(kept) and 240 <= len(kept.encode()) <= 254
    with zipfile.ZipFile(path) as archive:
        assert long in archive.read("cut_texts.csv").decode("utf-8-sig")
        assert long in archive.read("villages.csv").decode("utf-8-sig")


def test_a_shapefile_over_two_gigabytes_is_refused_before_it_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(shapefile_module, "MOST_BYTES", 500)
    with pytest.raises(ExportError, match="GeoPackage"):
        export(tiny_review(), tmp_path / "a.zip", "shapefile")
    assert list(tmp_path.iterdir()) == []


def test_more_than_255_fields_are_told_and_stand_in_the_csv(tmp_path):
    path = tmp_path / "a.zip"
    report = export(tiny_review(criteria=[f"c{n}" for n in range(80)], geometry="points"), path, "shapefile")
    assert "export-fields-left" in [problem.code for problem in report.problems]
    assert shapes_in(path, "villages").shape[1] == 256
    with zipfile.ZipFile(path) as archive:
        head = archive.read("villages.csv").decode("utf-8-sig").splitlines()[0]
    assert head.split(",") == list(report.dictionary["name"])


def test_formulas_in_the_tables_of_the_zip_are_told(tmp_path):
    report = export(
        tiny_review(names=["=1+1", *NAMES[1:]], geometry="points"), tmp_path / "a.zip", "shapefile"
    )
    assert [problem.code for problem in report.problems] == ["export-formula-prefixed"]
    assert shapes_in(tmp_path / "a.zip", "villages")["name"][0] == "=1+1"


def test_a_writer_that_drops_a_row_is_caught(tmp_path, monkeypatch):
    whole = shapefile_module.fiona.open

    def lossy(*arguments, **options):
        file = whole(*arguments, **options)
        write = file.writerecords
        file.writerecords = lambda records: write(list(records)[:-1])
        return file

    monkeypatch.setattr(shapefile_module, "fiona", SimpleNamespace(open=lossy))
    with pytest.raises(ExportError, match="reads back 1 row|reads back 0 row"):
        export(tiny_review(), tmp_path / "a.zip", "shapefile")
    assert list(tmp_path.iterdir()) == []


def test_huge_and_tiny_numbers_are_kept_or_told(tmp_path):
    review = tiny_review(geometry="points")
    review.study.villages["population"] = [1e18, 123456789012.5, 1e-7, -3.25]
    review.villages_table["population"] = review.study.villages["population"]
    path = tmp_path / "a.zip"

    report = export(review, path, "shapefile")

    found = shapes_in(path, "villages")["population"]
    assert np.isnan(found[0]) and found[1] == 123456789012.5 and found[3] == -3.25
    assert [(one.column, one.why) for one in report.cut] == [("population", "number")]


# ---- the other formats


def test_geopackage_holds_layer_findings_dictionary_and_run(tmp_path):
    path = tmp_path / "a.gpkg"
    export(tiny_review(), path, "geopackage")

    villages = pyogrio.read_dataframe(path, layer="villages")

    assert villages.crs == CRS and len(villages) == 4
    assert villages.geometry.isna().tolist() == [False, False, False, True]
    assert villages["village_id"].tolist() == list(VILLAGES)
    assert {name for name, _ in pyogrio.list_layers(path)} == {"villages", "findings", "dictionary", "run"}
    with sqlite3.connect(path) as store:
        found = store.execute("select village_id, criterion, value, value_state from findings").fetchall()
    store.close()
    assert ("0102", "school-distance", None, "unreachable") in found
    assert ("0104", "school-distance", None, "missing") in found
    assert ("0101", "school-distance", 0.0, "given") in found
    assert len(found) == 12


def test_geojson_follows_the_standard(tmp_path):
    path = tmp_path / "a.geojson"
    export(tiny_review(), path, "geojson")
    found = json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)

    assert "crs" not in found
    shapes = [one["geometry"] for one in found["features"]]
    assert [one["id"] for one in found["features"]] == list(VILLAGES)
    assert shapes[3] is None
    ring = shapely.LinearRing(shapes[0]["coordinates"][0])
    assert ring.is_ccw
    assert 107 < ring.coords[0][0] < 109 and 14 < ring.coords[0][1] < 15
    assert all(round(number, 7) == number for point in ring.coords for number in point)
    properties = found["features"][1]["properties"]
    assert properties["school_distance_value"] is None
    assert properties["school_distance_reason"] == "unreachable"
    assert found["features"][0]["properties"]["school_distance_value"] == 0


def test_csv_opens_with_accents_and_keeps_leading_zeros(tmp_path):
    path = tmp_path / "a.csv"
    export(tiny_review(), path, "csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = rows_of_csv(path)
    assert [row["village_id"] for row in rows] == list(VILLAGES)
    assert [row["school_distance_value"] for row in rows] == ["0", "", "2.5", ""]
    meaning = json.loads((tmp_path / "a.csv-metadata.json").read_text(encoding="utf-8"))
    assert [column["name"] for column in meaning["tableSchema"]["columns"]] == list(rows[0])


@pytest.mark.parametrize("start", ["=1+1", "+84", "-2", "@SUM(A1)", "\tx", "-"])
def test_csv_cells_that_begin_like_a_formula_are_prefixed_and_reported(start, tmp_path):
    path = tmp_path / "a.csv"
    report = export(tiny_review(names=[start, *NAMES[1:]]), path, "csv")
    assert rows_of_csv(path)[0]["name"] == "'" + start
    assert [(one.village_id, one.column, one.text, one.why) for one in report.cut] == [
        ("0101", "name", start, "formula")
    ]


def test_negative_numbers_are_no_formulas(tmp_path):
    review = tiny_review()
    review.findings.loc[0, "value"] = -1.5
    report = export(review, tmp_path / "a.csv", "csv")
    assert rows_of_csv(tmp_path / "a.csv")[0]["school_distance_value"] == "-1.5"
    assert report.cut == ()


def test_xlsx_has_words_numbers_and_no_formula(tmp_path):
    names = ["=1+1", "http://example.org", "007", "+84"]
    path = tmp_path / "a.xlsx"
    export(tiny_review(names=names, text="=HYPERLINK(A1)"), path, "xlsx")

    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            text = archive.read(member).decode("utf-8", "replace")
            assert "<f>" not in text and "<hyperlink" not in text, member
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Thôn", "Kết quả chi tiết", "Xã", *ROADS, "Tiêu chí", "Chú giải", "Nguồn gốc"]
    sheet = book["Thôn"]
    codes = [cell.value for cell in sheet[3]]
    rows = [dict(zip(codes, [cell.value for cell in row], strict=True)) for row in sheet.iter_rows(min_row=4)]
    assert [row["village_id"] for row in rows] == list(VILLAGES)
    assert [row["name"] for row in rows] == names
    assert [row["school_distance_value"] for row in rows] == [0, "không đến được", 2.5, None]
    assert rows[1]["school_distance_status"] == "chưa đạt"
    assert sheet.freeze_panes == "C4" and sheet.auto_filter.ref.startswith("A3:")
    assert sheet["A4"].data_type == "s" and sheet["A4"].number_format == "@"
    assert sheet["A2"].value == "Mã thôn"


def test_a_workbook_tells_of_roads_what_the_page_of_roads_does(tmp_path, sample_review):
    study, some = sample_review.study, list(sample_review.results.index[:5])
    export(sample_review, tmp_path / "a.xlsx", "xlsx")
    export(sample_review, tmp_path / "b.xlsx", "xlsx", select=some)
    lengths = road_lengths(study.villages, study.layers["roads"].frame)
    for file, expected in (("a.xlsx", lengths), ("b.xlsx", lengths[lengths["village_id"].isin(some)])):
        told = pd.read_excel(
            tmp_path / file, sheet_name=ROADS[0], header=2, dtype={"village_id": str}, engine="openpyxl"
        )
        assert told["village_id"].tolist() == expected["village_id"].tolist()
        np.testing.assert_allclose(told["km"], expected["km"], atol=6e-4)
        assert set(told["surface"]) <= {"Nhựa", "Bê tông xi măng", "Cấp phối, đá dăm", "Đất", "chưa ghi"}
    told = pd.read_excel(tmp_path / "a.xlsx", sheet_name=ROADS[1], header=2, engine="openpyxl").set_index(
        "key"
    )["value"]
    assert told.to_dict() == access_index(study).figures()


def test_xlsx_in_english_has_english_sheets(tmp_path):
    path = tmp_path / "a.xlsx"
    export(tiny_review(), path, "xlsx", language="en")
    book = openpyxl.load_workbook(path)
    roads = ["Road lengths", "Near all-season roads"]
    assert book.sheetnames == ["Villages", "Findings", "Communes", *roads, "Criteria", "Dictionary", "Origin"]
    sentences = [row[6].value for row in book["Findings"].iter_rows(min_row=4)]
    assert all(sentence.strip().startswith("en:") for sentence in sentences)


def test_xlsx_speaks_in_words_where_other_formats_hold_codes(tmp_path):
    path = tmp_path / "a.xlsx"
    export(tiny_review(), path, "xlsx")
    book = openpyxl.load_workbook(path)
    findings, criteria = book["Kết quả chi tiết"], book["Tiêu chí"]
    codes = [cell.value for cell in findings[3]]
    row = dict(zip(codes, [cell.value for cell in findings[4]], strict=True))
    assert (row["source"], row["compare"], row["verification"]) == (
        "đo trên bản đồ",
        "≤",
        "đọc qua báo chí, cổng thông tin",
    )
    heads = dict(zip([cell.value for cell in criteria[3]], [cell.value for cell in criteria[2]], strict=True))
    assert heads["threshold chung"] == "Ngưỡng: chung"
    assert {cell.value for cell in book["Xã"][2]} >= {"Xã", "Đạt chuẩn", "Chưa đạt chuẩn"}


def test_a_workbook_holds_words_and_no_code_truth_value_or_figure_of_yes_or_no(tmp_path, sample_review):
    path = tmp_path / "a.xlsx"
    export(sample_review, path, "xlsx")
    book = openpyxl.load_workbook(path)
    codes = {"by-number", "by-yesno", "by-band", "given", "missing", "True", "False", True, False}
    for sheet in book:
        for row in sheet.iter_rows(min_row=4, values_only=True):
            words = [cell for cell in row if isinstance(cell, (str, bool))]
            assert not codes & set(words), (sheet.title, row)
            assert not [word for word in words if word.startswith("unknown-")], (sheet.title, row)
    assert "run " not in book["Thôn"]["A1"].value
    findings = book["Kết quả chi tiết"]
    heads = [cell.value for cell in findings[3]]
    rows = [dict(zip(heads, row, strict=True)) for row in findings.iter_rows(min_row=4, values_only=True)]
    unbound = {one.id for one in sample_review.criteria.criteria if one.measured is None}
    for row in rows:
        assert row["threshold"] is None or row["compare"] not in ("phải có", "chưa có")
        assert row["measured_status"] is None or row["criterion"] not in unbound
    assert {row[-1] for row in book["Xã"].iter_rows(min_row=4, values_only=True)} <= {"có", "không"}


def test_a_text_too_long_for_a_cell_is_cut_and_reported(tmp_path):
    report = export(tiny_review(names=["x" * 40_000, *NAMES[1:]]), tmp_path / "a.xlsx", "xlsx")
    assert {(one.village_id, one.column) for one in report.cut} >= {("0101", "name")}
    assert all(len(one.text) == 40_000 for one in report.cut)


def test_a_list_becomes_a_workbook_of_one_sheet(tmp_path):
    rows = tiny_review().villages_table
    labels = {
        "village_id": "Mã",
        "name": {"vi": "Tên", "en": "Name"},
        "status": "Kết quả",
        "population": "Dân",
    }
    path, buffer = tmp_path / "a.xlsx", io.BytesIO()

    to_xlsx(rows, path, title="Danh sách <thôn>", labels=labels)
    to_xlsx(rows, buffer, title="Danh sách <thôn>", labels=labels)

    for given_file in (path, io.BytesIO(buffer.getvalue())):
        sheet = openpyxl.load_workbook(given_file).active
        assert sheet["A1"].value == "Danh sách <thôn>"
        assert [cell.value for cell in sheet[2]] == ["Mã", "Tên", "Kết quả", "Dân"]
        assert [cell.value for cell in sheet[4]] == ["0101", NAMES[0], "đạt", 120]
        assert [cell.value for cell in sheet[6]][3] is None


def test_a_list_with_infinity_says_so(tmp_path):
    rows = pd.DataFrame({"km": [np.inf, 1.5, np.nan], "seen": [["a", "b"], [], None]})
    to_xlsx(rows, tmp_path / "a.xlsx", title="t", language="en")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert [sheet.cell(row, 1).value for row in (4, 5, 6)] == ["unreachable", 1.5, None]
    assert [sheet.cell(row, 2).value for row in (4, 5, 6)] == ["a; b", None, None]
