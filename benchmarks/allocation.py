"""Filling facilities in the order of time beside the most that could be served, and what times over the ground cost.

Villages and schools at random in a square, everything within a limit a pair. The rival is a maximum flow (scipy), which
sends people past the nearest school wherever that serves more; it needs whole numbers and says nothing of who comes
first. Over the ground each facility is one spread as far as the limit.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from benchmarks.table import alone, compared, here
from gis.allocation import allocate
from gis.indicators.room import ground_ways, straight_ways
from gis.rasters import Raster
from gis.travel import Travel

CRS = "EPSG:9216"
SIZES = {
    "quick": ((200,), 200, (30,)),
    "usual": ((10_000,), 2000, (30,)),
    "large": ((1000, 10_000), 2000, (30, 60)),
}
"""Villages, cells of the ground a side, limits in minutes."""


def district(villages, facilities, seed, side_km):
    """Villages with 100 to 1,000 people and facilities that together hold as many, anywhere in a square."""
    rng = np.random.default_rng(seed)
    spots = [
        gpd.points_from_xy(*rng.uniform(0, 1000 * side_km, (2, count)), crs=CRS)
        for count in (villages, facilities)
    ]
    ids = [
        pd.Index([f"{letter}{number:06d}" for number in range(count)])
        for letter, count in (("v", villages), ("f", facilities))
    ]
    people = pd.Series(rng.integers(100, 1000, villages).astype(float), ids[0])
    held = pd.Series(rng.integers(0, 2 * int(people.sum() / facilities), facilities).astype(float), ids[1])
    homes = gpd.GeoDataFrame({"point": spots[0]}, geometry=spots[0], index=ids[0], crs=CRS)
    return homes, people, gpd.GeoDataFrame(geometry=spots[1], index=ids[1], crs=CRS), held


def most_served(people, held, ways):
    """How many could be served at all, by a maximum flow."""
    village, facility = people.index.get_indexer(ways["village"]), held.index.get_indexer(ways["facility"])
    size = len(people) + len(held) + 2
    start = np.concatenate([np.zeros(len(people)), 1 + village, 1 + len(people) + np.arange(len(held))])
    end = np.concatenate(
        [1 + np.arange(len(people)), 1 + len(people) + facility, np.full(len(held), size - 1)]
    )
    room = np.concatenate([people, np.full(len(ways), people.max()), held])
    graph = csr_array(
        (room.astype(np.int32), (start.astype(np.int32), end.astype(np.int32))), shape=(size, size)
    )
    return maximum_flow(graph, 0, size - 1).flow_value


def rows(size, turns, seed):
    """Rows of filling by straight distance, and of times over the ground."""
    counts, side, limits = SIZES[size]
    for villages in counts:
        homes, people, schools, held = district(villages, villages // 3, seed, 1.5 * villages**0.5)
        ways = straight_ways(homes, schools, 5.0)

        def agree(ours, theirs, people=people):
            shares = [100 * served / people.sum() for served in (ours, theirs)]
            return ours <= theirs + 1e-6, "{:.1f} % served nearest first, {:.1f} % at most".format(*shares)

        fill = here(lambda p=people, h=held, w=ways: allocate(p, h, w).villages["served"].sum())
        rivals = {"scipy maximum_flow": here(lambda p=people, h=held, w=ways: most_served(p, h, w))}
        name = f"{villages:,} villages, {len(schools):,} schools, {len(ways):,} pairs"
        yield from compared("filling facilities", name, fill, rivals, agree, turns)
    heights = np.random.default_rng(seed).uniform(0, 30, (side, side))
    homes, _, schools, _ = district(1_000, 300, seed, 0.03 * side)
    travel = Travel(Raster(heights, 0.0, 30.0 * side, 30.0, 30.0, homes.crs))
    how = {"walk_kmh": 5.04, "off_path_pct": 60.0}
    for limit in limits:
        name = f"{side * side / 1e6:.2g} M cells, {len(schools)} schools within {limit} min"
        work = lambda limit=limit: ground_ways(travel, homes, schools, limit, how)  # noqa: E731
        yield alone("ways to every school in reach", name, work, 1, lambda ways: f"{len(ways):,} pairs")
