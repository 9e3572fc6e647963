"""Points and the communes they are said to lie in."""

import numpy as np
import pandas as pd
import shapely

from gis.names import fold


def containing(points, outlines):
    """For each point the position of the first outline that holds it; -1 where none does.

    Parameters
    ----------
    points : array of Point or None
    outlines : array of Geometry or None
        Polygons in the same CRS; a point on a common border belongs to the first of them.
    """
    points, outlines = np.asarray(points, dtype=object), np.asarray(outlines, dtype=object)
    found = np.full(len(points), len(outlines))
    point, outline = shapely.STRtree(_areal(outlines)).query(points, predicate="intersects")
    np.minimum.at(found, point, outline)
    return np.where(found == len(outlines), -1, found)


def misplaced(points, stated, communes):
    """Points that lie outside the commune that they are said to be of.

    Parameters
    ----------
    points : Series of Point or None
        In a CRS in metres; the index tells the points apart.
    stated : Series of str
        Code or name of a commune for each point; what is blank or no commune with an outline is passed
        over.
    communes : GeoDataFrame
        Outlines in the same CRS, index commune id, column ``name``.

    Returns
    -------
    DataFrame
        Indexed like the points concerned, in their order: ``stated`` (commune id), ``lies_in`` (commune
        id, None where in none) and ``distance_m`` from the stated commune.
    """
    outlines = _areal(communes.geometry.to_numpy())
    at = _positions(stated, communes)
    asked = np.flatnonzero((at >= 0) & points.notna().to_numpy() & ~shapely.is_missing(outlines[at]))
    away = shapely.distance(points.to_numpy()[asked], outlines[at[asked]])
    asked, away = asked[away > 0], away[away > 0]
    lies_in = containing(points.to_numpy()[asked], outlines)
    ids = communes.index.to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "stated": ids[at[asked]],
            "lies_in": pd.Series(
                np.where(lies_in >= 0, ids[lies_in], None), points.index[asked], dtype=object
            ),
            "distance_m": away,
        },
        index=points.index[asked],
    )


def outside(points, communes):
    """How far points that lie in no commune are from the nearest one, in metres.

    Parameters
    ----------
    points : Series of Geometry or None
    communes : GeoDataFrame
        As for `misplaced`.

    Returns
    -------
    Series of float
        Only of the points outside, in their order; empty where no outline is known.
    """
    outlines = _areal(communes.geometry.to_numpy())
    outlines = outlines[~shapely.is_missing(outlines)]
    known = points[points.notna()]
    if not len(outlines) or not len(known):
        return pd.Series(dtype=float)
    out = known[containing(known.to_numpy(), outlines) < 0]
    _, away = shapely.STRtree(outlines).query_nearest(out.to_numpy(), all_matches=False, return_distance=True)
    return pd.Series(away, index=out.index, dtype=float)


def _areal(outlines):
    return np.where(shapely.get_dimensions(outlines) == 2, outlines, None)


def _positions(stated, communes):
    """Position of the commune that each text names by code or by a name that no other commune has."""
    ids = {str(key): at for at, key in enumerate(communes.index)}
    names = pd.Series(range(len(communes)), index=[fold(name) for name in communes["name"]])
    names = names[~names.index.duplicated(keep=False)]
    known = {}
    for text in stated.dropna().unique():
        known[text] = ids.get(str(text), names.get(fold(text), -1))
    return stated.map(known).fillna(-1).to_numpy(dtype=int)
