"""Repair, points inside, shared borders."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from gis.geometry import REASONS, in_metres, merge, outline, point_inside, repair, simplify_shared


def test_a_bow_tie_is_mended_and_said():
    bow = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    repaired, changed, lost, log = repair([bow, box(0, 0, 1, 1), None, Polygon()], "polygon")
    assert changed.tolist() == [True, False, False, False] and not lost.any()
    assert repaired[0].is_valid and repaired[0].area == 2 and repaired[2] is None and repaired[3] is None
    # the two loops of the tie run in opposite directions and cancel out before
    assert log.to_dict("records") == [
        {"row": 0, "reason": "self-intersection", "x": 1.0, "y": 1.0, "area_before": 0.0, "area_after": 2.0}
    ]


def test_what_has_no_part_of_the_family_is_lost_not_dropped_silently():
    _, changed, lost, _ = repair([LineString([(0, 0), (1, 1)])], "polygon")
    assert lost.tolist() == [True] and not changed.any()


def test_the_village_point_is_inside_even_where_the_centroid_is_not():
    horseshoe = Polygon([(0, 0), (10, 0), (10, 10), (9, 10), (9, 1), (1, 1), (1, 10), (0, 10)])
    assert not horseshoe.contains(horseshoe.centroid)
    assert horseshoe.contains(point_inside([horseshoe])[0])


def test_neighbours_keep_their_common_border_when_simplified():
    edge = [(10, y) if y % 2 else (10.4, y) for y in range(21)]
    left = Polygon([(0, 0), *edge, (0, 20)])
    right = Polygon([(20, 20), *edge[::-1], (20, 0)])
    simple = simplify_shared([left, right], 3)
    assert len(simple[0].exterior.coords) < len(left.exterior.coords)
    assert shapely.coverage_is_valid(simple)
    assert shapely.intersection(simple[0], simple[1]).length > 19


def test_the_outline_of_tiles_has_no_seams():
    whole = outline(merge([box(0, 0, 10, 10), box(10.2, 0, 20, 10), None]))
    assert whole.geom_type == "Polygon" and abs(whole.area - 200) < 1
    assert outline(merge([None])) is None and outline() is None


def test_multipolygons_and_points_pass_unchanged():
    shapes = [MultiPolygon([box(0, 0, 1, 1), box(2, 0, 3, 1)])]
    assert repair(shapes, "polygon")[0][0].equals(shapes[0])
    assert repair(np.array([Point(1, 2)]), "point")[0][0] == Point(1, 2)


def test_parts_of_another_family_are_left_out_and_said():
    mixed = shapely.GeometryCollection([box(0, 0, 2, 2), LineString([(5, 5), (6, 6)])])
    repaired, changed, lost, log = repair([mixed], "polygon")
    assert repaired[0].equals(box(0, 0, 2, 2)) and changed.all() and not lost.any()
    assert log["reason"].tolist() == ["other-family"]


@pytest.mark.parametrize(
    ("file", "count"),
    [
        ("maharashtra_villages_invalid_geometry.geojson", 12),
        ("indonesia_villages_invalid_geometry.geojson", 12),
        ("papua_villages_invalid_geometry.geojson", 3),
        ("nandurbar_villages_raw_datameet.geojson", 2),
    ],
)
def test_real_broken_outlines_are_mended_with_the_place_and_almost_no_change_of_area(
    shared_data, file, count
):
    broken = gpd.read_file(shared_data / "messy" / file, engine="pyogrio").geometry.to_numpy()
    repaired, changed, lost, log = repair(broken, "polygon")
    assert changed.sum() == len(log) == count and not lost.any() and shapely.is_valid(repaired).all()
    assert set(log["reason"]) == {"ring-self-intersection"} <= set(REASONS)
    places = shapely.points(log[["x", "y"]].to_numpy())
    assert (shapely.distance(places, broken[log["row"]]) < 1e-9).all()
    assert np.allclose(log["area_after"], log["area_before"], rtol=0.01)


def test_metres_on_the_ground_are_the_same_from_degrees_and_from_a_zone():
    square = gpd.GeoSeries([box(553000, 1620000, 554000, 1621000), None], crs="EPSG:9216")
    degrees = square.to_crs("EPSG:4326")
    back = in_metres(degrees.to_numpy(), degrees.crs)
    assert back[0].area == pytest.approx(1e6, rel=1e-3) and back[1] is None
    assert in_metres(square.to_numpy(), square.crs)[0] == square[0]
