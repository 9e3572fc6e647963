"""Study files and their layers: what cannot be right is one sentence that names file, layer, row or line."""

import json

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, Polygon, box

import tiny
from gis.errors import GisError
from gis.workflows import check_study, judge, read_study

STUDY = """\
id: thu
title: {vi: Thử, en: Trial}
criteria: vn-dbkk-village-2021-2025
groups: {region: chung}
layers:
  villages: {file: thon.gpkg, complete: yes}
  schools: {file: truong.geojson, as_of: 2024, complete: yes}
assessments:
  - {file: phieu.csv, year: 2024}
"""
SHEET = "Mã thôn,Thôn,Số hộ,Hộ nghèo\nv0,Thôn 1,100,30\nv1,Thôn 2,100,5\n"


@pytest.fixture
def folder(tmp_path):
    """A small study on disk: three villages, two schools, a sheet that lacks the third village."""
    villages = tiny.villages(3).drop(columns=["point", "approximate", "households"])
    villages.reset_index().to_file(tmp_path / "thon.gpkg", layer="thon", engine="pyogrio")
    schools = tiny.facilities((500, 500), (1500, 500)).reset_index(drop=True).to_crs("EPSG:4326")
    schools.rename(columns={"kind": "cap_hoc"}).to_file(
        tmp_path / "truong.geojson", driver="GeoJSON", engine="pyogrio"
    )
    (tmp_path / "phieu.csv").write_text(SHEET, encoding="utf-8")
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    return tmp_path


def edit(folder, old, new):
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    assert old in text
    (folder / "study.yaml").write_text(text.replace(old, new), encoding="utf-8")
    return folder


def fault(folder):
    """The error of reading a study, with its sentences in both languages."""
    with pytest.raises(GisError) as caught:
        read_study(folder)
    english, vietnamese = caught.value.say("en"), caught.value.say("vi")
    assert "{" not in english.replace("{region", "") and english != vietnamese
    return caught.value, english


def test_a_study_comes_in_whole_and_every_row_is_accounted_for(folder):
    study = read_study(folder)
    assert list(study.villages.index) == ["v0", "v1", "v2"] and study.crs.to_epsg() == 9216
    assert (
        study.rung == 4
        and study.year == 2024
        and set(study.inputs) == {"thon.gpkg", "truong.geojson", "phieu.csv"}
    )
    assert (
        study.villages["households"].tolist()[:2] == [100, 100]
        and study.villages["population"].tolist() == [1000] * 3
    )
    assert study.layers["schools"].frame["kind"].tolist() == ["primary", "primary"]
    for layer in study.layers.values():
        assert layer.counts["rows_in"] == layer.counts["rows_used"] + layer.counts["rows_reported"]
    assert [dict(counts) for counts in study.sheet_counts.values()] == [
        {"rows_in": 2, "rows_used": 2, "rows_reported": 0}
    ]
    # The tiny villages lie where x and y are small, far from where their zone is used.
    assert [problem.code for problem in study.problems] == ["crs-outside-use", "villages-without-row"]
    assert judge(study).results["status"].tolist() == ["unmet", "met", "unknown"]


