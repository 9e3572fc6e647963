"""Repair, points inside, shared borders."""

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from gis.geometry import count_overlaps, outline, point_inside, repair, simplify_shared


def test_a_bow_tie_is_mended_and_said():
    bow = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    repaired, changed, lost = repair([bow, box(0, 0, 1, 1), None, Polygon()], "polygon")
    assert changed.tolist() == [True, False, False, False] and not lost.any()
    assert repaired[0].is_valid and repaired[0].area == 2 and repaired[2] is None and repaired[3] is None


def test_what_has_no_part_of_the_family_is_lost_not_dropped_silently():
    _, changed, lost = repair([LineString([(0, 0), (1, 1)])], "polygon")
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


def test_overlaps_are_counted_once_with_their_area():
    count, area = count_overlaps([box(0, 0, 100, 100), box(50, 0, 150, 100), box(200, 0, 300, 100)])
    assert (count, area) == (1, 5000)


def test_the_outline_of_tiles_has_no_seams():
    whole = outline([box(0, 0, 10, 10), box(10.2, 0, 20, 10), None])
    assert whole.geom_type == "Polygon" and abs(whole.area - 200) < 1
    assert outline([None]) is None


def test_multipolygons_and_points_pass_unchanged():
    shapes = [MultiPolygon([box(0, 0, 1, 1), box(2, 0, 3, 1)])]
    assert repair(shapes, "polygon")[0][0].equals(shapes[0])
    assert repair(np.array([Point(1, 2)]), "point")[0][0] == Point(1, 2)
