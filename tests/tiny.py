"""Villages, facilities and roads small enough to work out by hand, in metres of EPSG:9216."""

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import Point, box

CRS = "EPSG:9216"


def villages(count=3, *, size=1000.0, **columns):
    """A row of square villages v0, v1, …, each `size` metres wide, their points in the middle."""
    squares = [box(i * size, 0, (i + 1) * size, size) for i in range(count)]
    ids = pd.Index([f"v{i}" for i in range(count)], name="village_id")
    frame = gpd.GeoDataFrame(
        {
            "name": [f"Thôn {i + 1}" for i in range(count)],
            "commune_id": ["x1"] * count,
            "commune": ["Xã Một"] * count,
            "population": 1000.0,
            "households": 200.0,
            "approximate": False,
        },
        geometry=squares,
        index=ids,
        crs=CRS,
    )
    frame["point"] = gpd.GeoSeries([square.centroid for square in squares], index=ids, crs=CRS)
    return frame.assign(**columns)


def facilities(*places, kind="primary"):
    """Facilities f0, f1, … at (x, y) in metres; a place may carry its own kind as a third item."""
    return gpd.GeoDataFrame(
        {
            "name": [f"Trường {i}" for i in range(len(places))],
            "kind": [place[2] if len(place) > 2 else kind for place in places],
        },
        geometry=[Point(place[0], place[1]) for place in places],
        index=pd.Index([f"f{i}" for i in range(len(places))], name="id"),
        crs=CRS,
    )


def roads(*lines, **columns):
    """Roads r0, r1, … from shapely lines."""
    frame = gpd.GeoDataFrame(
        {"class": "village", "surface": "concrete", "all_season": 1.0},
        geometry=list(lines),
        index=pd.Index([f"r{i}" for i in range(len(lines))], name="id"),
        crs=CRS,
    )
    return frame.assign(**columns)


def measurements(village_ids, measure, source, value, *, low=None, high=None, doubt=None):
    """Rows of the table MEASUREMENTS for one measure."""
    value = np.asarray(value, dtype=float)
    return pd.DataFrame(
        {
            "village_id": list(village_ids),
            "measure": measure,
            "source": source,
            "value": value,
            "low": value if low is None else np.asarray(low, dtype=float),
            "high": value if high is None else np.asarray(high, dtype=float),
            "doubt": doubt if isinstance(doubt, list) else [doubt] * len(value),
            "layer": "schools",
            "facility_id": None,
            "facility_name": None,
            "numerator": np.nan,
            "denominator": np.nan,
            "record": None,
            "legs": None,
            "estimated": np.nan,
            "closed": None,
        }
    )
