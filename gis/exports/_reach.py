"""How far a service is, as files: a list in a reader's words, and bands, catchments and ways as layers of a map."""

import json
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from gis.errors import ExportError
from gis.exports._doubts import list_title
from gis.exports._origin import run_table
from gis.exports._report import same
from gis.exports._text import fit_text, plain
from gis.exports.csv_table import write_csv
from gis.exports.xlsx import to_xlsx
from gis.files import replacing
from gis.messages import say
from gis.reaching import band_text, other_season, title_of

COLUMNS = {
    "village_id": "reach-column-village_id",
    "village": "reach-column-village",
    "commune": "reach-column-commune",
    "answer": "reach-column-answer",
    "minutes": "reach-column-minutes",
    "other": "",
    "other_told": "",
    "place": "reach-column-place",
    "walk_km": "reach-column-walk_km",
    "ride_km": "reach-column-ride_km",
    "line_km": "reach-column-line_km",
    "least": "reach-column-least",
    "estimated": "reach-column-estimated",
    "doubt": "reach-column-doubt",
    "place_id": "reach-column-place_id",
}
"""Column of the list to the message that heads it; ``other`` and ``other_told`` are headed by their season. Every name fits a shapefile."""
SUFFIXES = (".gpkg", ".geojson", ".zip", ".xlsx", ".csv")
DIGITS = 6
"""A tenth of a metre: areas follow cells of tens of metres."""


def reach_list(far, language):
    """The villages of a `HowFar`, those farthest first and those of no figure last, and the heading of each column.

    Returns
    -------
    table : DataFrame
        ``minutes``, ``other`` and ``least`` are empty where there is none or no way; ``answer`` and
        ``other_told`` say which.
    headings : dict of str to str
    """
    table = far.villages
    minutes = table["minutes"].to_numpy(dtype=float)
    unsure = (table["low"] < table["minutes"]).to_numpy()
    rows = pd.DataFrame(
        {
            "village_id": table.index,
            "village": table["name"].to_numpy(),
            "commune": table["commune"].to_numpy(),
            "answer": _answers(table["minutes"], language),
            "minutes": _finite(table["minutes"].round(1)).to_numpy(),
            "other": _finite(table["other_min"].round(1)).to_numpy(),
            "other_told": _answers(table["other_min"], language),
            "place": table["facility_name"].to_numpy(),
            "walk_km": table["walk_km"].round(2).to_numpy(),
            "ride_km": table["ride_km"].round(2).to_numpy(),
            "line_km": table["straight_km"].round(2).to_numpy(),
            "least": np.where(unsure, table["low"].round(1), np.nan),
            "estimated": table["estimated_min"].round(1).to_numpy(),
            "doubt": [doubt_text(doubt, language) for doubt in table["doubt"]],
            "place_id": table["facility_id"].to_numpy(),
        }
    )
    order = np.lexsort((table.index, -np.nan_to_num(minutes, nan=-1.0)))
    rows = rows.iloc[order].reset_index(drop=True)
    season = other_season(far.season)
    headings = COLUMNS | {
        "other": f"reach-column-other-{season}",
        "other_told": f"reach-column-other-told-{season}",
    }
    return rows, {name: say(code, language) for name, code in headings.items()}


def _answers(minutes, language):
    """Whether there is a time, no way, or not enough data, in words."""
    words = np.select([minutes.isna(), np.isinf(minutes)], ["unknown", "unreached"], "time")
    return [say(f"reach-answer-{word}", language) for word in words]


def doubt_text(doubt, language):
    """Why a time is not sure, in words; empty where it is."""
    return say(f"export-word-doubt-{doubt}", language) if isinstance(doubt, str) and doubt else ""


def reach_layers(far, language):
    """Bands, catchments, ways and villages' times as frames whose columns fit every format; what has no shape is left out."""
    listed = reach_list(far, language)[0]
    bands = gpd.GeoDataFrame(
        {
            "band": far.bands.index + 1,
            "label": [
                band_text(*ends, language)
                for ends in zip(far.bands["above_min"], far.bands["upto_min"], strict=True)
            ],
            "above_min": _finite(far.bands["above_min"]),
            "upto_min": _finite(far.bands["upto_min"]),
            "villages": far.bands["villages"],
            "people": far.bands["people"],
            "area_km2": far.bands["area_km2"],
        },
        geometry=far.bands.geometry,
    )
    areas = gpd.GeoDataFrame(
        {
            "place_id": far.areas.index,
            "place": far.areas["facility_name"],
            "villages": far.areas["villages"],
            "people": far.areas["people"],
            "median_min": far.areas["median_min"].round(1),
            "most_min": far.areas["most_min"].round(1),
        },
        geometry=far.areas.geometry,
    )
    ways = gpd.GeoDataFrame(listed, geometry=far.villages.geometry.reindex(listed["village_id"]).array)
    layers = {"bands": bands, "areas": areas, "ways": ways.set_crs(far.bands.crs, allow_override=True)}
    return {name: frame[frame.geometry.notna()].reset_index(drop=True) for name, frame in layers.items()}


