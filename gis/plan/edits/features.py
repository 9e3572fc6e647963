"""The things of one layer while edits are made."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.errors import PlanError
from gis.roadlinks import between

LEAST_M = 0.01
"""A shorter piece of road is none."""
OWN = ("geometry", "source_row")


class Features:
    """The things of one layer while edits are made.

    Parameters
    ----------
    data : LayerData
        With a frame.
    """

    def __init__(self, data):
        self._data, self._base = data, data.frame
        self._added, self._dropped, self._set, self._parts = {}, set(), {}, {}

    def add(self, id, fields, *, point=None, line=None):
        """One more thing: a point or a line.

        Raises
        ------
        PlanError
            If there is one of that id, or the layer holds no such shapes or fields.
        """
        if self._there(id):
            raise PlanError("plan-place-twice", layer=self._name, place=id[:60])
        shape = shapely.Point(point) if point is not None else shapely.LineString(line)
        wanted = {"point": (0,), "line": (1,), "polygon": (0, 2)}[self._data.layer.geometry]
        if shape.geom_type == "Point" and 0 not in wanted and not self._holds_points():
            raise PlanError("scenario-no-points", layer=self._name)
        self._added[id] = {**self._known(fields), "geometry": shape}

    def drop(self, id):
        """One thing less."""
        self._find(id)
        self._added.pop(id, None)
        if id in self._base.index:
            self._dropped.add(id)

    def enlarge(self, id, field, add):
        """More of what a thing holds; unknown stays unknown."""
        self._find(id)
        self._known({field: add})
        self._change(id, {field: self._value(id, field) + add})

    def improve(self, id, fields, from_m=None, to_m=None):
        """Other fields of a thing, or of a road between two places along it."""
        self._find(id)
        fields = self._known(fields)
        if from_m is None and to_m is None:
            self._change(id, fields)
            for part in self._parts.get(id, ()):
                part[2] |= fields
            return
        shape = self._added[id]["geometry"] if id in self._added else self._base.geometry[id]
        begin, end = max(from_m or 0.0, 0.0), min(shape.length if to_m is None else to_m, shape.length)
        if end - begin <= LEAST_M:
            raise PlanError("scenario-no-stretch", road=id[:60], begin=from_m, end=to_m)
        self._parts.setdefault(id, []).append([begin, end, dict(fields)])

    def frame(self):
        """The layer's frame now, sorted by id."""
        frame = self._base.drop(index=list(self._dropped)) if self._dropped else self._base
        changed = {id: fields for id, fields in self._set.items() if id in frame.index}
        if changed:
            frame = _changed(frame, changed)
        if self._added:
            index = pd.Index(list(self._added), name=frame.index.name)
            new = gpd.GeoDataFrame(
                list(self._added.values()), index=index, geometry="geometry", crs=frame.crs
            )
            words = [name for name in frame if frame[name].dtype == object and name != "geometry"]
            frame = pd.concat([frame, new.dropna(axis=1, how="all")])
            frame[words] = frame[words].where(frame[words].notna(), None)
        if self._parts:
            frame = self._cut(frame)
        return frame.sort_index() if frame is not self._base else frame

    def _cut(self, frame):
        """Roads cut where an improved stretch of them begins or ends."""
        cut = [id for id in self._parts if id in frame.index]
        pieces = []
        for id in cut:
            row, shape = frame.loc[[id]], frame.geometry[id]
            ends = {0.0, shape.length, *(end for part in self._parts[id] for end in part[:2])}
            ends = sorted(ends)
            ends = [end for at, end in enumerate(ends) if not at or end - ends[at - 1] > LEAST_M]
            for number, (begin, end) in enumerate(zip(ends, ends[1:], strict=False)):
                middle, own = (begin + end) / 2, {}
                for first, last, fields in self._parts[id]:
                    own |= fields if first <= middle <= last else {}
                name = id if not number else f"{id}·{number}"
                while number and name in frame.index:
                    name += "·"
                piece = row.set_axis([name]).assign(geometry=[between(shape, begin, end)])
                pieces.append(_changed(piece, {name: own}) if own else piece)
        frame = pd.concat([frame.drop(index=cut), *pieces])
        frame.index.name = self._base.index.name
        return frame

    @property
    def _name(self):
        return self._data.layer.id

    def _holds_points(self):
        return len(self._base) and (shapely.get_dimensions(self._base.geometry.to_numpy()) == 0).any()

    def _there(self, id):
        return id in self._added or (id in self._base.index and id not in self._dropped)

    def _find(self, id):
        if not self._there(id):
            raise PlanError("plan-no-place", layer=self._name, place=id[:60])

    def _value(self, id, field):
        for known in (self._set.get(id, {}), self._added.get(id, {})):
            if field in known:
                return known[field]
        value = self._base.at[id, field] if field in self._base and id in self._base.index else np.nan
        return float(pd.to_numeric(value, errors="coerce"))

    def _change(self, id, fields):
        if id in self._added:
            self._added[id] |= fields
        else:
            self._set.setdefault(id, {}).update(fields)

    def _known(self, fields):
        """Fields of the layer with values of their types.

        Raises
        ------
        PlanError
            If the layer has no such field, or a value is none of its type or vocabulary.
        """
        layer, found = self._data.layer, {}
        for name, value in fields.items():
            about = layer.fields.get(name)
            if about is None or name in OWN:
                raise PlanError(
                    "scenario-layer-field", layer=self._name, field=name[:60], known=list(layer.fields)
                )
            words = layer.vocabularies.get(name)
            if value is not None and words is not None:
                unknown = (
                    [word for word in str(value).split() if word not in words]
                    if isinstance(value, str)
                    else [value]
                )
                if unknown or not str(value).split():
                    raise PlanError(
                        "scenario-layer-word",
                        layer=self._name,
                        field=name,
                        value=str(value)[:60],
                        known=list(words),
                    )
            elif value is not None and about.type in ("number", "integer", "yesno", "year"):
                if isinstance(value, str):
                    raise PlanError("scenario-wrong-value", does=self._name, name=name, value=value[:60])
                value = float(value)
            elif value is not None and not isinstance(value, str):
                value = str(value)
            found[name] = value
        return found


def _changed(frame, changes):
    """A copy of a frame with other values of some fields of some rows."""
    frame, by_field = frame.copy(), {}
    for id, fields in changes.items():
        for name, value in fields.items():
            by_field.setdefault(name, {})[id] = value
    for name, values in by_field.items():
        if name in frame:
            column = frame[name].to_numpy().copy()
        else:
            words = any(isinstance(value, str) for value in values.values())
            column = np.full(len(frame), None if words else np.nan, dtype=object if words else float)
        if column.dtype != object and not all(value is None or np.isreal(value) for value in values.values()):
            column = column.astype(object)
        if column.dtype.kind in "iu":
            column = column.astype(float)
        where = frame.index.get_indexer(list(values))
        column[where] = [
            np.nan if value is None and column.dtype != object else value for value in values.values()
        ]
        frame[name] = pd.Series(column, frame.index, column.dtype)
    return frame
