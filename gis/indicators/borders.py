"""How far facilities lie outside a village's border, and how deep inside it."""

import numpy as np
import pandas as pd
import shapely

from gis.indicators.access import inside


def outside_by(villages, chosen):
    """The nearest facility of each village that has none inside, and how far outside its border it lies.

    Parameters
    ----------
    villages : GeoDataFrame
        Polygons in a projected CRS in metres; None where unknown.
    chosen : GeoDataFrame
        Points in the same CRS.

    Returns
    -------
    DataFrame
        Indexed like `villages`: ``position`` in `chosen` (-1 where none) and ``away_m``; 0 where a facility
        lies inside, NaN without a polygon or without any facility. Of facilities equally near the first by
        id is taken.
    """
    shapes = villages.geometry.to_numpy()
    count, first = inside(villages, chosen)
    position, away = first.copy(), np.where(count > 0, 0.0, np.nan)
    asked = np.flatnonzero((count == 0) & ~shapely.is_missing(shapes))
    if len(asked) and len(chosen):
        ordered = chosen.sort_index()
        tree = shapely.STRtree(ordered.geometry.to_numpy())
        (row, near), distance = tree.query_nearest(shapes[asked], return_distance=True)
        found = pd.DataFrame({"row": row, "near": near, "away": distance})
        found = found.sort_values(["row", "near"]).drop_duplicates("row")
        at = asked[found["row"]]
        position[at] = pd.Index(chosen.index).get_indexer(ordered.index[found["near"]])
        away[at] = found["away"]
    return pd.DataFrame({"position": position, "away_m": away}, index=villages.index)


def inside_by(villages, chosen):
    """How deep, in metres, the facility that lies deepest inside each village is from its border; 0 where none is."""
    shapes, points = villages.geometry.to_numpy(), chosen.geometry.to_numpy()
    village, facility = shapely.STRtree(points).query(shapes, predicate="intersects")
    deep = np.zeros(len(villages))
    if len(village):
        borders = shapely.boundary(shapes)
        np.maximum.at(deep, village, shapely.distance(points[facility], borders[village]))
    return deep
