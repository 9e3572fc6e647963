"""What the roads of a study's villages are: lengths by class and surface, links open all year, people near them."""

from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.clipping import lengths_inside
from gis.indicators.access import season_links
from gis.indicators.roads import HARDENED
from gis.indicators.supply import people_within
from gis.registry import INDICATORS
from gis.roadspeeds import season_state

NEAR_KM = 2.0
"""How near an all-season road must be (SDG indicator 9.1.1)."""


@dataclass(frozen=True)
class AccessIndex:
    """The Rural Access Index of all villages together: who lives within `NEAR_KM` of a road that is open all year.

    Attributes
    ----------
    people, people_near, most_near : float
        People of the population raster in villages whose extent is surveyed; those who are near such a road; those
        who are or may be, by roads whose state nobody recorded or beyond the edge of the data. NaN without a raster.
    villages, villages_near, villages_most : int
        Villages with a known place, those of them whose place is near such a road, and those whose place is or may
        be, as for people.
    left_out : int
        Villages whose people are not counted: no surveyed extent, or no people in it.
    """

    people: float
    people_near: float
    most_near: float
    villages: int
    villages_near: int
    villages_most: int
    left_out: int

    def figures(self):
        """All of it by name; None for what is not known."""
        people = {
            "people": self.people,
            "people_near": self.people_near,
            "most_people_near": self.most_near,
            "share_pct": self.share,
            "most_share_pct": self.most_share,
        }
        return {
            **{name: None if np.isnan(value) else round(float(value), 2) for name, value in people.items()},
            "villages": self.villages,
            "villages_near": self.villages_near,
            "most_villages_near": self.villages_most,
            "villages_left_out": self.left_out,
        }

    @property
    def share(self):
        """Percent of people who are near; NaN without any."""
        return 100 * self.people_near / self.people if self.people > 0 else np.nan

    @property
    def most_share(self):
        """Percent of people who are or may be near."""
        return 100 * self.most_near / self.people if self.people > 0 else np.nan


def road_lengths(villages, roads):
    """Kilometres of road inside each village by class and surface.

    Parameters
    ----------
    villages : GeoDataFrame
        Polygons in a projected CRS in metres; approximate extents are left out.
    roads : GeoDataFrame
        Lines in the same CRS; columns ``class`` and ``surface``.

    Returns
    -------
    DataFrame
        ``village_id``, ``class``, ``surface`` (None where not recorded), ``km``; sorted, no row without length. A
        road along a shared border counts for both neighbours.
    """
    real = villages[~villages["approximate"].to_numpy(dtype=bool)]
    village, road, metres = lengths_inside(real.geometry.to_numpy(), roads.geometry.to_numpy())
    table = pd.DataFrame({"village_id": real.index[village], "km": metres / 1000})
    for name in ("class", "surface"):
        table[name] = roads[name].to_numpy(dtype=object)[road] if name in roads else None
    keys = ["village_id", "class", "surface"]
    lengths = table.groupby(keys, dropna=False)["km"].sum().reset_index()
    lengths[keys[1:]] = lengths[keys[1:]].astype(object).where(lengths[keys[1:]].notna(), None)
    return lengths.sort_values(keys, ignore_index=True, key=lambda column: column.fillna("~"))


def village_roads(study):
    """The roads of every village in one row, and what it lacks for a link that is open all year.

    Parameters
    ----------
    study : Study
        With a layer ``roads``.

    Returns
    -------
    GeoDataFrame
        Index village id: ``total_km``, ``hardened_km``, ``open_km`` (open all year) of the roads inside, NaN without a
        surveyed extent; ``linked`` (1, 0 or NaN as of `all_season_link`), ``missing_km``, ``unrecorded_km``,
        ``worst_km``, ``worst_road`` (its name, else its id), ``worst_class`` and ``worst_surface``, as of
        `missing_links`; NaN without commune centres. Its geometry is the line of what is missing.
    """
    villages, roads = study.villages, study.layers["roads"].frame
    surveyed = ~(villages["approximate"].to_numpy(dtype=bool) | villages.geometry.isna().to_numpy())
    village, road, metres = lengths_inside(villages.geometry.to_numpy(), roads.geometry.to_numpy())
    chosen = {
        "total_km": np.ones(len(road), dtype=bool),
        "hardened_km": roads["surface"].isin(HARDENED).to_numpy()[road],
        "open_km": (season_state(roads) == 1).to_numpy()[road],
    }
    table = pd.DataFrame(index=villages.index)
    for name, counted in chosen.items():
        km = np.bincount(village[counted], metres[counted], len(villages)) / 1000
        table[name] = np.where(surveyed, km, np.nan)
    table = table.join(_links(study, roads))
    return gpd.GeoDataFrame(table, geometry="line", crs=villages.crs)


