"""Layers without a usable CRS are asked about with proposals, and those that lie elsewhere are told."""

import warnings

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import Point

from gis.errors import GisError
from gis.workflows import read_study

STUDY = """\
id: thu
title: {vi: Thử, en: Trial}
criteria: vn-dbkk-village-2021-2025
groups: {region: chung}
layers:
  villages: {file: thon.geojson, complete: yes}
  communes: {file: xa.geojson}
  schools: {file: truong.shp, complete: yes}
assessments:
  - {file: phieu.csv, year: 2024}
"""
SHEET = "Mã thôn,Thôn,Số hộ,Hộ nghèo\nv0,Thôn 1,100,30\n"


@pytest.fixture(scope="module")
def places(shared_data):
    """Outlines of the communes of Kon Tum and a point in each, in degrees."""
    communes = gpd.read_file(shared_data / "kontum/kontum_communes_2025.gpkg", engine="pyogrio")
    outlines = communes.geometry.simplify(0.01).make_valid()
    return outlines, outlines.representative_point()


@pytest.fixture
def folder(tmp_path, places):
    """A study of Kon Tum: its communes, a village in each, and as many schools in a file of the test's making."""
    outlines, points = places
    ids = [f"x{n}" for n in range(len(points))]
    names = [f"Xã {n}" for n in range(len(points))]
    communes = gpd.GeoDataFrame({"commune_id": ids, "name": names}, geometry=outlines, crs=4326)
    communes.to_file(tmp_path / "xa.geojson", driver="GeoJSON", engine="pyogrio")
    write_villages(tmp_path, points)
    write_schools(tmp_path, points, 9216, prj=True)
    (tmp_path / "phieu.csv").write_text(SHEET, encoding="utf-8")
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    return tmp_path


def write_villages(folder, points):
    villages = gpd.GeoDataFrame(
        {
            "village_id": [f"v{n}" for n in range(len(points))],
            "name": [f"Thôn {n}" for n in range(len(points))],
        },
        geometry=np.asarray(points),
        crs=4326,
    )
    villages.to_file(folder / "thon.geojson", driver="GeoJSON", engine="pyogrio")


def write_schools(folder, points, code, *, prj, swapped=False):
    """Schools at points in degrees, stored in another CRS with or without saying so."""
    stored = gpd.GeoSeries(np.asarray(points), crs=4326).to_crs(code)
    if swapped:
        exchanged = shapely.transform(stored.to_numpy(), lambda xy: xy[:, ::-1])
        stored = gpd.GeoSeries(exchanged, crs=code)
    schools = gpd.GeoDataFrame({"ten": [f"Trường {n}" for n in range(len(stored))]}, geometry=stored)
    schools["cap_hoc"] = "tiểu học"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        schools.set_crs(code if prj else None, allow_override=True).to_file(
            folder / "truong.shp", engine="pyogrio", encoding="utf-8"
        )
    if not prj:
        (folder / "truong.prj").unlink(missing_ok=True)


def edit(folder, old, new):
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    assert old in text
    (folder / "study.yaml").write_text(text.replace(old, new), encoding="utf-8")


def found(folder, code):
    return [problem for problem in read_study(folder).problems if problem.code == code]


def test_a_study_in_its_place_says_nothing_of_places(folder):
    said = {problem.code for problem in read_study(folder).problems}
    assert not said & {
        "layer-far-away",
        "layer-mostly-outside",
        "crs-outside-use",
        "layer-coordinates-doubtful",
    }


@pytest.mark.parametrize("code", [9216, 5898, 9217])
def test_a_file_without_prj_is_asked_about_with_its_own_zone_first_and_then_lies_true(folder, places, code):
    write_schools(folder, places[1], code, prj=False)
    with pytest.raises(GisError) as caught:
        read_study(folder)
    missing, proposed = caught.value.problems
    assert (missing.code, proposed.code) == ("layer-no-crs", "crs-proposals")
    assert proposed.arguments["proposals"].pick("vi").startswith(f"`crs: {code}` (VN-2000 / TM-3")
    assert "0 km" in proposed.say("en") and "ranh giới" in proposed.say("vi")
    edit(folder, "truong.shp,", f"truong.shp, crs: {code},")
    study = read_study(folder)
    schools = study.layers["schools"].frame.to_crs(4326).geometry
    truth = {(point.x, point.y) for point in places[1]}
    for school in schools:
        # 1e-6 degrees are 0.11 m.
        assert min(abs(school.x - x) + abs(school.y - y) for x, y in truth) < 2e-6