def test_the_order_of_rows_changes_nothing(folder):
    first = judge(read_study(folder))
    villages = gpd.read_file(folder / "thon.gpkg", engine="pyogrio").iloc[::-1]
    (folder / "thon.gpkg").unlink()
    villages.to_file(folder / "thon.gpkg", layer="thon", engine="pyogrio")
    head, *rows = SHEET.splitlines()
    (folder / "phieu.csv").write_text("\n".join([head, *rows[::-1]]), encoding="utf-8")
    second = judge(read_study(folder))
    pd.testing.assert_frame_equal(
        first.findings.drop(columns="record"), second.findings.drop(columns="record")
    )
    pd.testing.assert_frame_equal(first.results, second.results)


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "says"),
    [
        ("layers:", "layrs:", "schema-unknown-key", 5, "layrs"),
        ("  schools:", "  scools:", "study-unknown-layer", 7, "scools"),
        ("truong.geojson", "truong2.geojson", "study-file-missing", 7, "truong2.geojson"),
        ("criteria: vn-dbkk-village-2021-2025", "criteria: vn-dbkk", "criteria-unknown-set", 3, "vn-dbkk"),
        ("{region: chung}", "{region: tay_nguyen}", "study-unknown-group", 4, "tay_nguyen"),
        ("{region: chung}", "{terrain: hill}", "study-unknown-dimension", 4, "terrain"),
        ("{region: chung}", "{region: {column: vung}}", "study-no-group-column", 4, "vung"),
        ("complete: yes}\nass", "complete: mostly}\nass", "schema-wrong-value", 7, "mostly"),
        ("year: 2024", "year: '2024'", "schema-wrong-type", 9, "2024"),
        ("as_of: 2024,", "kinds: {from: cap_hoc, univ: [x]},", "study-unknown-kind", 7, "univ"),
        ("year: 2024}", "year: 2024, fields: {hohoho: 'Số hộ'}}", "study-unknown-field", 9, "hohoho"),
        ("id: thu", "id: thu\nid: hai", "yaml-key-twice", 2, "id"),
        ("id: thu", "id: Thử", "schema-wrong-value", 1, "Thử"),
        ("title: {vi: Thử, en: Trial}", "title: {vi: Thử", "yaml-syntax", 3, "study.yaml"),
    ],
)
def test_a_slip_in_the_study_file_names_its_line(folder, old, new, code, line, says):
    error, sentence = fault(edit(folder, old, new))
    assert error.code == code and error.arguments["line"] == line
    assert says in sentence and "study.yaml" in sentence


def test_all_slips_are_told_at_once(folder):
    edit(folder, "  schools:", "  scools:")
    error, sentence = fault(edit(folder, "file: thon.gpkg", "file: thon2.gpkg"))
    assert {problem.code for problem in error.problems} == {"study-unknown-layer", "study-file-missing"}
    assert len(sentence.splitlines()) == 2


def test_a_wrong_key_column_names_the_columns_there_are(folder):
    error, sentence = fault(edit(folder, "thon.gpkg,", "thon.gpkg, fields: {village_id: MA_THON},"))
    assert (
        error.code == "layer-no-column"
        and "MA_THON" in sentence
        and "thon.gpkg" in sentence
        and "village_id" in sentence
    )


def test_duplicate_village_codes_name_the_codes_and_rows(folder):
    villages = gpd.read_file(folder / "thon.gpkg", engine="pyogrio")
    villages.loc[2, "village_id"] = "v0"
    villages.to_file(folder / "thon.gpkg", layer="thon", engine="pyogrio")
    error, sentence = fault(folder)
    assert error.code == "village-code-twice" and error.arguments["rows"] == [1, 3] and "v0" in sentence


def test_a_layer_without_crs_asks_for_one_and_takes_it(folder):
    plain = (
        tiny.villages(3)[["name", "commune_id", "geometry"]].reset_index().set_crs(None, allow_override=True)
    )
    with pytest.warns(UserWarning, match="crs"):
        plain.to_file(folder / "thon.shp", engine="pyogrio", encoding="utf-8")
    edit(folder, "thon.gpkg", "thon.shp")
    error, sentence = fault(folder)
    assert error.code == "layer-no-crs" and "Villages" in sentence and "crs:" in sentence
    edit(folder, "thon.shp,", "thon.shp, crs: EPSG:9216,")
    assert read_study(folder).crs.to_epsg() == 9216


def test_metres_labelled_as_degrees_are_refused(folder):
    error, sentence = fault(edit(folder, "thon.gpkg,", "thon.gpkg, crs: EPSG:4326,"))
    assert error.code == "crs-implausible" and "Villages" in sentence


