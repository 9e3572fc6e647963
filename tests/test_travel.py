"""Walking to a road, riding and walking again: against one plain search of the joined graph, and the laws of it."""

import heapq
from collections import defaultdict

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import LineString, Point, box

import tiny
from gis.catalogue import load_catalogue
from gis.kernels import CAUSEWAY
from gis.network import Network
from gis.rasters import Raster
from gis.surface import MODES, SEASONS
from gis.travel import Travel, lay_tracks

INF = np.inf
SPEEDS = load_catalogue()["roads"].speeds
ROWS, COLUMNS, CELL = 10, 15, 100.0
KMH = 5.04


def ground(values=None, **more):
    values = np.zeros((ROWS, COLUMNS)) if values is None else np.array(values, dtype=float)
    return Raster(values, 0.0, CELL * len(values), CELL, CELL, CRS(tiny.CRS), **more)


def rough(seed):
    return ground(np.random.default_rng(seed).uniform(0, 40, (ROWS, COLUMNS)))


def river(*lines, kind="river"):
    return gpd.GeoDataFrame({"kind": [kind] * len(lines)}, geometry=list(lines), crs=tiny.CRS)


def crossing(*points, kind="bridge", all_season=1.0):
    frame = gpd.GeoDataFrame(geometry=[Point(*at) for at in points], crs=tiny.CRS)
    return frame.assign(kind=kind, all_season=all_season)


# --- roads over the cells ------------------------------------------------------------------------------

# never along the border of a cell, which is of one of the two only
within = st.tuples(st.integers(-150, 1650), st.integers(-150, 1150)).map(
    lambda at: (at[0] + 0.5, at[1] + 0.5)
)
many_lines = st.lists(
    st.lists(within, min_size=2, max_size=4, unique=True).map(LineString), min_size=1, max_size=4
)


@settings(max_examples=30, deadline=None)
@given(many_lines)
def test_a_road_has_its_nearest_spot_to_the_middle_as_foot_in_every_cell_it_runs_through(lines):
    # an end that touches a line beside it bends that line a little
    tracks = lay_tracks(ground(), Network.from_lines(lines, touch_m=0))
    assert tracks.length_m.sum() == pytest.approx(sum(line.length for line in lines))
    between = np.hypot(*(tracks.xy[tracks.start] - tracks.xy[tracks.end]).T)
    assert tracks.length_m == pytest.approx(between, abs=1e-6)
    runs = {(edge, cell) for edge, cell in zip(tracks.passed_edge, tracks.passed_cell, strict=True)}
    for row in range(ROWS):
        for column in range(COLUMNS):
            west, north = column * CELL, (ROWS - row) * CELL
            square, middle = box(west, north - CELL, west + CELL, north), Point(west + 50, north - 50)
            inside = shapely.intersection(np.array(lines), square)
            feet = tracks.foot_cell == row * COLUMNS + column
            assert (tracks.foot_m[feet] <= CELL * 0.7072).all()
            away = np.hypot(*(tracks.xy[tracks.foot_node[feet]] - [middle.x, middle.y]).T)
            assert tracks.foot_m[feet] == pytest.approx(away)
            for road in np.flatnonzero(shapely.length(inside) > 0.2):
                assert tracks.foot_m[feet].min() <= shapely.distance(inside[road], middle) + 2 * 0.05
            ends = tracks.xy[np.column_stack([tracks.start, tracks.end])]
            lengths = shapely.length(shapely.intersection(shapely.linestrings(ends), square))
            for edge in np.flatnonzero(lengths > 0.2):
                assert (edge, row * COLUMNS + column) in runs


def test_roads_that_are_missing_or_empty_are_passed_over():
    tracks = lay_tracks(ground(), Network.from_lines([None, LineString(), LineString([(50, 50), (250, 50)])]))
    assert set(tracks.row) == {2} and len(lay_tracks(ground(), Network.from_lines([None])).start) == 0


# --- against a plain search ----------------------------------------------------------------------------


