"""A province on foot and by motorbike in both seasons, from files to findings.

Villages and roads of the illustrative district, its heights refined, places on the roads as health posts; judged by
the ways to these, four criteria of the set of the study of Andorra.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
import yaml
from rasterio.enums import Resampling

from benchmarks.table import ROOT, Row, apart, megabytes, processor_seconds
from gis.network import Network
from gis.sample import make_sample
from gis.workflows import judge, read_study

MILLION = 1e6
CRITERIA = ROOT / "tests" / "studies" / "criteria" / "andorra-access.yaml"
SIZES = {"quick": (24, 0.1, 100), "usual": (1000, 10, 3000), "large": (1000, 10, 3000)}
"""Villages, millions of cells, facilities."""


def rows(size, turns, seed):
    """A row of reading and one of judging, in a process of their own: the median of all turns and the most memory."""
    count, cells, places = SIZES[size]
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), count, cells * MILLION, places, seed)
        runs = [apart("province", path) for _ in range(turns)]
    told = {name: float(np.median([run[name] for run in runs])) for name in runs[0]}
    ground = f"{count:,} villages, {told['cells'] / MILLION:.3g} M cells"
    roads = f"{told['edges']:,.0f} edges of roads, {places:,} places"
    yield Row("province: files to study", ground, told["read_s"], agreement=f"{told['read_wall_s']:.1f} s in all")
    words = f"{told['findings']:,.0f} findings, {told['judge_wall_s']:.1f} s in all"
    yield Row("province: study to findings", roads, told["judge_s"], ours_mb=told["mb"], agreement=words)


def written(folder, villages, cells, places, seed):
    """The path of the study of a sample with finer heights, more places and criteria of its own."""
    path = make_sample(folder, villages=villages, seed=seed)
    recipe = yaml.safe_load(path.read_text(encoding="utf-8"))
    layers = recipe["layers"]
    refine(folder / layers["elevation"]["file"], cells)
    roads = gpd.read_file(folder / layers["roads"]["file"])
    on_roads(roads, places, seed).to_file(folder / "places.gpkg", engine="pyogrio")
    layers["clinics"] = {"file": "places.gpkg", "as_of": "2024", "complete": "yes"}
    criteria = yaml.safe_load(CRITERIA.read_text(encoding="utf-8"))
    criteria["criteria"] = [each for each in criteria["criteria"] if each["id"].startswith("health-")]
    (folder / CRITERIA.name).write_text(yaml.safe_dump(criteria, allow_unicode=True), encoding="utf-8")
    recipe |= {"criteria": CRITERIA.name, "groups": {}}
    path.write_text(yaml.safe_dump(recipe, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def refine(path, cells):
    """Write a raster anew on a finer grid over the same ground, of about so many cells."""
    with rasterio.open(path) as source:
        by = max(1, round((cells / (source.width * source.height)) ** 0.5))
        shape = source.height * by, source.width * by
        values = source.read(1, out_shape=shape, resampling=Resampling.bilinear)
        profile = source.profile | {"height": shape[0], "width": shape[1]}
        profile["transform"] = source.transform * source.transform.scale(1 / by)
    with rasterio.open(path, "w", **profile) as target:
        target.write(values, 1)


def on_roads(roads, count, seed):
    """Health posts at vertices of the roads."""
    vertices = np.unique(shapely.get_coordinates(roads.geometry.to_numpy()), axis=0)
    chosen = np.random.default_rng(seed).choice(len(vertices), min(count, len(vertices)), replace=False)
    points = gpd.GeoDataFrame(geometry=shapely.points(vertices[np.sort(chosen)]), crs=roads.crs)
    return points.assign(facility_id=[f"P{number}" for number in range(len(points))], kind="station")


def judged(path):
    """Seconds of the processor and of the clock for reading and judging, and how much there was."""
    # the loops are compiled before the clock starts, once for a machine
    with tempfile.TemporaryDirectory() as folder:
        judge(read_study(written(Path(folder), 24, 1, 100, 1)))
    clock = [(processor_seconds(), time.perf_counter())]
    study = read_study(path)
    clock.append((processor_seconds(), time.perf_counter()))
    review = judge(study)
    clock.append((processor_seconds(), time.perf_counter()))
    (read_s, read_wall_s), (judge_s, judge_wall_s) = np.diff(clock, axis=0).tolist()
    return {
        "read_s": read_s,
        "read_wall_s": read_wall_s,
        "judge_s": judge_s,
        "judge_wall_s": judge_wall_s,
        "mb": megabytes(),
        "cells": study.layers["elevation"].raster.values.size,
        "edges": len(Network.of_roads(study.layers["roads"].frame).start),
        "findings": len(review.findings),
    }


if __name__ == "__main__":
    print(json.dumps(judged(Path(sys.argv[1]))))
