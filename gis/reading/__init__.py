"""From a study file to a `Study`: open every file through the safe reader, bind, check, join.

Faults that make the result wrong are errors, all of one kind at once; what only makes it poorer is a
problem that travels with the study and is shown beside its results.
"""

from dataclasses import replace
from pathlib import PurePath

import pandas as pd

from gis import assessments as sheets
from gis.crs import WGS84, check_metric, keeps_lengths, metric_crs, parse_crs
from gis.errors import Problem, StudyError
from gis.labels import Label
from gis.reading.attributes import choose_groups, own_attributes, with_attributes
from gis.reading.beside import studies_beside
from gis.reading.checks import check_facilities, check_roads, check_villages
from gis.reading.crossings import with_crossings
from gis.reading.entered import overlay
from gis.reading.extents import with_extents
from gis.reading.gathering import Gathering, types_of
from gis.reading.joining import join_files
from gis.reading.layers import as_text, build_layers, in_crs, study_area
from gis.reading.locating import check_places, propose_missing
from gis.reading.older import join_older, read_histories
from gis.reading.places import all_communes, find_places, finish_villages, place_centres
from gis.study import Citation, Study, Tolerance, frozen
from gis.values import to_text

BOUNDARIES = ("villages", "communes", "upper_units")


def build_study(recipe, catalogue, reader, *, entered=None, report=None):
    """Read every file of a recipe and build the study.

    Parameters
    ----------
    recipe : Recipe
    catalogue : Mapping of str to Layer
    reader : Reader
        The door to foreign files, or to files that the store took in before.
    entered : DataFrame, optional
        Values that people entered over the sheets; see `gis.reading.entered`.
    report : callable, optional
        Called as ``report(fraction, code, **arguments)``.

    Returns
    -------
    Study

    Raises
    ------
    GisError
        If files cannot be read or bound; the faults of all files come together.
    """
    gathering = Gathering(recipe, catalogue, reader, report)
    bound = gathering.each(
        "layers", gathering.read_vector, lambda name: gathering.layer(name).role != "raster"
    )
    bound = join_files(gathering, bound)
    tables = gathering.each("assessments", gathering.read_sheet)
    propose_missing(gathering, bound)
    gathering.stop_on_faults()
    check_places(gathering, bound)
    villages, communes = find_places(gathering, bound, tables)
    bound = place_centres(gathering, bound, communes)
    crs = _study_crs(recipe, bound)
    villages, communes = in_crs(villages, crs), in_crs(communes, crs)
    rasters = gathering.each(
        "layers",
        lambda name: gathering.read_raster(name, crs),
        lambda name: gathering.layer(name).role == "raster",
    )
    crosswalk = read_histories(gathering)
    assessments, matches, former = _assess(gathering, tables, villages, crosswalk)
    assessments = overlay(assessments, entered, villages, gathering)
    gathering.stop_on_faults()
    year = recipe.data.get("year") or max(assessments, default=None)
    if recipe.data.get("year") and recipe.data["year"] not in assessments:
        where = {"file": recipe.path.name, "line": recipe.line("year"), "year": str(recipe.data["year"])}
        raise StudyError("study-year-without-sheet", **where, known=[str(known) for known in assessments])
    own = own_attributes(villages, recipe.criteria)
    villages = finish_villages(villages, rasters, assessments, year)
    sheet = assessments.get(year, pd.DataFrame(index=villages.index))
    villages, problems = with_attributes(recipe.criteria, villages, communes, sheet)
    gathering.problems += problems
    merged = check_villages(gathering, villages, communes)
    area = study_area(villages, communes, merged)
    layers = with_crossings(gathering, build_layers(gathering, bound, rasters, crs, area))
    villages = with_extents(gathering, villages, communes, layers, recipe.data.get("parameters", {}))
    villages = villages.drop(columns="source_row", errors="ignore")
    check_facilities(gathering, layers, communes)
    check_roads(gathering, layers, villages)
    binding = recipe.data.get("groups", {})
    groups, problems = choose_groups(
        recipe.criteria, binding, villages, file=recipe.path.name, line_of=recipe.line
    )
    told = [*problems, *set_problems(recipe.criteria, year)]
    study = Study(
        id=recipe.data["id"],
        label=recipe.label,
        path=str(recipe.path),
        criteria=recipe.criteria,
        groups=groups,
        villages=villages,
        communes=all_communes(villages, communes),
        layers=frozen(layers),
        assessments=frozen(assessments),
        parameters=frozen(_parameters(recipe, crs, rasters)),
        target=frozen(recipe.data.get("target") or recipe.criteria.target or {}),
        crs=crs,
        year=year,
        as_of=as_text(recipe.data.get("as_of")),
        rung=_rung(villages, communes, layers),
        illustration=bool(recipe.data.get("illustration", False)),
        problems=(),
        inputs=frozen(dict(sorted(gathering.inputs.items()))),
        citations=_citations(gathering),
        recipe=recipe.hash,
        sheet_counts=frozen(
            {name: frozen(counts) for name, counts in gathering.counts.items() if name not in layers}
        ),
        matches=frozen(matches),
        crosswalk=crosswalk,
        former=frozen(former),
        own=own,
        binding=frozen(binding),
    )
    beside = studies_beside(gathering, study, communes, set_problems)
    beside = {name: replace(other, problems=_worst_first(other.problems)) for name, other in beside.items()}
    return replace(study, problems=_worst_first([*gathering.problems, *told]), beside=frozen(beside))


