"""Where roads join and where they do not, worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString

import tiny
from gis.errors import CRSError
from gis.network import TOUCH_M, Network, nearest

ROAD = LineString([(0, 0), (100, 0)])


def far(network, origin, target):
    ends = np.array([origin], float), np.array([target], float)
    return nearest(network, *ends, max_leg_m=1.0)[0][0]


@pytest.mark.parametrize("gap", [0.0, TOUCH_M * 0.8, -TOUCH_M * 0.8])
def test_an_end_that_touches_the_middle_of_a_road_joins_it(gap):
    network = Network.from_lines([ROAD, LineString([(40, gap), (40, 50)])])
    assert far(network, (0, 0), (40, 50)) == pytest.approx(40 + 50 - gap)
    # the road itself is as long as before
    assert far(network, (0, 0), (100, 0)) == 100


def test_an_end_that_stops_farther_off_does_not():
    network = Network.from_lines([ROAD, LineString([(40, TOUCH_M + 0.1), (40, 50)])])
    assert np.isinf(far(network, (0, 0), (40, 50)))


def test_a_road_whose_middle_passes_near_is_not_touched():
    network = Network.from_lines([ROAD, LineString([(40, 50), (50, 0.2), (60, 50)])])
    assert np.isinf(far(network, (0, 0), (40, 50)))


def test_a_bridge_joins_by_its_ends_and_nothing_joins_the_middle_of_it():
    side = LineString([(40, 0.2), (40, 50)])
    assert np.isinf(far(Network.from_lines([ROAD, side], structure=["bridge", None]), (0, 0), (40, 50)))
    # a bridge on level 1 that ends at a road on level 0
    network = Network.from_lines([ROAD, side], structure=[None, "bridge"], level=[0, 1])
    assert far(network, (0, 0), (40, 50)) == pytest.approx(89.8)
    assert np.isinf(far(Network.from_lines([ROAD, side], level=[0, 1]), (0, 0), (40, 50)))


def test_a_layer_of_roads_must_be_in_metres():
    with pytest.raises(CRSError):
        Network.of_roads(tiny.roads(ROAD).set_crs("EPSG:4326", allow_override=True))


def test_each_edge_knows_its_line_and_which_way_it_is_drawn():
    network = Network.from_lines([None, MultiLineString([[(0, 0), (10, 0)], [(20, 0), (10, 5)]]), ROAD])
    ways = {
        (row, line): (network.x[end] - network.x[start]) * (1 if along else -1)
        for row, line, start, end, along in zip(
            network.row, network.line, network.start, network.end, network.along, strict=True
        )
        if row == 1
    }
    assert ways == {(1, 0): 10, (1, 1): -10}


point = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda xy: (xy[0] * 100.0, xy[1] * 100.0))
line = st.lists(point, min_size=2, max_size=3, unique=True).map(LineString)


@settings(max_examples=40, deadline=None)
@given(st.lists(line, min_size=2, max_size=5), line, point, point)
def test_one_more_road_never_lengthens_and_the_order_of_roads_does_not_matter(roads, more, here, there):
    ends = np.array([here]), np.array([there])

    def metres(lines):
        return nearest(Network.from_lines(lines), *ends, max_leg_m=150.0)[0][0]

    before = metres(roads)
    assert metres([*roads, more]) <= before + 0.3
    np.testing.assert_allclose(metres([road.reverse() for road in roads[::-1]]), before)
