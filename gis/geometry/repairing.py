"""Invalid geometry made valid, with a log of what was wrong where and how much area it changed."""

from types import MappingProxyType

import numpy as np
import pandas as pd
import shapely

from gis.labels import Label

FAMILIES = MappingProxyType({"polygon": (3, 6), "line": (1, 2, 5), "point": (0, 4)})

REASONS = MappingProxyType(
    {
        "ring-self-intersection": Label({"vi": "đường bao tự chạm", "en": "ring touches itself"}),
        "self-intersection": Label({"vi": "đường bao tự cắt", "en": "outline crosses itself"}),
        "hole-lies-outside-shell": Label({"vi": "lỗ nằm ngoài đường bao", "en": "hole outside the outline"}),
        "holes-are-nested": Label({"vi": "lỗ nằm trong lỗ", "en": "hole inside a hole"}),
        "nested-shells": Label({"vi": "phần nằm trong phần khác", "en": "part inside another part"}),
        "duplicate-rings": Label({"vi": "đường bao lặp lại", "en": "ring given twice"}),
        "interior-is-disconnected": Label({"vi": "phần trong bị tách rời", "en": "inside cut apart"}),
        "too-few-points-in-geometry-component": Label({"vi": "quá ít điểm", "en": "too few points"}),
        "other-family": Label({"vi": "lẫn hình khác loại", "en": "mixed with shapes of another kind"}),
    }
)
"""What can be wrong with a geometry: the words of GEOS, and for a mixture of shapes our own."""

LOG = ("row", "reason", "x", "y", "area_before", "area_after")


def repair(geometries, family):
    """Valid geometries of one family, which rows had to be changed or given up, and a log of it.

    Parameters
    ----------
    geometries : array of Geometry or None
    family : str
        ``"polygon"``, ``"line"`` or ``"point"``; parts of another family are dropped from a geometry.

    Returns
    -------
    repaired : array of Geometry or None
        None where nothing of the family is left.
    changed : array of bool
        Rows whose geometry was invalid, or held parts of another family, and could be mended.
    lost : array of bool
        Rows that had a geometry but none of the family.
    log : DataFrame
        One line for each row changed or lost, in their order: ``row`` (position), ``reason`` (a key of
        `REASONS`), ``x`` and ``y`` (where it was found, in the CRS of the input), ``area_before`` and
        ``area_after`` in its unit squared; 0 for what is lost.

    Notes
    -----
    The area of an invalid outline counts every loop with the sign of its direction, so that of a bow tie
    may be 0 before.
    """
    geometries = np.asarray(geometries, dtype=object)
    present = ~shapely.is_missing(geometries) & ~shapely.is_empty(geometries)
    invalid = present & ~shapely.is_valid(geometries)
    repaired = geometries.copy()
    if invalid.any():
        repaired[invalid] = shapely.make_valid(geometries[invalid])
    foreign = present & ~np.isin(shapely.get_type_id(repaired), FAMILIES[family])
    for row in np.flatnonzero(foreign):
        repaired[row] = _of_family(repaired[row], FAMILIES[family])
    repaired[~present] = None
    lost = present & shapely.is_missing(repaired)
    changed = (invalid | foreign) & ~lost
    return repaired, changed, lost, _log(geometries, repaired, np.flatnonzero(changed | lost))


def _of_family(geometry, kinds):
    """The parts of a family as one geometry; collections inside collections are opened."""
    parts = np.array([geometry], dtype=object)
    while (shapely.get_type_id(parts) == 7).any():
        parts = shapely.get_parts(parts)
    parts = parts[np.isin(shapely.get_type_id(parts), kinds)]
    return shapely.union_all(parts) if len(parts) else None


def _log(geometries, repaired, rows):
    said = shapely.is_valid_reason(geometries[rows])
    reasons, places = [], shapely.get_coordinates(shapely.point_on_surface(geometries[rows]))
    for at, text in enumerate(said):
        word, _, place = text.partition("[")
        valid = not place and word.startswith("Valid")
        reasons.append("other-family" if valid else word.strip().lower().replace(" ", "-"))
        if place:
            places[at] = [float(number) for number in place.rstrip("]").split()[:2]]
    return pd.DataFrame(
        {
            "row": rows,
            "reason": pd.Series(reasons, dtype=object),
            "x": places[:, 0] if len(rows) else [],
            "y": places[:, 1] if len(rows) else [],
            "area_before": shapely.area(geometries[rows]),
            "area_after": np.nan_to_num(shapely.area(repaired[rows])),
        },
        columns=list(LOG),
    )