def plain_joined(travel, places, *, towards, **how):
    """Dijkstra with a heap over cells and nodes of roads as one graph."""
    surface, ride = travel.surface(**without_mode(how)), travel.ride(**how)
    arcs = defaultdict(list)  # from where the search comes to where it goes on

    def joined(tail, head, seconds):
        arcs[head if towards else tail].append((tail if towards else head, seconds))

    slowness = surface.pace[surface.classes]
    for cell in np.flatnonzero(~np.isnan(slowness)):
        # one move at a time, as the kernel of its own tests has it
        near = surface.times(([cell], [0.0], [0]), towards=False, limit_s=1200)
        row, column = divmod(int(cell), COLUMNS)
        for other in np.flatnonzero(np.isfinite(near)):
            r, c = divmod(int(other), COLUMNS)
            if max(abs(r - row), abs(c - column)) <= 2 and other != cell:
                joined(("cell", int(cell)), ("cell", int(other)), float(near[r, c]))
    tracks = ride.tracks
    for edge, (start, end) in enumerate(zip(tracks.start, tracks.end, strict=True)):
        for tail, head, seconds in ((start, end, ride.seconds[edge, 0]), (end, start, ride.seconds[edge, 1])):
            if np.isfinite(seconds):
                joined(("node", int(tail)), ("node", int(head)), seconds)
    for node, cell, seconds in zip(ride.node, ride.cell, ride.leg_s, strict=True):
        joined(("node", int(node)), ("cell", int(cell)), seconds)
        joined(("cell", int(cell)), ("node", int(node)), seconds)
    best, heap = (
        {},
        [
            (float(start), ("cell", int(cell)))
            for cell, start, _ in zip(*surface.entries(places), strict=True)
        ],
    )
    heapq.heapify(heap)
    while heap:
        time, here = heapq.heappop(heap)
        if time < best.get(here, INF):
            best[here] = time
            for other, seconds in arcs[here]:
                heapq.heappush(heap, (time + seconds, other))
    return np.array([best.get(("cell", cell), INF) for cell in range(slowness.size)]).reshape(slowness.shape)


def without_mode(how):
    return {name: value for name, value in how.items() if name != "mode"}


spots = st.tuples(st.integers(1, 1499), st.integers(1, 999))
several = st.lists(spots, min_size=1, max_size=3, unique=True)
way_lines = st.lists(
    st.lists(spots, min_size=2, max_size=4, unique=True).map(LineString), min_size=1, max_size=3
)
KINDS = [("commune", "asphalt"), ("village", "earth"), ("path", "gravel"), ("district", "concrete")]


def roads_of(lines, **more):
    kinds = [KINDS[at % len(KINDS)] for at in range(len(lines))]
    frame = tiny.roads(
        *lines, **{"class": [kind for kind, _ in kinds], "surface": [paved for _, paved in kinds]}
    )
    return frame.assign(**more)


def minutes(travel, places, **how):
    return travel.reach(places, **how).seconds / 60


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 99), several, way_lines, way_lines, st.booleans(), st.sampled_from(MODES[2:]))
def test_it_is_the_least_cost_of_the_joined_graph(seed, places, ways, flows, towards, mode):
    travel = Travel(rough(seed), roads_of(ways), river(*flows))
    reach = travel.reach(places, mode=mode, towards=towards)
    plain = plain_joined(travel, places, mode=mode, towards=towards)
    assert (np.isinf(reach.seconds) == np.isinf(plain)).all()
    np.testing.assert_allclose(reach.seconds, plain, rtol=1e-4, atol=1e-2)


def same_entries(places, *surfaces):
    """Whether places in water have not come to lie on ground or the other way round: then they are entered elsewhere."""
    cells = [surface.entries(places)[0].tolist() for surface in surfaces]
    return cells[0] == cells[1]


# --- laws ----------------------------------------------------------------------------------------------


