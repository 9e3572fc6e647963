"""Costs of pieces of road, the nearest places by road, ways and catchments: by hand and against a plain search."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import lil_array
from scipy.sparse.csgraph import dijkstra
from shapely import LineString

import tiny
from gis.catalogue import load_catalogue
from gis.network import LEG_S, Network, Routes, catchment, edge_seconds

SPEEDS = load_catalogue()["roads"].speeds


def metres(lines, cost=None, leg_cost=1.0):
    network = Network.from_lines(lines)
    both = np.column_stack([network.length_m, network.length_m])
    return Routes(network, both if cost is None else cost(network, both), leg_cost)


def feet(routes, places, max_leg_m=100.0):
    return routes.network.feet(np.array(places, dtype=float).reshape(-1, 2), max_leg_m=max_leg_m)


def test_seconds_are_those_of_the_road_and_walking_needs_no_road_to_be_open():
    roads = tiny.roads(LineString([(0, 0), (1000, 0)]), LineString([(1000, 0), (2000, 0)]), surface="earth")
    roads = roads.assign(all_season=[1.0, 0.0])
    network = Network.of_roads(roads)
    # 1 km at 15 km/h dry and 7 km/h wet, on foot at 5
    dry, estimated = edge_seconds(network, roads, SPEEDS, mode="motorbike", season="dry")
    assert dry.tolist() == [[240, 240]] * 2 and not estimated.any()
    wet, _ = edge_seconds(network, roads, SPEEDS, mode="motorbike", season="wet")
    assert wet.tolist() == [[pytest.approx(3600 / 7)] * 2, [np.inf, np.inf]]
    walked, _ = edge_seconds(network, roads, SPEEDS, mode="walk", season="wet")
    assert walked.tolist() == [[720, 720]] * 2


@pytest.mark.parametrize("drawn", [1, -1])
def test_a_one_way_road_is_ridden_as_drawn_and_a_reversed_one_against_it(drawn):
    line = LineString([(0, 0), (1000, 0)][::drawn])
    for against in (0.0, 1.0):
        roads = tiny.roads(line, oneway=1.0, reversed=against)
        network = Network.of_roads(roads)
        routes = Routes(network, edge_seconds(network, roads, SPEEDS, mode="car", season="dry")[0], 0.0)
        east = (drawn == 1) == (against == 0)
        for here, there, goes in ((0, 1000, east), (1000, 0, not east)):
            cost, _ = routes.reach(feet(routes, (there, 0))).at(feet(routes, (here, 0)), count=1)
            assert np.isfinite(cost[0]) == goes
            # coming from there is the other way round
            cost, _ = routes.reach(feet(routes, (there, 0)), towards=False).at(
                feet(routes, (here, 0)), count=1
            )
            assert np.isfinite(cost[0]) != goes
        assert np.isfinite(edge_seconds(network, roads, SPEEDS, mode="walk", season="dry")[0]).all()


def test_the_walk_to_and_from_the_road_is_paid():
    routes = metres([LineString([(0, 0), (1000, 0)])], lambda network, both: both * 0.1, LEG_S)
    cost, place = routes.reach(feet(routes, (900, -50))).at(feet(routes, (100, 20)), count=1)
    # 800 m at a tenth of a second, 70 m straight at 5 km/h and 1.3 times as long
    assert cost[0] == pytest.approx(80 + 70 * 1.3 * 0.72) and place[0] == 0


def test_the_nearest_few_are_different_places_with_their_own_costs():
    routes = metres([LineString([(0, 0), (500, 0), (1000, 0)])])
    places = feet(routes, [(100, 0), (900, 0), (950, 10)])
    few = routes.nearest_few(places, feet(routes, [(400, 0), (920, 0)]), count=2)
    np.testing.assert_allclose(few.to_numpy(), [[0, 0, 300], [0, 1, 500], [1, 1, 20], [1, 2, 40]])
    all_of_them = routes.nearest_few(places, feet(routes, [(400, 0)]), count=9)
    assert all_of_them["place"].tolist() == [0, 1, 2]
    near = routes.nearest_few(places, feet(routes, [(400, 0)]), count=9, limit=400)
    assert near["place"].tolist() == [0]


def test_a_way_is_the_line_gone_along_and_its_edges():
    routes = metres([LineString([(0, 0), (300, 0), (300, 400)]), LineString([(300, 0), (600, 0)])])
    places, points = np.array([[290.0, 350.0]]), np.array([[100.0, 20.0], [5000.0, 0.0], [300.0, 340.0]])
    reach = routes.reach(feet(routes, places))
    ways = reach.ways(feet(routes, points), points, places)
    assert ways["point"].tolist() == [0, 2]
    assert list(ways["line"].iloc[0].coords) == [(100, 20), (100, 0), (300, 0), (300, 350), (290, 350)]
    assert ways["cost"].iloc[0] == pytest.approx(ways["line"].iloc[0].length) == pytest.approx(580)
    assert [len(each) for each in ways["edges"]] == [2, 1]
    assert list(ways["line"].iloc[1].coords) == [(300, 340), (300, 340), (300, 350), (290, 350)]


def test_a_catchment_ends_at_the_very_spot_and_is_split_where_the_nearest_changes():
    routes = metres([LineString([(0, 0), (1000, 0)])])
    reach = routes.reach(feet(routes, [(100, 0), (700, 30)]))
    told = catchment(reach, 250.0)
    # the first reaches 0 to 350, the second 700 - 220 to 700 + 220
    assert told.to_numpy().tolist() == [
        [0, 0, pytest.approx(0.35), 0],
        [0, pytest.approx(0.48), pytest.approx(0.92), 1],
    ]
    whole = catchment(reach, 2000.0)
    # they meet where 100 + a = 700 - b + 30
    assert whole.to_numpy().tolist() == [[0, 0, pytest.approx(0.415), 0], [0, pytest.approx(0.415), 1, 1]]


def test_one_preparation_serves_several_kinds_of_place_and_seasons():
    roads = tiny.roads(
        LineString([(0, 0), (1000, 0)]), LineString([(0, 0), (0, 2000)]), all_season=[0.0, 1.0]
    )
    network = Network.of_roads(roads)
    villages = network.feet(np.array([[0.0, 0.0]]), max_leg_m=10)
    kinds = {"near": [(1000.0, 0.0)], "far": [(0.0, 2000.0)]}
    for season, reached in (("dry", [True, True]), ("wet", [False, True])):
        seconds, _ = edge_seconds(network, roads, SPEEDS, mode="motorbike", season=season)
        routes = Routes(network, seconds)
        found = [
            routes.reach(feet(routes, places, 10)).at(villages, count=1)[0][0] for places in kinds.values()
        ]
        assert np.isfinite(found).tolist() == reached


def drawn_routes(lines, seed):
    def cost(network, both):
        random = np.random.default_rng(seed)
        return np.where(random.random(both.shape) < 0.2, np.inf, both * random.integers(1, 4, both.shape))

    return metres(lines, cost)


def plain(routes, places, points):
    """Costs from every point to every place: each foot is a node of its own, joined to all spots of its edge."""
    network, size = routes.network, routes.network.size
    count = size + len(places) + len(points)
    least = np.full((count, count), np.inf)
    # spots of each edge: its ends and the feet on it
    spots = {
        edge: [(0.0, network.start[edge]), (1.0, network.end[edge])] for edge in range(len(network.start))
    }
    given = [*places.itertuples(), *points.itertuples()]
    for n, foot in enumerate(given):
        spots[foot.edge].append((foot.share, size + n))
    for edge, along in spots.items():
        for share, one in along:
            for other_share, other in along:
                apart = other_share - share
                if one != other:
                    price = abs(apart) * routes.cost[edge, 0 if apart > 0 else 1] if apart else 0.0
                    least[one, other] = min(least[one, other], price)
    graph = lil_array((count, count))
    for one, other in zip(*np.nonzero(np.isfinite(least)), strict=True):
        graph[one, other] = max(least[one, other], 1e-9)
    away = dijkstra(graph.tocsr(), indices=size + len(places) + np.arange(len(points)))[
        :, size : size + len(places)
    ]
    return away + points["leg_m"].to_numpy()[:, None] + places["leg_m"].to_numpy()


def drawn(seed):
    """Roads with costs that differ by direction, some closed, and feet of places and points on them."""
    random = np.random.default_rng(seed)
    lines = [LineString(random.choice(49, 3, replace=False)[:, None] // [7, 1] % 7 * 100.0) for _ in range(4)]
    routes = drawn_routes(lines, seed)
    feet = []
    for _ in range(2):
        edges, shares = random.integers(0, len(routes.network.start), 4), random.choice([0, 0.25, 0.5, 1], 4)
        legs = random.integers(0, 4, 4).astype(float)
        feet.append(pd.DataFrame({"point": np.arange(4), "edge": edges, "share": shares, "leg_m": legs}))
    return routes, *feet


@pytest.mark.parametrize("seed", range(25))
def test_costs_and_nearest_few_are_those_of_the_plain_search(seed):
    routes, places, points = drawn(seed)
    expected = plain(routes, places, points)
    cost, place = routes.reach(places).at(points, count=len(points))
    np.testing.assert_allclose(cost, expected.min(axis=1), atol=1e-3)
    for row in np.flatnonzero(place >= 0):
        assert expected[row, place[row]] == pytest.approx(cost[row], abs=1e-3)
    back, _ = routes.reach(points, towards=False).at(places, count=len(places))
    np.testing.assert_allclose(back, expected.min(axis=0), atol=1e-3)
    few = routes.nearest_few(places, points, count=2)
    for row, found in few.groupby("point"):
        assert found["place"].is_unique
        np.testing.assert_allclose(found["cost"], np.sort(expected[row])[: len(found)], atol=1e-3)
        np.testing.assert_allclose(found["cost"], expected[row, found["place"]], atol=1e-3)
    enough = np.minimum(np.isfinite(expected).sum(axis=1), 2)
    assert few.groupby("point").size().reindex(range(len(points)), fill_value=0).tolist() == enough.tolist()


@pytest.mark.parametrize("seed", range(12))
def test_a_spot_is_in_the_catchment_just_where_its_cost_says_so(seed):
    routes, places, _ = drawn(seed)
    length, reach = routes.network.length_m, routes.reach(places)
    edge, share = (part.ravel() for part in np.meshgrid(np.arange(len(length)), np.linspace(0.01, 0.99, 15)))
    asked = pd.DataFrame({"point": np.arange(len(edge)), "edge": edge, "share": share, "leg_m": 0.0})
    cost, place = reach.at(asked, count=len(asked))
    covered = 0.0
    for within in (0.0, 150.0, 400.0, 1e6):
        told = catchment(reach, within)
        pairs = asked.merge(told, on="edge")
        inside = (pairs["begin"] <= pairs["share"]) & (pairs["stop"] >= pairs["share"])
        owner = pairs[inside].drop_duplicates("point").set_index("point")["place"].reindex(asked["point"])
        sure = np.abs(np.where(np.isfinite(cost), cost, 1e9) - within) > 1e-3
        assert (owner.notna().to_numpy() == (cost <= within))[sure].all()
        assert (told["stop"] > told["begin"]).all() and not told.duplicated(["edge", "begin"]).any()
        more = ((told["stop"] - told["begin"]) * length[told["edge"]]).sum()
        assert more >= covered
        covered = more
    # where two are equally near either may be told
    same = owner.fillna(-1).to_numpy() == place
    assert same.mean() > 0.9


@pytest.mark.parametrize("seed", range(12))
def test_the_edges_of_a_way_lead_from_foot_to_foot_and_the_costs_add_up(seed):
    routes, places, points = drawn(seed)
    network = routes.network
    spot = np.zeros((9, 2))
    ways = routes.reach(places).ways(points, spot, spot)
    assert (ways["place"] >= 0).all()
    for way in ways.itertuples():
        edges, mine, theirs = way.edges, points.iloc[way.foot], places.iloc[way.place_foot]
        assert edges[0] == mine["edge"] and edges[-1] == theirs["edge"]
        if way.node < 0:
            share = theirs["share"] - mine["share"]
            along = abs(share) * routes.cost[edges[0], 0 if share > 0 else 1] if share else 0.0
        else:
            at, along = way.node, 0.0
            share = mine["share"] if at == network.start[edges[0]] else 1 - mine["share"]
            along += share * routes.cost[edges[0], int(at == network.start[edges[0]])] if share else 0.0
            for edge in edges[1:-1]:
                back = at == network.end[edge]
                along, at = (
                    along + routes.cost[edge, int(back)],
                    network.start[edge] if back else network.end[edge],
                )
            share = theirs["share"] if at == network.start[edges[-1]] else 1 - theirs["share"]
            along += share * routes.cost[edges[-1], int(at == network.end[edges[-1]])] if share else 0.0
        assert along + mine["leg_m"] + theirs["leg_m"] == pytest.approx(way.cost)