def test_a_shapefile_without_its_index_names_the_missing_part(folder):
    tiny.villages(3)[["name", "geometry"]].reset_index().to_file(
        folder / "thon.shp", engine="pyogrio", encoding="utf-8"
    )
    (folder / "thon.shx").unlink()
    _, sentence = fault(edit(folder, "thon.gpkg", "thon.shp"))
    assert ".shx" in sentence


def test_a_criteria_set_with_an_unknown_indicator_is_told_before_any_file_is_opened(folder):
    from gis.criteria.files import FOLDER

    text = (FOLDER / "vn-dbkk-village-2021-2025.yaml").read_text(encoding="utf-8")
    (folder / "own.yaml").write_text(
        text.replace("id: vn-dbkk-village-2021-2025", "id: own", 1).replace(
            "indicator: reported_share", "indicator: reported_shere", 1
        ),
        encoding="utf-8",
    )
    error, sentence = fault(edit(folder, "criteria: vn-dbkk-village-2021-2025", "criteria: own.yaml"))
    assert (
        error.code == "criterion-unknown-indicator"
        and "reported_shere" in sentence
        and "own.yaml" in sentence
    )


def test_kinds_by_pattern_count_what_matches_none(folder):
    places = tiny.facilities((1000, 1), (2000, 2), (3000, 3)).to_crs("EPSG:4326").drop(columns="kind")
    places.assign(mo_ta=["PHC Sub Centre", "P H C", "Chợ"]).to_file(
        folder / "yte.geojson", driver="GeoJSON", engine="pyogrio"
    )
    edit(
        folder,
        "assessments:",
        "  clinics: {file: yte.geojson, kinds: {from: mo_ta, phc: [phc, p h c], subcentre: [sub cent]}}\nassessments:",
    )
    study = read_study(folder)
    kinds = study.layers["clinics"].frame["kind"]
    assert kinds.where(kinds.notna(), None).tolist() == ["subcentre", "phc", None]
    told = next(problem for problem in study.problems if problem.code == "layer-kind-unknown")
    assert told.arguments["values"] == ["Chợ (1)"]


def test_where_keeps_text_as_text_and_counts_what_it_leaves_out(folder):
    schools = (
        tiny.facilities((500, 500), (1500, 500))
        .to_crs("EPSG:4326")
        .assign(ma=["0123", "123"], mo=["no", "yes"])
    )
    schools.to_file(folder / "truong.geojson", driver="GeoJSON", engine="pyogrio")
    study = read_study(edit(folder, "as_of: 2024,", "where: {ma: [0123], mo: [no]},"))
    assert len(study.layers["schools"].frame) == 1
    assert study.layers["schools"].counts["rows_reported"] == 1


def test_closed_facilities_do_not_serve_and_are_listed(folder):
    schools = tiny.facilities((500, 500), (1500, 500)).to_crs("EPSG:4326").assign(working=["có", "không"])
    schools.to_file(folder / "truong.geojson", driver="GeoJSON", engine="pyogrio")
    study = read_study(folder)
    assert len(study.layers["schools"].frame) == 1 and study.layers["schools"].counts["closed"] == 1
    assert "facilities-closed" in [problem.code for problem in study.problems]


def test_broken_and_empty_outlines_are_mended_or_kept_without_one_and_never_dropped(folder):
    villages = tiny.villages(3).drop(columns="point")
    villages.geometry = [Polygon([(0, 0), (900, 900), (900, 0), (0, 900)]), None, box(2000, 0, 3000, 1000)]
    villages.reset_index().to_file(folder / "thon.gpkg", layer="thon", engine="pyogrio")
    study = read_study(folder)
    assert len(study.villages) == 3 and study.villages.geometry.isna().tolist() == [False, True, False]
    assert study.villages.loc["v1", "point"] is None or pd.isna(study.villages.loc["v1", "point"])
    codes = [problem.code for problem in study.problems]
    assert "layer-geometry-repaired" in codes and "boundary-without-geometry" in codes


