"""How far a kind of service is from everywhere in a study: bands, catchments, every village and its way."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.isochrones import LIMITS, NOWHERE, band_of, bands, coarser, outlines, smoother
from gis.rasters import Raster, cell_shares, people_points
from gis.reaching.services import Service, facilities_of, going, ground_of, lacks, places_of, service_of_kinds
from gis.reaching.ways import points_of, text_or_none, village_times

MOST_DRAWN = 400_000
"""Cells with which areas are drawn where they are looked at; a district of 25 km has as many at 40 m."""
PEOPLE_PARTS = 2
"""As `gis.rasters.people_points`: each cell of people is four points."""


@dataclass(frozen=True)
class HowFar:
    """Travel times to one kind of service over a study's ground.

    Attributes
    ----------
    bands : GeoDataFrame
        A row a band, from the nearest; ``above_min``, ``upto_min`` (see `gis.isochrones.Band`), ``area_km2`` of the study,
        ``villages`` (whose point is in it), ``people`` (NaN without a population raster) and the area as
        ``geometry``, None where there is none.
    areas : GeoDataFrame
        Index ``facility_id``, sorted; the ground from which that place is the nearest: ``facility_name``,
        ``villages``, ``people``, ``median_min`` and ``most_min`` of its cells. A place that is nearest nowhere is
        there without a geometry.
    villages : GeoDataFrame
        Index ``village_id``; ``name``, ``commune_id``, ``commune``, ``minutes`` (NaN not measured, inf not
        reachable), ``low``, ``high``, ``other_min`` (in the other season), ``doubt``, ``mark`` (one of
        `gis.reaching.ways.MARKS` or empty), ``facility_id``, ``facility_name``, ``walk_km`` and ``ride_km`` of the
        way, ``estimated_min`` (minutes of it that rest on an estimate), ``straight_km``, ``band`` (position in
        `bands`, -1 unknown) and the way as ``geometry``.
    people_unplaced : float
        People who live where no height is known; NaN without a population raster.
    cell_m : float
        Size of the cells of the areas.
    """

    service: Service
    mode: str
    season: str
    bands: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    people_unplaced: float
    cell_m: float


def how_far(study, service, *, mode="walk", season="dry", limits=LIMITS, most_cells=None):
    """How far one kind of service is from everywhere in a study.

    Parameters
    ----------
    study : Study
    service : Service
        From `services` or `service_of`.
    mode, season : str
        One of `gis.surface.MODES` and of `gis.surface.SEASONS`.
    limits : sequence of int
        Minutes at which bands end, see `gis.isochrones.bands`.
    most_cells : int, optional
        Areas are drawn with at most so many cells, as `gis.isochrones.coarser` puts several in one.

    Returns
    -------
    HowFar

    Raises
    ------
    TableError
        If the study has no heights.
    """
    facilities = facilities_of(study, service)
    reach = ground_of(study).reach(places_of(facilities), **going(study, mode=mode, season=season))
    chosen = bands(limits)
    villages = village_times(study, service, chosen, mode=mode, season=season, reach=reach)
    seconds = reach.seconds
    ground_here = _inside(study, reach.surface) & (reach.surface.classes > 0)
    minutes = np.where(ground_here, seconds / 60, np.nan)
    owners = reach.owners()
    owner = np.where(ground_here, owners, NOWHERE)
    people, live = _people(study, reach, chosen, owners)
    factor = max(1, int(np.ceil(np.sqrt(seconds.size / most_cells)))) if most_cells else 1
    grid = _grid(reach.surface, factor)
    band_areas = _areas(coarser(band_of(minutes, chosen), factor), grid, smooth=len(chosen) - 1)
    place_areas = _areas(coarser(owner, factor, worst_last=False), grid)
    return HowFar(
        service=service,
        mode=mode,
        season=season,
        bands=_bands(study, chosen, minutes, reach.surface, villages, people, band_areas),
        areas=_catchments(study, facilities, owner, minutes, villages, live, place_areas),
        villages=villages,
        people_unplaced=float(people[NOWHERE]) if people is not None else np.nan,
        cell_m=float(grid["width"]),
    )


def judged_far(study, *, most_cells=MOST_DRAWN):
    """How far the services are by which a study's set judges travel times: of its first such criterion.

    None where the set has none, or the study lacks heights or the places.
    """
    for criterion in study.criteria.criteria:
        if criterion.measured is None or criterion.measured.indicator != "travel_time":
            continue
        bound = dict(criterion.measured.arguments)
        service = service_of_kinds(study, bound.get("facilities", "facilities"), bound.get("kind"))
        if service is None or lacks(study) is not None:
            continue
        how = {name: bound[name] for name in ("mode", "season") if name in bound}
        return how_far(study, service, most_cells=most_cells, **how)
    return None


def _people(study, reach, chosen, owners):
    """People of each band, at the end those of no known height; and of each place, who live nearest to it."""
    data = study.layers.get("population")
    if data is None or data.raster is None:
        return None, None
    # villages that stand on one place share one extent, and its people are there once
    lived = shapely.union_all(study.villages.geometry.to_numpy())
    if shapely.get_dimensions(lived) < 2:
        lived = shapely.box(*data.raster.bounds)
    x, y, people, _ = people_points(data.raster, [lived], parts=PEOPLE_PARTS)
    points = np.column_stack([x, y])
    minutes, cell = reach.at(points)
    minutes[(cell < 0) & ~reach.surface.is_known(points)] = np.nan
    band = band_of(minutes, chosen)
    # NOWHERE is the last place of an array
    counts = np.bincount(np.where(band == NOWHERE, len(chosen), band), people, len(chosen) + 1)
    goes = np.isfinite(minutes)
    place = owners.reshape(-1)[cell[goes]]
    return counts, np.bincount(place, people[goes], len(reach.places))


def _inside(study, surface):
    """Which cells lie by more than half in the study: in its communes or villages; all where these leave a village out."""
    grid = Raster(surface.heights, surface.west, surface.north, surface.width, surface.height, study.crs)
    found, touched = np.zeros((2, *surface.heights.shape), dtype=bool)
    for frame in (study.communes, study.villages):
        shapes = frame.geometry.to_numpy()
        shares = cell_shares(grid, shapes[shapely.get_dimensions(shapes) == 2])
        covered = np.bincount(shares.cells, shares.shares, found.size).reshape(found.shape)
        found |= covered > 0.5
        touched |= covered > 0
    cells = surface.entries(points_of(study.villages))[0]
    return found if touched.reshape(-1)[cells].all() and len(cells) else np.ones_like(found)


def _grid(surface, factor):
    return {
        "west": surface.west,
        "north": surface.north,
        "width": surface.width * factor,
        "height": surface.height * factor,
    }


def _areas(classes, grid, *, smooth=None):
    """Class to its area; those below `smooth` (all for None) get simpler borders between them."""
    codes, areas = outlines(classes, **grid)
    # a step of the grid goes and a bend of the ground stays
    soft = codes < smooth if smooth is not None else np.ones(len(codes), dtype=bool)
    areas[soft] = smoother(areas[soft], grid["width"])
    return dict(zip(codes.tolist(), areas, strict=True))


def _bands(study, chosen, minutes, surface, villages, people, areas):
    band = band_of(minutes, chosen)
    cells = np.bincount(band[band != NOWHERE], minlength=len(chosen))
    frame = pd.DataFrame(
        {
            "above_min": [one.above for one in chosen],
            "upto_min": [one.upto for one in chosen],
            "area_km2": cells * surface.width * surface.height / 1e6,
            "villages": [int((villages["band"] == at).sum()) for at in range(len(chosen))],
            "people": people[:-1] if people is not None else np.nan,
        }
    )
    frame.index.name = "band"
    shapes = gpd.GeoSeries([areas.get(at) for at in range(len(chosen))], crs=study.crs)
    return gpd.GeoDataFrame(frame, geometry=shapes)


def _catchments(study, facilities, owner, minutes, villages, live, areas):
    count = len(facilities)
    owned = owner != NOWHERE
    spread = pd.Series(minutes[owned]).groupby(owner[owned]).agg(["median", "max"]).reindex(range(count))
    frame = pd.DataFrame(
        {
            "facility_name": [text_or_none(name) for name in facilities["name"]]
            if "name" in facilities
            else None,
            "villages": villages["facility_id"]
            .value_counts()
            .reindex(facilities.index, fill_value=0)
            .to_numpy(),
            "people": live if live is not None else np.nan,
            "median_min": spread["median"].to_numpy(dtype=float),
            "most_min": spread["max"].to_numpy(dtype=float),
        },
        index=facilities.index,
    )
    frame.index.name = "facility_id"
    shapes = gpd.GeoSeries([areas.get(at) for at in range(count)], index=frame.index, crs=study.crs)
    return gpd.GeoDataFrame(frame, geometry=shapes)