def access_index(study):
    """The Rural Access Index of a study; None without roads, and of a frozen one whose grid of people was not kept.

    Returns
    -------
    AccessIndex or None

    References
    ----------
    United Nations (2024). SDG indicator metadata 9.1.1: Proportion of the rural population who live within 2 km of an
    all-season road.
    """
    layer, grid = study.layers.get("roads"), study.layers.get("population")
    if layer is None or (grid is not None and grid.raster is None):
        return None
    villages, roads = study.villages, layer.frame
    edge = partial(layer.edge_m, communes=study.communes.geometry)
    placed = villages[villages["point"].notna()]
    points, state = placed["point"].to_numpy(), season_state(roads)
    near, may = (_are_near(points, roads.geometry[chosen]) for chosen in (state == 1, state != 0))
    # a road that the layer lacks may be near anybody in a commune where it is not complete, or by its edge
    may |= ~layer.is_complete(placed["commune_id"]) | (edge(points) < 1000 * NEAR_KM)
    counts = {
        "villages": len(points),
        "villages_near": int(near.sum()),
        "villages_most": int((near | may).sum()),
    }
    if grid is None:
        nobody = dict.fromkeys(("people", "people_near", "most_near"), np.nan)
        return AccessIndex(**nobody, **counts, left_out=len(villages))
    found = people_within(villages, roads, grid.raster, edge, radius_km=NEAR_KM, all_season=True)
    open_end = np.where(layer.is_complete(villages["commune_id"]), found["high"], 100.0)
    counted = found[found["value"].notna()].assign(most=pd.Series(open_end, index=found.index))
    return AccessIndex(
        people=counted["denominator"].sum(),
        people_near=counted["numerator"].sum(),
        most_near=(counted["most"] * counted["denominator"]).sum() / 100,
        **counts,
        left_out=int(found["value"].isna().sum()),
    )


def _are_near(points, lines):
    """For each point whether one of the lines is within `NEAR_KM`."""
    tree = shapely.STRtree(lines.dropna().to_numpy())
    near = np.zeros(len(points), dtype=bool)
    near[tree.query(points, predicate="dwithin", distance=1000 * NEAR_KM)[0]] = True
    return near


def _links(study, roads):
    """What each village lacks for a link with its commune centre."""
    villages = study.villages
    columns = [
        "linked",
        "missing_km",
        "unrecorded_km",
        "worst_km",
        "worst_road",
        "worst_class",
        "worst_surface",
    ]
    links = pd.DataFrame(np.nan, index=villages.index, columns=columns).astype(
        dict.fromkeys(columns[4:], object)
    )
    links[columns[4:]] = None
    links["line"] = None
    centres = study.layers.get("commune_centres")
    if centres is None or "commune_id" not in centres.frame:
        return links
    max_leg_km = INDICATORS["all_season_link"].options["max_leg_km"]
    measured, missing = season_links(villages, roads, centres.frame, max_leg_km=max_leg_km)
    links["linked"], links["missing_km"] = measured["value"], measured["numerator"]
    missing = missing[(links["missing_km"] > 0)[missing.index]]
    links.loc[missing.index, "unrecorded_km"] = missing["unrecorded_m"] / 1000
    links.loc[missing.index, "worst_km"] = missing["worst_m"] / 1000
    links.loc[missing.index, "line"] = missing["line"]
    named = missing["worst_road"].dropna()
    for column, source in (("worst_road", "name"), ("worst_class", "class"), ("worst_surface", "surface")):
        if source in roads:
            links.loc[named.index, column] = roads[source].reindex(named).to_numpy(dtype=object)
    unnamed = named[links.loc[named.index, "worst_road"].isna()]
    links.loc[unnamed.index, "worst_road"] = unnamed.astype(str)
    return links
