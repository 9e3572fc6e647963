"""Distances along roads, on networks small enough to work out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from gis.network import Network, least_leg
from gis.network import nearest as nearest_on


def nearest(lines, origins, targets, max_leg_m=1000.0):
    ends = np.array(origins, float), np.array(targets, float)
    return nearest_on(Network.from_lines(lines), *ends, max_leg_m=max_leg_m)


def test_a_distance_is_the_walk_to_the_road_the_road_and_the_walk_from_it():
    road = LineString([(0, 0), (300, 0), (300, 400)])
    distance, target = nearest([road], [(0, 30)], [(300, 450)])
    assert distance[0] == pytest.approx(30 + 300 + 400 + 50) and target[0] == 0


def test_of_two_targets_the_nearer_by_road_is_named_not_the_nearer_as_the_crow_flies():
    road = LineString([(0, 0), (1000, 0), (1000, 50), (20, 50)])
    distance, target = nearest([road], [(0, 0)], [(20, 50), (600, 0)], max_leg_m=10)
    # the first is 54 m away but 2,030 m by road; the second lies on the road between two vertices
    assert target[0] == 1 and distance[0] == pytest.approx(600)


def test_a_place_joins_a_straight_road_between_its_far_vertices():
    road = LineString([(0, 0), (10_000, 0)])
    distance, _ = nearest([road], [(4000, 30), (7000, 0)], [(6000, 40)], max_leg_m=50)
    assert distance.tolist() == pytest.approx([30 + 2000 + 40, 1000 + 40])


def test_a_loose_stub_nearer_than_the_road_costs_nothing():
    road = LineString([(0, 0), (1000, 0)])
    stub = LineString([(0, 40), (30, 40)])
    for lines in ([road], [road, stub], [stub, road]):
        distance, _ = nearest(lines, [(10, 30)], [(900, 0)], max_leg_m=50)
        assert distance[0] == pytest.approx(30 + 890)
    legs = least_leg(
        Network.from_lines([road, stub]), np.array([[10.0, 30.0]]), np.array([[900.0, 0.0]]), max_leg_m=50
    )
    assert legs.tolist() == [30.0]


def test_a_side_road_that_starts_near_the_village_does_not_send_it_round():
    road = LineString([(0, 0), (5000, 0)])
    side = LineString([(0, 150), (0, 5000), (5000, 5000), (5000, 0)])
    for lines in ([road], [road, side]):
        distance, _ = nearest(lines, [(0, 120)], [(1000, 0)])
        assert distance[0] == pytest.approx(120 + 1000)


def test_hundreds_of_loose_stubs_do_not_hide_the_road():
    road = LineString([(x, 0) for x in range(0, 10_001, 40)])
    stubs = [
        LineString([(x, 700 + y), (x + 1, 700 + y)]) for x in range(0, 300, 10) for y in range(0, 90, 10)
    ]
    distance, _ = nearest([road, *stubs], [(100, 1000)], [(9000, 0)], max_leg_m=2000)
    assert distance[0] == pytest.approx(1000 + 8900)


def test_a_link_needs_one_part_of_the_network_in_reach_of_both():
    roads = Network.from_lines([LineString([(0, 0), (100, 0)]), LineString([(0, 50), (100, 50)])])
    here, there = np.array([[0.0, 20.0]] * 3), np.array([[100.0, 60.0], [100.0, -10.0], [100.0, 99.0]])
    assert least_leg(roads, here, there, max_leg_m=29).tolist() == [np.inf, 20, np.inf]
    assert least_leg(roads, here, there, max_leg_m=30).tolist() == [30, 20, np.inf]


def test_lines_that_share_a_vertex_join_and_lines_that_only_cross_do_not():
    cross = [LineString([(0, 0), (100, 0)]), LineString([(50, -50), (50, 50)])]
    assert np.isinf(nearest(cross, [(0, 0)], [(50, 50)], max_leg_m=10)[0][0])
    joined = [LineString([(0, 0), (50, 0), (100, 0)]), LineString([(50, -50), (50, 0), (50, 50)])]
    assert nearest(joined, [(0, 0)], [(50, 50)], max_leg_m=10)[0][0] == pytest.approx(100)


def test_a_place_beyond_the_leg_limit_is_not_reached():
    road = LineString([(0, 0), (100, 0)])
    distance, target = nearest([road], [(0, 500)], [(100, 0)], max_leg_m=499)
    assert np.isinf(distance[0]) and target[0] == -1


def test_no_roads_and_no_targets_are_no_crash():
    assert np.isinf(nearest([], [(0, 0)], [(1, 1)])[0][0])
    assert np.isinf(nearest([LineString([(0, 0), (1, 0)])], [(0, 0)], np.zeros((0, 2)))[0][0])


point = st.tuples(st.integers(0, 8), st.integers(0, 8)).map(lambda xy: (xy[0] * 100.0, xy[1] * 100.0))
line = st.lists(point, min_size=2, max_size=4, unique=True).map(LineString)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(line, min_size=1, max_size=6),
    line,
    st.lists(point, min_size=1, max_size=4),
    st.lists(point, min_size=1, max_size=3),
)
def test_adding_a_road_never_lengthens_a_trip_nor_undercuts_the_straight_line(roads, more, origins, targets):
    for leg in (0.5, 150.0, 300.0):
        before, _ = nearest(roads, origins, targets, max_leg_m=leg)
        after, which = nearest([*roads, more], origins, targets, max_leg_m=leg)
        assert (after <= before + 1e-6).all()
    for origin, distance, target in zip(origins, after, which, strict=True):
        if target >= 0:
            assert distance >= np.hypot(*np.subtract(origin, targets[target])) - 0.3


@settings(max_examples=40, deadline=None)
@given(
    st.lists(line, min_size=2, max_size=6),
    st.lists(point, min_size=1, max_size=4),
    st.lists(point, min_size=1, max_size=3),
)
def test_the_order_of_roads_does_not_matter(roads, origins, targets):
    for leg in (0.5, 500.0):
        forward, to = nearest(roads, origins, targets, max_leg_m=leg)
        backward, fro = nearest([road.reverse() for road in roads[::-1]], origins, targets, max_leg_m=leg)
        np.testing.assert_allclose(forward, backward)
        assert ((to < 0) == (fro < 0)).all()


def test_feet_asked_for_again_are_the_same_whatever_was_done_to_the_first_answer():
    network = Network.from_lines([LineString([(0, 0), (1000, 0)])])
    first = network.feet([(300, 40)], max_leg_m=100)
    kept = first.copy()
    first["leg_m"] = -1.0
    assert network.feet([(300, 40)], max_leg_m=100).equals(kept)
    assert network.feet([(300, 40)], max_leg_m=30).empty