def test_a_facility_without_a_place_is_reported_not_lost(folder):
    features = json.loads((folder / "truong.geojson").read_text(encoding="utf-8"))
    features["features"][0]["geometry"] = None
    (folder / "truong.geojson").write_text(json.dumps(features), encoding="utf-8")
    study = read_study(folder)
    assert dict(study.layers["schools"].counts) | {"closed": 0} == {
        "rows_in": 2,
        "rows_used": 1,
        "rows_reported": 1,
        "closed": 0,
    }
    assert "layer-geometry-missing" in [problem.code for problem in study.problems]


def test_a_study_may_be_as_poor_as_one_sheet(folder):
    edit(
        folder,
        "  villages: {file: thon.gpkg, complete: yes}\n  schools: {file: truong.geojson, as_of: 2024, complete: yes}\n",
        "",
    )
    study = read_study(edit(folder, "layers:\n", ""))
    assert study.rung == 0 and study.villages.geometry.isna().all() and len(study.villages) == 2
    review = judge(study)
    assert review.results["status"].tolist() == ["unmet", "met"] and review.geometry().empty


def test_points_give_a_map_and_communes_are_found_by_place(folder):
    ids = {"village_id": ["v0", "v1", "v2"], "name": ["Thôn 1", "Thôn 2", "Thôn 3"]}
    points = gpd.GeoDataFrame(ids, geometry=[Point(500 + 1000 * i, 500) for i in range(3)], crs=tiny.CRS)
    points.to_file(folder / "thon.gpkg", layer="thon", engine="pyogrio")
    communes = gpd.GeoDataFrame({"commune_id": ["a", "b"], "name": ["Xã A", "Xã B"]},
                                geometry=[box(0, 0, 1400, 1000), box(1400, 0, 2100, 1000)], crs=tiny.CRS)  # fmt: skip
    communes.to_file(folder / "xa.gpkg", engine="pyogrio")
    edit(
        folder, "  schools: {file: truong.geojson, as_of: 2024, complete: yes}", "  communes: {file: xa.gpkg}"
    )
    study = read_study(folder)
    assert study.rung == 2 and study.villages["commune"].fillna("").tolist() == ["Xã A", "Xã B", ""]
    assert "village-outside-communes" in [problem.code for problem in study.problems]
    # the only village of each commune has its whole outline, cut to no measure; the third has no commune
    assert judge(study).geometry().geom_type.tolist() == ["Polygon", "Polygon", "Point"]
    assert study.villages.geometry.area.fillna(0).tolist() == [1_400_000, 700_000, 0]
    assert study.villages["approximate"].tolist() == [True, True, False]
    assert study.villages["point"].tolist() == [Point(500 + 1000 * i, 500) for i in range(3)]
    told = next(problem for problem in study.problems if problem.code == "villages-extent-made")
    assert told.arguments["count"] == 2 and told.severity == "note"


def test_a_set_of_another_time_or_level_is_said(folder):
    told = {problem.code for problem in read_study(edit(folder, "year: 2024", "year: 2016")).problems}
    assert "criteria-not-in-force" in told
    told = {problem.code for problem in read_study(folder, criteria="vn-ntm-commune-2009").problems}
    assert (
        "criteria-other-level" in told and "criteria-not-in-force" not in told
    )  # in force from 2009 to 2016


def test_the_run_records_what_was_chosen_for_the_study(folder):
    parameters = judge(read_study(folder)).run.parameters
    assert parameters["crs"] == "EPSG:9216" and parameters["village_point"] == "inside"


def test_the_communes_of_a_sheet_are_those_of_the_outlines(folder):
    (folder / "phieu.csv").write_text("Xã,Thôn,Số hộ,Hộ nghèo\nxã một,A,10,1\n", encoding="utf-8")
    outlines = gpd.GeoDataFrame(
        {"MA_XA": ["24601"], "TEN_XA": ["Xã Một"]}, geometry=[box(0, 0, 999, 999)], crs=tiny.CRS
    )
    outlines.to_file(folder / "xa.gpkg", engine="pyogrio")
    edit(folder, "  villages: {file: thon.gpkg, complete: yes}\n", "  communes: {file: xa.gpkg}\n")
    review = judge(read_study(folder))
    assert review.communes.index.tolist() == ["24601"] and review.communes["villages"].tolist() == [1]


