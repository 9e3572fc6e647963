"""What the roads inside a village are like."""

import numpy as np
import pandas as pd

from gis.clipping import lengths_inside
from gis.indicators.access import blank_without_extent
from gis.indicators.doubts import need, widen
from gis.indicators.percents import percent
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
        ``value`` in percent of the length whose class and surface are recorded; ``numerator`` and
        ``denominator`` in km. Length of unknown class or surface leaves the share open between ``low``
        (none of it would count as good) and ``high`` (all of it would), with ``doubt`` "not-given"; NaN
        where all is unknown. NaN with ``doubt`` "no-roads" where no such road lies inside, NaN on
        approximate extents. A road along a shared border counts for both neighbours.

    Raises
    ------
    TableError
        If the roads lack one of their columns.
    """
    need(roads, "roads", "class", "surface")
    wanted = [classes] if isinstance(classes, str) else list(classes)
    counted = roads[roads["class"].isin(wanted) | roads["class"].isna()]
    village, road, length = lengths_inside(villages.geometry.to_numpy(), counted.geometry.to_numpy())
    is_of_class = counted["class"].notna().to_numpy()[road]
    is_good = counted["surface"].isin(surfaces).to_numpy()[road]
    is_blank = counted["surface"].isna().to_numpy()[road]
    is_bad = ~is_good & ~is_blank

    def km(chosen):
        return np.bincount(village[chosen], length[chosen], len(villages)) / 1000

    good, bad = km(is_of_class & is_good), km(is_of_class & is_bad)
    blank = km(is_of_class & is_blank)
    # a road of unknown class drops out where that suits the bound
    least_total = good + bad + (blank + km(~is_of_class & ~is_good))
    maybe = blank + km(~is_of_class & ~is_bad)
    most_good, most_total = good + maybe, good + bad + maybe
    measured = pd.DataFrame({"numerator": good, "denominator": good + bad}, index=villages.index)
    measured["value"] = percent(good, good + bad)
    low = np.where(least_total > 0, percent(good, least_total), np.nan)
    high = np.where(most_total > 0, percent(most_good, most_total), np.nan)
    measured = blank_without_extent(measured, villages)
    seen = measured["doubt"].isna()
    measured = widen(measured, "not-given", low=low, high=high)
    unknown = km(is_blank | ~is_of_class) > 0
    nothing = seen & measured["value"].isna()
    measured.loc[nothing, "doubt"] = np.where(unknown[nothing], "not-given", "no-roads")
    return measured
