"""Writes the layers of the invented district as the files that offices keep."""

from contextlib import contextmanager

import geopandas as gpd
import numpy as np

CRS = "EPSG:9216"
WRITTEN_ON = "2024-12-31"
"""Date stamped into the files, so that the same district is the same bytes on any day."""


def write_layer(path, table, *, layer=None):
    """One vector file by its suffix: GeoPackage, shapefile (UTF-8) or GeoJSON in degrees."""
    import pyogrio

    frame = gpd.GeoDataFrame(table.drop(columns="village", errors="ignore"), geometry="geometry", crs=CRS)
    options = {"driver": "GPKG", "layer": layer or path.stem}
    if path.suffix == ".shp":
        options = {"driver": "ESRI Shapefile", "encoding": "UTF-8", "DBF_DATE_LAST_UPDATE": WRITTEN_ON}
    elif path.suffix == ".geojson":
        frame = frame.to_crs("EPSG:4326")
        options = {"driver": "GeoJSON", "RFC7946": "YES"}
    with _fixed_date():
        pyogrio.write_dataframe(frame, path, **options)


def add_layer(path, table, layer):
    """A further layer in a GeoPackage that is already there."""
    import pyogrio

    frame = gpd.GeoDataFrame(table.drop(columns="village", errors="ignore"), geometry="geometry", crs=CRS)
    with _fixed_date():
        pyogrio.write_dataframe(frame, path, driver="GPKG", layer=layer, append=True)


def write_raster(path, grid, *, digits=None):
    """One band as a compressed GeoTIFF."""
    import rasterio

    values = grid.values if digits is None else np.round(grid.values, digits)
    height, width = grid.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=height,
        width=width,
        count=1,
        dtype=values.dtype,
        crs=CRS,
        transform=grid.transform,
        compress="deflate",
        tiled=True,
        blockxsize=256,
        blockysize=256,
    ) as target:
        target.write(values, 1)


@contextmanager
def _fixed_date():
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{WRITTEN_ON}T00:00:00Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