def write_reach(review, far, path, *, language="vi"):
    """Write a `HowFar` as one file, by the end of its name; return its path.

    Parameters
    ----------
    review : Review
        Of the study, whose name, notices and run go with the figures.
    far : HowFar
    path : path-like
        ``.gpkg`` holds the layers ``bands``, ``areas``, ``ways``, the list ``villages`` and the table ``about``;
        ``.zip`` the same as shapefiles and CSV; ``.geojson`` all features on WGS 84, each with its ``layer``;
        ``.xlsx`` and ``.csv`` the list of villages.

    Raises
    ------
    ExportError
        If the end is another one or the file does not read back as written; a file that was there then stays.
    """
    path = Path(path)
    suffix = reach_suffix(path)
    listed, headings = reach_list(far, language)
    with replacing(path) as fresh:
        if suffix == ".xlsx":
            title = list_title(review, title_of(far, language), language)
            to_xlsx(listed, fresh, title=title, labels=headings, language=language)
        elif suffix == ".csv":
            write_csv(listed.rename(columns=headings), fresh)
        else:
            about = run_table(review, language)
            first = pd.DataFrame([["reach", "", title_of(far, language)]], columns=about.columns)
            write = {".gpkg": _geopackage, ".geojson": _geojson, ".zip": _shapefiles}[suffix]
            write(fresh, reach_layers(far, language), listed, pd.concat([first, about], ignore_index=True))
    return path


def reach_suffix(path):
    """The end of a file's name that says its format.

    Raises
    ------
    ExportError
        If it is not one of `SUFFIXES`.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise ExportError("reach-no-format", file=Path(path).name, known=" ".join(SUFFIXES))
    return suffix


def _geopackage(path, layers, listed, about):
    for name, table in {**layers, "villages": listed, "about": about}.items():
        if not len(table):
            continue
        options = {"layer": name, "driver": "GPKG", "append": path.exists()}
        if name in layers:
            options |= {"geometry_type": _kind(table), "promote_to_multi": True}
        pyogrio.write_dataframe(_texts(table), path, **options)
        found = pyogrio.read_dataframe(path, layer=name)
        same(pd.DataFrame(table).drop(columns="geometry", errors="ignore"), found, path.name)


def _geojson(path, layers, listed, about):
    features = []
    for name, frame in layers.items():
        shapes = shapely.orient_polygons(frame.geometry.to_crs(4326).to_numpy(), exterior_cw=False)
        shapes = shapely.transform(shapes, lambda points: np.round(points, DIGITS))
        records = frame.drop(columns="geometry").astype(object).where(frame.notna(), None).to_dict("records")
        features += [
            {
                "type": "Feature",
                "geometry": shapely.geometry.mapping(shape),
                "properties": {"layer": name}
                | {key: value for key, value in record.items() if key != "geometry"},
            }
            for record, shape in zip(records, shapes, strict=True)
        ]
    whole = {"type": "FeatureCollection", "about": about.to_dict("records"), "features": features}
    whole["villages"] = listed.astype(object).where(listed.notna(), None).to_dict("records")
    with path.open("w", encoding="utf-8") as file:
        json.dump(whole, file, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _shapefiles(path, layers, listed, about):
    folder = path.parent
    for name, frame in layers.items():
        if not len(frame):
            continue
        texts = {
            column: [
                fit_text(plain(cell), "utf-8") if isinstance(cell, str) else None for cell in frame[column]
            ]
            for column in frame.columns.drop("geometry")
            if not pd.api.types.is_numeric_dtype(frame[column])
        }
        fitted = frame.assign(**texts)
        file = folder / f"{name}.shp"
        pyogrio.write_dataframe(_texts(fitted), file, driver="ESRI Shapefile", encoding="UTF-8")
        # what a name of more than 254 bytes loses here stands whole in villages.csv
        same(pd.DataFrame(fitted).drop(columns="geometry"), pyogrio.read_dataframe(file), file.name)
    write_csv(listed, folder / "villages.csv")
    write_csv(about, folder / "about.csv")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in sorted(folder.iterdir()):
            if member != path:
                # a fixed date, so that the same run gives the same file
                entry = zipfile.ZipInfo(member.name, (2000, 1, 1, 0, 0, 0))
                archive.writestr(entry, member.read_bytes(), zipfile.ZIP_DEFLATED)


def _kind(frame):
    return (
        "MultiPolygon"
        if (shapely.get_dimensions(frame.geometry.to_numpy()) == 2).all()
        else "MultiLineString"
    )


def _texts(table):
    """Columns of text as text where all of a column is empty too."""
    plain_columns = [name for name in table.columns if name != "geometry"]
    texts = {
        name: table[name].where(table[name].notna(), None)
        for name in plain_columns
        if table[name].dtype == object
    }
    return table.assign(**{name: cells.astype("string") for name, cells in texts.items()})


def _finite(values):
    return values.where(np.isfinite(values))
