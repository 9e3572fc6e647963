"""GeoPackage: the village layer and, beside it, findings, dictionary and run; nothing is shortened."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from gis.exports._origin import dictionary, run_table
from gis.exports._report import ExportReport, same
from gis.exports._wide import findings_table, wide_table
from gis.files import replacing
from gis.registry import exporter


@exporter(
    suffix=".gpkg", mimetype="application/geopackage+sqlite3", vi="GeoPackage (QGIS)", en="GeoPackage (QGIS)"
)
def geopackage(review, path, *, language="vi", select=None):
    """The layer ``villages`` in the study's CRS and the tables ``findings``, ``dictionary`` and ``run``."""
    path = Path(path)
    wide = wide_table(review, language, select)
    meaning = dictionary(wide.columns)
    tables = {
        "villages": _layer(wide),
        "findings": findings_table(review, language, select),
        "dictionary": meaning,
        "run": run_table(review, language),
    }
    write_layers(tables, path)
    return ExportReport(path, "geopackage", len(wide.table), (path,), meaning)


def write_layers(tables, path):
    """Write tables and layers by name as one GeoPackage, and read it back.

    Raises
    ------
    ExportError
        If it could not be written whole; the old one then stays.
    """
    with replacing(path) as fresh:
        for name, table in tables.items():
            _add_table(table, fresh, name)
        for name, table in tables.items():
            found = pyogrio.read_dataframe(fresh, layer=name)
            same(pd.DataFrame(table).drop(columns="geometry", errors="ignore"), found, path.name)
            if isinstance(table, gpd.GeoDataFrame):
                same(_drawn(table), _drawn(found), path.name)


def _layer(wide):
    if wide.geometry is None or not wide.geometry.notna().any():
        return wide.table
    return gpd.GeoDataFrame(wide.table, geometry=wide.geometry.array, crs=wide.geometry.crs)


def _drawn(layer):
    shapes = layer.geometry.to_numpy()
    sizes = {"area": shapely.area(shapes), "length": shapely.length(shapes)}
    return pd.DataFrame({"x": shapely.get_x(shapely.centroid(shapes)), **sizes})


def _add_table(table, path, name):
    """Add a table or layer to a GeoPackage, which is made where it is not there yet."""
    options = {"layer": name, "driver": "GPKG", "append": path.exists()}
    if not isinstance(table, gpd.GeoDataFrame):
        # A table of no rows still has to be there, and one of empty columns has to keep them as text.
        pyogrio.write_dataframe(_texts(table), path, **options)
        return
    kinds = set(table.geometry.dropna().geom_type)
    polygons = kinds <= {"Polygon", "MultiPolygon"}
    kind = "MultiPolygon" if polygons else (kinds.pop() if len(kinds) == 1 else "Unknown")
    pyogrio.write_dataframe(_texts(table), path, geometry_type=kind, promote_to_multi=polygons, **options)


def _texts(table):
    texts = {
        name: table[name].astype("str")
        for name in table
        if table[name].dtype == object and name != "geometry"
    }
    for name, cells in texts.items():
        texts[name] = cells.where(table[name].notna(), None)
    return table.assign(**texts)