def everything(seed, ways, flows, bridges, **more):
    return Travel(rough(seed), roads_of(ways, **more), river(*flows), crossing(*bridges))


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 99), several, way_lines, way_lines, way_lines, several, several, st.sampled_from(SEASONS)
)
def test_one_more_road_place_or_bridge_never_lengthens_a_time(
    seed, places, few, more, flows, bridges, new, season
):
    how = {"mode": "motorbike", "season": season}
    before = minutes(everything(seed, few, flows, bridges), places, **how)
    # what is added comes last, so that the others keep their kind
    wider = minutes(everything(seed, few + more, flows, bridges), places, **how)
    assert (wider <= before + 1e-5 * np.where(np.isfinite(before), before, 1)).all()
    nearer = minutes(everything(seed, few, flows, bridges), places + new, **how)
    assert (nearer <= before).all()
    plain, more_open = (everything(seed, few, flows, each) for each in (bridges, bridges + new))
    assume(same_entries(places, plain.surface(season=season), more_open.surface(season=season)))
    bridged = minutes(more_open, places, **how)
    assert (bridged <= before + 1e-5 * np.where(np.isfinite(before), before, 1)).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 99), several, way_lines, way_lines, several, st.booleans(), st.sampled_from([1.0, 0.0]))
def test_riding_is_never_slower_than_walking_and_the_rains_never_quicker(
    seed, places, ways, flows, bridges, towards, all_season
):
    travel = Travel(
        rough(seed),
        roads_of(ways, all_season=all_season),
        river(*flows),
        crossing(*bridges, all_season=all_season),
    )
    for season in SEASONS:
        on_foot = minutes(travel, places, season=season, towards=towards)
        for mode in MODES[2:]:
            assert (minutes(travel, places, mode=mode, season=season, towards=towards) <= on_foot).all()
    assume(same_entries(places, *(travel.surface(season=season) for season in SEASONS)))
    for mode in ("walk", "motorbike", "car"):
        dry, wet = (minutes(travel, places, mode=mode, season=season, towards=towards) for season in SEASONS)
        assert (wet >= dry - 1e-5 * np.where(np.isfinite(dry), dry, 0)).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 99), several, way_lines, st.floats(1, 40), st.floats(1, 40))
def test_a_longer_limit_never_covers_less_and_covers_the_same_times(seed, places, ways, one, other):
    travel = Travel(rough(seed), roads_of(ways))
    short, long = (minutes(travel, places, mode="car", limit_min=limit) for limit in sorted((one, other)))
    whole = minutes(travel, places, mode="car")
    assert (np.isfinite(long) | np.isinf(short)).all()
    for part, limit in ((short, min(one, other)), (long, max(one, other))):
        assert part[np.isfinite(part)] == pytest.approx(whole[np.isfinite(part)], rel=1e-5)
        assert np.isfinite(part)[whole < limit * (1 - 1e-5)].all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 99), several, way_lines, way_lines, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(seed, places, ways, flows, random):
    roads, rivers = roads_of(ways), river(*flows)
    found = minutes(Travel(rough(seed), roads, rivers), places, mode="motorbike")

    def mixed(frame):
        order = list(range(len(frame)))
        random.shuffle(order)
        return frame.iloc[order]

    again = minutes(Travel(rough(seed), mixed(roads), mixed(rivers)), places[::-1], mode="motorbike")
    np.testing.assert_array_equal(again, found)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 99), several, several, way_lines, way_lines, st.booleans())
