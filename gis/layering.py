"""A file bound to a layer type: canonical fields, kinds, repaired geometry, every row accounted for."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.crs import check_plausible, parse_crs
from gis.errors import CRSError, Problem, TableError
from gis.geometry import REASONS, in_metres, repair
from gis.labels import LANGUAGES, Label
from gis.names import fold, longest_patterns
from gis.values import convert

OPTIONAL = {
    "facility": ("name", "kind", "commune_id"),
    "network": ("class", "surface", "all_season"),
    "area": ("name", "kind"),
}
"""Columns that measurements look at: there in every layer of the role, blank where the file has none."""


def bind_layer(foreign, layer, entry, *, where, keep=()):
    """The canonical frame of a layer, what was found wrong, and the row account.

    Parameters
    ----------
    foreign : GeoDataFrame
        As read, with the column ``source_row``; CRS or None.
    layer : Layer
    entry : Mapping
        The layer's entry in the study file.
    where : Mapping
        ``layer`` and ``file``, for the sentences.
    keep : iterable of str
        Further columns of the file to keep under their own names.

    Returns
    -------
    frame : GeoDataFrame
        Canonical columns, ``source_row`` and geometry in the file's CRS.
    problems : list of Problem
    counts : dict
        ``rows_in``, ``rows_used``, ``rows_reported``.

    Raises
    ------
    TableError
        If the study names a column that the file lacks.
    CRSError
        If there is geometry and no CRS, or coordinates that the CRS cannot hold.
    """
    problems, rows_in = [], len(foreign)
    foreign, found = _with_crs(foreign, entry, where)
    problems += found
    columns = _bound_columns(foreign, layer, entry, where)
    foreign, left_out = _where(foreign, entry, where)
    if left_out:
        problems.append(Problem("layer-rows-left-out", {**where, "count": left_out}, "note"))
    frame = pd.DataFrame({"source_row": foreign["source_row"]})
    for name, column in columns.items():
        field = layer.fields.get(name)
        frame[name], failed = (
            convert(foreign[column], field.type, field.unit) if field else convert(foreign[column], "text")
        )
        if failed:
            problems.append(_values_problem("layer-values-not-read", where, column, foreign, failed))
    for column in keep:
        if column in foreign and column not in frame:
            frame[column] = foreign[column].to_numpy()
    for field in layer.vocabularies:
        if field == "kind" and "kinds" in entry:
            patterns = [(kind, p) for kind, many in entry["kinds"].items() if kind != "from" for p in many]
            source = foreign[_column(foreign, entry["kinds"]["from"], where)]
        elif field in frame:
            patterns, source = layer.patterns(field), frame[field]
        else:
            continue
        frame[field], unknown = _classify(convert(source, "text")[0], patterns)
        if unknown:
            listed = [f"{value} ({count})" for value, count in unknown.items()]
            problems.append(
                Problem(
                    "layer-kind-unknown",
                    {
                        **where,
                        "field": layer.fields[field].label,
                        "values": listed,
                        "count": sum(unknown.values()),
                    },
                )
            )
    for name, field in layer.fields.items():
        if name not in frame and name in OPTIONAL.get(layer.role, ()):
            frame[name] = np.nan if field.type in ("number", "integer", "yesno", "year") else None
    frame, geometry_problems = _geometry(frame, foreign, layer, where)
    problems += geometry_problems
    counts = {"rows_in": rows_in, "rows_used": len(frame), "rows_reported": rows_in - len(frame)}
    return frame, problems, counts


def _with_crs(foreign, entry, where):
    """The frame with its CRS known and its coordinates plausible; the study's ``crs:`` wins over the file."""
    problems = []
    if foreign.geometry.isna().all():
        return foreign, problems
    if entry.get("swap_axes"):
        exchanged = shapely.transform(foreign.geometry.to_numpy(), lambda xy: xy[:, ::-1])
        foreign = foreign.set_geometry(gpd.GeoSeries(exchanged, index=foreign.index, crs=foreign.crs))
        problems.append(Problem("layer-axes-swapped", where, "note"))
    if "crs" in entry:
        foreign = foreign.set_crs(parse_crs(entry["crs"], **where), allow_override=True)
    elif foreign.crs is None:
        raise CRSError("layer-no-crs", **where)
    foreign, found = _without_impossible(foreign, where)
    check_plausible(foreign.total_bounds, foreign.crs, **where)
    return foreign, problems + found


