"""`python -m benchmarks.people`: people of villages and lengths of their roads beside exactextract and geopandas.

Each line is one size: CPU seconds of both over the same invented villages, the ratio, and the largest difference of
their results. Ours is timed after compiling. exactextract is in `benchmarks/requirements.txt`; without it its line
is left out, and said to be.
"""

import argparse
import statistics
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.clipping import lengths_inside
from gis.rasters import Raster, cell_shares, zonal_sums

CRS = "EPSG:32648"
CELL_M = 100.0


def villages_of(count, side_m, seed):
    """Winding neighbours without gap or overlap, about 150 corners each."""
    chance = np.random.default_rng(seed)
    land = shapely.box(0, 0, side_m, side_m)
    seeds = shapely.multipoints(chance.uniform(0, side_m, (count, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=land))
    cells = shapely.segmentize(shapely.intersection(cells, land), side_m / np.sqrt(count) / 36)

    def wind(xy):
        return xy + 25 * np.sin(xy[:, ::-1] / [170.0, 150.0])

    return shapely.make_valid(shapely.transform(cells, wind))


def seconds(work, runs):
    """Median CPU seconds, after one call that is not counted, and the result."""
    result, taken = work(), []
    for _ in range(runs):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return statistics.median(taken), result


def people(shapes, side, seed, runs):
    """Sums of a raster over villages, beside exactextract and beside reading the raster."""
    values = np.random.default_rng(seed).gamma(0.5, 2, (side, side))
    grid = Raster(values, 0.0, side * CELL_M, CELL_M, CELL_M, CRS)
    ours, (total, _) = seconds(lambda: zonal_sums(grid, shapes), runs)
    with tempfile.TemporaryDirectory() as folder:
        reading, _ = seconds(lambda: _read(Path(folder) / "people.tif", grid), runs)
    size = f"{len(shapes):,} villages, {side} x {side} cells"
    print(
        f"{size:<44} {ours:7.3f} s   reading the raster {reading:6.3f} s   {ours / reading:5.1f} times as long",
        flush=True,
    )
    if not find_spec("exactextract"):
        return print(f"{size:<44} exactextract (benchmarks/requirements.txt) is not installed: left out")
    from exactextract import exact_extract
    from exactextract.raster import NumPyRasterSource

    frame = gpd.GeoDataFrame(geometry=shapes, crs=CRS)
    source = NumPyRasterSource(values, *grid.bounds, srs_wkt=frame.crs.to_wkt())
    theirs, table = seconds(lambda: exact_extract(source, frame, ["sum"], output="pandas"), 1)
    off = (np.abs(table["sum"].to_numpy() - total) / total).max()
    print(
        f"{size:<44} {ours:7.3f} s   exactextract {theirs:12.3f} s   ratio {theirs / ours:5.1f}   off {off:.0e} of the sum"
    )


def _read(path, grid):
    """Read the raster from a file as it comes, deflated, and add it up."""
    import rasterio

    if not path.exists():
        rows, columns = grid.values.shape
        transform = rasterio.transform.from_origin(grid.west, grid.north, grid.width, grid.height)
        kind = {
            "driver": "GTiff",
            "dtype": "float32",
            "compress": "deflate",
            "crs": CRS,
            "transform": transform,
        }
        with rasterio.open(path, "w", height=rows, width=columns, count=1, **kind) as file:
            file.write(grid.values.astype(np.float32), 1)
    with rasterio.open(path) as file:
        return file.read(1).astype(float).sum()


def roads(shapes, count, side_m, seed, runs):
    """Lengths of road pieces inside villages, beside cutting them."""
    chance = np.random.default_rng(seed)
    start = chance.uniform(0, side_m, (count, 1, 2))
    lines = shapely.linestrings(np.concatenate([start, start + chance.normal(0, 300, (count, 1, 2))], axis=1))
    ours, (village, road, metres) = seconds(lambda: lengths_inside(shapes, lines), runs)
    found = pd.Series(metres, index=pd.MultiIndex.from_arrays([village, road]))

    def cut():
        village, road = shapely.STRtree(lines).query(shapes, predicate="intersects")
        whole = shapely.contains(shapes[village], lines[road])
        length = shapely.length(lines[road])
        length[~whole] = shapely.length(shapely.intersection(shapes[village[~whole]], lines[road[~whole]]))
        return pd.Series(length, index=pd.MultiIndex.from_arrays([village, road]))

    def overlay():
        frames = [
            gpd.GeoDataFrame({name: range(len(g))}, geometry=g, crs=CRS)
            for name, g in (("road", lines), ("village", shapes))
        ]
        pieces = gpd.overlay(*frames, how="intersection", keep_geom_type=True)
        return pieces.length.groupby([pieces["village"], pieces["road"]]).sum().rename_axis([None, None])

    size = f"{len(shapes):,} villages, {count:,} pieces of road"
    for name, rival in (("tree and cutting", cut), ("geopandas.overlay", overlay)):
        theirs, table = seconds(rival, 1)
        off = found.sub(table, fill_value=0).abs().max()
        print(
            f"{size:<44} {ours:7.3f} s   {name:<18} {theirs:6.3f} s   ratio {theirs / ours:5.1f}   off {off:.0e} m",
            flush=True,
        )


def report(count, side, pieces, seed, runs):
    """Print the table."""
    side_m = side * CELL_M
    shapes = villages_of(count, side_m, seed)
    cell_shares(Raster(np.ones((2, 2)), 0.0, 2.0, 1.0, 1.0, CRS), shapes[:1])
    print(f"{count:,} villages of {shapely.get_num_coordinates(shapes).sum():,} corners")
    people(shapes, side, seed, runs)
    roads(shapes, pieces, side_m, seed, runs)


def main():
    """Read the sizes that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.people")
    parser.add_argument("--villages", type=int, default=10_000)
    parser.add_argument("--side", type=int, default=2200, help="cells of the raster a side")
    parser.add_argument("--roads", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    report(options.villages, options.side, options.roads, options.seed, options.runs)


if __name__ == "__main__":
    main()
