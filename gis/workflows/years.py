"""A study in another year and under another set: judged again, compared, and split by cause."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.assessments import needed_fields
from gis.catalogue import load_catalogue
from gis.criteria import load_criteria
from gis.errors import CriteriaError, Problem, StudyError
from gis.histories import lineage, old_units
from gis.labels import LANGUAGES, Label
from gis.measure import check_bindings, layers_used
from gis.reading import set_problems
from gis.reading.layers import age_limit, year_in
from gis.study import frozen
from gis.trend import compare_years, split_changes
from gis.workflows.studies import judge

OF_SET = ("criteria-not-in-force", "criteria-other-level")
"""Codes of what is told anew for each year and set."""

NOTES = (*OF_SET, "years-layers-newer", "years-layers-undated", "years-fields-unread")


@dataclass(frozen=True)
class Corner:
    """A year and a set to judge by; None stands for the study's own."""

    year: int | None = None
    criteria: object = None


def find_set(study, name):
    """The set of a name as a person writes it: ``id`` or ``id@edition``; the study's own is known without a file.

    Raises
    ------
    CriteriaError
        If there is no such set, or none of that edition.
    """
    own = study.criteria
    set_id, _, edition = name.partition("@")
    if set_id == own.id and edition in ("", own.edition):
        return own
    found = load_criteria(set_id)
    if edition and found.edition != edition:
        raise CriteriaError("years-no-edition", criteria=set_id, edition=edition, known=[found.edition])
    return found


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
        Villages, layers and what people said of them stay those of today; what that means for the year is among
        its problems: layers made after it, layers without a date, fields of the set that no sheet was read for.

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
            "groups": _groups(study, criteria),
            "layers": frozen(layers),
            "target": frozen(criteria.target or {}) if own_target else study.target,
        }
    if year != study.year:
        changed["as_of"] = None
    kept = [found for found in study.problems if found.code not in OF_SET]
    return replace(study, **changed, problems=(*kept, *_notes(study, year, criteria)))


def judge_year(study, *, year=None, criteria=None, report=None):
    """Judge a study in a year and by a set, either its own where it is left out.

    Returns
    -------
    Review

    Raises
    ------
    GisError
        As `at_year`.
    """
    return judge(at_year(study, year=year, criteria=criteria), report=report)


def judge_years(study, *, criteria=None, base=None, report=None):
    """Judge every year of a study by one set.

    Parameters
    ----------
    base : Review, optional
        A judgement of the study's own year and set that is there already.

    Returns
    -------
    dict of int to Review
        Every year that has an assessment, in order; of a study without any, the year it speaks of.

    Raises
    ------
    StudyError
        If nothing says of which year the study speaks.
    """
    years = sorted(study.assessments) or [study.year or year_in(study.as_of)]
    if years == [None]:
        raise StudyError("years-none")
    reviews = {}
    for done, year in enumerate(years):
        if report:
            report(done / len(years), "years-judging", year=str(year))
        own = year == study.year or not study.assessments
        if own and base is not None and criteria is None:
            reviews[year] = base
        else:
            reviews[year] = judge_year(study, year=study.year if own else year, criteria=criteria)
    return reviews


def study_history(study, *, criteria=None, base=None, report=None):
    """The years of a study under one set: `judge_years` compared, with the villages that others merged from.

    Returns
    -------
    history : History
    reviews : dict of int to Review
    """
    reviews = judge_years(study, criteria=criteria, base=base, report=report)
    parents = [former_villages(study, year, criteria=criteria) for year in reviews]
    parents = [found for found in parents if len(found)]
    return compare_years(reviews, pd.concat(parents, ignore_index=True) if parents else None), reviews


def former_villages(study, year, *, criteria=None):
    """The villages of a year that villages of today were made from, each judged on what it reported.

    Returns
    -------
    DataFrame
        ``year``, ``village_id``, ``unit_id``, ``name``, ``status``; sorted, empty where every village is what
        it was. What the map measures is not known of a village of then.
    """
    columns = ["year", "village_id", "unit_id", "name", "status"]
    then = study.former.get(year)
    if then is None:
        return pd.DataFrame(columns=columns)
    at = f"{year}-12-31"
    steps = study.crosswalk.steps
    touched = set(steps.loc[steps["date"] > at, "new_id"])
    touched = sorted(touched.intersection(study.villages.index))
    roots = {village: lineage(study.crosswalk, village, at, known="new") for village in touched}
    judged = judge_year(_as_it_was(study, year, at), year=year, criteria=criteria)
    rows = [
        (year, village, unit, then.at[unit, "name"], judged.results.at[unit, "status"])
        for village, units in roots.items()
        for unit in units
        if unit in then.index and units != (village,)
    ]
    return pd.DataFrame(rows, columns=columns)


def rescore(study, before, after, *, base=None, report=None):
    """Split the change of results from one year and set to another into the village's part and the rule's.

    Parameters
    ----------
    study : Study
    before, after : Corner
    base : Review, optional
        A judgement of the study's own year and set that is there already.

    Returns
    -------
    rescoring : Rescoring
    corners : tuple of Review
        The judgements A, B, C and D of `gis.trend.rescoring`.

    Raises
    ------
    GisError
        As `at_year`.
    """
    years = [study.year if corner.year is None else corner.year for corner in (before, after)]
    sets = [corner.criteria or study.criteria for corner in (before, after)]
    made, corners = {}, []
    if base is not None:
        made[study.year, study.criteria.hash] = base
    for done, (year, criteria) in enumerate([(y, s) for s in sets for y in years]):
        if report:
            report(done / 4, "years-judging", year=str(year))
        key = year, criteria.hash
        if key not in made:
            made[key] = judge_year(study, year=year, criteria=criteria)
        corners.append(made[key])
    return split_changes(*corners), tuple(corners)


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


def _groups(study, criteria):
    """The groups of thresholds of another set: the study's where they are the same, else its default."""
    own = study.criteria
    if criteria.dimension == own.dimension and set(study.groups.dropna()) <= set(criteria.groups):
        return study.groups
    default = criteria.default_group or (next(iter(criteria.groups)) if len(criteria.groups) == 1 else None)
    if default is None:
        known = list(criteria.groups)
        where = {"criteria": criteria.id, "dimension": criteria.dimension, "known": known}
        raise StudyError("years-no-group", **where)
    return pd.Series(default, index=study.villages.index, dtype=object)


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


def _as_it_was(study, year, at):
    """The study over the villages of a year's end, known by what they reported alone."""
    then = study.former[year]
    plain = pd.DataFrame(study.villages.drop(columns=["geometry", "point"]))
    villages = old_units(study.crosswalk, plain, at).reindex(then.index)
    for fact in ("population", "households"):
        villages[fact] = then[fact].astype(float) if fact in then else np.nan
    villages = villages.assign(name=then["name"], point=None)
    villages = gpd.GeoDataFrame(villages, geometry=[None] * len(villages), crs=study.villages.crs)
    groups = pd.DataFrame({"name": study.groups.index, "group": study.groups})
    groups = old_units(study.crosswalk, groups, at)["group"].reindex(then.index)
    return replace(
        study,
        villages=villages.rename_axis("village_id"),
        groups=groups,
        layers=frozen({}),
        assessments=frozen({year: then.drop(columns="name")}),
        year=year,
        as_of=None,
        crosswalk=None,
        former=frozen({}),
    )
