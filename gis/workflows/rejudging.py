"""A study as it is judged in another of its years and by another set."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from gis.assessments import needed_fields
from gis.catalogue import load_catalogue
from gis.criteria import list_criteria, list_editions, load_criteria
from gis.errors import Problem, StudyError
from gis.labels import LANGUAGES, Label
from gis.measure import check_bindings, layers_used
from gis.reading import set_problems
from gis.reading.attributes import choose_groups, filled_in, with_attributes
from gis.reading.layers import age_limit, year_in
from gis.reading.places import with_facts
from gis.study import frozen
from gis.trend.counting import communes_by_id
from gis.workflows.studies import judge

OF_SET = (
    "criteria-not-in-force",
    "criteria-other-level",
    "criteria-attributes-missing",
    "criteria-groups-open",
)
"""Codes of what is told anew for each year and set."""

NOTES = (*OF_SET, "years-layers-newer", "years-layers-undated", "years-fields-unread")


def named_set(study, name, also=()):
    """The set of a name as a person writes it: ``id`` or ``id@edition``; the study's own is known without a file.

    Parameters
    ----------
    study : Study
    name : str
    also : iterable of CriteriaSet
        Editions that were made in the store; see `gis.workflows.editions.editions_of`.

    Raises
    ------
    CriteriaError
        If there is no such set or edition.
    """
    own = study.criteria
    is_own = name == own.id or name == own.reference
    beside = [other.criteria for other in study.beside.values()]
    return own if is_own else load_criteria(name, also=[*beside, *also])


def known_sets(study, also=()):
    """Every set that judges villages, and the study's own, by the name that `named_set` takes; editions apart."""
    sets = {study.criteria.id: study.criteria}
    sets |= {other.criteria.reference: other.criteria for other in study.beside.values()}
    sets |= {one.reference: one for one in also if one.reference != study.criteria.reference}
    for name in list_criteria():
        newest = load_criteria(name)
        if newest.level == "village":
            editions = [edition for edition in list_editions(name) if edition != newest.edition]
            older = {f"{name}@{edition}": load_criteria(f"{name}@{edition}") for edition in editions}
            sets |= {key: one for key, one in ({name: newest} | older).items() if key not in sets}
    return sets


def at_year(study, *, year=None, criteria=None):
    """The study as it is to be judged in a year and by a set.

    Parameters
    ----------
    study : Study
    year : int, optional
        A year that it has an assessment of; its own where it is left out.
    criteria : CriteriaSet, optional
        Its own where it is left out.

    Returns
    -------
    Study
        Villages and layers stay those of today. What a sheet or a commune fills in of their attributes, and the
        groups, are those of the year and the set. What that means for the year is among its problems: layers
        made after it, layers without a date, fields of the set that no sheet was read for.

    Raises
    ------
    StudyError
        If there is no assessment of the year, or the set does not say which of its groups is meant.
    CriteriaError
        If the set names what there is not.
    """
    year = study.year if year is None else year
    criteria = study.criteria if criteria is None else criteria
    if year != study.year and year not in study.assessments:
        known = [str(known) for known in study.assessments] or ["–"]
        raise StudyError("years-no-year", year=str(year), known=known)
    if year == study.year and criteria is study.criteria:
        return study
    changed = {"year": year}
    if criteria is not study.criteria:
        catalogue = load_catalogue()
        check_bindings(criteria, catalogue)
        used = layers_used(criteria)
        layers = {
            name: replace(data, limit_years=age_limit(data.layer, criteria, used))
            for name, data in study.layers.items()
        }
        own_target = dict(study.target) == dict(study.criteria.target or {})
        changed |= {
            "criteria": criteria,
            "layers": frozen(layers),
            "target": frozen(criteria.target or {}) if own_target else study.target,
        }
    if year != study.year:
        changed["as_of"] = None
    changed["villages"], open_ = _villages(study, year, criteria)
    changed["groups"], unsure = _groups(study, criteria, changed["villages"])
    kept = [found for found in study.problems if found.code not in OF_SET]
    problems = (*kept, *open_, *unsure, *_notes(study, year, criteria))
    return replace(study, **changed, problems=problems, beside=frozen({}))


def judge_year(study, *, year=None, criteria=None):
    """Judge a study in a year and by a set, either its own where it is left out.

    Returns
    -------
    Review

    Raises
    ------
    GisError
        As `at_year`.
    """
    return judge(at_year(study, year=year, criteria=criteria))


def notes_of(reviews):
    """What a reader of judgements of other years and sets must know, each thing once; layers together by year."""
    told, layers = [], {}
    for review in reviews:
        for found in review.study.problems:
            if "layers" in found.arguments and found.code in NOTES:
                known = layers.setdefault((found.code, found.arguments["year"]), [])
                known += [layer for layer in found.arguments["layers"] if layer not in known]
            elif found.code in NOTES and found not in told:
                told.append(found)
    told += [
        Problem(code, {"year": year, "layers": names}, "note")
        for (code, year), names in sorted(layers.items())
    ]
    return told


def _villages(study, year, criteria):
    """The villages with the attributes that the year's sheet and the set ask for, and what is to say of them."""
    own = study.villages if study.own is None else study.own
    filled = [name for name in filled_in(study.criteria) if name in study.villages]
    villages = study.villages.drop(columns=[name for name in filled if name not in own])
    villages = villages.assign(**{name: own[name] for name in filled if name in own})
    villages = with_facts(villages, study.assessments, year)
    sheet = study.assessments.get(year, pd.DataFrame(index=villages.index))
    return with_attributes(criteria, villages, communes_by_id(study), sheet)


def _groups(study, criteria, villages):
    """The groups of thresholds: as the study binds them, else by the rule or the default of the set."""
    bound = study.binding.get(criteria.dimension)
    if isinstance(bound, str) and bound not in criteria.groups:
        bound = None
    if bound is None and not (criteria.group_by or criteria.default_group or len(criteria.groups) == 1):
        known = list(criteria.groups)
        where = {"criteria": criteria.id, "dimension": criteria.dimension, "known": known}
        raise StudyError("years-no-group", **where)
    file = Path(study.path).name
    binding = {} if bound is None else {criteria.dimension: bound}
    return choose_groups(criteria, binding, villages, file=file, line_of=lambda *_: "–")


def _notes(study, year, criteria):
    """What a reader of another year's judgement must know."""
    used = layers_used(criteria)
    dated = [(data, year_in(data.as_of)) for name, data in study.layers.items() if name in used]
    newer = [_dated(data) for data, made in dated if made and made > (year or made)]
    undated = [data.layer.label for data, made in dated if made is None]
    notes = set_problems(criteria, year)
    if newer:
        notes.append(Problem("years-layers-newer", {"year": str(year), "layers": newer}, "note"))
    if undated:
        notes.append(Problem("years-layers-undated", {"year": str(year), "layers": undated}, "note"))
    known = {*load_catalogue()["assessments"].fields, *needed_fields(study.criteria)}
    unread = sorted(set(needed_fields(criteria)) - known)
    if unread:
        where = {"criteria": criteria.label, "fields": unread}
        notes.append(Problem("years-fields-unread", where, "warning"))
    return notes


def _dated(data):
    return Label({language: f"{data.layer.label.pick(language)} ({data.as_of})" for language in LANGUAGES})
