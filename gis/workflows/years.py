"""A study over its years, and the change between two years and sets split by cause."""

from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd

from gis.errors import StudyError
from gis.histories import lineage, old_units
from gis.reading.layers import year_in
from gis.reading.places import FACTS, with_facts
from gis.study import frozen
from gis.trend import compare_years, split_changes
from gis.workflows.rejudging import judge_year


@dataclass(frozen=True)
class Corner:
    """A year and a set to judge by; None stands for the study's own."""

    year: int | None = None
    criteria: object = None


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


def _as_it_was(study, year, at):
    """The study over the villages of a year's end, known by what they reported alone."""
    then = study.former[year]
    today = ["geometry", "point", *FACTS]
    if study.own is not None and "minority_share_pct" not in study.own:
        today.append("minority_share_pct")
    plain = pd.DataFrame(study.villages.drop(columns=today))
    villages = old_units(study.crosswalk, plain, at).reindex(then.index)
    villages = with_facts(villages.assign(name=then["name"], point=None), {year: then}, year)
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
        own=None,
    )
