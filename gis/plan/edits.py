"""Edits of a study: what a work, a closure or a changed rule does to it, as data that can be kept and sent.

An edit is plain data (`Edit.to_plain`), so that a scenario is a list of them. `edited` makes the study that they lead
to; the study itself is never changed. Coordinates are those of the study, in metres.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from gis.errors import PlanError
from gis.study import frozen


@dataclass(frozen=True)
class Edit:
    """One change of a study.

    Attributes
    ----------
    does : str
        Of `MAKE`:

        - ``report``: the village ``village`` reports ``add`` more of ``field`` (up to its ``whole``, another field), or
          the value ``set``.
        - ``build``: a new place ``id`` of a ``kind`` in a ``layer`` of points at ``x``, ``y`` with further ``fields``.
        - ``enlarge``: the place ``id`` of a ``layer`` holds ``add`` more of ``field``.
        - ``close``: the place ``id`` of a ``layer`` is there no more.
        - ``improve``: the road ``id`` gets the ``fields``; where given only between ``from_m`` and ``to_m`` along it.
        - ``road``: a new road ``id`` along ``line`` (pairs of coordinates) with ``fields``.
        - ``bridge``: the crossing ``id`` becomes a bridge open all year; a new one where there is ``x``, ``y``.
        - ``speed``: ``kmh`` on roads of a ``class`` and ``surface`` in a ``season`` by a ``mode``.
        - ``figure``: the figure of a ``criterion`` is ``figure``, for one ``group`` where given.
    what : Mapping
        Its arguments, plain values.
    """

    does: str
    what: Mapping

    @classmethod
    def from_plain(cls, plain):
        """From plain data, as `to_plain` gives it.

        Raises
        ------
        PlanError
            If it is no edit.
        """
        if not isinstance(plain, Mapping) or plain.get("does") not in MAKE:
            raise PlanError("plan-no-edit", edit=str(plain)[:60], known=list(MAKE))
        return cls(plain["does"], MappingProxyType({k: v for k, v in plain.items() if k != "does"}))

    def to_plain(self):
        """As plain data that JSON holds."""
        return {"does": self.does, **self.what}


def edited(study, edits):
    """A study with edits made, in their order.

    Parameters
    ----------
    study : Study
    edits : iterable of Edit

    Returns
    -------
    Study

    Raises
    ------
    PlanError
        If an edit names a village, field, layer or thing that the study does not have.
    """
    for edit in edits:
        study = MAKE[edit.does](study, **edit.what)
    return study


def _report(study, *, village, field, add=None, whole=None, set=None):
    table = study.reported.copy()
    if village not in table.index:
        raise PlanError("plan-no-village", village=str(village)[:60])
    numbers = pd.to_numeric(table[field], errors="coerce") if field in table else np.nan
    table[field] = numbers
    value = float(set) if set is not None else table.at[village, field] + float(add)
    if set is None and whole in table:
        value = np.fmin(value, pd.to_numeric(table.at[village, whole]))
    table.loc[village, field] = value
    return replace(study, assessments=frozen({**study.assessments, study.year: table}))


def _build(study, *, layer, id, x, y, kind=None, fields=None):
    row = {"kind": kind, "geometry": shapely.Point(float(x), float(y)), **(fields or {})}
    return _with_row(study, layer, id, row)


def _enlarge(study, *, layer, id, field, add):
    frame = _frame(study, layer, id).copy()
    known = frame[field] if field in frame else pd.Series(np.nan, index=frame.index)
    frame[field] = pd.to_numeric(known, errors="coerce")
    frame.loc[id, field] = frame.at[id, field] + float(add)
    return _with_frame(study, layer, frame)


def _close(study, *, layer, id):
    return _with_frame(study, layer, _frame(study, layer, id).drop(index=id))


def _improve(study, *, id, fields, from_m=None, to_m=None):
    roads = _frame(study, "roads", id)
    if from_m is None and to_m is None:
        return _with_frame(study, "roads", _set(roads.copy(), id, fields))
    line, row = roads.geometry[id], roads.loc[[id]]
    start, end = float(from_m or 0), float(line.length if to_m is None else to_m)
    parts = [("", start, end), ("·1", 0.0, start), ("·2", end, line.length)]
    pieces = [
        row.set_axis([id + mark]).assign(geometry=[substring(line, a, b)])
        for mark, a, b in parts
        if b - a > 0.01
    ]
    pieces[0] = _set(pieces[0], id, fields)
    return _with_frame(study, "roads", pd.concat([roads.drop(index=id), *pieces]))


def _road(study, *, id, line, fields=None):
    return _with_row(study, "roads", id, {"geometry": shapely.LineString(line), **(fields or {})})


def _bridge(study, *, id, x=None, y=None):
    state = {"kind": "bridge", "all_season": 1.0}
    if x is not None:
        return _with_row(study, "crossings", id, {"geometry": shapely.Point(float(x), float(y)), **state})
    return _with_frame(study, "crossings", _set(_frame(study, "crossings", id).copy(), id, state))


def _speed(study, *, season, mode, kmh, **where):
    data = _data(study, "roads")
    speeds = {
        c: {s: {t: dict(m) for t, m in times.items()} for s, times in by.items()}
        for c, by in data.layer.speeds.items()
    }
    try:
        speeds[where["class"]][where["surface"]][season][mode] = float(kmh)
    except KeyError as missing:
        raise PlanError("plan-no-speed", name=str(missing.args[0])[:60]) from None
    layer = replace(data.layer, speeds=MappingProxyType(speeds))
    return replace(study, layers=frozen({**study.layers, "roads": replace(data, layer=layer)}), travels={})


def _figure(study, *, criterion, figure, group=None):
    rows = []
    if criterion not in {one.id for one in study.criteria.criteria}:
        raise PlanError("plan-no-criterion", criterion=str(criterion)[:60])
    for one in study.criteria.criteria:
        if one.id == criterion:
            changed = {name: figure if group in (None, name) else old for name, old in one.thresholds.items()}
            one = replace(one, thresholds=MappingProxyType(changed))
        rows.append(one)
    return replace(study, criteria=replace(study.criteria, criteria=tuple(rows)))


MAKE = {
    "report": _report,
    "build": _build,
    "enlarge": _enlarge,
    "close": _close,
    "improve": _improve,
    "road": _road,
    "bridge": _bridge,
    "speed": _speed,
    "figure": _figure,
}


def _data(study, layer):
    data = study.layers.get(layer)
    if data is None or data.frame is None:
        raise PlanError("plan-no-layer", layer=str(layer)[:60])
    return data


def _frame(study, layer, id):
    frame = _data(study, layer).frame
    if id not in frame.index:
        raise PlanError("plan-no-place", layer=layer, place=str(id)[:60])
    return frame


def _with_row(study, layer, id, row):
    frame = _data(study, layer).frame
    if id in frame.index:
        raise PlanError("plan-place-twice", layer=layer, place=str(id)[:60])
    known = {
        name: value
        for name, value in row.items()
        if name in frame or name in study.layers[layer].layer.fields
    }
    new = gpd.GeoDataFrame(
        [known], index=pd.Index([id], name=frame.index.name), geometry="geometry", crs=frame.crs
    )
    return _with_frame(study, layer, pd.concat([frame, new.dropna(axis=1, how="all")]))


def _with_frame(study, layer, frame):
    data = replace(study.layers[layer], frame=frame.sort_index())
    return replace(study, layers=frozen({**study.layers, layer: data}), travels={})


def _set(frame, id, fields):
    for name, value in fields.items():
        if name not in frame:
            frame[name] = None if isinstance(value, str) else np.nan
        frame.loc[id, name] = value
    return frame