def _without_impossible(foreign, where):
    """The frame where single points that degrees cannot hold have lost their place, and which rows those are.

    Where it is half of them or more, the CRS is wrong and not the points; then nothing is changed.
    """
    shapes = foreign.geometry.to_numpy().copy()
    given = shapely.get_type_id(shapes) == 0
    if not foreign.crs.is_geographic or (given != ~shapely.is_missing(shapes)).any():
        return foreign, []
    wrong = given & ~((np.abs(shapely.get_x(shapes)) <= 180) & (np.abs(shapely.get_y(shapes)) <= 90))
    if not wrong.any() or 2 * wrong.sum() >= given.sum():
        return foreign, []
    problem = _rows_problem("layer-coordinates-impossible", where, foreign, np.flatnonzero(wrong))
    shapes[wrong] = None
    foreign = foreign.set_geometry(gpd.GeoSeries(shapes, index=foreign.index, crs=foreign.crs))
    return foreign, [Problem(problem.code, {**problem.arguments, "crs": foreign.crs.to_string()[:60]})]


def _bound_columns(foreign, layer, entry, where):
    """Canonical field to column: what the study says, else the names the catalogue knows.

    A field that the study binds to an empty text has no column.
    """
    available = [column for column in foreign.columns if column not in ("geometry", "source_row")]
    given = entry.get("fields", {})
    named = {name: _column(foreign, column, where) for name, column in given.items() if column}
    guessed = layer.match_fields([column for column in available if column not in named.values()])
    return named | {name: column for name, column in guessed.items() if name not in given}


def _column(foreign, column, where):
    if column in foreign.columns:
        return column
    same = [known for known in foreign.columns if fold(known) == fold(column)]
    if len(same) == 1:
        return same[0]
    known = [str(name) for name in foreign.columns if name not in ("geometry", "source_row")]
    raise TableError("layer-no-column", **where, column=column, known=known)


def _where(foreign, entry, where):
    kept = np.ones(len(foreign), dtype=bool)
    for column, values in entry.get("where", {}).items():
        present = foreign[_column(foreign, column, where)]
        kept &= convert(present, "text")[0].isin(values).to_numpy()
    return foreign[kept], int((~kept).sum())


def _classify(values, patterns):
    """Kinds of each value (several are joined by a space) and the values that match nothing, with counts."""
    values = values.fillna("").astype(str)
    kinds = {value: " ".join(longest_patterns(value, patterns)) or None for value in values.unique()}
    unknown = values[values.map(lambda value: bool(value) and kinds[value] is None)]
    # dict order: most frequent first, ties by name
    counted = sorted(unknown.value_counts().items(), key=lambda item: (-item[1], item[0]))
    return values.map(kinds).astype(object).where(values.map(kinds).notna(), None), dict(counted)


def _geometry(frame, foreign, layer, where):
    """The frame with repaired geometry of the layer's family; rows without any are reported and left out."""
    if layer.role == "boundary":
        return _boundary(frame, foreign, foreign.geometry.to_numpy(), where)
    problems = []
    geometries = foreign.geometry.to_numpy().copy()
    present = ~shapely.is_missing(geometries) & ~shapely.is_empty(geometries)
    dimensions = np.where(present, shapely.get_dimensions(geometries), -1)
    family = _family(dimensions, layer)
    if family == "point":
        # a school drawn as a yard is still a school: its point is one inside the yard
        areal = dimensions > 0
        geometries[areal] = shapely.point_on_surface(geometries[areal])
        several = present & (shapely.get_type_id(geometries) == 4)
        geometries[several] = shapely.get_geometry(geometries[several], 0)
        if several.any():
            problems.append(
                _rows_problem("layer-first-point-taken", where, foreign, np.flatnonzero(several), "note")
            )
    repaired, _, lost, log = repair(geometries, family)
    problems += _repairs(log, geometries, repaired, where, foreign)
    gone = ~present | lost
    if gone.any():
        problems.append(_rows_problem("layer-geometry-missing", where, foreign, np.flatnonzero(gone)))
    frame = gpd.GeoDataFrame(frame, geometry=repaired, crs=foreign.crs)
    return frame[~gone].reset_index(drop=True), problems


