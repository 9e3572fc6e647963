"""Villages known as points only get an approximate extent, and what is told of it."""

import geopandas as gpd
import numpy as np
import shapely

from gis.extents import LIMIT_MIN, approximate_villages
from gis.ground import travel_over
from gis.reading.checks import namer, said

TOLD_PCT = 0.1
"""Ground of a commune that no village of it gets to is told from this share of its outline on."""


def with_extents(gathering, villages, communes, layers, parameters):
    """Villages that are points with an approximate extent, and what is told of it.

    Inside the outline of their commune; by times on foot where there are heights in `layers`, and then for
    villages in no outline too; `parameters` of the study say how the ground is taken.

    Returns
    -------
    GeoDataFrame
        With the column ``extent_doubt_m``, NaN wherever the extent is not made here. The points stay as
        they were given.
    """
    villages = villages.assign(extent_doubt_m=np.nan)
    bare = villages.geometry.isna() & villages["point"].notna()
    travel = travel_over(layers, parameters) if "elevation" in layers else None
    if not bare.any() or (communes is None and travel is None):
        return villages
    if communes is None:
        communes = gpd.GeoDataFrame(geometry=[], crs=villages.crs)
    known = communes[shapely.get_dimensions(communes.geometry.to_numpy()) == 2]
    # where some villages of a commune have a boundary, its other villages share what that leaves
    taken = villages[villages.geometry.notna()]
    free = _left_over(known, taken)
    points = villages[bare].set_geometry("point", crs=villages.crs)[["commune_id", "point"]]
    points = points.rename_geometry("geometry")
    others = shapely.union_all([*known.geometry, *taken.geometry])
    extents = approximate_villages(points, free, travel=travel, taken=others)
    made = extents.index[extents["approximate"]]
    if not len(made):
        return villages
    shapes = villages.geometry.astype(object)
    shapes.loc[made] = extents.loc[made, "geometry"].astype(object)
    villages = villages.set_geometry(gpd.GeoSeries(shapes, crs=villages.crs))
    villages.loc[made, "approximate"] = True
    villages.loc[made, "extent_doubt_m"] = extents.loc[made, "extent_doubt_m"]
    extents = extents.assign(commune_id=points["commune_id"])
    _tell(gathering, extents, namer(villages))
    _tell_of_gaps(gathering, extents, free)
    return villages


def _left_over(communes, taken):
    touched = communes.index.isin(taken["commune_id"])
    if not touched.any():
        return communes
    groups = dict(tuple(taken.geometry.groupby(taken["commune_id"])))
    shapes = communes.geometry.to_numpy().copy()
    for at in np.flatnonzero(touched):
        shapes[at] = shapely.difference(shapes[at], shapely.union_all(groups[communes.index[at]].to_numpy()))
    return communes.set_geometry(gpd.GeoSeries(shapes, index=communes.index, crs=communes.crs))


def _tell(gathering, extents, named):
    of, by_time = extents["extent"], extents["by_time"]
    limited = of == "limited"
    straight = extents["approximate"] & ~by_time
    for code, chosen in (("villages-extent-made", straight), ("villages-extent-walked", by_time & ~limited)):
        if chosen.any():
            doubt = float(extents.loc[chosen, "extent_doubt_m"].median())
            gathering.warn(code, "note", count=int(chosen.sum()), doubt_m=doubt)
    for code, severity, chosen, more in (
        ("villages-extent-limited", "note", limited, {"minutes": LIMIT_MIN}),
        ("villages-extent-shared", "warning", of == "shared", {}),
        ("villages-extent-outside", "note", of == "outside", {}),
    ):
        if chosen.any():
            listed = [named(village) for village in extents.index[chosen]]
            gathering.warn(code, severity, count=len(listed), villages=listed, **more)


def _tell_of_gaps(gathering, extents, communes):
    """Tell which communes have ground that none of their villages gets to on foot."""
    walked = extents[extents["by_time"] & extents["commune_id"].isin(communes.index)]
    own = walked[~walked.geometry.duplicated()]
    covered = own.geometry.area.groupby(own["commune_id"]).sum()
    outlines = communes.geometry.reindex(covered.index).area
    gap = outlines - covered
    gap = gap[gap > outlines * TOLD_PCT / 100]
    if len(gap):
        names = communes["name"] if "name" in communes else communes.index.to_series()
        listed = [
            said("place-covered-not", commune=names[key], area_ha=float(m2) / 1e4) for key, m2 in gap.items()
        ]
        gathering.warn("villages-extent-unreached", "note", count=len(listed), communes=listed)
