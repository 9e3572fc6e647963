"""The store from the command line: files in, names decided, back and forth, and sentences for what is wrong."""

import json

import geopandas as gpd
import pytest
import xlsxwriter
from click.testing import CliRunner
from shapely.geometry import box

from gis.cli import commands

NAMES = ["Thôn 1", "Thôn 2", "Kon R'bang", "Kon Tum"]


@pytest.fixture
def gis(tmp_path, monkeypatch):
    """``gis(*arguments) -> (exit code, output)`` over a store of this test."""
    monkeypatch.setenv("GIS_STORE", str(tmp_path / "store"))

    def run(*arguments):
        result = CliRunner().invoke(commands, [str(each) for each in arguments], obj={})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result.exit_code, result.output

    return run


@pytest.fixture
def outlines(tmp_path):
    cells = [box(107.8 + 0.01 * n, 14.6, 107.81 + 0.01 * n, 14.61) for n in range(len(NAMES))]
    frame = gpd.GeoDataFrame(
        {"MA": ["a", "b", "c", "d"], "TEN": NAMES, "XA": "Đăk Tô"}, geometry=cells, crs=4326
    )
    path = tmp_path / "thon.shp"
    frame.to_crs(9216).to_file(path, engine="pyogrio", encoding="UTF-8")
    path.with_suffix(".prj").unlink()
    return path


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "Rà soát 2024.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["ỦY BAN NHÂN DÂN XÃ ĐĂK TÔ"])
        page.write_row(2, 0, ["TT", "Xã", "Thôn, làng", "Số hộ"])
        for at, (name, households) in enumerate(
            [("Thôn 1", 120), ("Thôn II", 80), ("Làng Kon Rbàng", 60), ("Kon Tu", 40)]
        ):
            page.write_row(3 + at, 0, [at + 1, "Xã Đăk Tô", name, households])
        page.write_row(7, 2, ["Tổng cộng", 300])
    return path


@pytest.fixture
def dakto(gis, outlines, sheet):
    fields = [word for pair in ("village_id=MA", "name=TEN", "commune=XA") for word in ("--field", pair)]
    new = ("--new", "Xã Đăk Tô", "--criteria", "vn-dbkk-village-2021-2025", "--who", "Y Lan")
    assert gis("import", "dakto", *new)[0] == 0
    code, text = gis("import", "dakto", outlines, "--layer", "villages", *fields, "--lang", "en")
    assert code == 2 and "crs: 9216" in text and "Nothing was taken" in text
    code, text = gis("import", "dakto", outlines, "--layer", "villages", "--crs", 9216, *fields)
    assert code == 0, text
    code, text = gis("import", "dakto", sheet)
    assert code == 2 and "--year" in text
    assert gis("import", "dakto", sheet, "--year", 2024)[0] == 0
    return "dakto"


def test_a_name_in_doubt_is_listed_accepted_and_the_others_stay(gis, dakto):
    rows = {row["name"]: row for row in json.loads(gis("match", dakto, "--json")[1])}
    assert [rows[name]["village"] for name in ("Thôn 1", "Thôn II", "Làng Kon Rbàng")] == ["a", "b", "c"]
    assert rows["Kon Tu"]["outcome"] == "review" and rows["Kon Tu"]["candidates"][0][0] == "d"
    assert gis("match", dakto, "--accept-best")[0] == 0
    rows = {row["name"]: row for row in json.loads(gis("match", dakto, "--json")[1])}
    assert [row["village"] for row in rows.values()] == ["a", "b", "c", "d"]
    assert rows["Kon Tu"]["outcome"] == "decided"
    assert gis("match", dakto, "--withdraw", "Kon Tu|dak-to")[0] == 0
    assert gis("match", dakto, "--none", "Kon Tu|dak-to")[0] == 0
    code, text = gis("match", dakto, "--set", "Kon Tu|dak-to=khong-co", "--lang", "en")
    assert code == 2 and "khong-co" in text


def test_the_report_accounts_for_every_row(gis, dakto):
    found = json.loads(gis("check", dakto, "--json")[1])
    accounts = {
        row["source"]: (row["rows_in"], row["rows_used"], row["rows_reported"]) for row in found["inputs"]
    }
    assert accounts == {"villages": (4, 4, 0), "assessments": (5, 3, 2)}


def test_a_wrong_file_is_one_sentence_and_changes_nothing(gis, dakto, tmp_path):
    before = gis("history", dakto, "--json")[1]
    (tmp_path / "la.vrt.gpkg").write_text("<OGRVRTDataSource/>", encoding="utf-8")
    for file in (
        tmp_path / "la.vrt.gpkg",
        tmp_path / "khong-co.gpkg",
        "http://127.0.0.1:1/x.geojson",
        tmp_path,
    ):
        code, text = gis("import", dakto, file)
        assert code == 2 and "Traceback" not in text and text.strip()
    assert gis("history", dakto, "--json")[1] == before
    assert gis("import", "khong-co", tmp_path / "la.vrt.gpkg")[0] == 2
    assert gis("check", "khong-co")[0] == 2


def test_versions_go_back_and_sources_and_studies_come_back(gis, dakto, sheet):
    source = "assessments-2024-ra-soat-2024"
    code, text = gis("import", dakto, sheet, "--year", 2024, "--complete", "yes", "--lang", "en")
    assert code == 2 and "complete" in text
    assert gis("import", dakto, sheet, "--year", 2024, "--kind", "recheck")[0] == 0
    assert gis("rollback", dakto, source, 1)[0] == 0
    assert gis("rollback", dakto, source, 9)[0] == 2
    assert gis("remove", dakto, "--source", source)[0] == 0
    assert source not in gis("studies")[1]
    assert gis("remove", dakto, "--source", source, "--undo")[0] == 0
    assert gis("remove", dakto)[0] == 0 and dakto not in gis("studies")[1]
    assert gis("remove", dakto, "--undo")[0] == 0 and source in gis("studies")[1]


def test_a_study_and_a_store_go_to_another_place_whole(gis, dakto, tmp_path, monkeypatch):
    package, copy = tmp_path / "goi.zip", tmp_path / "sao.zip"
    headline = json.loads(gis("evaluate", dakto, "--out", tmp_path / "ra", "--json")[1])
    assert gis("export-study", dakto, "--out", package)[0] == 0
    assert gis("backup", "--out", copy)[0] == 0
    assert gis("check-store", "--deep")[0] == 0
    for name, arguments in (("goi", ("import-study", package)), ("sao", ("restore", copy, "--yes"))):
        monkeypatch.setenv("GIS_STORE", str(tmp_path / f"store-{name}"))
        code, text = gis(*arguments, "--who", "A Blong")
        assert code == 0, text
        there = json.loads(gis("evaluate", dakto, "--out", tmp_path / f"ra-{name}", "--json")[1])
        assert {**there, "seconds": 0} == {**headline, "seconds": 0}
    assert gis("restore", tmp_path / "thon.shp", "--yes", "--who", "A")[0] == 2
