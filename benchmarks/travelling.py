"""A province by motorbike in both seasons, from files to times.

Villages and roads of the illustrative district, its heights refined, places on the roads as facilities.
"""

import dataclasses
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from scipy import ndimage

from benchmarks.table import Row, here
from gis.indicators.travel import travel_time
from gis.sample import make_sample
from gis.travel import LAYERS, Travel
from gis.workflows import read_study

MILLION = 1e6
SEASONS = ("dry", "wet")
SIZES = {"quick": (24, 0.1, 100), "usual": (1000, 10, 3000), "large": (1000, 10, 3000)}
"""Villages, millions of cells, facilities."""


def refined(elevation, cells):
    """The heights on a finer grid over the same ground, of about so many cells."""
    by = max(1, round((cells / elevation.values.size) ** 0.5))
    values = ndimage.zoom(elevation.values, by, order=1, grid_mode=True, mode="nearest")
    return dataclasses.replace(
        elevation, values=values, width=elevation.width / by, height=elevation.height / by
    )


def on_roads(roads, count, seed):
    """Facilities at vertices of the roads."""
    vertices = np.unique(shapely.get_coordinates(roads.geometry.to_numpy()), axis=0)
    chosen = np.random.default_rng(seed).choice(len(vertices), min(count, len(vertices)), replace=False)
    points = shapely.points(vertices[np.sort(chosen)])
    return gpd.GeoDataFrame(geometry=points, crs=roads.crs).assign(name=None, kind="station")


def rows(size, turns, seed):
    """A row a step, each done once, and one of all."""
    count, cells, places = SIZES[size]
    with tempfile.TemporaryDirectory() as folder:
        make_sample(Path(folder), villages=count, seed=seed)
        reading = here(lambda: read_study(Path(folder) / "study.yaml"))
        taken, _, study = reading()
    held = {
        name: layer.frame if layer.raster is None else layer.raster for name, layer in study.layers.items()
    }
    held["elevation"] = refined(held["elevation"], cells * MILLION)
    layers = [held.get(name) for name in LAYERS]
    facilities, how = on_roads(held["roads"], places, seed), {"mode": "motorbike"}
    # the loops are compiled before, once for a machine
    small = Travel(study.layers["elevation"].raster, *layers[1:])
    travel_time(study.villages[:2], facilities[:2], *layers, travel=small, **how)
    travel = Travel(*layers)

    def times(season):
        return lambda: travel_time(study.villages, facilities, *layers, travel=travel, season=season, **how)

    steps = {
        "roads and ground, both seasons": lambda: [travel.ride(season=season, **how) for season in SEASONS],
        "the edge, both seasons": lambda: [
            travel.to_edge(season=season, **how).seconds for season in SEASONS
        ],
        "times, dry season": times("dry"),
        "times, wet season": times("wet"),
    }
    spent = {"reading the files": taken} | {name: here(work)()[0] for name, work in steps.items()}
    words = f"{count:,} villages, {held['elevation'].values.size / MILLION:.3g} M cells"
    for name, seconds in spent.items():
        yield Row(f"province: {name}", words, seconds)
    words = f"{len(held['roads']):,} roads, {len(travel.tracks.xy):,} nodes, {places:,} places"
    yield Row("province by motorbike, in all", words, sum(spent.values()))