def _worst_first(problems):
    return tuple(sorted(problems, key=lambda found: ("error", "warning", "note").index(found.severity)))


def _parameters(recipe, crs, rasters):
    """What the study sets, and what was chosen for it: both belong to the run."""
    chosen = {"village_point": "population-weighted" if "population" in rasters else "inside"}
    if crs is not None:
        chosen["crs"] = crs.to_string()
    return {**recipe.data.get("parameters", {}), **Tolerance.given(recipe.data).as_parameters(), **chosen}


def set_problems(criteria, year):
    """Where a set was not made for what it judges here: another year, or another level than villages."""
    told = []
    where = {
        "criteria": criteria.label,
        "valid_from": criteria.valid_from or "–",
        "valid_to": criteria.valid_to or "–",
    }
    begins = int((criteria.valid_from or "0")[:4])
    ends = int((criteria.valid_to or "9999")[:4])
    if year is not None and not begins <= year <= ends:
        told.append(Problem("criteria-not-in-force", {**where, "year": str(year)}, "warning"))
    if criteria.level != "village":
        where = {"criteria": criteria.label, "level": criteria.level}
        told.append(Problem("criteria-other-level", where, "note"))
    return told


def _study_crs(recipe, bound):
    if "crs" in recipe.data:
        where = {"layer": "crs", "file": recipe.path.name}
        return check_metric(parse_crs(recipe.data["crs"], **where), **where)
    for name in (*BOUNDARIES, *bound):
        frame = bound.get(name)
        if frame is not None and frame.geometry.notna().any():
            return frame.crs if keeps_lengths(frame.crs) else metric_crs(frame.to_crs(WGS84).total_bounds)
    return None


def _assess(gathering, tables, villages, crosswalk):
    """One table a year, what the villages reported and the re-check replaced, how names were matched by sheet, and
    one table of the villages of then for every year before they merged or split.
    """
    by_year, rechecked, matches, former = {}, {}, {}, {}
    join = _joiner(gathering, villages, crosswalk)
    for number, found in tables.items():
        entry = gathering.entry("assessments", number)
        is_recheck = entry.get("kind") == "recheck"
        of_kind = rechecked if is_recheck else by_year
        absent = []
        for sheet, where in found:
            table, problems, report, used, then = join(sheet, entry, where)
            matches[_place(where)] = report
            absent.append(table["record"].isna())
            # what the sheets of one file lack together is told once; a re-check need not cover all
            lacking = [problem for problem in problems if problem.code == "villages-without-row"]
            gathering.problems += [problem for problem in problems if problem not in lacking]
            if is_recheck or len(found) == 1:
                severity = "note" if is_recheck else "warning"
                gathering.problems += [Problem(told.code, told.arguments, severity) for told in lacking]
            _count(gathering, sheet, used, where)
            if then is not None:
                known = former.get(entry["year"], then)
                # a re-check is what counts; of two sheets the one that was read first
                former[entry["year"]] = then.combine_first(known) if is_recheck else known.combine_first(then)
            of_kind[entry["year"]] = _with(gathering, of_kind.get(entry["year"]), table, villages, where)
        everywhere = pd.concat(absent, axis=1).all(axis=1)
        if len(found) > 1 and not is_recheck and everywhere.any():
            names = [f"{name} ({key})" for key, name in villages.loc[everywhere, "name"].items()]
            place = {"file": where["file"], "sheet": ", ".join(place["sheet"] for _, place in found)}
            gathering.warn("villages-without-row", **place, count=len(names), villages=names)
    layer = gathering.catalogue["assessments"]
    for year, table in rechecked.items():
        by_year[year] = _overlaid(gathering, by_year.get(year), table, villages, year)
    by_year = dict(sorted(by_year.items()))
    for year, table in by_year.items():
        gathering.problems += sheets.impossible_figures(table, villages, gathering.recipe.criteria, year)
    gathering.problems += sheets.jumps(by_year, villages, layer)
    return by_year, matches, former


