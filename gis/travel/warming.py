"""The compiled loops made ready ahead of the first question, on ground of a few cells."""

from functools import lru_cache

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from gis.clipping import lengths_inside
from gis.rasters import Raster, zonal_sums
from gis.travel.preparing import Travel


@lru_cache(maxsize=1)
def load_loops():
    """Load the loops of ways over the ground, or compile them where nothing is kept; once a process."""
    from gis.kernels import zonal_quantiles

    crs = pyproj.CRS(9216)
    ground = Raster(np.zeros((4, 4)), 0.0, 40.0, 10.0, 10.0, crs)
    line = shapely.linestrings([(1.0, 1.0), (39.0, 38.0)])
    roads = gpd.GeoDataFrame({"class": ["village"], "surface": ["earth"]}, geometry=[line], crs=crs)
    travel, ends = Travel(ground, roads), np.array([[2.0, 2.0], [38.0, 38.0]])
    for mode in ("walk", "motorbike"):
        reach = travel.reach(ends[:1], mode=mode)
        reach.ways(ends, reach.legs(ends))
        reach.owners()
    square = np.array([shapely.box(5, 5, 25, 25)], dtype=object)
    zonal_sums(ground, square)
    lengths_inside(square, np.array([line], dtype=object))
    zonal_quantiles(np.array([0, 1]), np.ones(1), np.ones(1), np.ones(1))
