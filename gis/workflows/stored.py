"""A study of the store as a `Study`: the same way as from files, over what was taken in before."""

import math
import re
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from affine import Affine

from gis.catalogue import load_catalogue
from gis.errors import MissingError
from gis.intake.reports import FileReport, Foreign, RasterData, Sheets
from gis.measure import check_bindings
from gis.reading import build_study
from gis.recipe import Recipe, check_form, check_recipe
from gis.store import decisions, reported, runs, studies
from gis.workflows.editions import find_set, sets_of

SHEET = re.compile(rf"{studies.SHEETS}-\d{{4}}(-|\Z)")


def read_stored(store, study_id, *, candidate=None, criteria=None, also=(), report=None):
    """Build a study from the store.

    Parameters
    ----------
    store : Store
    study_id : str
    candidate : Mapping, optional
        A version that is not in the study yet, in the place of the current one of its source: what the study
        would be with it.
    criteria : str, optional
        Judge by this set instead of the study's own.
    also : iterable of str
        Further sets to judge by beside it and those that the study names.
    report : callable, optional
        Called as ``report(fraction, code, **arguments)``.

    Returns
    -------
    Study

    Raises
    ------
    MissingError
        If there is no such study, or a file of it is missing.
    GisError
        If anything makes a judgement impossible; all faults of a step at once.
    """
    catalogue = load_catalogue()
    with store.reading() as connection:
        recipe, versions = stored_recipe(
            connection, study_id, candidate=candidate, criteria=criteria, also=also
        )
        entered = reported.entered(connection, study_id)
    check_recipe(recipe, catalogue, other_set=bool(criteria))
    for each in (recipe.criteria, *recipe.also.values()):
        check_bindings(each, catalogue)
    return build_study(recipe, catalogue, StoredReader(store, versions), entered=entered, report=report)


def stored_recipe(connection, study_id, *, candidate=None, criteria=None, also=()):
    """What the study file would say of a study of the store; see `recipe_of`."""
    study = studies.get_study(connection, study_id)
    rows = studies.current_versions(connection, study_id)
    if candidate is not None:
        number = rows[candidate["source"]]["number"] if candidate["source"] in rows else 0
        rows[candidate["source"]] = {"number": number + 1, **candidate}
    chosen, beside = sets_of(connection, study)
    if criteria:
        chosen = find_set(connection, criteria)
    beside |= {name: find_set(connection, name) for name in also}
    return recipe_of(study, rows, decisions.matches(connection, study_id), chosen=chosen, also=beside)


def recipe_of(study, rows, matches=(), *, chosen, also=None):
    """What the study file would say, with the name of a version for each file.

    Parameters
    ----------
    study : Mapping
        Row of the study.
    rows : Mapping of str to Mapping
        Source to the row of its version.
    matches : list of Mapping
        What people decided about names, as a study file writes it.
    chosen : CriteriaSet
    also : Mapping of str to CriteriaSet, optional
        Sets beside it, by name.

    Returns
    -------
    recipe : Recipe
        Its form is checked; what it names is not.
    versions : dict of str to Mapping
        Folder of a file as the recipe names it to the row of the version.
    """
    layers, sheets, named, histories = {}, [], {}, {}
    for source in sorted(rows):
        row = rows[source]
        folder = f"{source}@{row['number']}"
        named[folder] = row
        entry = {"file": f"{folder}/{plain_name(row['file'])}", **row["entry"]}
        if SHEET.match(source):
            sheets.append(entry | ({"matches": [*entry.get("matches", ()), *matches]} if matches else {}))
        elif source == studies.HISTORIES:
            histories = {"histories": entry["file"]}
        else:
            layers[source] = entry
    data = {"id": study["id"], **study["recipe"], **histories, "layers": layers, "assessments": sheets}
    data = {key: value for key, value in data.items() if value not in ({}, [])}
    check_form(data, {}, study["id"])
    return Recipe(Path(study["id"]), data, {}, chosen, also or {}), named


def plain_name(file):
    """The last part of a name that people gave a file; it is shown, and never opened."""
    seen = "".join(one for one in str(file) if one.isprintable())
    return PurePosixPath(seen.replace("\\", "/")).name or "-"


class StoredReader:
    """The reading door over files of the store: what `gis.intake.Reader` gives, without a foreign file.

    Parameters
    ----------
    store : Store
    versions : Mapping of str to Mapping
        Folder of a path as the recipe writes it to the row of the version.
    """

    def __init__(self, store, versions):
        self.store, self.versions = store, versions

    def vector(self, path, layer=None, **_):
        """The layer that was taken in; how it was read then holds, whatever is asked for now."""
        row = self._row(path)
        return Foreign(self.store.files.get_vector(row["content"]), FileReport.from_json(row["report"]))

    def table(self, path, sheet=None, **_):
        """The sheets that were taken in, or the one asked for."""
        row = self._row(path)
        found, merged = self.store.files.get_table(row["content"])
        chosen = {sheet: found[sheet]} if sheet in found else found
        return Sheets(chosen, FileReport.from_json(row["report"]), merged)

    def raster(self, path):
        """The raster that was taken in."""
        row = self._row(path)
        array, transform, crs, nodata = self.store.files.get_raster(row["content"])
        return RasterData(array, Affine(*transform), crs, nodata, FileReport.from_json(row["report"]))

    def _row(self, path):
        folder = Path(path).parent.name
        if folder not in self.versions:
            raise MissingError("store-file-missing", content=Path(path).name)
        return self.versions[folder]


def keep_run(store, review, study_id, revision, *, who="LangMap"):
    """Keep in the store what a judgement was made from and its headline; the same run again changes nothing."""
    run, headline = review.run, review.headline
    content = {
        "criteria": run.criteria_id,
        "edition": run.edition,
        "criteria_hash": run.criteria_hash,
        "recipe_hash": run.recipe_hash,
        "inputs": dict(run.inputs),
        "parameters": {key: str(value) for key, value in run.parameters.items()},
        "code_version": run.code_version,
        "year": run.year,
    }
    plain = {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in headline.items()
        if value is None or isinstance(value, bool | int | float | str)
    }
    with store.writing(who) as change:
        runs.record(change, study_id, run=run.id, revision=revision, content=content, headline=plain)


def decided_by(settings, name, study):
    """What people decided on the disagreements of a study, as `decisions.on_disagreements`; empty for a study file."""
    if Path(name).exists() or Path(name).suffix or not (settings.store_url or settings.store.is_dir()):
        return {}
    with opened(settings) as store, store.reading() as connection:
        return decisions.on_disagreements(connection, name, study.year or 0)


@contextmanager
def opened(settings):
    """The store of the settings, closed when the block ends."""
    from gis.store import open_store

    store = open_store(settings.store, settings.store_url or None)
    try:
        yield store
    finally:
        store.close()
