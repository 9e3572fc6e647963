"""A study as the ordinary files that it may have come from: a study file, layers, sheets, rasters."""

import re
import warnings

import numpy as np
import pandas as pd
import pyogrio

from gis.errors import Problem
from gis.files import NO_FORMULAS
from gis.store.studies import HISTORIES
from gis.yamltext import dump_yaml

BAD_IN_SHEET = re.compile(r"[\[\]:*?/\\]")
LONGEST_SHEET = 31
RESERVED = ("fid", "geom")
"""Columns that a GeoPackage has itself."""


def write_study_files(folder, study, versions, entered, files, matches=()):
    """Write a study file and every file it names into a folder.

    Parameters
    ----------
    folder : Path
        Existing and empty.
    study : Mapping
        ``id``, ``recipe`` (the keys of a study file but for its files), ``criteria`` (a set of its own or
        None) and ``sets`` (editions that the recipe may name, by name).
    versions : Mapping of str to Mapping
        Source to ``content``, ``kind`` and ``entry`` of its current version.
    entered : DataFrame
        Values that people entered: year, village_id, field, kind, value. They become a sheet a year that
        comes before the others and so counts before them.
    files : object
        Gives the content: ``get_vector``, ``get_table``, ``get_raster``.
    matches : iterable of Mapping
        What people decided about names in sheets: ``subject`` and ``answer``.

    Returns
    -------
    list of Problem
        Names of columns and sheets that the formats could not hold as they were.
    """
    problems, layers, sheets, histories = [], {}, [], {}
    for year, rows in entered.groupby("year", sort=True):
        sheets.append(_entered_sheet(folder, int(year), rows))
    for source, version in sorted(versions.items()):
        entry = dict(version["entry"])
        if version["kind"] == "vector":
            entry, found = _vector(folder, source, entry, files.get_vector(version["content"]))
            layers[source] = entry
        elif version["kind"] == "raster":
            layers[source], found = _raster(folder, source, entry, files.get_raster(version["content"])), []
        else:
            entry, found = _table(folder, source, entry, files.get_table(version["content"])[0])
            if source == HISTORIES:
                histories = {"histories": entry["file"]}
            else:
                sheets.append(entry | ({"matches": [*entry.get("matches", ()), *matches]} if matches else {}))
        problems += found
    recipe = {"id": study["id"], **{name: value for name, value in study["recipe"].items() if name != "id"}}
    recipe |= _sets(folder, study)
    recipe |= histories | {
        name: value for name, value in (("layers", layers), ("assessments", sheets)) if value
    }
    (folder / "study.yaml").write_text(dump_yaml(recipe), encoding="utf-8")
    return problems


def _sets(folder, study):
    """The keys of the recipe that name sets which the reader of the files does not have, written beside them."""
    recipe, sets = study["recipe"], study.get("sets", {})

    def named(name, own=None):
        content = sets.get(name, own)
        if content is None:
            return name
        file = f"{name.replace('@', '-')}.yaml" if name in sets else "criteria.yaml"
        (folder / file).write_text(dump_yaml(content), encoding="utf-8")
        return file

    found = {"criteria": named(recipe["criteria"], study["criteria"])}
    if "also" in recipe:
        found["also"] = [named(name) for name in recipe["also"]]
    return found


def _vector(folder, source, entry, frame):
    """One layer as a GeoPackage; its entry and what had to change."""
    file = f"layers/{source}.gpkg"
    (folder / "layers").mkdir(exist_ok=True)
    frame = frame.drop(columns="source_row", errors="ignore")
    new_names = _column_names([name for name in frame.columns if name != frame.geometry.name])
    frame = frame.rename(columns=new_names)
    for name in frame.columns:
        if frame[name].dtype == object:
            kept = frame[name].notna()
            yes_no = kept.any() and frame.loc[kept, name].map(lambda value: isinstance(value, bool)).all()
            frame[name] = frame[name].astype("boolean") if yes_no else frame[name].where(kept, None)
    kinds = set(frame.geometry.dropna().geom_type)
    options = {
        "driver": "GPKG",
        "layer": source,
        "geometry_type": kinds.pop() if len(kinds) == 1 else "Unknown",
    }
    with warnings.catch_warnings():
        # Coordinates without a CRS go out as they are; the entry says which it is.
        warnings.filterwarnings("ignore", "'crs' was not provided", UserWarning)
        pyogrio.write_dataframe(frame, folder / file, **options)
    problems = []
    if changed := [f"{old} → {new}" for old, new in new_names.items() if old != new]:
        problems.append(Problem("package-columns-renamed", {"file": file, "columns": changed}, "note"))
        entry = _rebound(entry, new_names)
    return {"file": file, **_without(entry, "layer", "encoding", "coordinates")}, problems


