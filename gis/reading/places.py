"""Villages and communes: every village once, keyed, in its commune, with a point and its people."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis import assessments as sheets
from gis.crs import WGS84
from gis.errors import TableError
from gis.geometry import containing, point_inside
from gis.names import fold
from gis.rasters import weighted_points

FACTS = ("population", "households")


def find_places(gathering, bound, tables):
    """Villages and communes as frames that carry every village once, from the layer or the sheets."""
    communes = bound.get("communes")
    if communes is not None:
        communes = _keyed_communes(gathering, communes)
    if "villages" in bound:
        villages = _keyed_villages(gathering, bound["villages"], communes, gathering.where("villages"))
    else:
        year = max(gathering.entry("assessments", number)["year"] for number in tables)
        of_year = [number for number in tables if gathering.entry("assessments", number)["year"] == year]
        plain = sheets.villages_from([found for number in of_year for found in tables[number]])
        villages = gpd.GeoDataFrame(plain, geometry=[None] * len(plain), crs=WGS84)
    for name in ("commune_id", "commune", "name"):
        if name not in villages:
            villages[name] = None
    names = communes["name"] if communes is not None else pd.Series(dtype=object)
    villages["commune"] = villages["commune"].where(
        villages["commune"].notna(), villages["commune_id"].map(names)
    )
    known = {fold(name): key for key, name in names.items()}
    keys = villages["commune"].map(lambda name: known.get(fold(name)) or fold(name).replace(" ", "-") or None)
    villages["commune_id"] = villages["commune_id"].where(villages["commune_id"].notna(), keys)
    villages["commune"] = villages["commune"].where(villages["commune"].notna(), villages["commune_id"])
    villages["name"] = villages["name"].where(villages["name"].notna(), villages.index.to_series())
    return villages.sort_index(), communes


def _keyed_communes(gathering, communes):
    where = gathering.where("communes")
    if "commune_id" not in communes:
        if "name" not in communes:
            raise TableError("layer-no-key", **where, field="commune_id")
        communes["commune_id"] = communes["name"].map(lambda name: fold(name).replace(" ", "-"))
    communes = communes.set_index("commune_id")
    if communes.index.duplicated().any():
        twice = sorted(set(communes.index[communes.index.duplicated()]))
        raise TableError("commune-code-twice", **where, codes=twice)
    if "name" not in communes:
        communes["name"] = communes.index
    return communes.sort_index()


def _keyed_villages(gathering, villages, communes, where):
    if communes is not None and ("commune_id" not in villages or villages["commune_id"].isna().any()):
        villages = _located(gathering, villages, communes, where)
    for name in ("commune_id", "commune"):
        if name not in villages:
            villages[name] = None
    if "village_id" not in villages:
        if "name" not in villages:
            raise TableError("layer-no-key", **where, field="village_id")
        places = villages["commune_id"].where(villages["commune_id"].notna(), villages["commune"])
        villages["village_id"] = [
            sheets.village_key(*pair) for pair in zip(places, villages["name"], strict=True)
        ]
    nameless = villages["village_id"].isna()
    if nameless.any():
        rows = villages.loc[nameless, "source_row"].tolist()
        gathering.warn("village-without-code", **where, count=len(rows), rows=rows)
        gathering.counts["villages"]["rows_used"] -= len(rows)
        gathering.counts["villages"]["rows_reported"] += len(rows)
        villages = villages[~nameless]
    villages = villages.set_index("village_id")
    sheets.check_unique(villages, where=where)
    return villages


def _located(gathering, villages, communes, where):
    """Villages with the commune their point lies in, where the file does not say."""
    outlines = communes.to_crs(villages.crs).geometry.to_numpy()
    points = shapely.point_on_surface(villages.geometry.to_numpy())
    commune = containing(points, outlines)
    inside = pd.Series(communes.index[commune], index=villages.index).where(commune >= 0)
    given = (
        villages["commune_id"]
        if "commune_id" in villages
        else pd.Series(None, index=villages.index, dtype=object)
    )
    villages = villages.assign(commune_id=given.where(given.notna(), inside))
    outside = villages["commune_id"].isna()
    if outside.any():
        rows = villages.loc[outside, "source_row"].tolist()
        gathering.warn("village-outside-communes", **where, count=len(rows), rows=rows)
    return villages


def place_centres(gathering, bound, communes):
    """The layers where a centre that names no commune is of the one it lies in, if that has no other; it is told."""
    centres = bound.get("commune_centres")
    if centres is None or communes is None or not centres["commune_id"].isna().any():
        return bound
    outlines = communes.to_crs(centres.crs).geometry.to_numpy()
    commune = containing(centres.geometry.to_numpy(), outlines)
    around = pd.Series(communes.index[commune], index=centres.index).where(commune >= 0)
    known = centres["commune_id"].where(centres["commune_id"].notna(), around)
    placed = centres["commune_id"].isna() & known.notna() & ~known.duplicated(keep=False)
    if not placed.any():
        return bound
    rows = centres.loc[placed, "source_row"].tolist()
    gathering.warn("centres-placed", "note", **gathering.where("commune_centres"), count=len(rows), rows=rows)
    return {
        **bound,
        "commune_centres": centres.assign(commune_id=centres["commune_id"].where(~placed, known)),
    }


def finish_villages(villages, rasters, assessments, year):
    """Villages with their point, people and households from the best source there is."""
    points = np.full(len(villages), None, dtype=object)
    geometries = villages.geometry.to_numpy()
    dimension = shapely.get_dimensions(geometries)
    points[dimension == 0] = geometries[dimension == 0]
    area = dimension == 2
    points[area] = point_inside(geometries[area])
    if "population" in rasters and area.any():
        weighted = weighted_points(rasters["population"], np.where(area, geometries, None))
        points = np.where(shapely.is_missing(weighted), points, weighted)
    villages = villages.copy(deep=False)
    villages["point"] = gpd.GeoSeries(points, index=villages.index, crs=villages.crs)
    villages = villages.set_geometry(
        gpd.GeoSeries(np.where(area, geometries, None), index=villages.index, crs=villages.crs)
    )
    approximate = (
        villages["approximate"] == 1 if "approximate" in villages else pd.Series(False, index=villages.index)
    )
    villages["approximate"] = approximate.to_numpy(dtype=bool)
    return with_facts(villages, assessments, year)


def with_facts(villages, assessments, year):
    """Villages with their people, households and share of minority households.

    What their own layer says stands first, then the sheet of the year that is judged, then the latest one.
    """
    villages = villages.copy(deep=False)
    by_year = [assessments[known] for known in sorted(assessments, key=lambda known: (known != year, -known))]
    for fact in FACTS:
        known = villages[fact] if fact in villages else pd.Series(np.nan, index=villages.index)
        for sheet in by_year:
            if fact in sheet:
                known = known.where(known.notna(), sheet[fact])
        villages[fact] = known.astype(float)
    if "minority_share_pct" not in villages:
        villages["minority_share_pct"] = _minority_share(by_year, villages.index)
    return villages


def _minority_share(by_year, index):
    for sheet in by_year:
        if {"minority_households", "households"} <= set(sheet):
            return 100 * sheet["minority_households"] / sheet["households"].where(sheet["households"] > 0)
    return pd.Series(np.nan, index=index)


def all_communes(villages, communes):
    """Every commune that a village names or an outline has, with its name."""
    named = (
        villages.dropna(subset="commune_id").drop_duplicates("commune_id").set_index("commune_id")["commune"]
    )
    if communes is None:
        frame = pd.DataFrame({"name": named.sort_index()})
        return gpd.GeoDataFrame(frame, geometry=[None] * len(frame), crs=villages.crs)
    ids = communes.index.union(named.index)
    names = communes["name"].reindex(ids)
    frame = pd.DataFrame({"name": names.where(names.notna(), named.reindex(ids))}, index=ids)
    return gpd.GeoDataFrame(frame, geometry=communes.geometry.reindex(ids), crs=communes.crs)