def _family(dimensions, layer):
    """The layer's own family where any row has it, else the family of the data: power may come as points."""
    own = {"point": 0, "line": 1, "polygon": 2}[layer.geometry]
    there = dimensions[dimensions >= 0]
    if layer.geometry == "point" or not len(there) or (there == own).any():
        return layer.geometry
    return ("point", "line", "polygon")[int(there.max())]


def _boundary(frame, foreign, geometries, where):
    """Boundaries keep every row: outlines and points side by side, and villages that have neither."""
    problems, geometries = [], geometries.copy()
    present = ~shapely.is_missing(geometries) & ~shapely.is_empty(geometries)
    several = present & (shapely.get_type_id(geometries) == 4)
    geometries[several] = shapely.get_geometry(geometries[several], 0)
    points = present & (shapely.get_dimensions(geometries) == 0)
    repaired, _, _, log = repair(np.where(points, None, geometries), "polygon")
    problems += _repairs(log, geometries, repaired, where, foreign)
    repaired[points] = geometries[points]
    if several.any():
        problems.append(
            _rows_problem("layer-first-point-taken", where, foreign, np.flatnonzero(several), "note")
        )
    missing = shapely.is_missing(repaired)
    if present.any() and missing.any():
        problems.append(_rows_problem("boundary-without-geometry", where, foreign, np.flatnonzero(missing)))
    return gpd.GeoDataFrame(frame, geometry=repaired, crs=foreign.crs), problems


def _repairs(log, before, after, where, foreign):
    """What was mended, as a problem: rows, what was wrong, where, and the area that changed by it."""
    rows = log["row"].to_numpy()
    rows = rows[~shapely.is_missing(after[rows])]
    if not len(rows):
        return []
    log = log[log["row"].isin(rows)]
    areas = [shapely.area(in_metres(shapes[rows], foreign.crs)) for shapes in (before, after)]
    counted = sorted(log["reason"].value_counts().items(), key=lambda item: (-item[1], item[0]))
    reasons = [_reason(word, count) for word, count in counted]
    numbers = foreign["source_row"].to_numpy()[rows].tolist()
    digits = 5 if foreign.crs.is_geographic else 1
    places = [
        f"{number}: {x:.{digits}f} {y:.{digits}f}"
        for number, x, y in zip(numbers, log["x"], log["y"], strict=True)
    ]
    told = {"count": len(rows), "rows": numbers, "reasons": reasons, "places": places}
    changed = float(np.abs(areas[1] - areas[0]).sum()) / 1e4
    return [Problem("layer-geometry-repaired", {**where, **told, "area_ha": changed}, "note")]


def _reason(word, count):
    known = REASONS.get(word, Label({"vi": word, "en": word}))
    return Label({language: f"{known.pick(language)} ({count})" for language in LANGUAGES})


def _rows_problem(code, where, foreign, positions, severity="warning"):
    rows = foreign["source_row"].to_numpy()[positions].tolist()
    return Problem(code, {**where, "count": len(rows), "rows": rows}, severity)


def _values_problem(code, where, column, foreign, positions):
    rows = foreign["source_row"].to_numpy()[positions]
    shown = [
        f"{value!r} ({row})"
        for value, row in zip(foreign[column].to_numpy()[positions][:5], rows[:5], strict=True)
    ]
    return Problem(code, {**where, "column": str(column), "count": len(positions), "values": shown})
