"""What is missing for a road open all year: lengths and stretches worked out by hand, and the laws they keep."""

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString

import tiny
from gis.roadlinks import missing_links

NAN, INF = np.nan, np.inf


def missing(roads, origins, targets=((0, 0),), leg=50):
    origins = np.array(origins, dtype=float).reshape(-1, 2)
    targets = np.broadcast_to(np.array(targets, dtype=float), origins.shape)
    return missing_links(roads, origins, targets, max_leg_m=leg)


def way(*states, step=1000):
    """A straight road from (0, 0) in pieces of a kilometre, each with its state."""
    pieces = [LineString([(i * step, 0), ((i + 1) * step, 0)]) for i in range(len(states))]
    return tiny.roads(*pieces, all_season=list(states))


def test_only_what_is_not_open_all_year_is_missing():
    found = missing(way(1, 0, 1, 0, 0), [(5000, 0), (3000, 20), (500, 0), (3500, 0)])
    assert found["missing_m"].tolist() == pytest.approx([3000, 1000, 0, 1500], abs=1e-3)
    # the two last kilometres are one stretch, of which each road has as much; the first by its id is named
    assert found["worst_m"].iloc[0] == pytest.approx(2000) and found["worst_road"].iloc[0] == "r3"
    assert found[["worst_x", "worst_y"]].iloc[0].tolist() == [4000, 0]
    assert found["line"].iloc[0].length == pytest.approx(3000) and found["line"].iloc[2] is None
    # half of the fourth kilometre is as long as nothing against the whole second
    assert found["worst_road"].iloc[3] == "r1" and found["worst_x"].iloc[3] == 1500


def test_a_longer_way_over_open_roads_beats_a_short_one_to_be_built():
    detour = LineString([(0, 0), (0, 5000), (1000, 5000), (1000, 0)])
    short = LineString([(0, 0), (1000, 0)])
    assert missing(tiny.roads(short, detour, all_season=[0, 1]), [(1000, 0)])["missing_m"].tolist() == [0]
    both = missing(tiny.roads(short, detour, all_season=[0, 0]), [(1000, 0)])
    assert both["missing_m"].tolist() == pytest.approx([1000]) and both["worst_road"].tolist() == ["r0"]


def test_roads_of_which_nobody_recorded_the_state_are_told_apart():
    found = missing(way(NAN, 0, 1), [(3000, 0)]).iloc[0]
    assert (found["missing_m"], found["unrecorded_m"]) == pytest.approx((2000, 1000))
    unsaid = way(1, 1).drop(columns="all_season")
    assert missing(unsaid, [(2000, 0)])["unrecorded_m"].tolist() == pytest.approx([2000])


def test_a_road_that_ends_under_a_bridge_is_not_joined_to_it():
    over = tiny.roads(LineString([(0, 0), (100, 0)]), LineString([(50, 0.2), (50, 400)]), all_season=[1, 1])
    assert missing(over, [(50, 400)])["missing_m"].tolist() == [0]
    assert missing(over.assign(structure=["bridge", None]), [(50, 400)])["missing_m"].tolist() == [INF]


def test_where_no_road_leads_all_is_missing_and_no_length_is_known():
    for roads in (way(1, 0), way(1, 0)[:0]):
        found = missing(roads, [(1500, 400)]).iloc[0]
        assert found["missing_m"] == INF and found["worst_road"] is None and found["line"] is None
    apart = tiny.roads(LineString([(0, 0), (100, 0)]), LineString([(200, 0), (300, 0)]), all_season=[1, 1])
    assert missing(apart, [(300, 0)])["missing_m"].tolist() == [INF]
    assert missing(way(1), []).empty


def test_the_search_goes_on_until_the_centre_is_found():
    found = missing(way(*[0] * 20, 1), [(21_000, 0), (3000, 0)])
    assert found["missing_m"].tolist() == pytest.approx([20_000, 3000])
    assert found["worst_m"].tolist() == pytest.approx([20_000, 3000])


