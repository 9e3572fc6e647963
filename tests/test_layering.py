"""A file bound to a layer type."""

import geopandas as gpd
import pytest
from shapely import GeometryCollection, LineString, MultiPoint, Point, Polygon, box
from shapely.affinity import translate

import tiny
from gis.catalogue import load_catalogue
from gis.errors import CRSError, TableError
from gis.layering import bind_layer

CATALOGUE = load_catalogue()
WHERE = {"layer": "schools", "file": "truong.shp"}


def bind(name, geometries, entry=None, crs=tiny.CRS, **columns):
    far = [geometry and translate(geometry, 5000, 5000) for geometry in geometries]
    frame = gpd.GeoDataFrame(columns, geometry=far, crs=crs)
    frame["source_row"] = range(1, len(frame) + 1)
    return bind_layer(frame, CATALOGUE[name], entry or {}, where=WHERE)


def test_columns_are_known_by_their_vietnamese_names():
    frame, problems, _ = bind("schools", [Point(0, 0)], TEN_TRUONG=["TH Đăk Tô"], CAP_HOC=["Tiểu học"])
    assert frame["name"].tolist() == ["TH Đăk Tô"] and frame["kind"].tolist() == ["primary"] and not problems


def test_the_study_wins_over_the_synonyms():
    frame, _, _ = bind("schools", [Point(0, 0)], {"fields": {"name": "GHI_CHU"}}, TEN=["a"], GHI_CHU=["b"])
    assert frame["name"].tolist() == ["b"]


def test_a_school_drawn_as_a_yard_or_as_several_points_is_one_point():
    yard, several = box(0, 0, 10, 10), MultiPoint([(5, 5), (6, 6)])
    frame, problems, counts = bind("schools", [yard, several, Point(1, 1)], ten=["a", "b", "c"])
    assert frame.geom_type.tolist() == ["Point"] * 3 and translate(yard, 5000, 5000).contains(
        frame.geometry[0]
    )
    assert counts == {"rows_in": 3, "rows_used": 3, "rows_reported": 0}
    assert [problem.code for problem in problems] == ["layer-first-point-taken"]


def test_rows_without_geometry_of_the_family_are_reported_with_their_rows():
    frame, problems, counts = bind(
        "roads", [LineString([(0, 0), (1, 1)]), None, Polygon(), GeometryCollection()], ten=list("abcd")
    )
    assert len(frame) == 1 and counts == {"rows_in": 4, "rows_used": 1, "rows_reported": 3}
    assert problems[0].code == "layer-geometry-missing" and problems[0].arguments["rows"] == [2, 3, 4]


def test_road_words_become_the_catalogue_s():
    frame, problems, _ = bind(
        "roads", [LineString([(0, 0), (1, 1)])] * 3,
        {"fields": {"class": "LOAI", "surface": "KET_CAU"}},
        LOAI=["Đường trục thôn", "Đường xã", "???"], KET_CAU=["Bê tông xi măng", "Nhựa", "Đất"],
    )  # fmt: skip
    assert frame["surface"].tolist() == ["concrete", "asphalt", "earth"]
    assert frame["class"].tolist()[:2] == ["village", "commune"]
    assert [problem.code for problem in problems] == ["layer-kind-unknown"]


def test_no_crs_and_no_column_are_sentences():
    with pytest.raises(CRSError):
        bind("schools", [Point(0, 0)], crs=None, ten=["a"])
    with pytest.raises(TableError) as fault:
        bind("schools", [Point(0, 0)], {"where": {"loai": ["x"]}}, ten=["a"])
    assert "loai" in fault.value.say("vi") and "truong.shp" in fault.value.say("vi")


def test_the_input_frame_stays_untouched():
    frame = gpd.GeoDataFrame({"source_row": [1]}, geometry=[box(0, 0, 999, 999)], crs=tiny.CRS)
    bind_layer(frame, CATALOGUE["schools"], {}, where=WHERE)
    assert frame.geometry[0].equals(box(0, 0, 999, 999)) and list(frame.columns) == ["source_row", "geometry"]


def test_roads_stay_roads_beside_a_stray_area():
    lines = [LineString([(0, 0), (1, 1)]), LineString([(1, 1), (2, 2)]), box(0, 0, 1, 1)]
    frame, problems, counts = bind("roads", lines, ten=list("abc"))
    assert frame.geom_type.tolist() == ["LineString"] * 2 and counts["rows_reported"] == 1
    assert problems[0].arguments["rows"] == [3]


def test_a_boundary_file_may_hold_outlines_and_points():
    frame, problems, _ = bind("villages", [box(0, 0, 1, 1), Point(5, 5), None], TEN_THON=list("abc"))
    assert [geometry.geom_type if geometry else None for geometry in frame.geometry] == [
        "Polygon",
        "Point",
        None,
    ]
    assert [problem.code for problem in problems] == ["boundary-without-geometry"]


def test_columns_that_measurements_need_are_there_even_when_the_file_has_none():
    roads, _, _ = bind("roads", [LineString([(0, 0), (1, 1)])], ghi_chu=["x"])
    assert {"class", "surface", "all_season"} <= set(roads) and roads["all_season"].isna().all()


def test_kinds_given_as_numbers_match_their_patterns_whole():
    entry = {"kinds": {"from": "MA", "primary": ["1"], "preschool": ["0"]}}
    frame, _, _ = bind("schools", [Point(0, 0)] * 3, entry, MA=[1.0, 0.0, None])
    assert frame["kind"].where(frame["kind"].notna(), None).tolist() == ["primary", "preschool", None]


def test_a_field_bound_to_nothing_takes_no_column():
    frame, _, _ = bind("schools", [Point(0, 0)], {"fields": {"name": ""}}, TEN=["a"])
    assert frame["name"].tolist() == [None]