def test_villages_on_one_line_and_communes_as_points_are_no_crash(folder):
    ids = {"village_id": ["v0", "v1", "v2"], "name": list("abc"), "commune_id": ["x"] * 3}
    line = gpd.GeoDataFrame(ids, geometry=[Point(500 * i, 500 * i) for i in range(3)], crs=tiny.CRS)
    line.to_file(folder / "thon.gpkg", layer="thon", engine="pyogrio")
    centre = gpd.GeoDataFrame(
        {"commune_id": ["x"], "name": ["X"]}, geometry=[Point(1000, 1000)], crs=tiny.CRS
    )
    centre.to_file(folder / "xa.gpkg", engine="pyogrio")
    edit(folder, "  schools:", "  communes: {file: xa.gpkg}\n  schools:")
    assert len(judge(read_study(folder)).geometry(50)) == 3


def test_figures_of_two_sheets_of_a_year_name_both_records(folder):
    (folder / "dien.csv").write_text("Mã thôn,Hộ dùng điện lưới\nv0,90\n", encoding="utf-8")
    edit(
        folder,
        "  - {file: phieu.csv, year: 2024}",
        "  - {file: phieu.csv, year: 2024}\n  - {file: dien.csv, year: 2024}",
    )
    table = read_study(folder).reported
    assert table.at["v0", "grid_households"] == 90 and table.at["v0", "poor_households"] == 30
    assert "phieu.csv" in table.at["v0", "record"] and "dien.csv" in table.at["v0", "record"]


def test_degrees_declared_as_metres_are_refused(folder):
    villages = gpd.read_file(folder / "thon.gpkg", engine="pyogrio").to_crs("EPSG:4326")
    with pytest.warns(UserWarning, match="crs"):
        villages.set_crs(None, allow_override=True).to_file(
            folder / "thon.shp", engine="pyogrio", encoding="utf-8"
        )
    error, _ = fault(edit(folder, "thon.gpkg,", "thon.shp, crs: 9216,"))
    assert error.code == "crs-implausible"


def test_figures_that_cannot_be_are_told_and_decide_nothing(folder):
    (folder / "phieu.csv").write_text(
        "Mã thôn,Số hộ,Hộ nghèo\nv0,100,120\nv1,-5,1\nv2,100,30\n", encoding="utf-8"
    )
    review = judge(read_study(folder))
    assert review.results["status"].tolist() == ["unknown", "unknown", "unmet"]
    assert "sheet-figures-negative" in [problem.code for problem in review.study.problems]
    told = [problem for problem in review.study.problems if problem.code == "sheet-figures-impossible"]
    assert told and "v0" in str(told[0].arguments["villages"])


def test_a_sheet_of_a_heading_alone_is_an_error(folder):
    (folder / "phieu.csv").write_text("Mã thôn,Số hộ,Hộ nghèo\n", encoding="utf-8")
    error, sentence = fault(folder)
    assert error.code == "sheet-no-rows" and "phieu.csv" in sentence


def test_columns_that_nobody_knows_are_told(folder):
    (folder / "phieu.csv").write_text("Mã thôn,Số hộ,Vĩ độ\nv0,100,14.3\n", encoding="utf-8")
    told = {problem.code: problem.arguments for problem in read_study(folder).problems}
    assert told["sheet-columns-not-used"]["columns"] == ["Vĩ độ"]


def test_checking_never_raises_and_names_errors_first(folder):
    assert [problem.severity for problem in check_study(folder).problems] == ["warning", "warning"]
    assert [
        problem.severity for problem in check_study(edit(folder, "thon.gpkg", "khong.gpkg")).problems
    ] == ["error"]
    assert check_study(folder / "nothing.yaml").problems[0].code == "file-not-found"


