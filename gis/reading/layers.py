"""Layers as the study holds them: indexed by id, closed facilities apart, with completeness and edge."""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely

from gis.errors import Problem, StudyError
from gis.geometry import merge, outline
from gis.measure import layers_used
from gis.study import LayerData, frozen


def build_layers(gathering, bound, rasters, crs, area):
    layers = {}
    for name, frame in bound.items():
        frame = in_crs(frame, crs)
        entry, counts = gathering.entry("layers", name), gathering.counts[name]
        shut = None
        if gathering.catalogue[name].role not in ("boundary", "raster"):
            frame, shut, counts = _serving(gathering, name, frame, counts)
        frame = _identified(name, frame)
        if shut is not None:
            shut = _identified(name, shut)
            # what works goes by its id alone
            shut = shut[~shut.index.isin(frame.index)]
        layers[name] = _layer_data(gathering, name, entry, frame, None, area, counts, shut)
    for name, raster in rasters.items():
        layers[name] = _layer_data(
            gathering, name, gathering.entry("layers", name), None, raster, area, gathering.counts[name]
        )
    for name, layer in layers.items():
        counts = layer.counts
        if counts["rows_in"] != counts["rows_used"] + counts["rows_reported"]:
            raise StudyError("rows-do-not-add-up", layer=name, file=layer.file, **counts)
    _tell(gathering, layers)
    return layers


def _age(gathering, name, entry):
    """How many years old a layer was when the study was judged, None where a date is missing, and its limit.

    The limit is that of the kind of layer, or that of the criteria set where it is shorter and one of its
    criteria looks at the layer.
    """
    data, criteria = gathering.recipe.data, gathering.recipe.criteria
    years = [data.get("as_of"), data.get("year"), *(each["year"] for each in data.get("assessments", ()))]
    judged = max((year for year in map(year_in, years) if year), default=None)
    made = year_in(entry.get("as_of"))
    limit = age_limit(gathering.catalogue[name], criteria, layers_used(criteria))
    return judged - made if judged and made else None, limit


def age_limit(layer, criteria, used):
    """How many years old a layer may be under a set, None where neither says; `used` are the layers of the set."""
    limits = [layer.max_age_years, criteria.max_age_years if layer.id in used else None]
    return min((limit for limit in limits if limit is not None), default=None)


def _tell(gathering, layers):
    """Say what is old, and once what nobody has told of completeness and date."""
    for name, layer in layers.items():
        if layer.stale:
            told = {"as_of": layer.as_of, "age": layer.age_years, "limit": layer.limit_years}
            gathering.warn("layer-old", **gathering.where(name), **told)
    asked = [name for name, layer in layers.items() if layer.layer.role in ("facility", "network", "area")]
    for key, code in (("complete", "layers-completeness-unknown"), ("as_of", "layers-date-unknown")):
        silent = [layers[name].layer.label for name in asked if key not in gathering.entry("layers", name)]
        if silent:
            gathering.problems.append(Problem(code, {"count": len(silent), "layers": silent}, "note"))


def year_in(text):
    """The year of a date as people write it: 2024, 2024-03-01, 01/03/2024."""
    found = re.search(r"(?<!\d)(19|20)\d\d(?!\d)", str(text or ""))
    return int(found[0]) if found else None


def _serving(gathering, name, frame, counts):
    """Facilities that serve, or of which nobody says that they do not; the closed ones apart, and reported."""
    if "working" not in frame:
        return frame, None, counts
    closed, unsaid = frame["working"] == 0, frame["working"].isna()
    state = {"closed": int(closed.sum()), "state_unknown": int(unsaid.sum())}
    state["working"] = len(frame) - sum(state.values())
    where = gathering.where(name)
    if closed.any():
        rows = frame.loc[closed, "source_row"].tolist()
        gathering.warn("facilities-closed", "note", **where, count=len(rows), rows=rows)
    if unsaid.any() and not unsaid.all():
        told = {"count": state["state_unknown"], "working": state["working"], "closed": state["closed"]}
        gathering.warn("facilities-state-unknown", "note", **where, **told)
    used = counts["rows_used"] - state["closed"], counts["rows_reported"] + state["closed"]
    counts = {**counts, "rows_used": used[0], "rows_reported": used[1], **state}
    return frame[~closed], frame[closed] if closed.any() else None, counts


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


def _layer_data(gathering, name, entry, frame, raster, area, counts, closed=None):
    complete = entry.get("complete", "unknown")
    words = {True: "yes", False: "no"}
    if not isinstance(complete, Mapping):
        complete = {"*": complete}
    reach = 1000 * entry.get("covers_km", 0)
    age, limit = _age(gathering, name, entry)
    return LayerData(
        layer=gathering.catalogue[name],
        frame=frame,
        raster=raster,
        complete=frozen({str(commune): words.get(state, state) for commune, state in complete.items()}),
        as_of=as_text(entry.get("as_of")),
        file=entry["file"],
        outline=shapely.buffer(area, reach) if area is not None and reach else area,
        counts=frozen({"closed": 0, **counts}),
        age_years=age,
        limit_years=limit,
        closed=closed,
    )


def study_area(villages, communes, merged):
    """The outline of the study: its villages and communes, else the hull of its village points; None if flat.

    `merged` is the polygons of the villages as one, None where there are none.
    """
    whole = merge(communes.geometry.to_numpy()) if communes is not None else None
    area = outline(merged, whole)
    if area is None:
        area = villages["point"].dropna().union_all().convex_hull
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
