"""What a criteria set asks of villages beside figures: their attributes, and the group they belong to."""

from collections.abc import Mapping

import pandas as pd

from gis.conditions import choose_group
from gis.errors import StudyError
from gis.tables import VILLAGES
from gis.values import is_blank

OF_VILLAGE = (*VILLAGES, "minority_share_pct")
"""Attributes that a commune has too, of its own: they never pass from a commune to its villages."""


def with_attributes(gathering, villages, communes, sheet):
    """Villages with every attribute that the set asks for, as far as any source knows it.

    Parameters
    ----------
    gathering : Gathering
    villages : GeoDataFrame
    communes : GeoDataFrame or None
        Index ``commune_id``.
    sheet : DataFrame
        The assessment of the judged year, indexed like `villages`.

    Returns
    -------
    GeoDataFrame
        The village layer's own value stands first, then the sheet's, then that of its commune.
    """
    criteria, missing = gathering.recipe.criteria, []
    for name in criteria.attributes:
        sources = [villages.get(name), sheet.get(name)]
        if communes is not None and name in communes and name not in OF_VILLAGE:
            sources.append(villages["commune_id"].map(communes[name]))
        known = [source for source in sources if source is not None]
        if not known:
            missing.append(name)
            continue
        column = known[0].astype(object)
        for other in known[1:]:
            column = column.where(~column.map(is_blank).to_numpy(dtype=bool), other.astype(object))
        villages = villages.assign(**{name: column.infer_objects()})
    if missing:
        gathering.warn("criteria-attributes-missing", criteria=criteria.label, attributes=missing)
    return villages


def choose_groups(gathering, villages):
    """Which column of thresholds applies to each village.

    The study's own binding decides; without one the set's rule, and for what that leaves out its default.

    Returns
    -------
    Series of str or None
        None where the rule asks for an attribute that is blank.

    Raises
    ------
    StudyError
        If the study binds a column that villages do not have or that holds other words than the groups, or
        neither study nor set says which group applies.
    """
    recipe = gathering.recipe
    criteria = recipe.criteria
    bound = recipe.data.get("groups", {}).get(criteria.dimension)
    default = criteria.default_group or (next(iter(criteria.groups)) if len(criteria.groups) == 1 else None)
    if isinstance(bound, Mapping):
        return _by_column(recipe, villages, bound["column"], default)
    if bound is None and criteria.group_by:
        groups, open_ = choose_group(criteria.group_by, villages)
        if open_.any():
            names = [f"{name} ({key})" for key, name in villages.loc[open_, "name"].items()]
            told = {"criteria": criteria.label, "count": len(names), "villages": names}
            gathering.warn("criteria-groups-open", **told)
        return groups.where(groups.notna() | open_, default)
    if bound is None and default is None:
        raise StudyError(
            "study-no-group", file=recipe.path.name, line=recipe.line("criteria"), criteria=criteria.id,
            dimension=criteria.dimension, known=list(criteria.groups),
        )  # fmt: skip
    return pd.Series(bound or default, index=villages.index, dtype=object)


def _by_column(recipe, villages, column, default):
    where = {
        "file": recipe.path.name,
        "line": recipe.line("groups", recipe.criteria.dimension),
        "column": column,
    }
    if column not in villages:
        known = [str(name) for name in villages.columns if name not in ("geometry", "point")]
        raise StudyError("study-no-group-column", **where, known=known)
    values = villages[column].map(lambda value: None if value is None or value != value else str(value))
    strange = sorted(set(values.dropna()) - set(recipe.criteria.groups))
    if strange:
        raise StudyError("study-strange-groups", **where, values=strange, known=list(recipe.criteria.groups))
    return values.where(values.notna(), default)
