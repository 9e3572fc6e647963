"""`python -m benchmarks.travelling`: a province by motorbike in both seasons, from files to times.

1,000 villages of the illustrative district, its roads, heights refined to about 10 M cells, 3,000 places on the roads
as facilities. Seconds of this process on the machine at hand, each step done once; memory is the most it held.
"""

import argparse
import dataclasses
import resource
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from scipy import ndimage

from gis.indicators.travel import cut_off_in_rains, travel_time
from gis.sample import make_sample
from gis.travel import Travel
from gis.workflows import read_study

MILLION = 1e6


def refined(elevation, cells):
    """The heights on a finer grid over the same ground, of about so many cells."""
    by = max(1, round((cells / elevation.values.size) ** 0.5))
    values = ndimage.zoom(elevation.values, by, order=1, grid_mode=True, mode="nearest")
    return dataclasses.replace(elevation, values=values, width=elevation.width / by, height=elevation.height / by)


def on_roads(roads, count, seed=1):
    """Facilities at vertices of the roads."""
    vertices = np.unique(shapely.get_coordinates(roads.geometry.to_numpy()), axis=0)
    chosen = np.random.default_rng(seed).choice(len(vertices), min(count, len(vertices)), replace=False)
    points = shapely.points(vertices[np.sort(chosen)])
    return gpd.GeoDataFrame(geometry=points, crs=roads.crs).assign(name=None, kind="station")


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--villages", type=int, default=1000)
    asked.add_argument("--cells", type=float, default=10.0, help="millions")
    asked.add_argument("--facilities", type=int, default=3000)
    asked = asked.parse_args()
    steps, folder = {}, Path(tempfile.mkdtemp())
    make_sample(folder, villages=asked.villages)

    def timed(name, work):
        started, used = time.perf_counter(), time.process_time()
        made = work()
        steps[name] = time.perf_counter() - started, time.process_time() - used
        return made

    study = timed("read the files", lambda: read_study(folder / "study.yaml"))
    held = {name: layer.raster if layer.raster is not None else layer.frame for name, layer in study.layers.items()}
    held["elevation"] = refined(held["elevation"], asked.cells * MILLION)
    layers = [held.get(name) for name in ("elevation", "roads", "rivers", "crossings", "land_cover")]
    facilities = on_roads(held["roads"], asked.facilities)
    # the loops are compiled before, once for a machine
    small = Travel(refined(study.layers["elevation"].raster, 1), *layers[1:])
    travel_time(study.villages[:2], facilities[:2], *layers, travel=small, mode="motorbike")
    travel = Travel(*layers)
    how = {"mode": "motorbike"}
    for season in ("dry", "wet"):
        timed(f"roads and ground, {season} season", lambda: travel.ride(season=season, **how))  # noqa: B023
        timed(f"to the edge, {season} season", lambda: travel.to_edge(season=season, **how).seconds)  # noqa: B023
    for season in ("dry", "wet"):
        timed(
            f"travel_time, {season} season",
            lambda: travel_time(study.villages, facilities, *layers, travel=travel, season=season, **how),  # noqa: B023
        )
    timed("cut_off_in_rains", lambda: cut_off_in_rains(study.villages, facilities, *layers, travel=travel, **how))
    cells, nodes = held["elevation"].values.size / MILLION, len(travel.tracks.xy)
    print(f"{asked.villages} villages, {cells:.1f} M cells, {len(held['roads'])} roads of {nodes} nodes, {len(facilities)} facilities")
    for name, (wall, used) in steps.items():
        print(f"{name:32}{wall:8.2f} s{used:8.2f} s of work")
    print(f"{'in all':32}{sum(wall for wall, _ in steps.values()):8.2f} s{sum(used for _, used in steps.values()):8.2f} s of work")
    print(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
