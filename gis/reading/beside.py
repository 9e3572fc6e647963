"""The same study under further criteria sets: nothing is read again, only groups, target and ages differ."""

from dataclasses import replace

from gis import assessments as sheets
from gis.errors import GisError, Problem
from gis.measure import layers_used
from gis.reading.attributes import choose_groups, with_attributes
from gis.reading.layers import age_limit
from gis.recipe import group_faults
from gis.study import frozen

OF_SET = ("criteria-attributes-missing", "criteria-groups-open")
"""Codes of problems of reading that are of one set alone."""


def studies_beside(gathering, study, communes, problems_of):
    """A study under each of the sets that its recipe names beside its own.

    Parameters
    ----------
    gathering : Gathering
    study : Study
        Under its own set.
    communes : GeoDataFrame or None
        As they were read, with the attributes that sets ask for.
    problems_of : callable
        ``problems_of(criteria, year)``: what to say of a set over this study.

    Returns
    -------
    dict of str to Study
        By the name that the recipe gives the set. A set that the study cannot be judged by is left out, and
        the study's problems, a list of `gathering`, say why.
    """
    beside, shared = {}, [one for one in gathering.problems if one.code not in OF_SET]
    for name, criteria in gathering.recipe.also.items():
        recipe = replace(gathering.recipe, criteria=criteria, also={})
        villages, missing = with_attributes(criteria, study.villages, communes, study.reported)
        faults = tuple(group_faults(recipe, True))
        try:
            groups, unsure = choose_groups(
                criteria, study.binding, villages, file=recipe.path.name, line_of=recipe.line
            )
        except GisError as fault:
            faults += tuple(fault.problems)
        if faults:
            gathering.warn("beside-left-out", criteria=criteria.label)
            gathering.problems += [Problem(one.code, one.arguments, "warning") for one in faults]
            continue
        mixed = _read_otherwise(criteria, gathering.recipe)
        if mixed:
            gathering.warn("beside-field-type", criteria=criteria.label, fields=mixed)
            continue
        beside[name] = replace(
            study,
            criteria=criteria,
            villages=villages,
            groups=groups,
            target=frozen(recipe.data.get("target") or criteria.target or {}),
            layers=_aged(study.layers, criteria),
            problems=(*shared, *missing, *unsure, *problems_of(criteria, study.year)),
        )
    return beside


def _read_otherwise(criteria, recipe):
    """Fields that the sheets hold as yes or no for the study's own set, and as numbers for this one, or so."""
    read = sheets.needed_fields(recipe.criteria)
    for other in recipe.also.values():
        read = sheets.needed_fields(other) | read
    return sorted(name for name, kind in sheets.needed_fields(criteria).items() if read[name] != kind)


def _aged(layers, criteria):
    """The layers with the ages that a set allows; the very same mapping where it allows no others."""
    used = layers_used(criteria)
    limits = {name: age_limit(data.layer, criteria, used) for name, data in layers.items()}
    if all(layers[name].limit_years == limit for name, limit in limits.items()):
        return layers
    return frozen({name: replace(data, limit_years=limits[name]) for name, data in layers.items()})
