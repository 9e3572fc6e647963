"""A layer as it would be if it were known to be complete, and what the findings would be then."""

from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from gis.findings import evaluate
from gis.measure import layers_used, measure_checked
from gis.study import LayerData


def everywhere(data):
    """The layer, complete in all communes."""
    return replace(data, complete={"*": "yes"})


def by_commune(study, data):
    """The layer as each village has it when its own commune is complete, and the others are as they are.

    Parameters
    ----------
    study : Study
    data : LayerData
        One of its layers.
    """
    told = {each.name: getattr(data, each.name) for each in fields(LayerData)}
    return _ByCommune(**told, before=data, villages=study.villages[["point", "commune_id"]])


def judged_with(study, name, data):
    """The findings by the criteria that use a layer, where the layer is another one.

    Parameters
    ----------
    study : Study
    name : str
        Id of the layer.
    data : LayerData
        What takes its place.

    Returns
    -------
    DataFrame
        Table `FINDINGS` as `evaluate` gives it; empty where no criterion uses the layer.
    """
    asked = study.criteria.criteria
    chosen = [one for one in asked if name in layers_used(replace(study.criteria, criteria=(one,)))]
    if not chosen:
        return pd.DataFrame(columns=["village_id", "criterion", "status", "measured_status"], dtype=object)
    criteria = replace(study.criteria, criteria=tuple(chosen))
    changed = replace(study, layers={**study.layers, name: data})
    return evaluate(measure_checked(changed, criteria), criteria, study.villages, study.groups)


@dataclass(frozen=True)
class _ByCommune(LayerData):
    before: LayerData = None
    villages: pd.DataFrame = None

    def is_complete(self, communes):
        return np.ones(len(communes), dtype=bool)

    def edge_m(self, points, communes=None):
        own = self.villages["point"].to_numpy()
        # of other places nobody knows whose they are: for them nothing is told
        if len(points) != len(own) or any(one is not other for one, other in zip(points, own, strict=True)):
            return self.before.edge_m(points, communes)
        edge = np.full(len(points), np.nan)
        for commune, at in self.villages.groupby("commune_id", dropna=False).indices.items():
            told = {commune: "yes"} if isinstance(commune, str) else {}
            data = replace(self.before, complete={**self.before.complete, **told})
            edge[at] = data.edge_m(own[at], communes)
        return edge
