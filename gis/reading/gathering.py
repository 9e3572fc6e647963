"""What is gathered while the files of a recipe are read: frames, problems, faults, hashes, row counts."""

from collections.abc import Mapping
from pathlib import PurePath

import numpy as np
import shapely

from gis import assessments as sheets
from gis.crs import parse_crs
from gis.errors import CRSError, GisError, Problem, StudyError, TableError
from gis.layering import bind_layer
from gis.names import fold
from gis.rasters import Raster
from gis.recipe import type_of
from gis.regridding import regrid

FILES = " + "
"""Stands between the files of a layer type that came in several."""


class Gathering:
    """Reads the entries of a recipe one by one and keeps what there is to say about them.

    Attributes
    ----------
    problems : list of Problem
        What makes the study poorer.
    faults : list of Problem
        What makes it impossible; `stop_on_faults` raises them together.
    unplaced : list of (str, Problem, array, str or None)
        Layers without a usable CRS: name, the fault, coordinates as they stand, what was stated.
    inputs : dict of str to str
        File to SHA-256.
    joined : dict of str to dict
        Entry of a layer type that came in several files, as if it were one.
    counts : dict of str to dict
        Layer or sheet to ``rows_in``, ``rows_used`` and ``rows_reported``.
    """

    def __init__(self, recipe, catalogue, reader, report):
        self.recipe, self.catalogue, self.reader, self.report = recipe, catalogue, reader, report
        self.problems, self.faults, self.inputs, self.counts = [], [], {}, {}
        self.unplaced = []
        self.joined = {}

    def each(self, part, read, chosen=lambda name: True):
        """Apply `read` to every entry of a part of the recipe; faults are kept, not raised."""
        entries = self.recipe.data.get(part) or {}
        names = list(entries) if isinstance(entries, Mapping) else list(range(len(entries)))
        results = {}
        for done, name in enumerate(names):
            if not chosen(name):
                continue
            if self.report:
                self.report(done / len(names), "reading-file", file=self.entry(part, name)["file"])
            try:
                results[name] = read(name)
            except GisError as fault:
                self.faults += fault.problems
        return results

    def entry(self, part, name):
        """What the recipe says of a source."""
        return self.joined[name] if part == "layers" and name in self.joined else self.recipe.data[part][name]

    def layer(self, name):
        """The layer type of a key under `layers`."""
        return self.catalogue[type_of(name)]

    def warn(self, code, severity="warning", /, **arguments):
        """Keep one more problem."""
        self.problems.append(Problem(code, arguments, severity))

    def where(self, name):
        """What a sentence says of the place of a layer: its label and its file."""
        files = ", ".join(PurePath(file).name for file in self.entry("layers", name)["file"].split(FILES))
        return {"layer": self.layer(name).label, "file": files}

    def stop_on_faults(self):
        if self.faults:
            raise StudyError(problems=self.faults)

    def read_vector(self, name):
        entry, path = self.entry("layers", name), self.recipe.file("layers", name)
        where = self.where(name)
        foreign = self.reader.vector(
            path,
            layer=entry.get("layer"),
            encoding=entry.get("encoding"),
            osm=list(self.layer(name).osm),
            coordinates=entry.get("coordinates"),
        )
        self._noted(foreign.report, entry["file"], where)
        keep = [
            group["column"]
            for group in self.recipe.data.get("groups", {}).values()
            if isinstance(group, Mapping)
        ]
        keep = keep if type_of(name) == "villages" else []
        # what the criteria ask of villages may stand in a column of that very name
        keep += attributes_of(self.recipe) if type_of(name) in ("villages", "communes") else []
        try:
            frame, problems, counts = bind_layer(
                foreign.frame, self.layer(name), entry, where=where, keep=keep
            )
        except CRSError as fault:
            if fault.code in ("layer-no-crs", "crs-implausible"):
                coordinates = shapely.get_coordinates(foreign.frame.geometry.to_numpy())
                stated = entry.get("crs", foreign.frame.crs)
                self.unplaced.append((name, fault.problems[0], coordinates, stated))
            raise
        skipped = len(foreign.report.skipped)
        self.counts[name] = {
            "rows_in": counts["rows_in"] + skipped,
            "rows_used": counts["rows_used"],
            "rows_reported": counts["rows_reported"] + skipped,
        }
        self.problems += problems
        return frame

    def read_raster(self, name, crs):
        entry, path = self.entry("layers", name), self.recipe.file("layers", name)
        where = self.where(name)
        read = self.reader.raster(path)
        self._noted(read.report, entry["file"], where)
        own = parse_crs(entry["crs"], **where) if "crs" in entry else read.crs
        if own is None:
            raise StudyError("layer-no-crs", **where)
        if crs is None:
            raise StudyError("raster-without-villages", **where)
        a, b, west, d, e, north = tuple(read.transform)[:6]
        if b or d or a <= 0 or e >= 0:
            raise StudyError("raster-not-north-up", **where)
        self.counts[name] = {"rows_in": 1, "rows_used": 1, "rows_reported": 0}
        values = np.ma.filled(np.ma.asarray(read.array, dtype=float), np.nan)
        values = self._possible(values, self.layer(name).between, where)
        own = parse_crs(own, **where)
        same = own.equals(crs, ignore_axis_order=True)
        raster = Raster(values, west, north, a, -e, crs if same else own, self.layer(name).classes_table)
        if same:
            return raster
        meaning = self.layer(name).meaning
        raster = regrid(raster, crs, meaning=meaning, **where)
        size = {"cell_m": raster.width, "rows": raster.values.shape[0], "columns": raster.values.shape[1]}
        systems = {"crs": own.to_string()[:60], "expected": crs.to_string()}
        self.warn(f"raster-regridded-{meaning}", "note", **where, **systems, **size)
        return raster

    def _possible(self, values, between, where):
        """The cells of a raster without those that cannot be, such as -9999 where the file names no such mark."""
        least, most = between
        odd = (values < least) | (values > most)
        if not odd.any():
            return values
        self.warn("raster-beyond", "warning", **where, count=int(odd.sum()), least=least, most=most)
        return np.where(odd, np.nan, values)

    def read_sheet(self, number):
        """The sheets of an entry that list villages, each with its place."""
        entry, path = self.entry("assessments", number), self.recipe.file("assessments", number)
        found = self.reader.table(path, sheet=entry.get("sheet"), encoding=entry.get("encoding"))
        where = {"file": path.name}
        self._noted(found.report, entry["file"], where)
        types = types_of(self.recipe.criteria, self.recipe.also.values())
        self._check_fields(number, entry, types)
        layer, read = self.catalogue["assessments"], []
        for name in self._pick_sheets(found, layer, entry, types, where):
            place = {**where, "sheet": name}
            sheet, problems = sheets.read_sheet(
                found.sheets[name], layer, entry, types, where=place, merged=found.merged.get(name, ())
            )
            self.problems += problems
            read.append((sheet, place))
        _refuse_overlap(read, where)
        return read

    def _pick_sheets(self, found, layer, entry, types, where):
        """The only sheet with villages, or all that have them in the same columns; else the owner is asked."""
        filled = [name for name, cells in found.sheets.items() if cells]
        if not filled:
            raise TableError("sheet-empty", **where)
        if len(filled) == 1:
            return filled
        views = {}
        for name in filled:
            try:
                view = sheets.inspect_sheet(
                    found.sheets[name], layer, entry, types, where={**where, "sheet": name},
                    merged=found.merged.get(name, ()),
                )  # fmt: skip
            except TableError:
                continue
            if view.has_villages and view.rows_kept and not view.absent:
                views[name] = view
        if not views or len({tuple(sorted(view.mapping)) for view in views.values()}) > 1:
            raise TableError("sheet-which", **where, sheets=filled)
        left = [name for name in filled if name not in views]
        if len(views) == 1:
            self.warn("sheet-chosen", "note", **where, count=len(filled), sheet=next(iter(views)))
        else:
            self.warn("sheets-joined", "note", **where, count=len(views), sheets=list(views))
        if left:
            self.warn("sheets-left", "note", **where, count=len(left), sheets=left)
        return list(views)

    def _check_fields(self, number, entry, types):
        known = {*self.catalogue["assessments"].fields, *types}
        for name in entry.get("fields", {}):
            if name not in known:
                line = self.recipe.line("assessments", number, "fields", name)
                arguments = {
                    "file": self.recipe.path.name,
                    "line": line,
                    "field": name,
                    "known": sorted(known),
                }
                raise StudyError("study-unknown-field", **arguments)

    def _noted(self, report, file, where):
        self.inputs[file] = report.sha256
        self.problems += [
            Problem(found.code, {**where, **found.arguments}, found.severity) for found in report.problems
        ]


def attributes_of(recipe):
    """What a recipe's set and those beside it ask of villages, each once."""
    sets = (recipe.criteria, *recipe.also.values())
    return list(dict.fromkeys(name for each in sets for name in each.attributes))


def types_of(criteria, also=()):
    """Fields that a set and those beside it take from sheets, with the type each is read as: the set's own counts."""
    types = {}
    for each in (*also, criteria):
        types |= sheets.needed_fields(each)
    return types


def _refuse_overlap(read, where):
    """Refuse sheets of one file that list the same village: one of them may sum up the others."""
    seen = {}
    for sheet, place in read:
        rows = sheet.rows
        names = [name for name in ("village_id", "commune_id", "commune", "village") if name in rows]
        for key in set(zip(*(rows[name].map(fold) for name in names), strict=True)):
            if seen.setdefault(key, place["sheet"]) != place["sheet"]:
                both = [seen[key], place["sheet"]]
                raise TableError(
                    "sheets-overlap", **where, village=" · ".join(filter(None, key)), sheets=both
                )