def told_of(study):
    return {problem.code: problem for problem in study.problems}


def test_old_data_are_told_and_said_in_the_findings(folder):
    edit(edit(folder, "as_of: 2024", "as_of: 2010"), "groups: {region: chung}\n", "")
    review = judge(read_study(folder, criteria="india-village-access"))
    schools = review.study.layers["schools"]
    assert schools.stale and schools.age_years == 14
    assert told_of(review.study)["layer-old"].arguments["limit"] == schools.layer.max_age_years
    rests = review.findings[
        (review.findings["layer"] == "schools") & (review.findings["source"] == "measured")
    ]
    assert len(rests)
    assert f"cũ hơn giới hạn {schools.limit_years} năm" in review.sentence(rests.iloc[0].to_dict(), "vi")


def test_the_limit_of_a_set_holds_for_the_layers_its_criteria_look_at(folder):
    edit(folder, "groups: {region: chung}\n", "")
    study = read_study(folder, criteria="kontum-dtts-village-2022")
    assert study.criteria.max_age_years == 1 == study.layers["schools"].limit_years
    assert study.layers["villages"].limit_years == study.layers["villages"].layer.max_age_years


def test_what_nobody_said_of_completeness_and_date_is_told_once(folder):
    assert not {"layers-completeness-unknown", "layers-date-unknown"} & set(told_of(read_study(folder)))
    told = told_of(read_study(edit(folder, ", as_of: 2024, complete: yes", "")))
    for code in ("layers-completeness-unknown", "layers-date-unknown"):
        assert told[code].severity == "note" and "Trường học" in told[code].say("vi")


def test_states_of_facilities_are_counted(folder):
    schools = tiny.facilities((500, 500), (1500, 500), (2500, 500)).to_crs("EPSG:4326")
    schools.assign(working=["có", "không", None]).to_file(
        folder / "truong.geojson", driver="GeoJSON", engine="pyogrio"
    )
    study = read_study(folder)
    counts = study.layers["schools"].counts
    assert (counts["working"], counts["closed"], counts["state_unknown"]) == (1, 1, 1)
    assert told_of(study)["facilities-state-unknown"].arguments["count"] == 1


def test_faults_of_the_coverage_name_villages_and_rows(folder):
    villages = tiny.villages(3).drop(columns="point")
    villages.geometry = [box(0, 0, 1000, 1000), box(900, 0, 2000, 1000), box(900, 0, 2000, 1000)]
    villages.reset_index().to_file(folder / "thon.gpkg", layer="thon", engine="pyogrio")
    told = told_of(read_study(folder))
    overlap = told["villages-overlap"]
    assert overlap.arguments["count"] == 3 and overlap.arguments["area_ha"] == 130
    assert overlap.severity == "warning" and "(v1, dòng 2)" in overlap.say("vi")
    assert told["villages-same-outline"].arguments["count"] == 1


def test_places_outside_their_commune_and_twins_are_told(folder):
    outlines = gpd.GeoDataFrame({"commune_id": ["x1"], "name": ["Xã Một"]},
                                geometry=[box(0, 0, 2000, 1000)], crs=tiny.CRS)  # fmt: skip
    outlines.to_file(folder / "xa.gpkg", engine="pyogrio")
    schools = tiny.facilities((500, 500), (550, 500), (2300, 500)).to_crs("EPSG:4326")
    schools.assign(name=["Kim Đồng", "kim dong", "Lê Lợi"]).to_file(
        folder / "truong.geojson", driver="GeoJSON", engine="pyogrio"
    )
    told = told_of(read_study(edit(folder, "  schools:", "  communes: {file: xa.gpkg}\n  schools:")))
    assert told["village-in-other-commune"].arguments["count"] == 1
    assert told["village-in-other-commune"].arguments["farthest_m"] == pytest.approx(500)
    assert told["facilities-outside"].arguments["count"] == 1 and "300 m" in told["facilities-outside"].say(
        "vi"
    )
    assert told["facilities-twice"].arguments["count"] == 1 and "cách 50 m" in told["facilities-twice"].say(
        "vi"
    )


