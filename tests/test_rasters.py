"""People of a raster on villages, worked out by hand."""

import numpy as np
import pytest
from shapely import Point, box

from gis.rasters import Raster, people_points, weighted_points

GRID = Raster(np.array([[8.0, np.nan], [0.0, 16.0]]), west=0, north=200, width=100, height=100, crs=None)


def test_people_of_cells_are_kept_in_full():
    x, y, people, _ = people_points(GRID, [box(0, 0, 200, 200)], parts=4)
    assert people.sum() == pytest.approx(24) and len(x) == 32
    assert GRID.bounds == (0, 0, 200, 200)


def test_a_border_through_a_cell_divides_its_people_by_area():
    _, _, people, owner = people_points(GRID, [box(0, 0, 50, 200), box(50, 0, 200, 200)], parts=4)
    assert np.bincount(owner, people, 2) == pytest.approx([4, 20])


def test_people_outside_every_village_are_not_given_to_one():
    _, _, people, owner = people_points(GRID, [box(100, 0, 200, 100), None], parts=2)
    assert people.sum() == pytest.approx(16) and set(owner) == {0}


def test_the_village_point_is_where_people_live_and_inside():
    whole, empty = box(0, 0, 200, 200), box(100, 100, 200, 200)
    points = weighted_points(GRID, [whole, empty], parts=1)
    # mean of 8 people at (50, 150) and 16 at (150, 50) is nearer to the sixteen
    assert points[0] == Point(150, 50) and points[1] is None