def _column_names(names):
    """Each column to a name that differs from the others in more than capitals."""
    taken, found = set(RESERVED), {}
    for name in names:
        new, number = name, 1
        while new.lower() in taken:
            number += 1
            new = f"{name}_{number}"
        taken.add(new.lower())
        found[name] = new
    return found


def _rebound(entry, names):
    """An entry that names columns by their new names."""
    entry = dict(entry)
    if "fields" in entry:
        entry["fields"] = {field: names.get(column, column) for field, column in entry["fields"].items()}
    if "where" in entry:
        entry["where"] = {names.get(column, column): kept for column, kept in entry["where"].items()}
    if "kinds" in entry:
        entry["kinds"] = entry["kinds"] | {"from": names.get(entry["kinds"]["from"], entry["kinds"]["from"])}
    return entry


def _raster(folder, source, entry, raster):
    """One band as a GeoTIFF; its entry."""
    import rasterio
    from rasterio.transform import Affine

    array, transform, crs, _ = raster
    file = f"layers/{source}.tif"
    (folder / "layers").mkdir(exist_ok=True)
    values = np.asarray(array, dtype="float32" if array.dtype == np.float32 else "float64")
    shape = {"height": values.shape[0], "width": values.shape[1], "count": 1, "dtype": values.dtype}
    place = {"crs": crs, "transform": Affine(*transform), "nodata": float("nan"), "compress": "deflate"}
    with rasterio.open(folder / file, "w", driver="GTiff", **shape, **place) as target:
        target.write(values, 1)
    return {"file": file, **_without(entry, "layer", "encoding")}


def _table(folder, source, entry, found):
    """The sheets of one file as a workbook; its entry and what had to change."""
    file = f"sheets/{source}.xlsx"
    (folder / "sheets").mkdir(exist_ok=True)
    names = _sheet_names(found)
    _workbook(folder / file, {names[name]: rows for name, rows in found.items()})
    problems = []
    if changed := [f"{old} → {new}" for old, new in names.items() if old != new]:
        problems.append(Problem("package-sheets-renamed", {"file": file, "sheets": changed}, "note"))
    if "sheet" in entry:
        entry = entry | {"sheet": names.get(entry["sheet"], entry["sheet"])}
    return {"file": file, **_without(entry, "encoding")}, problems


def _sheet_names(names):
    """Each sheet to a name that Excel takes: short, without some signs, not the same but for capitals."""
    taken, found = set(), {}
    for name in names:
        plain = BAD_IN_SHEET.sub("-", name).strip("' ")[:LONGEST_SHEET] or "1"
        new, number = plain, 1
        while new.lower() in taken:
            number += 1
            new = f"{plain[: LONGEST_SHEET - 4]}-{number}"
        taken.add(new.lower())
        found[name] = new
    return found


def _entered_sheet(folder, year, rows):
    """Entered values of one year, a village a row; a re-checked value counts before a self-assessed one."""
    file = f"sheets/entered-{year}.xlsx"
    (folder / "sheets").mkdir(exist_ok=True)
    latest = rows.sort_values("kind", key=lambda kinds: kinds == "recheck").drop_duplicates(
        ["village_id", "field"], keep="last"
    )
    wide = latest.pivot(index="village_id", columns="field", values="value").sort_index()
    cells = [[village, *(None if pd.isna(value) else value for value in row)] for village, row in
             zip(wide.index, wide.to_numpy(dtype=object), strict=True)]  # fmt: skip
    _workbook(folder / file, {str(year): [["village_id", *wide.columns], *cells]})
    return {"file": file, "year": year, "fields": {"village_id": "village_id"}}


def _workbook(path, sheets):
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), NO_FORMULAS) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, bool):
                        page.write_boolean(number, column, cell)
                    elif isinstance(cell, (int, float)):
                        page.write_number(number, column, cell)
                    elif cell is not None:
                        page.write_string(number, column, cell)


def _without(entry, *names):
    return {name: value for name, value in entry.items() if name not in names}
