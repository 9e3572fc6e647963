"""`python -m benchmarks.allocation`: filling facilities in the order of time beside the most that could be served.

Villages and schools at random in a square, everything within a limit a pair. The rival is a maximum flow (scipy), which
sends people past the nearest school wherever that serves more; it needs whole numbers and says nothing of who comes
first. Then the cost of times over the ground: one spread a facility as far as the limit.
"""

import argparse
import time

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from gis.allocation import allocate, without_place
from gis.indicators.room import ground_ways, straight_ways
from gis.rasters import Raster
from gis.travel import Travel

CRS = "EPSG:9216"


def district(villages, facilities, seed, side_km):
    """Villages with 100 to 1,000 people and facilities that together hold as many, anywhere in a square."""
    rng = np.random.default_rng(seed)
    spots = [gpd.points_from_xy(*rng.uniform(0, 1000 * side_km, (2, count)), crs=CRS) for count in (villages, facilities)]
    ids = [pd.Index([f"{letter}{number:06d}" for number in range(count)]) for letter, count in (("v", villages), ("f", facilities))]
    people = pd.Series(rng.integers(100, 1000, villages).astype(float), ids[0])
    held = pd.Series(rng.integers(0, 2 * int(people.sum() / facilities), facilities).astype(float), ids[1])
    homes = gpd.GeoDataFrame({"point": spots[0]}, geometry=spots[0], index=ids[0], crs=CRS)
    return homes, people, gpd.GeoDataFrame(geometry=spots[1], index=ids[1], crs=CRS), held


def most_served(people, held, ways):
    """How many could be served at all, by a maximum flow."""
    village, facility = people.index.get_indexer(ways["village"]), held.index.get_indexer(ways["facility"])
    size = len(people) + len(held) + 2
    start = np.concatenate([np.zeros(len(people)), 1 + village, 1 + len(people) + np.arange(len(held))])
    end = np.concatenate([1 + np.arange(len(people)), 1 + len(people) + facility, np.full(len(held), size - 1)])
    room = np.concatenate([people, np.full(len(ways), people.max()), held])
    graph = csr_array((room.astype(np.int32), (start.astype(np.int32), end.astype(np.int32))), shape=(size, size))
    return maximum_flow(graph, 0, size - 1).flow_value


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.allocation")
    parser.add_argument("--villages", type=int, nargs="*", default=[1_000, 10_000])
    parser.add_argument("--cells", type=int, default=2_000, help="rows and columns of the ground, 30 m each")
    options = parser.parse_args()
    for villages in options.villages:
        homes, people, schools, held = district(villages, villages // 3, 1, 1.5 * villages**0.5)
        ways = straight_ways(homes, schools, 5.0)
        started = time.perf_counter()
        found = allocate(people, held, ways)
        filled = time.perf_counter() - started
        started = time.perf_counter()
        without_place(people, held, ways)
        bound = time.perf_counter() - started
        started = time.perf_counter()
        most = most_served(people, held, ways)
        flow = time.perf_counter() - started
        served = found.villages["served"].sum()
        mean_km = (found.flows["people"] * found.flows["time"]).sum() / served
        print(
            f"{villages:,} villages, {len(schools):,} schools, {len(ways):,} pairs: filled in {filled:.2f} s (a bound {bound:.2f} s),"
            f" {100 * served / people.sum():.1f} % served, {mean_km:.2f} km on average;"
            f" maximum flow {flow:.2f} s, {100 * most / people.sum():.1f} %"
        )
    side = options.cells
    heights = np.random.default_rng(1).uniform(0, 30, (side, side))
    homes, _, schools, _ = district(1_000, 300, 1, 0.03 * side)
    travel = Travel(Raster(heights, 0.0, 30.0 * side, 30.0, 30.0, homes.crs))
    how = {"walk_kmh": 5.04, "off_path_pct": 60.0}
    travel.reach([[0.0, 0.0]], limit_min=1, **how).seconds  # noqa: B018 - prepared and compiled before the clock starts
    for limit in (30, 60):
        started = time.perf_counter()
        ways = ground_ways(travel, homes, schools, limit, how)
        taken = time.perf_counter() - started
        print(f"{side:,} x {side:,} cells, 300 facilities within {limit} min on foot: {taken:.1f} s, {len(ways):,} pairs")


if __name__ == "__main__":
    main()
