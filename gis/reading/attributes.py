"""What a criteria set asks of villages beside figures: their attributes, and the group they belong to."""

from collections.abc import Mapping

import pandas as pd

from gis.conditions import choose_group
from gis.errors import Problem, StudyError
from gis.reading.places import FACTS
from gis.tables import VILLAGES
from gis.values import is_blank

OF_VILLAGE = (*VILLAGES, "minority_share_pct")
"""Attributes that a commune has too, of its own: they never pass from a commune to its villages."""


def own_attributes(villages, criteria):
    """What the layer of villages itself says of attributes that other sources may fill in."""
    return pd.DataFrame({name: villages[name] for name in filled_in(criteria) if name in villages})


def filled_in(criteria):
    """Names of the attributes of villages that sheets or communes may fill in under a set."""
    return (*FACTS, "minority_share_pct", *criteria.attributes)


def with_attributes(criteria, villages, communes, sheet):
    """Villages with every attribute that the set asks for, as far as any source knows it.

    Parameters
    ----------
    criteria : CriteriaSet
    villages : GeoDataFrame
    communes : GeoDataFrame or None
        Index ``commune_id``.
    sheet : DataFrame
        The assessment of the judged year, indexed like `villages`.

    Returns
    -------
    villages : GeoDataFrame
        The village layer's own value stands first, then the sheet's, then that of its commune.
    problems : list of Problem
        Attributes that no source has.
    """
    missing = []
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
    told = {"criteria": criteria.label, "attributes": missing}
    return villages, [Problem("criteria-attributes-missing", told)] if missing else []


def choose_groups(criteria, binding, villages, *, file, line_of):
    """Which column of thresholds applies to each village.

    The study's own binding decides; without one the set's rule, and for what that leaves out its default.

    Parameters
    ----------
    criteria : CriteriaSet
    binding : Mapping
        Dimension to a group or to ``{"column": name}``, as a study file writes it.
    villages : GeoDataFrame
    file : str
        Of the study, for errors.
    line_of : callable
        ``line_of(*keys)``: where the study file says something, for errors.

    Returns
    -------
    groups : Series of str or None
        None where the rule asks for an attribute that is blank.
    problems : list of Problem
        Villages for which the rule leaves it open.

    Raises
    ------
    StudyError
        If the study binds a column that villages do not have or that holds other words than the groups, or
        neither study nor set says which group applies.
    """
    bound = binding.get(criteria.dimension)
    default = criteria.default_group or (next(iter(criteria.groups)) if len(criteria.groups) == 1 else None)
    if isinstance(bound, Mapping):
        where = {"file": file, "line": line_of("groups", criteria.dimension), "column": bound["column"]}
        return _by_column(criteria, villages, bound["column"], default, where), []
    if bound is None and criteria.group_by:
        groups, open_ = choose_group(criteria.group_by, villages)
        names = [f"{name} ({key})" for key, name in villages.loc[open_, "name"].items()]
        told = {"criteria": criteria.label, "count": len(names), "villages": names}
        problems = [Problem("criteria-groups-open", told)] if names else []
        return groups.where(groups.notna() | open_, default), problems
    if bound is None and default is None:
        raise StudyError(
            "study-no-group", file=file, line=line_of("criteria"), criteria=criteria.id,
            dimension=criteria.dimension, known=list(criteria.groups),
        )  # fmt: skip
    return pd.Series(bound or default, index=villages.index, dtype=object), []


def _by_column(criteria, villages, column, default, where):
    if column not in villages:
        known = [str(name) for name in villages.columns if name not in ("geometry", "point")]
        raise StudyError("study-no-group-column", **where, known=known)
    values = villages[column].map(lambda value: None if value is None or value != value else str(value))
    strange = sorted(set(values.dropna()) - set(criteria.groups))
    if strange:
        raise StudyError("study-strange-groups", **where, values=strange, known=list(criteria.groups))
    return values.where(values.notna(), default)
