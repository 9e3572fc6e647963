"""Exact shares of cells: against pieces cut one by one, against exactextract, and the laws they keep."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon, box

from gis.kernels import zonal_weights
from gis.rasters import Raster, cell_shares, people_points, weighted_points, zonal_sums

NAN = np.nan


def raster(rows, *, cell=100.0):
    """A grid whose south-west corner is 0, 0."""
    values = np.array(rows, dtype=float)
    return Raster(values, 0.0, cell * len(values), cell, cell, None)


def plain(grid, polygons):
    """The share of every cell in every polygon by cutting each cell: slow and easy to read."""
    rows, columns = grid.values.shape
    cells = [
        [
            box(grid.west + x * grid.width, grid.north - (y + 1) * grid.height,
                grid.west + (x + 1) * grid.width, grid.north - y * grid.height)
            for x in range(columns)
        ]
        for y in range(rows)
    ]  # fmt: skip
    area = grid.width * grid.height
    return np.stack([shapely.area(shapely.intersection(cells, polygon)) / area for polygon in polygons])


def whole(grid, polygons):
    """The shares as one grid a polygon."""
    found = cell_shares(grid, polygons)
    spread = np.zeros((len(polygons), grid.values.size))
    spread[found.owner, found.cells] = found.shares
    return spread.reshape(len(polygons), *grid.values.shape)


def test_cells_cut_by_a_border_count_by_the_area_inside():
    # the triangle (0,0) (200,0) (0,200) halves two cells and holds one
    found = cell_shares(raster(np.zeros((4, 4))), [Polygon([(0, 0), (200, 0), (0, 200)])])
    assert found.cells.tolist() == [8, 12, 13] and found.shares.tolist() == [0.5, 1.0, 0.5]


def test_holes_and_several_parts_count_by_their_area_whatever_way_their_rings_run():
    hole = box(0, 0, 300, 300).difference(box(100, 100, 200, 150))
    parts = box(0, 0, 50, 100).union(box(300, 300, 400, 325))
    for shapes in ([hole, parts], shapely.reverse([hole, parts]), shapely.orient_polygons([hole, parts])):
        shares = whole(raster(np.zeros((4, 4))), shapes)
        assert shares[0].tolist() == [[0, 0, 0, 0], [1, 1, 1, 0], [1, 0.5, 1, 0], [1, 1, 1, 0]]
        assert shares[1].tolist() == [[0, 0, 0, 0.25], [0, 0, 0, 0], [0, 0, 0, 0], [0.5, 0, 0, 0]]


def test_an_island_in_a_hole_counts_again():
    ring = box(0, 0, 400, 400).difference(box(100, 100, 300, 300))
    found, _ = zonal_sums(raster(np.ones((4, 4))), [ring.union(box(150, 150, 250, 250)), ring])
    assert found == pytest.approx([13, 12])


def test_what_lies_beyond_the_raster_is_left_out():
    grid = raster(np.zeros((2, 2)))
    assert whole(grid, [box(-500, -50, 150, 500)])[0].tolist() == [[1, 0.5], [1, 0.5]]
    assert not len(cell_shares(grid, [box(500, 500, 600, 600), box(-9, -9, -1, 300)]).cells)


def test_a_polygon_that_is_missing_or_empty_has_no_cells():
    found = cell_shares(
        raster(np.ones((2, 2))), [None, box(0, 0, 100, 100), Polygon(), box(900, 900, 901, 901)]
    )
    assert found.begins.tolist() == [0, 0, 1, 1, 1] and found.sums(found.shares).tolist() == [0, 1, 0, 0]
    assert not len(cell_shares(raster([[1.0]]), []).cells)
    assert cell_shares(raster([[1.0]]), []).sums(np.zeros(0)).tolist() == []


def test_cells_without_data_are_counted_and_add_nothing():
    total, blank = zonal_sums(raster([[8, NAN], [NAN, 16]]), [box(0, 0, 200, 200), box(50, 0, 150, 100)])
    assert total.tolist() == [24, 8] and blank.tolist() == [2, 0.5]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.floats(-50, 450), st.floats(-50, 350)), min_size=3, max_size=9), st.integers(0, 3)
)
def test_shares_are_the_areas_of_the_pieces(points, turns):
    shape = shapely.convex_hull(shapely.MultiPoint(points))
    if shape.area < 1e-3:
        return
    shapes = [
        shape.difference(Point(170, 130).buffer(35, quad_segs=2)),
        shape,
        Point(20 * turns, 40).buffer(33),
    ]
    grid = Raster(np.zeros((4, 5)), 10.0, 290.0, 77.0, 66.0, None)
    assert whole(grid, shapes) == pytest.approx(plain(grid, shapes), abs=1e-9)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6))
def test_neighbours_share_every_cell_without_loss_and_their_order_changes_nothing(seed):
    chance = np.random.default_rng(seed)
    grid = raster(chance.uniform(0, 9, (6, 7)))
    land = box(0, 0, 700, 600)
    seeds = shapely.multipoints(chance.uniform(0, 700, (5, 2)))
    villages = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=land)), land)
    total, _ = zonal_sums(grid, villages)
    assert total.sum() == pytest.approx(grid.values.sum(), rel=1e-12)
    order = chance.permutation(len(villages))
    assert zonal_sums(grid, villages[order])[0].tolist() == total[order].tolist()
    doubled = Raster(2 * grid.values, grid.west, grid.north, grid.width, grid.height, None)
    assert zonal_sums(doubled, villages)[0].tolist() == (2 * total).tolist()
    _, _, people, owner = people_points(grid, villages)
    assert np.bincount(owner, people, len(villages)) == pytest.approx(total, rel=1e-12)


def test_people_of_a_sliver_that_holds_no_point_are_put_inside_it():
    grid = raster([[16.0]])
    x, y, people, owner = people_points(grid, [box(0, 0, 1, 100), box(1, 0, 100, 100)], parts=4)
    assert people[owner == 0].tolist() == pytest.approx([0.16]) and people.sum() == pytest.approx(16)
    assert (x[0], y[0]) == (1, 50)
    assert weighted_points(grid, [box(0, 0, 1, 100)])[0] == Point(1, 50)


def test_people_where_two_villages_overlap_belong_to_both():
    _, _, people, owner = people_points(raster([[16.0]]), [box(0, 0, 100, 100), box(0, 0, 50, 100)])
    assert np.bincount(owner, people).tolist() == [16, 8]


def test_a_grid_too_large_to_number_is_refused():
    with pytest.raises(ValueError, match="2\\*\\*31"):
        zonal_weights(np.zeros(0), np.zeros(0), [0], [0], [0], shape=(2**16, 2**15))
