"""A real mountain country from its files to findings, and the engines beside others on its ground and roads."""

import heapq
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString

import grass
from benchmarks.andorra import (
    ANSWERED,
    STUDY,
    WALKED,
    answers,
    closed_corners,
    markdown,
    posts_of,
    travel_of,
    walks,
)
from gis.extents import approximate_villages
from gis.indicators.access import of_kind
from gis.kernels import FLAT, LANGMUIR, spread_cost
from gis.network import Network, nearest
from gis.travel import Travel
from gis.workflows import judge, read_study

pytestmark = pytest.mark.real
ROOT = Path(__file__).parents[1]
PARISHES = ["Andorra la Vella", "Encamp", "Escaldes-Engordany", "La Massana", "Ordino", "Sant Julià de Lòria"]
GRASS = pytest.mark.skipif(grass.GRASS is None, reason="GRASS (grass-core) is not installed")


@pytest.fixture(scope="module")
def study(shared_data):
    return read_study(STUDY)


@pytest.fixture(scope="module")
def travel(study):
    return travel_of(study)


@pytest.fixture(scope="module")
def table(study):
    return walks(study)


def here(study):
    return shapely.get_coordinates(study.villages["point"].to_numpy())


def test_every_feature_is_used_or_listed(study):
    told = {problem.code: problem.arguments for problem in study.problems}
    for layer in study.layers.values():
        assert layer.counts["rows_in"] == layer.counts["rows_used"] + layer.counts["rows_reported"]
    assert study.layers["roads"].counts["rows_in"] == 1614 and study.layers["rivers"].counts["rows_in"] == 146
    assert study.communes["name"].dropna().sort_values().tolist() == PARISHES
    assert len(study.villages) == 59 and told["village-outside-communes"]["count"] == 11
    assert (
        len(of_kind(study.layers["clinics"].frame, "hospital")) == 7
        and len(study.layers["schools"].frame) == 1
    )


def test_the_heights_come_into_the_system_of_the_study(study):
    heights = study.layers["elevation"].raster
    assert heights.crs == study.crs and heights.width == heights.height == pytest.approx(79.6, abs=0.1)
    assert 600 < np.nanmin(heights.values) < 900 and 2900 < np.nanmax(heights.values) <= 3100


def test_extents_are_a_coverage_of_the_parishes_and_each_village_stands_in_its_own(study):
    villages, told = study.villages, {problem.code: problem.arguments for problem in study.problems}
    assert told["villages-extent-walked"]["count"] == 48 and told["villages-extent-limited"]["count"] == 11
    assert villages["approximate"].all() and villages.geometry.is_valid.all()
    away = shapely.distance(villages.geometry.to_numpy(), villages["point"].to_numpy())
    assert (away < study.layers["elevation"].raster.width).all() and (away == 0).mean() > 0.9
    whole = shapely.union_all(villages.geometry.to_numpy())
    assert whole.area == pytest.approx(villages.geometry.area.sum(), rel=1e-9)
    parishes = study.communes.geometry.dropna()
    inside = villages[villages["commune_id"].isin(parishes.index)]
    assert inside.geometry.area.sum() == pytest.approx(parishes.area.sum(), rel=2e-3)
    # those of the seventh parish take nothing of the six, and end an hour's walk away
    others = villages.drop(inside.index).geometry
    assert shapely.intersection(shapely.union_all(others), shapely.union_all(parishes)).area < 1
    assert (villages["extent_doubt_m"] > 0).all()


def test_times_part_the_country_otherwise_than_straight_lines(study, travel):
    points = study.villages.set_geometry("point")[["commune_id", "point"]].rename_geometry("geometry")
    parishes = study.communes[study.communes.geometry.notna()]
    by_time = approximate_villages(points, parishes, travel=travel)
    straight = approximate_villages(points, parishes)
    both = straight["approximate"] & by_time["approximate"]
    moved = shapely.difference(by_time.geometry[both], straight.geometry[both]).area.sum()
    assert 0.05 < moved / parishes.area.sum() < 0.4