def test_swapped_axes_are_proposed_and_done_only_where_the_study_says_so(folder, places):
    write_schools(folder, places[1], 9216, prj=True, swapped=True)
    (problem,) = found(folder, "layer-far-away")
    assert problem.severity == "warning" and problem.arguments["distance_km"] > 500
    assert "`crs: 9216, swap_axes: true`" in problem.say("vi")
    edit(folder, "truong.shp,", "truong.shp, swap_axes: true,")
    study = read_study(folder)
    codes = {problem.code for problem in study.problems}
    assert "layer-axes-swapped" in codes and "layer-far-away" not in codes
    assert study.layers["schools"].frame.intersects(study.layers["communes"].frame.union_all()).all()


@pytest.mark.parametrize(("code", "labelled"), [(9216, 4326), (4326, 9216)])
def test_metres_labelled_degrees_and_degrees_labelled_metres_are_told_apart(folder, places, code, labelled):
    write_schools(folder, places[1], code, prj=False)
    edit(folder, "truong.shp,", f"truong.shp, crs: {labelled},")
    with pytest.raises(GisError) as caught:
        read_study(folder)
    wrong, proposed = caught.value.problems
    assert (wrong.code, proposed.code) == ("crs-implausible", "crs-proposals")
    assert proposed.arguments["proposals"].pick("en").startswith(f"`crs: {code}` (")


def test_latitude_before_longitude_is_told_apart(folder, places):
    write_schools(folder, places[1], 4326, prj=True, swapped=True)
    with pytest.raises(GisError) as caught:
        read_study(folder)
    assert [problem.code for problem in caught.value.problems] == ["crs-implausible", "crs-proposals"]
    assert "`crs: 4326, swap_axes: true`" in caught.value.say("vi")


def test_villages_in_the_wrong_zone_lie_outside_their_communes(folder, places):
    moved = gpd.GeoSeries(np.asarray(places[1]), crs=4326).to_crs(9216).set_crs(9218, allow_override=True)
    write_villages(folder, moved.to_crs(4326))
    told = found(folder, "layer-mostly-outside")
    # Degrees hold no zone: nothing else would lie inside, and the villages are told one by one.
    assert told == [] and found(folder, "village-outside-communes")
    moved = gpd.GeoSeries(np.asarray(places[1]), crs=4326).to_crs(9216)
    villages = gpd.GeoDataFrame({"village_id": [f"v{n}" for n in range(len(moved))]}, geometry=moved)
    villages.set_crs(9218, allow_override=True).to_file(folder / "thon.gpkg", engine="pyogrio")
    edit(folder, "thon.geojson", "thon.gpkg")
    (problem,) = found(folder, "layer-mostly-outside")
    assert "`crs: 9216`" in problem.say("vi") and problem.arguments["inside_pct"] < 50


def test_without_any_outline_proposals_are_measured_against_the_country(folder, places):
    write_schools(folder, places[1], 9216, prj=False)
    edit(folder, "villages: {file: thon.geojson", "villages: {file: truong.shp")
    edit(folder, "  communes: {file: xa.geojson}\n  schools: {file: truong.shp, complete: yes}\n", "")
    with pytest.raises(GisError) as caught:
        read_study(folder)
    assert "Vietnam" in caught.value.say("en") and "`crs: 9216`" in caught.value.say("en")


def test_single_impossible_points_do_not_keep_the_others_out(folder, places):
    points = [*places[1][:20], Point(14.5, 107.9), Point(107.9, 107.9), Point(1079, 14.5)]
    write_schools(folder, points, 4326, prj=True)
    study = read_study(folder)
    (lost,) = [problem for problem in study.problems if problem.code == "layer-coordinates-impossible"]
    assert lost.arguments["rows"] == [21, 22, 23]
    counts = study.layers["schools"].counts
    assert (counts["rows_in"], counts["rows_used"], counts["rows_reported"]) == (23, 20, 3)


def test_points_that_are_possible_but_swapped_are_named_by_row(folder, places):
    india = [Point(point.x - 34, point.y) for point in places[1]]
    for name in ("xa", "thon"):
        frame = gpd.read_file(folder / f"{name}.geojson", engine="pyogrio")
        frame.set_geometry(frame.translate(-34)).to_file(folder / f"{name}.geojson", engine="pyogrio")
    write_schools(folder, [*india[:5], Point(india[5].y, india[5].x)], 4326, prj=True)
    (problem,) = found(folder, "layer-coordinates-doubtful")
    assert problem.arguments["rows"] == [6] and "đổi chỗ" in problem.say("vi")