def test_the_parts_of_a_way_sum_to_its_time_and_lead_from_the_point_to_the_place(
    seed, homes, places, ways, flows, towards
):
    reach = Travel(rough(seed), roads_of(ways), river(*flows)).reach(
        places, mode="motorbike", towards=towards
    )
    total, _ = reach.at(homes)
    legs = reach.legs(homes)
    assert set(legs["point"]) == set(np.flatnonzero(np.isfinite(total)))
    for point, parts in legs.groupby("point"):
        assert parts["minutes"].sum() == pytest.approx(total[point], rel=1e-5, abs=1e-5)
        ends = [shapely.get_coordinates(line)[[0, -1]] for line in parts["line"]]
        assert ends[0][0].tolist() == list(homes[point])
        assert ends[-1][1].tolist() == list(places[parts["place"].iloc[0]])
        for one, next_one in zip(ends[:-1], ends[1:], strict=True):
            assert one[1].tolist() == next_one[0].tolist()
    middles = reach.surface.middles(np.arange(ROWS * COLUMNS))
    owners = reach.owners().ravel()
    by_cell = reach.legs(middles).drop_duplicates("point").set_index("point")["place"]
    # the middle of a causeway is also entered from beside it
    reached = np.isfinite(reach.seconds.ravel()) & (reach.surface.gates.ravel() != CAUSEWAY)
    owners = np.where(reached, owners, -1)
    assert (owners[~reached] == -1).all() and (
        owners[reached] == by_cell.reindex(np.flatnonzero(reached))
    ).all()


cells = st.integers(0, ROWS * COLUMNS - 1)


@settings(max_examples=15, deadline=None)
@given(cells, cells, cells, way_lines, way_lines, st.sampled_from(MODES))
def test_on_level_ground_no_way_round_is_shorter(one, other, third, ways, flows, mode):
    travel = Travel(ground(), roads_of(ways), river(*flows))
    surface = travel.surface()
    spots = surface.middles(np.array([one, other, third]))
    assume(surface.gates.ravel()[[one, other, third]].max() != CAUSEWAY)
    away = np.array([travel.reach(spots[[to]], mode=mode).at(spots)[0] for to in range(3)])
    assert away == pytest.approx(away.T, rel=1e-4, abs=1e-3)
    assert (away[0, 2] <= (away[0, 1] + away[1, 2]) * (1 + 1e-4) + 1e-3) or np.isinf(away[0, 1] + away[1, 2])


def test_going_there_and_coming_back_differ_on_a_slope_and_where_a_road_is_one_way():
    slope = ground(np.tile(np.arange(COLUMNS) * 20.0, (ROWS, 1)))
    way = tiny.roads(LineString([(450, 550), (1050, 550)]), oneway=1.0)
    low, high = (50.0, 550.0), (1450.0, 550.0)
    for heights, roads in ((slope, None), (ground(), way)):
        travel = Travel(heights, roads)
        up, down = (
            travel.reach([high], mode="motorbike", towards=to).at([low])[0][0] for to in (True, False)
        )
        assert up == pytest.approx(
            travel.reach([low], mode="motorbike", towards=False).at([high])[0][0], rel=1e-4
        )
        assert up != pytest.approx(down, rel=0.05)
    on_foot = Travel(slope).reach([high]).at([low])[0][0]
    assert Travel(slope, way).reach([high], mode="motorbike").at([low])[0][0] < on_foot


@pytest.mark.parametrize("mode", MODES)
def test_a_place_across_a_river_is_near_only_over_a_bridge_whoever_rides_along_its_banks(mode):
    flow = river(LineString([(750, -10), (750, 1010)]))
    # a road on one bank, and one that runs along in the cells of the river itself
    banks = [LineString([(x, 50), (x, 950)]) for x in (650, 720)] + [LineString([(250, 550), (650, 550)])]
    travel = Travel(ground(), tiny.roads(*banks), flow)
    assert travel.reach([(1250, 550)], mode=mode).at([(250, 550)])[0].tolist() == [INF]
    over = Travel(ground(), tiny.roads(*banks), flow, crossing((750, 550)))
    assert np.isfinite(over.reach([(1250, 550)], mode=mode).at([(250, 550)])[0][0])


def test_the_latest_times_are_kept_for_whoever_asks_again():
    travel = Travel(ground(), roads_of([LineString([(50, 550), (1450, 550)])]))
    first = travel.reach([(250, 550)], mode="motorbike")
    assert travel.reach([(250.0, 550.0)], mode="motorbike") is first
    others = [travel.reach([(float(x), 550.0)]) for x in range(16)]
    assert travel.reach([(15.0, 550.0)]) is others[-1]
    assert travel.reach([(250, 550)], mode="motorbike") is not first