def test_ways_between_known_places_take_what_a_walker_expects(table):
    """Naismith (1892): 5 km/h and an hour for every 600 m up, worked out along the way that was found."""
    table = table.set_index("way")
    assert (table["walked km"] >= table["straight km"] - 1e-9).all()
    share = table["minutes"] / table["Naismith"]
    assert share.between(0.7, 1.6).all()
    # the main road joins these, so that walking takes its length, and down the valley is quicker than up
    for way in ("Encamp to les Escaldes", "Arinsal to La Massana", "Santa Coloma to Andorra la Vella"):
        assert table.at[way, "walked km"] == pytest.approx(table.at[way, "by road km"], rel=0.05)
    assert table.at["Encamp to les Escaldes", "minutes"] < table.at["les Escaldes to Encamp", "minutes"] - 5
    # and over the hill a footpath saves what the road goes round
    assert (
        table.at["Fontaneda to Sant Julià de Lòria", "walked km"]
        < 4
        < table.at["Fontaneda to Sant Julià de Lòria", "by road km"]
    )


@pytest.mark.long
def test_the_documents_show_ways_and_answers_as_they_are_today(table, study):
    told = (ROOT / "docs" / "andorra.md").read_text(encoding="utf-8")
    for line in (
        *markdown(table, WALKED).splitlines(),
        *markdown(answers(judge(study)), ANSWERED).splitlines(),
    ):
        assert line in told


def test_one_more_road_never_lengthens_any_time_and_a_closed_river_never_shortens_one(study, travel):
    rng = np.random.default_rng(8)
    before = travel.reach(posts_of(study)).seconds
    west, south, east, north = travel.elevation.bounds
    layers = {"rivers": travel.rivers, "crossings": travel.crossings, "land_cover": travel.land_cover}
    for _ in range(3):
        line = LineString(rng.uniform([west, south], [east, north], (3, 2)))
        more = gpd.GeoDataFrame(
            {"class": ["village"], "surface": ["asphalt"]}, geometry=[line], crs=study.crs
        )
        roads = pd.concat([travel.roads, more.set_index(pd.Index(["more"]))])
        after = Travel(travel.elevation, roads=roads, **layers).reach(posts_of(study)).seconds
        assert (after <= before).all() and (after < before).any()
    # without the roads that lead over water
    wet = shapely.union_all(travel.rivers.geometry[travel.rivers["kind"] == "river"].to_numpy())
    roads = travel.roads[~travel.roads.intersects(wet)]
    assert len(travel.roads) - len(roads) > 90
    closed = Travel(travel.elevation, roads=roads, **layers).reach(posts_of(study)).seconds
    assert (closed >= before).all() and (closed > before + 600).any()


def test_up_is_not_down_and_a_longer_limit_never_covers_less(study, travel):
    reach = {towards: travel.reach(posts_of(study), towards=towards) for towards in (True, False)}
    there, back = (reach[towards].at(here(study))[0] for towards in (True, False))
    assert np.isfinite(there).all() and (np.abs(there - back) > 3).mean() > 0.5
    surface, begins = reach[True].surface, reach[True].begins
    covered = [np.isfinite(surface.times(begins, limit_s=60 * limit)) for limit in (30, 60, 90)]
    assert not (covered[0] & ~covered[1]).any() and not (covered[1] & ~covered[2]).any()
    full = reach[True].seconds
    assert (covered[1] == (full <= 3600)).all()


