"""From a study and edits to the study that they lead to."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from gis.assessments import needed_fields
from gis.catalogue import load_catalogue
from gis.criteria.form import freeze
from gis.errors import PlanError
from gis.plan.edits.edit import Edit, thawed
from gis.plan.edits.features import Features
from gis.study import frozen

MOST_EDITS = 20_000
BEYOND_M = 100_000.0
"""How far beyond the villages a place may be built; farther off it is a slip of coordinates."""
NUMBERED = ("ge", "gt", "le", "lt", "eq")
"""Comparisons whose figure is a number."""


def scenario_edits(plain):
    """Edits from a list of plain data, their form checked.

    Raises
    ------
    PlanError
        If it is no list, holds too many, or something that is no edit.
    """
    if not isinstance(plain, (list, tuple)):
        raise PlanError("scenario-no-list", found=type(plain).__name__)
    if len(plain) > MOST_EDITS:
        raise PlanError("scenario-too-many", count=len(plain), most=MOST_EDITS)
    return tuple(one if isinstance(one, Edit) else Edit.from_plain(one) for one in plain)


def edited(study, edits):
    """A study with edits made, in their order.

    Parameters
    ----------
    study : Study
    edits : iterable of Edit or of plain mappings
        At most `MOST_EDITS`.

    Returns
    -------
    Study
        Without the studies beside it: edits are of what one set judges.

    Raises
    ------
    PlanError
        If one is no edit, names a village, field, layer or thing that the study does not have, or a place far away.
    """
    edits = tuple(edits)
    if len(edits) > MOST_EDITS:
        raise PlanError("scenario-too-many", count=len(edits), most=MOST_EDITS)
    draft = _Draft(study)
    for edit in edits:
        plain = edit.to_plain() if isinstance(edit, Edit) else edit
        edit = Edit.from_plain(plain)
        given = {name: value for name, value in edit.what.items() if value is not None}
        getattr(draft, edit.does)(**given)
    return draft.study()


class _Draft:
    """A study while edits are made: one copy of each table that they change, however many there are."""

    def __init__(self, study):
        self._base, self._layers, self._rules = study, {}, {}
        self._reports, self._figures, self._speeds = {}, [], {}

    def study(self):
        """The study with all edits so far."""
        base, changed = self._base, {}
        if self._reports:
            changed["assessments"] = frozen({**base.assessments, base.year: self._reported()})
        if self._layers or self._speeds:
            layers = dict(base.layers)
            for name, features in self._layers.items():
                layers[name] = replace(layers[name], frame=features.frame())
            if self._speeds:
                rules = replace(layers["roads"].layer, speeds=freeze(self._speeds))
                layers["roads"] = replace(layers["roads"], layer=rules)
            changed |= {"layers": frozen(layers), "travels": {}}
        if self._figures:
            changed["criteria"] = replace(base.criteria, criteria=tuple(self._figured()))
        return replace(base, beside=frozen({}), **changed) if changed else base

    def report(self, village, field, add=None, whole=None, set=None):
        if village not in self._base.villages.index:
            raise PlanError("plan-no-village", village=village[:60])
        for name in (field, whole):
            if name is not None and name not in self._fields:
                raise PlanError("scenario-no-field", field=name[:60])
        if set is not None:
            value = float(set)
        else:
            value = self._said(village, field) + float(add)
            value = value if whole is None else np.fmin(value, self._said(village, whole))
        self._reports[village, field] = value

    def build(self, layer, id, x, y, kind=None, fields=None):
        features, fields = self._features(layer), {**(fields or {})}
        if kind is not None:
            fields["kind"] = kind
        self._near(layer, [(x, y)])
        features.add(id, fields, point=(x, y))

    def enlarge(self, layer, id, field, add):
        self._features(layer).enlarge(id, field, float(add))

    def close(self, layer, id):
        self._features(layer).drop(id)

    def improve(self, id, fields, from_m=None, to_m=None):
        self._features("roads").improve(id, dict(fields), from_m, to_m)

    def road(self, id, line, fields=None):
        self._near("roads", line)
        self._features("roads").add(id, dict(fields or {}), line=line)

    def bridge(self, id, x=None, y=None):
        state = {"kind": "bridge", "all_season": 1.0}
        if x is not None:
            self._near("crossings", [(x, y)])
            self._features("crossings").add(id, state, point=(x, y))
        else:
            self._features("crossings").improve(id, state)

    def speed(self, season, mode, kmh, **where):
        layer = self._data("roads").layer
        speeds = self._speeds or thawed(layer.speeds)
        try:
            known = speeds[where["class"]][where["surface"]][season]
            known[mode]  # noqa: B018 - only a mode that is known has a speed
        except KeyError as missing:
            raise PlanError("plan-no-speed", name=str(missing.args[0])[:60]) from None
        known[mode] = float(kmh)
        self._speeds = speeds

    def figure(self, criterion, figure, group=None):
        known = {one.id: one for one in self._base.criteria.criteria}
        if criterion not in known:
            raise PlanError("plan-no-criterion", criterion=criterion[:60])
        if group is not None and group not in known[criterion].thresholds:
            raise PlanError("scenario-no-group", group=group[:60], known=list(known[criterion].thresholds))
        if known[criterion].compare not in NUMBERED:
            raise PlanError("scenario-no-figure", criterion=criterion[:60])
        self._figures.append((criterion, figure, group))

    @property
    def _fields(self):
        """What villages report as numbers."""
        if "fields" not in self._rules:
            table, catalogue = self._base.reported, load_catalogue()["assessments"].fields
            texts = {name for name, about in catalogue.items() if about.type in ("text", "date")} | {"record"}
            known = {*table.columns, *catalogue, *needed_fields(self._base.criteria)}
            self._rules["fields"] = known - texts
        return self._rules["fields"]

    def _said(self, village, field):
        """What a village reports of a field by now; NaN where it is blank."""
        if (village, field) in self._reports:
            return self._reports[village, field]
        table = self._base.reported
        return float(pd.to_numeric(table.at[village, field], errors="coerce")) if field in table else np.nan

    def _reported(self):
        table = self._base.reported.copy()
        by_field = {}
        for (village, field), value in self._reports.items():
            by_field.setdefault(field, {})[village] = value
        for field, values in by_field.items():
            known = table[field] if field in table else pd.Series(np.nan, index=table.index)
            numbers = pd.to_numeric(known, errors="coerce").astype(float)
            numbers.loc[list(values)] = list(values.values())
            table[field] = numbers
        return table

    def _figured(self):
        for one in self._base.criteria.criteria:
            thresholds = dict(one.thresholds)
            for criterion, figure, group in self._figures:
                if criterion == one.id:
                    # a figure for all groups gives none to a group that has none
                    thresholds |= {
                        name: figure
                        for name, old in thresholds.items()
                        if name == group or (group is None and old is not None)
                    }
            same = thresholds == dict(one.thresholds)
            yield one if same else replace(one, thresholds=MappingProxyType(thresholds))

    def _data(self, layer):
        data = self._base.layers.get(layer)
        if data is None or data.frame is None:
            raise PlanError("plan-no-layer", layer=layer[:60])
        return data

    def _features(self, layer):
        if layer in ("villages", "communes"):
            raise PlanError("plan-no-layer", layer=layer)
        if layer not in self._layers:
            self._layers[layer] = Features(self._data(layer))
        return self._layers[layer]

    def _near(self, layer, places):
        """Raise where a place is far from all villages."""
        self._data(layer)
        if "bounds" not in self._rules:
            villages = self._base.villages
            points = villages["point"].dropna()
            known = points.map(lambda point: point.coords[0])
            self._rules["bounds"] = np.array(list(known)) if len(known) else np.empty((0, 2))
        known, places = self._rules["bounds"], np.asarray(places, dtype=float)
        if not len(known):
            return
        low, high = known.min(axis=0) - BEYOND_M, known.max(axis=0) + BEYOND_M
        far = (places < low) | (places > high)
        if far.any():
            x, y = places[far.any(axis=1)][0]
            raise PlanError("scenario-far", layer=layer, x=float(x), y=float(y), km=BEYOND_M / 1000)