def workbook(path, **pages):
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        for name, rows in pages.items():
            page = book.add_worksheet(name)
            for at, row in enumerate(rows):
                page.write_row(at, 0, row)


HEADING = ["Mã thôn", "Thôn", "Số hộ", "Hộ nghèo"]


def test_the_only_sheet_with_villages_is_read_and_named(folder):
    workbook(folder / "phieu.xlsx", bia=[["Báo cáo"]], so=[HEADING, ["v0", "Thôn 1", 100, 30]])
    study = read_study(edit(folder, "phieu.csv", "phieu.xlsx"))
    told = {problem.code: problem.arguments for problem in study.problems}
    assert study.assessments[2024]["households"].tolist()[0] == 100
    assert told["sheet-chosen"]["sheet"] == "so" and told["sheets-left"]["sheets"] == ["bia"]


def test_sheets_of_the_same_columns_are_one_list_and_never_count_a_village_twice(folder):
    pages = {"a": [HEADING, ["v0", "Thôn 1", 100, 30]], "b": [HEADING, ["v1", "Thôn 2", 90, 9]]}
    workbook(folder / "phieu.xlsx", **pages)
    study = read_study(edit(folder, "phieu.csv", "phieu.xlsx"))
    assert study.assessments[2024]["households"].tolist()[:2] == [100, 90]
    lacking = [problem for problem in study.problems if problem.code == "villages-without-row"]
    assert [problem.arguments["villages"] for problem in lacking] == [["Thôn 3 (v2)"]]
    assert [dict(counts)["rows_used"] for counts in study.sheet_counts.values()] == [1, 1]
    workbook(folder / "phieu.xlsx", **pages, tong=[HEADING, ["v1", "Thôn 2", 90, 9]])
    error, _ = fault(folder)
    assert error.code == "sheets-overlap"
    workbook(folder / "phieu.xlsx", a=pages["a"], b=[HEADING[:3], ["v1", "Thôn 2", 90]])
    assert fault(folder)[0].code == "sheet-which"


def test_a_recheck_replaces_what_it_has_and_says_so(folder):
    again = "Mã thôn,Thôn,Số hộ,Hộ nghèo\nv1,Thôn 2,100,25\nv2,Thôn 3,50,5\n"
    (folder / "phuc-tra.csv").write_text(again, encoding="utf-8")
    old = "assessments:\n"
    new = "assessments:\n  - {file: phuc-tra.csv, year: 2024, kind: recheck}\n"
    study = read_study(edit(folder, old, new))
    table = study.assessments[2024]
    assert table["poor_households"].tolist() == [30, 25, 5]  # whatever stands first in the study file
    told = next(problem for problem in study.problems if problem.code == "sheet-values-rechecked")
    assert told.arguments["values"] == ["Thôn 2 (v1), poor_households: 5 → 25"]
    assert "phieu.csv" in table.loc["v1", "record"] and "phuc-tra.csv" in table.loc["v1", "record"]


def test_a_jump_from_year_to_year_is_noted(folder):
    (folder / "cu.csv").write_text("Mã thôn,Số hộ,Hộ nghèo\nv0,9,1\nv1,90,1\n", encoding="utf-8")
    study = read_study(edit(folder, "assessments:\n", "assessments:\n  - {file: cu.csv, year: 2023}\n"))
    told = [problem for problem in study.problems if problem.code == "sheet-figures-jump"]
    assert [problem.arguments["villages"] for problem in told] == [
        ["Thôn 1 (v0): 9 → 100"],
        ["Thôn 1 (v0): 1 → 30"],
    ]
    assert {problem.severity for problem in told} == {"note"}