def test_a_road_that_ends_under_a_bridge_does_not_lead_on_it():
    over, under = LineString([(0, 0), (2000, 0)]), LineString([(1000, 0), (1000, -500)])
    roads = tiny.roads(over, under, all_season=[1, 1], structure=["bridge", None])
    assert missing(roads, [(1000, -500)])["missing_m"].tolist() == [INF]
    assert missing(roads.drop(columns="structure"), [(1000, -500)])["missing_m"].tolist() == [0]


def test_two_places_on_one_piece_lack_what_lies_between_them():
    found = missing(way(0), [(600, 0)], [(250, 10)]).iloc[0]
    assert (found["missing_m"], found["worst_m"]) == pytest.approx((350, 350))
    assert found["worst_x"] == pytest.approx(425)


def test_another_village_is_no_bridge_between_two_roads():
    # v1 can walk to both roads; that does not join them for v0
    roads = tiny.roads(LineString([(0, 0), (1000, 0)]), LineString([(1060, 0), (2000, 0)]), all_season=[1, 1])
    found = missing(roads, [(2000, 0), (1030, 0)])
    assert found["missing_m"].tolist() == [INF, 0]


def test_roads_of_several_parts_and_without_shape_are_taken_as_they_are():
    parts = MultiLineString([[(0, 0), (400, 0)], [(400, 0), (900, 0)]])
    roads = tiny.roads(None, parts, LineString([(900, 0), (1000, 0)]), all_season=[1, 0, 1])
    found = missing(roads, [(1000, 0)]).iloc[0]
    assert found["missing_m"] == pytest.approx(900) and found["worst_road"] == "r1"


def plain(edges, start, goal):
    """The least length over edges that are not open, node by node."""
    best, heap = {}, [(0.0, start)]
    while heap:
        cost, node = heapq.heappop(heap)
        if node in best:
            continue
        best[node] = cost
        for a, b, length, state in edges:
            for one, other in ((a, b), (b, a)):
                if one == node:
                    heapq.heappush(heap, (cost + (0 if state == 1 else length), other))
    return best.get(goal, INF)


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10**6))
def test_the_least_is_found_whatever_the_order_of_the_rows_and_more_open_road_never_lacks_more(seed):
    chance = np.random.default_rng(seed)
    nodes = [(x, y) for x in range(4) for y in range(4)]
    pairs = [(a, b) for a in nodes for b in nodes if a < b and abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1]
    pairs = [pair for pair in pairs if chance.random() < 0.8]
    if not pairs:
        return
    spot = {
        node: (1000 * node[0] + chance.uniform(0, 300), 1000 * node[1] + chance.uniform(0, 300))
        for node in nodes
    }
    state = chance.choice([0.0, 1.0, NAN], len(pairs))
    roads = tiny.roads(*[LineString([spot[a], spot[b]]) for a, b in pairs], all_season=state)
    places = sorted({node for pair in pairs for node in pair})
    origins, targets = [spot[node] for node in places], [spot[places[0]]] * len(places)
    found = missing(roads, origins, targets, leg=1)
    edges = [(a, b, line.length, s) for (a, b), line, s in zip(pairs, roads.geometry, state, strict=True)]
    assert found["missing_m"].tolist() == pytest.approx(
        [plain(edges, node, places[0]) for node in places], abs=0.5
    )
    order = chance.permutation(len(pairs))
    again = missing(roads.iloc[order], origins, targets, leg=1)
    assert again.drop(columns="line").equals(found.drop(columns="line"))
    reached = found[np.isfinite(found["missing_m"]) & (found["missing_m"] > 0)]
    assert (reached["worst_m"] <= reached["missing_m"] + 1e-9).all()
    assert [line.length for line in reached["line"]] == pytest.approx(reached["missing_m"].tolist(), abs=1)
    better = roads.assign(all_season=np.where(chance.random(len(pairs)) < 0.3, 1.0, state))
    assert (missing(better, origins, targets, leg=1)["missing_m"] <= found["missing_m"] + 1e-3).all()
