"""Lengths of lines inside polygons: by hand, against shapely's own cutting, and the laws they keep."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point, Polygon, box

from gis.clipping import lengths_inside


def table(polygons, lines):
    polygon, line, metres = lengths_inside(polygons, lines)
    return {(int(p), int(q)): m for p, q, m in zip(polygon, line, metres, strict=True)}


def plain(polygons, lines):
    """The same pair by pair and edge by edge with shapely, which counts a line that runs back over itself once."""
    found = {}
    for p, polygon in enumerate(polygons):
        for q, line in enumerate(lines):
            corners = shapely.get_coordinates(line)
            edges = shapely.linestrings(np.stack([corners[:-1], corners[1:]], axis=1))
            length = shapely.length(shapely.intersection(polygon, edges)).sum()
            if length > 0:
                found[p, q] = length
    return found


def agree(polygons, lines):
    ours, theirs = table(polygons, lines), plain(polygons, lines)
    for pair in ours.keys() | theirs.keys():
        assert ours.get(pair, 0) == pytest.approx(theirs.get(pair, 0), abs=1e-6), pair


SQUARE = box(0, 0, 100, 100)


def test_a_line_is_cut_at_the_border():
    assert table([SQUARE, box(100, 0, 200, 100)], [LineString([(50, 50), (180, 50)])]) == {
        (0, 0): 50,
        (1, 0): 80,
    }


def test_holes_and_parts_are_cut_out_whatever_way_their_rings_run():
    shape = SQUARE.difference(box(40, 0, 60, 100))
    holed = SQUARE.difference(box(20, 20, 80, 80)).union(box(150, 0, 160, 100))
    line = LineString([(-10, 50), (300, 50)])
    for turned in ([shape, holed], shapely.reverse([shape, holed]), shapely.orient_polygons([shape, holed])):
        assert table(turned, [line]) == {(0, 0): 80, (1, 0): 50}


def test_a_road_along_a_shared_border_is_inside_both_neighbours():
    east = box(100, 0, 200, 100)
    for road in (LineString([(100, 10), (100, 70)]), LineString([(100, 70), (100, 10)])):
        assert table([SQUARE, east], [road]) == {(0, 0): 60, (1, 0): 60}
    # partly along the border, partly beyond its end, with corners of the road and of the border apart
    assert table([SQUARE, east], [LineString([(100, -40), (100, 30), (100, 250)])]) == {
        (0, 0): 100,
        (1, 0): 100,
    }


def test_a_road_along_the_border_of_a_hole_is_inside():
    holed = SQUARE.difference(box(20, 20, 80, 80))
    assert table([holed, box(20, 20, 80, 80)], [LineString([(20, 20), (20, 80)])]) == {(0, 0): 60, (1, 0): 60}


def test_a_border_that_changes_sides_counts_in_full():
    # the polygon lies left of the line first, then right of it: two squares that touch in a corner of the line
    steps = Polygon([(0, 0), (50, 0), (50, 50), (100, 50), (100, 100), (50, 100), (50, 50), (0, 50)]).buffer(
        0
    )
    road = [LineString([(0, 50), (100, 50)]), LineString([(50, 0), (50, 100)])]
    assert table([steps], road) == {(0, 0): 100, (0, 1): 100}


def test_touching_in_a_point_is_no_pair_and_corners_are_passed_once():
    assert table([SQUARE], [LineString([(-50, 50), (50, 150)]), LineString([(100, 100), (150, 150)])]) == {}
    assert table([SQUARE], [LineString([(0, 0), (100, 100)])]) == pytest.approx({(0, 0): 100 * 2**0.5})


def test_what_is_missing_empty_or_without_length_has_no_pair():
    lines = [
        None,
        LineString(),
        LineString([(10, 10), (10, 10)]),
        MultiLineString([[(1, 1), (5, 1)], [(7, 1), (9, 1)]]),
    ]
    assert table([None, Polygon(), SQUARE], lines) == {(2, 3): 6}
    assert table([], lines) == {} and table([SQUARE], []) == {}


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6))
def test_lengths_are_those_of_shapely(seed):
    chance = np.random.default_rng(seed)
    scale, away = (1.0, 0.0) if seed % 2 else (900.0, 1.7e6)
    turn = np.sort(chance.uniform(0, 2 * np.pi, 60))
    reach = chance.uniform(0.5, 4, 60)
    star = Polygon(np.column_stack([5 + reach * np.cos(turn), 5 + reach * np.sin(turn)])).buffer(0)
    # whole numbers make many corners, borders and roads coincide
    cells = [box(x, y, x + 3, y + 3) for x in (0, 3, 6) for y in (0, 3, 6)]
    shapes = np.array([star, star.difference(Point(5, 5).buffer(0.7)), *cells, shapely.union_all(cells[::2])])
    lines = np.array(
        [LineString(chance.integers(0, 10, (4, 2))) for _ in range(12)]
        + [LineString(chance.uniform(-1, 11, (5, 2))) for _ in range(8)]
    )
    move = lambda xy: xy * scale + away  # noqa: E731
    agree(*(shapely.transform(geometries, move) for geometries in (shapes, lines)))


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6))
def test_neighbours_share_a_line_without_loss_and_no_order_changes_a_sum(seed):
    chance = np.random.default_rng(seed)
    land = box(0, 0, 1000, 1000)
    seeds = shapely.multipoints(chance.uniform(0, 1000, (9, 2)))
    villages = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=land)), land)
    lines = np.array([LineString(chance.uniform(0, 1000, (6, 2))) for _ in range(9)])
    polygon, line, metres = lengths_inside(villages, lines)
    assert np.bincount(line, metres, 9) == pytest.approx(shapely.length(lines), abs=1e-6)
    sums = np.bincount(polygon, metres, 9)
    order = chance.permutation(9)
    other, _, moved = lengths_inside(villages[order], lines[order[::-1]])
    assert np.bincount(other, moved, 9).tolist() == sums[order].tolist()


def test_geopandas_overlay_finds_the_same_lengths():
    chance = np.random.default_rng(8)
    land = box(0, 0, 20_000, 20_000)
    seeds = shapely.multipoints(chance.uniform(0, 20_000, (120, 2)))
    villages = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=land)), land)
    start = chance.uniform(0, 20_000, (300, 1, 2))
    lines = shapely.linestrings(start + np.cumsum(chance.normal(0, 400, (300, 6, 2)), axis=1))
    frames = [
        gpd.GeoDataFrame({"at": np.arange(len(g))}, geometry=g, crs="EPSG:9216") for g in (lines, villages)
    ]
    pieces = gpd.overlay(*frames, how="intersection", keep_geom_type=True)
    theirs = pieces.length.groupby([pieces["at_2"].rename(None), pieces["at_1"].rename(None)]).sum()
    polygon, line, metres = lengths_inside(villages, lines)
    ours = pd.Series(metres, index=pd.MultiIndex.from_arrays([polygon, line]))
    assert (ours.sub(theirs, fill_value=0).abs() < 1e-6).all()
