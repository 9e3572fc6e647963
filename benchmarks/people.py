"""People of villages and lengths of their roads beside exactextract, geopandas and cutting by a tree."""

import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely

from benchmarks.rivals import rival
from benchmarks.table import compared, here, near
from gis.clipping import lengths_inside
from gis.rasters import Raster, zonal_sums

CRS = "EPSG:32648"
CELL_M = 100.0
SIZES = {"quick": (500, 500, 10_000), "usual": (10_000, 2200, 200_000), "large": (100_000, 7000, 1_000_000)}
"""Villages, cells of the raster a side, pieces of road."""


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


def rows(size, turns, seed):
    """Rows of people, then of roads, over the same villages."""
    count, side, pieces = SIZES[size]
    shapes = villages_of(count, side * CELL_M, seed)
    yield from people(shapes, side, turns, seed)
    yield from roads(shapes, pieces, side * CELL_M, turns, seed)


def people(shapes, side, turns, seed):
    """Sums of a raster over villages, beside exactextract and beside reading the raster."""
    values = np.random.default_rng(seed).gamma(0.5, 2, (side, side))
    grid = Raster(values, 0.0, side * CELL_M, CELL_M, CELL_M, CRS)
    frame = gpd.GeoDataFrame(geometry=shapes, crs=CRS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.tif"
        write(path, grid)
        rivals = {
            "exactextract": rival(
                "exactextract", {"villages": frame, "values": values, "bounds": grid.bounds}
            ),
            "(limit) reading the raster": here(lambda: read(path)),
        }

        def agree(ours, theirs):
            if np.ndim(theirs) == 0:
                return True, "a sum of all"
            off = (np.abs(theirs - ours) / ours).max()
            return off <= 1e-6, near(off, " of each sum")

        name = f"{len(shapes):,} villages, {values.size / 1e6:.2g} M cells"
        yield from compared(
            "people of villages", name, here(lambda: zonal_sums(grid, shapes)[0]), rivals, agree, turns
        )


def write(path, grid):
    """Write the raster as such files come, deflated."""
    rows, columns = grid.values.shape
    kind = {"driver": "GTiff", "dtype": "float32", "compress": "deflate", "crs": CRS, "count": 1}
    kind["transform"] = rasterio.transform.from_origin(grid.west, grid.north, grid.width, grid.height)
    with rasterio.open(path, "w", height=rows, width=columns, **kind) as file:
        file.write(grid.values.astype(np.float32), 1)


def read(path):
    """The sum of a raster in a file."""
    with rasterio.open(path) as file:
        return file.read(1).astype(float).sum()


def roads(shapes, count, side_m, turns, seed):
    """Lengths of road pieces inside villages, beside cutting them."""
    chance = np.random.default_rng(seed)
    start = chance.uniform(0, side_m, (count, 1, 2))
    lines = shapely.linestrings(np.concatenate([start, start + chance.normal(0, 300, (count, 1, 2))], axis=1))

    def ours():
        village, road, metres = lengths_inside(shapes, lines)
        return pd.Series(metres, index=pd.MultiIndex.from_arrays([village, road]))

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

    def agree(ours, theirs):
        off = ours.sub(theirs, fill_value=0).abs().max()
        return off <= 1e-6, near(off, " m")

    rivals = {"geopandas.overlay": here(overlay), "shapely STRtree, intersection": here(cut)}
    name = f"{len(shapes):,} villages, {count:,} pieces"
    yield from compared("roads inside villages", name, here(ours), rivals, agree, turns)
