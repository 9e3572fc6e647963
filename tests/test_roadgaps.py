"""Small gaps in roads: found at dead ends, and closed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

import tiny
from gis.network import Network, nearest
from gis.roadgaps import close_gaps, find_gaps, first_gaps

LEFT, RIGHT = LineString([(0, 0), (100, 0)]), LineString([(130, 0), (300, 0)])


def test_a_dead_end_short_of_another_road_is_a_gap():
    gaps = find_gaps(tiny.roads(LEFT, RIGHT))
    assert len(gaps) == 1 and gaps["away_m"].iloc[0] == pytest.approx(30)
    # both ends are dead; the first in order of place stands for the two
    assert gaps[["x", "to_x"]].iloc[0].tolist() == [100, 130]


def test_a_dead_end_may_stop_short_of_the_middle_of_a_road():
    gaps = find_gaps(tiny.roads(LineString([(50, 200), (50, 20)]), LineString([(0, 0), (100, 0)])))
    assert gaps[["away_m", "x", "y", "to_x", "to_y"]].iloc[0].tolist() == [20, 50, 20, 50, 0]


@pytest.mark.parametrize(
    "roads",
    [
        [LEFT],
        [LEFT, LineString([(100, 0), (300, 0)])],
        [LEFT, LineString([(200, 0), (300, 0)])],
        # a bridge over a road joins nothing and is no gap
        [LineString([(0, 0), (200, 0)]), LineString([(100, -100), (100, 100)])],
        # a dead end beside its own road
        [LineString([(0, 0), (500, 0), (500, 20), (100, 20)])],
    ],
)
def test_what_is_joined_or_far_or_crosses_is_no_gap(roads):
    assert find_gaps(tiny.roads(*roads)).empty


def test_closed_gaps_let_people_through():
    roads = tiny.roads(LineString([(50, 200), (50, 20)]), LineString([(0, 0), (100, 0)]))
    closed = close_gaps(roads, find_gaps(roads))
    places = np.array([[50.0, 200.0]]), np.array([[100.0, 0.0]])
    before = nearest(Network.of_roads(roads), *places, max_leg_m=1)[0]
    after = nearest(Network.of_roads(closed), *places, max_leg_m=1)[0]
    assert np.isinf(before[0]) and after[0] == pytest.approx(180 + 20 + 50)
    assert (closed["all_season"] == 1).all() and len(roads) == 2


def test_the_way_with_the_fewest_gaps_is_taken_and_its_first_gap_named():
    # from a to d by b and c (gaps of 10 and 10 m), or straight over one gap of 40 m
    a, b = LineString([(0, 0), (100, 0)]), LineString([(110, 0), (200, 0)])
    c, d = (
        LineString([(210, 0), (300, 0)]),
        LineString([(100, 40), (100, 500), (310, 500), (310, 0), (300, 0)]),
    )
    roads = tiny.roads(a, b, c, d)
    gaps = find_gaps(roads)
    ends = (
        np.array([[0.0, 0.0], [0.0, 0.0], [150.0, 0.0]]),
        np.array([[100.0, 500.0], [150.0, 0.0], [150.0, 0.0]]),
    )
    at = first_gaps(roads, gaps, *ends, max_leg_m=5)
    assert gaps["away_m"].iloc[at[:2]].tolist() == [40, 10] and at[2] == -1


@given(order=st.permutations(range(4)))
@settings(max_examples=24)
def test_the_order_of_the_lines_changes_nothing(order):
    lines = [LEFT, RIGHT, LineString([(300, 40), (500, 40)]), LineString([(50, 30), (50, 200)])]
    expected = find_gaps(tiny.roads(*lines))
    assert len(expected) == 3
    assert find_gaps(tiny.roads(*[lines[n] for n in order])).equals(expected)