def _joiner(gathering, villages, crosswalk):
    """``join(sheet, entry, where)``: a sheet by village id, over histories and what people decided of names."""
    layer = gathering.catalogue["assessments"]
    types = types_of(gathering.recipe.criteria, gathering.recipe.also.values())

    def join(sheet, entry, where):
        decisions = sheets.decisions_from(entry.get("matches", ()))
        return join_older(
            sheet, villages, crosswalk, layer, entry["year"], types, where=where, decisions=decisions
        )

    return join


def _place(where):
    return f"{where['file']} · {where['sheet']}" if where.get("sheet") else where["file"]


def _count(gathering, sheet, used, where):
    gathering.counts[_place(where)] = {
        "rows_in": sheet.rows_in,
        "rows_used": used,
        "rows_reported": sheet.rows_in - used,
    }


def _with(gathering, known, table, villages, where):
    """The year's table with one more sheet; a village of both keeps what was read first."""
    if known is None:
        return table
    both = known["record"].notna() & table["record"].notna()
    if both.any():
        names = villages.loc[both, "name"].tolist()
        gathering.warn("sheet-village-in-two-files", **where, count=len(names), villages=names)
    records = _both_records(known["record"], table["record"])
    return known.combine_first(table).assign(record=records)


def _overlaid(gathering, reported, recheck, villages, year):
    """The self-assessed table with the values of the re-check where it has any; what was replaced is told."""
    if reported is None:
        return recheck
    replaced = []
    for name in recheck.columns.intersection(reported.columns).drop("record"):
        old, new = reported[name], recheck[name]
        changed = old.notna() & new.notna() & (old != new)
        replaced += [
            f"{villages.loc[key, 'name']} ({key}), {name}: {to_text(old[key])} → {to_text(new[key])}"
            for key in changed.index[changed]
        ]
    if replaced:
        files = [
            PurePath(entry["file"]).name
            for entry in gathering.recipe.data["assessments"]
            if entry["year"] == year and entry.get("kind") == "recheck"
        ]
        where = {"file": ", ".join(files), "year": year}
        gathering.warn("sheet-values-rechecked", "note", **where, count=len(replaced), values=replaced)
    records = _both_records(reported["record"], recheck["record"])
    return recheck.combine_first(reported).assign(record=records)


def _both_records(one, other):
    """Where a village's figures stand: in one sheet, the other, or in both."""
    both = one.notna() & other.notna()
    return one.where(one.notna(), other).where(~both, one.astype(str) + "; " + other.astype(str))


def _rung(villages, communes, layers):
    roles = {layer.layer.role for layer in layers.values()}
    placed = villages["point"].notna().any()
    if placed and "raster" in roles:
        return 5
    if placed and roles & {"facility", "network"}:
        return 4
    surveyed = villages.geometry.notna() & ~villages["approximate"]
    if surveyed.any():
        return 3
    if villages.geometry.notna().any() or (communes is not None and communes.geometry.notna().any()):
        return 2
    return 1 if placed else 0


def _citations(gathering):
    data = gathering.recipe.data
    named = [
        *data.get("layers", {}).items(),
        *(("assessments", entry) for entry in data.get("assessments", ())),
    ]
    return tuple(
        Citation(
            layer=gathering.layer(name).label,
            file=PurePath(entry["file"]).name,
            as_of=as_text(entry.get("as_of", entry.get("year"))),
            said=Label(entry.get("citation", {})),
            licence=entry.get("licence"),
        )
        for name, entry in named
    )