def test_names_join_by_their_kind_of_place_and_decisions_of_the_study_file_hold(folder):
    sheet = "Mã xã,Thôn,Số hộ,Hộ nghèo\nx1,T.01,100,30\nx1,Làng Cũ,80,5\nx1,Xóm Lạ,1,1\n"
    (folder / "phieu.csv").write_text(sheet, encoding="utf-8")
    decided = "matches: [{name: Làng Cũ, commune: x1, village: v2, by: An, on: 2024-03-01}, {name: Xóm Lạ, commune: x1}]"
    edit(folder, "{file: phieu.csv, year: 2024}", f"{{file: phieu.csv, year: 2024, {decided}}}")
    study = read_study(folder)
    assert study.reported["households"].dropna().to_dict() == {"v0": 100, "v2": 80}
    (matches,) = study.matches.values()
    assert dict(matches.counts) == {"automatic": 1, "decided": 2, "review": 0, "none": 0}
    assert study.sheet_counts["phieu.csv · phieu"]["rows_used"] == 2


def test_an_older_sheet_is_carried_to_the_villages_of_today(folder):
    steps = (
        "old_id,old_name,new_id,kind,date\na,Thôn Cũ A,v0,merge,2025-07-01\nb,Thôn Cũ B,v0,merge,2025-07-01\n"
    )
    (folder / "lich-su.csv").write_text(steps, encoding="utf-8")
    sheet = "Mã xã,Thôn,Số hộ,Hộ nghèo\nx1,Thôn Cũ A,100,30\nx1,thôn cũ b,60,2\nx1,Thôn 2,50,1\n"
    (folder / "phieu.csv").write_text(sheet, encoding="utf-8")
    edit(folder, "groups:", "histories: lich-su.csv\ngroups:")
    study = read_study(folder)
    assert study.reported["households"].dropna().to_dict() == {"v0": 160, "v1": 50}
    assert study.reported.loc["v0", "record"] == "phieu.csv · phieu · 2; phieu.csv · phieu · 3"
    counts = study.sheet_counts["phieu.csv · phieu"]
    assert counts["rows_in"] == counts["rows_used"] == 3 and "lich-su.csv" in study.inputs


def test_a_table_of_histories_that_is_wrong_or_absent_is_one_sentence(folder):
    edit(folder, "groups:", "histories: lich-su.csv\ngroups:")
    assert fault(folder)[0].code == "study-file-missing"
    (folder / "lich-su.csv").write_text("old_id,new_id\na,b\n", encoding="utf-8")
    assert fault(folder)[0].code == "history-no-column"


def test_a_centre_that_names_no_commune_is_of_the_one_it_lies_in_where_that_has_no_other(folder):
    outlines = {"commune_id": ["a", "b", "c"], "name": ["A", "B", "C"]}
    shapes = [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000), box(2000, 0, 3000, 1000)]
    gpd.GeoDataFrame(outlines, geometry=shapes, crs=tiny.CRS).to_file(folder / "xa.gpkg")
    # one in A; two in B, so that nobody knows which; one beside C's own; one nowhere
    centres = gpd.GeoDataFrame(
        {"name": list("pqrstu"), "commune_id": [None, None, None, "c", None, None]},
        geometry=[Point(x, 500) for x in (500, 1200, 1800, 2500, 2600, 9000)],
        crs=tiny.CRS,
    )
    centres.to_file(folder / "tt.gpkg")
    edit(folder, "  schools:", "  communes: {file: xa.gpkg}\n  commune_centres: {file: tt.gpkg}\n  schools:")
    study = read_study(folder)
    found = study.layers["commune_centres"].frame.set_index("name")["commune_id"]
    assert found.fillna("").tolist() == ["a", "", "", "c", "", ""]
    told = next(problem for problem in study.problems if problem.code == "centres-placed")
    assert told.arguments["count"] == 1 and told.arguments["rows"] == [1]
