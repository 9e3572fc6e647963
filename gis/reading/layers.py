"""Layers as the study holds them: indexed by id, closed facilities apart, with completeness and edge."""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely

from gis.errors import StudyError
from gis.geometry import outline
from gis.study import LayerData, frozen


def build_layers(gathering, bound, rasters, crs, area):
    layers = {}
    for name, frame in bound.items():
        frame = in_crs(frame, crs)
        entry, counts = gathering.entry("layers", name), gathering.counts[name]
        if gathering.catalogue[name].role not in ("boundary", "raster"):
            frame, counts = _serving(gathering, name, frame, counts)
        layers[name] = _layer_data(gathering, name, entry, _identified(name, frame), None, area, counts)
    for name, raster in rasters.items():
        layers[name] = _layer_data(
            gathering, name, gathering.entry("layers", name), None, raster, area, gathering.counts[name]
        )
    for name, layer in layers.items():
        _tell_age(gathering, name, layer)
        counts = layer.counts
        if counts["rows_in"] != counts["rows_used"] + counts["rows_reported"]:
            raise StudyError("rows-do-not-add-up", layer=name, file=layer.file, **counts)
    return layers


def _tell_age(gathering, name, layer):
    """Warn of a layer that was too old for its type in the year the study speaks of."""
    data = gathering.recipe.data
    years = [data.get("as_of"), data.get("year"), *(entry["year"] for entry in data.get("assessments", ()))]
    judged = max((year for year in map(_year, years) if year), default=None)
    made, limit = _year(layer.as_of), layer.layer.max_age_years
    if judged and made and limit is not None and judged - made > limit:
        gathering.warn(
            "layer-old", **gathering.where(name), as_of=layer.as_of, age=judged - made, limit=limit
        )


def _year(text):
    """The year of a date as people write it: 2024, 2024-03-01, 01/03/2024."""
    found = re.search(r"(?<!\d)(19|20)\d\d(?!\d)", str(text or ""))
    return int(found[0]) if found else None


def _serving(gathering, name, frame, counts):
    """Facilities that gathering, or of which nobody says that they do not; the closed ones are reported."""
    if "working" not in frame or not (frame["working"] == 0).any():
        return frame, {**counts, "closed": 0}
    closed = frame["working"] == 0
    rows = frame.loc[closed, "source_row"].tolist()
    gathering.warn("facilities-closed", "note", **gathering.where(name), count=len(rows), rows=rows)
    count = int(closed.sum())
    used = {"rows_used": counts["rows_used"] - count, "rows_reported": counts["rows_reported"] + count}
    return frame[~closed], {**counts, **used, "closed": count}


def _identified(name, frame):
    """The frame indexed by the feature's own id as text, or by layer and row where that is missing or repeats."""
    own = next(
        (column for column in frame if column.endswith("_id") and column not in ("commune_id", "upper_id")),
        None,
    )
    boundary = name in ("villages", "communes", "upper_units")
    usable = own and (boundary or (frame[own].notna().all() and frame[own].is_unique))
    ids = frame[own] if usable else [f"{name}-{int(row)}" for row in frame["source_row"]]
    frame = frame.drop(columns="source_row")
    frame.index = pd.Index([str(key) for key in ids], name="id")
    for column in ("name", "kind"):
        if column not in frame:
            frame[column] = None
    return frame.sort_index(key=lambda index: index.map(_natural))


def _natural(key):
    return tuple(
        (0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part)
        for part in re.split(r"([0-9]{1,18})", key)
        if part
    )


def _layer_data(gathering, name, entry, frame, raster, area, counts):
    complete = entry.get("complete", "unknown")
    words = {True: "yes", False: "no"}
    if not isinstance(complete, Mapping):
        complete = {"*": complete}
    reach = 1000 * entry.get("covers_km", 0)
    return LayerData(
        layer=gathering.catalogue[name],
        frame=frame,
        raster=raster,
        complete=frozen({str(commune): words.get(state, state) for commune, state in complete.items()}),
        as_of=as_text(entry.get("as_of")),
        file=entry["file"],
        outline=shapely.buffer(area, reach) if area is not None and reach else area,
        counts=frozen({"closed": 0, **counts}),
    )


def study_area(villages, communes):
    """The outline of the study: its villages and communes, else the hull of its village points; None if flat."""
    shapes = [*villages.geometry.dropna(), *(communes.geometry.dropna() if communes is not None else ())]
    shapes = [shape for shape in shapes if shapely.get_dimensions(shape) == 2]
    area = outline(shapes) if shapes else villages["point"].dropna().union_all().convex_hull
    return area if shapely.get_dimensions(area) == 2 and not area.is_empty else None


def in_crs(frame, crs):
    """The frame in the study's CRS; None stays None, and without any CRS the frame stays as it is."""
    if frame is None or crs is None:
        return frame
    if frame.geometry.isna().all():
        return frame.set_crs(crs, allow_override=True)
    projected = frame.to_crs(crs)
    if not np.isfinite(projected.total_bounds).all():
        raise StudyError("crs-transform-failed", crs=crs.to_string())
    return projected


def as_text(value):
    return None if value is None else str(value)