def difference(folder, surface, window, rng, walks, count):
    """The greatest between our times and those of GRASS, from cells drawn at random; both reach the same.

    Without what some hundred sums in single precision may come to: five millionths of the time.
    """
    heights = np.ascontiguousarray(surface.heights[window])
    slowness = closed_corners(np.where(np.isnan(heights), np.nan, surface.pace[surface.classes[window]]))
    cells = np.sort(rng.choice(np.flatnonzero(~np.isnan(slowness.reshape(-1))), count, replace=False))
    slowness = (np.where(np.isnan(slowness), np.nan, 1) if walks else slowness).astype(np.float32)
    high, size = heights if walks else None, surface.width
    theirs, _, _ = grass.spread(folder, slowness, cells, heights=high, size=size)
    how = {"walker": LANGMUIR if walks else FLAT, "heights": high, "towards": False, "size": (size, size)}
    ours = spread_cost(slowness, cells, np.zeros(len(cells)), **how)
    assert (np.isfinite(ours) == np.isfinite(theirs)).all()
    reached = np.isfinite(ours)
    assert reached.mean() > 0.5
    return (np.abs(ours[reached] - theirs[reached]) - 5e-6 * ours[reached]).max()


@GRASS
@pytest.mark.parametrize("walks", [False, True], ids=["r.cost", "r.walk"])
def test_grass_finds_the_same_times_in_the_valley_of_ordino(tmp_path, travel, walks):
    window = (slice(100, 200), slice(160, 260))
    assert difference(tmp_path, travel.surface(), window, np.random.default_rng(5), walks, 3) < 0.1


@GRASS
@pytest.mark.long
@pytest.mark.parametrize("walks", [False, True], ids=["r.cost", "r.walk"])
def test_grass_finds_the_same_times_over_the_whole_country_from_places_never_tried(tmp_path, travel, walks):
    seed = np.random.SeedSequence().entropy
    print("seed", seed)
    for run, count in enumerate((1, 7, 100)):
        folder = tmp_path / str(run)
        folder.mkdir()
        rng = np.random.default_rng([seed % 2**63, run])
        everywhere = (slice(None), slice(None))
        assert difference(folder, travel.surface(), everywhere, rng, walks, count) < 0.1, seed


def plain_ways(lines, goals):
    """Metres from every vertex to the nearest goal, by a heap over the coordinates themselves."""
    beside = {}
    for line in lines:
        xy = shapely.get_coordinates(line)
        keys = [tuple(place) for place in np.round(xy, 1).tolist()]
        for one, other, a, b in zip(keys[:-1], keys[1:], xy[:-1], xy[1:], strict=True):
            length = float(np.hypot(*(a - b)))
            beside.setdefault(one, []).append((other, length))
            beside.setdefault(other, []).append((one, length))
    best, heap = {}, [(0.0, goal) for goal in goals]
    heapq.heapify(heap)
    while heap:
        away, place = heapq.heappop(heap)
        if place in best:
            continue
        best[place] = away
        for other, length in beside.get(place, ()):
            if other not in best:
                heapq.heappush(heap, (away + length, other))
    return best


def test_roads_of_the_country_give_what_a_plain_search_gives(study):
    lines = shapely.get_parts(study.layers["roads"].frame.geometry.to_numpy())
    network = Network.from_lines(lines)
    vertices = np.unique(np.round(shapely.get_coordinates(lines), 1), axis=0)
    rng = np.random.default_rng(3)
    goals, asked = vertices[rng.choice(len(vertices), 10)], vertices[rng.choice(len(vertices), 300)]
    best = plain_ways(lines, [tuple(goal) for goal in goals.tolist()])
    expected = np.array([best.get(tuple(place), np.inf) for place in asked.tolist()])
    away, which = nearest(network, asked, goals, max_leg_m=0.2)
    assert (np.isfinite(away) == np.isfinite(expected)).all() and np.isfinite(away).mean() > 0.7
    # vertices are joined to 0.1 m, and a place on one may start from beside it
    found = np.isfinite(away)
    assert np.abs(away[found] - expected[found]).max() < 1.0
    back, _ = nearest(network, goals[which[found]][:20], asked[found][:20], max_leg_m=0.2)
    assert (back <= away[found][:20] + 1e-6).all()
