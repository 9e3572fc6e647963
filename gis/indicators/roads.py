"""What the roads inside a village are like."""

import numpy as np
import pandas as pd
import shapely

from gis.indicators.access import blank_without_extent
from gis.registry import indicator

HARDENED = ("asphalt", "concrete", "gravel")
"""Surfaces that count as hardened: crushed stone, brick and concrete do (ministry guidance QĐ 932/QĐ-BGTVT 2022)."""


@indicator(unit="%", unseen="either", vi="Tỷ lệ chiều dài đường", en="Share of road length")
def road_share(villages, roads, *, classes, surfaces=HARDENED):
    """Percent of the length of some road classes inside the village that has one of some surfaces.

    Parameters
    ----------
    villages : GeoDataFrame
        Polygons in a projected CRS in metres.
    roads : GeoDataFrame
        Lines in the same CRS; columns ``class`` and ``surface``.
    classes : str or list of str
        Which classes are counted, such as ``"village"``.
    surfaces : list of str
        Which surfaces are good enough.

    Returns
    -------
    DataFrame
        ``value`` in percent; ``numerator`` and ``denominator`` in km. Length of unknown surface is in the
        denominator of neither: where there is any, the value is NaN with ``doubt`` "not-given". NaN with
        ``doubt`` "no-roads" where no such road lies inside, NaN on approximate extents. A road along a
        shared border counts for both neighbours.
    """
    wanted = [classes] if isinstance(classes, str) else list(classes)
    counted = roads[roads["class"].isin(wanted)]
    good = counted["surface"].isin(surfaces).to_numpy()
    unknown = counted["surface"].isna().to_numpy()
    lines = counted.geometry.to_numpy()
    polygons = villages.geometry.to_numpy()
    village, road = shapely.STRtree(lines).query(polygons, predicate="intersects")
    inside = shapely.contains(polygons[village], lines[road])
    length = shapely.length(lines[road])
    if (~inside).any():
        length[~inside] = shapely.length(
            shapely.intersection(polygons[village[~inside]], lines[road[~inside]])
        )
    total, hard, blank = (
        np.bincount(village[mask], length[mask], len(villages)) / 1000
        for mask in (np.ones(len(road), dtype=bool), good[road], unknown[road])
    )
    measured = pd.DataFrame({"numerator": hard, "denominator": total}, index=villages.index)
    with np.errstate(invalid="ignore", divide="ignore"):
        measured["value"] = np.where(blank > 0, np.nan, 100 * hard / total)
    measured = blank_without_extent(measured, villages)
    seen = measured["doubt"].isna()
    measured.loc[seen & (total == 0), "doubt"] = "no-roads"
    measured.loc[seen & (blank > 0), "doubt"] = "not-given"
    return measured
