"""From a study file to a `Study`: open every file through the safe reader, bind, check, join.

Faults that make the result wrong are errors, all of one kind at once; what only makes it poorer is a
problem that travels with the study and is shown beside its results.
"""

import re
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from gis import assessments as sheets
from gis.crs import WGS84, check_metric, keeps_lengths, metric_crs, parse_crs
from gis.errors import GisError, Problem, StudyError, TableError
from gis.geometry import count_overlaps, outline, point_inside
from gis.labels import Label
from gis.layering import bind_layer
from gis.names import fold
from gis.rasters import Raster, weighted_points
from gis.study import LayerData, Study, frozen

BOUNDARIES = ("villages", "communes", "upper_units")
FACTS = ("population", "households")


def build_study(recipe, catalogue, reader, *, report=None):
    """Read every file of a recipe and build the study.

    Parameters
    ----------
    recipe : Recipe
    catalogue : Mapping of str to Layer
    reader : Reader
        The door to foreign files.
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
    work = _Work(recipe, catalogue, reader, report)
    bound = work.each("layers", work.read_vector, lambda name: catalogue[name].role != "raster")
    tables = work.each("assessments", work.read_sheet)
    work.stop_on_faults()
    villages, communes = _places(work, bound, tables)
    crs = _study_crs(recipe, bound)
    villages, communes = _in_crs(villages, crs), _in_crs(communes, crs)
    rasters = work.each(
        "layers", lambda name: work.read_raster(name, crs), lambda name: catalogue[name].role == "raster"
    )
    assessments = _assess(work, tables, villages)
    work.stop_on_faults()
    villages = _finish_villages(work, villages, rasters, assessments)
    area = _area(villages, communes)
    layers = _layers(work, bound, rasters, crs, area)
    groups = _groups(recipe, villages)
    year = recipe.data.get("year") or max(assessments, default=None)
    if recipe.data.get("year") and recipe.data["year"] not in assessments:
        where = {"file": recipe.path.name, "line": recipe.line("year"), "year": str(recipe.data["year"])}
        raise StudyError("study-year-without-sheet", **where, known=[str(known) for known in assessments])
    return Study(
        id=recipe.data["id"],
        label=recipe.label,
        path=str(recipe.path),
        criteria=recipe.criteria,
        groups=groups,
        villages=villages,
        communes=_all_communes(villages, communes),
        layers=frozen(layers),
        assessments=frozen(assessments),
        parameters=frozen(recipe.data.get("parameters", {})),
        target=frozen(recipe.data.get("target") or recipe.criteria.target or {}),
        crs=crs,
        year=year,
        as_of=_text(recipe.data.get("as_of")),
        rung=_rung(villages, communes, layers),
        illustration=bool(recipe.data.get("illustration", False)),
        problems=tuple(
            sorted(work.problems, key=lambda found: ("error", "warning", "note").index(found.severity))
        ),
        inputs=frozen(dict(sorted(work.inputs.items()))),
        citations=_citations(work),
    )


class _Work:
    """What is gathered while files are read: problems, faults, hashes and row counts."""

    def __init__(self, recipe, catalogue, reader, report):
        self.recipe, self.catalogue, self.reader, self.report = recipe, catalogue, reader, report
        self.problems, self.faults, self.inputs, self.counts = [], [], {}, {}

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
        return self.recipe.data[part][name]

    def stop_on_faults(self):
        if self.faults:
            raise StudyError(problems=self.faults)

    def read_vector(self, name):
        entry, path = self.entry("layers", name), self.recipe.file("layers", name)
        where = {"layer": name, "file": path.name}
        foreign = self.reader.vector(path, layer=entry.get("layer"), encoding=entry.get("encoding"))
        self._noted(foreign.report, where)
        keep = [
            group["column"]
            for group in self.recipe.data.get("groups", {}).values()
            if isinstance(group, Mapping)
        ]
        frame, problems, counts = bind_layer(
            foreign.frame, self.catalogue[name], entry, where=where, keep=keep if name == "villages" else ()
        )
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
        where = {"layer": name, "file": path.name}
        read = self.reader.raster(path)
        self._noted(read.report, where)
        own = parse_crs(entry["crs"], **where) if "crs" in entry else read.crs
        if own is None:
            raise StudyError("layer-no-crs", **where)
        if parse_crs(own, **where) != crs:
            raise StudyError("raster-other-crs", **where, crs=str(own)[:60], expected=crs.to_string())
        a, b, west, d, e, north = tuple(read.transform)[:6]
        if b or d or a <= 0 or e >= 0:
            raise StudyError("raster-not-north-up", **where)
        self.counts[name] = {"rows_in": 1, "rows_used": 1, "rows_reported": 0}
        return Raster(np.ma.filled(np.ma.asarray(read.array, dtype=float), np.nan), west, north, a, -e, crs)

    def read_sheet(self, number):
        entry, path = self.entry("assessments", number), self.recipe.file("assessments", number)
        found = self.reader.table(path, sheet=entry.get("sheet"), encoding=entry.get("encoding"))
        where = {"file": path.name}
        self._noted(found.report, where)
        types = sheets.needed_fields(self.recipe.criteria)
        self._check_fields(number, entry, types)
        name, cells = self._pick_sheet(found.sheets, where)
        where = {"file": path.name, "sheet": name}
        sheet, problems = sheets.read_sheet(cells, self.catalogue["assessments"], entry, types, where=where)
        self.problems += problems
        return sheet, where

    def _pick_sheet(self, found, where):
        filled = {name: cells for name, cells in found.items() if cells}
        if len(filled) > 1:
            raise TableError("sheet-which", **where, sheets=list(filled))
        if not filled:
            raise TableError("sheet-empty", **where)
        return next(iter(filled.items()))

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

    def _noted(self, report, where):
        self.inputs[report.file] = report.sha256
        self.problems += [
            Problem(found.code, {**where, **found.arguments}, found.severity) for found in report.problems
        ]


def _places(work, bound, tables):
    """Villages and communes as frames that carry every village once, from the layer or the sheets."""
    communes = bound.get("communes")
    if communes is not None:
        communes = _keyed_communes(work, communes)
    if "villages" in bound:
        file = work.recipe.file("layers", "villages").name
        villages = _keyed_villages(work, bound["villages"], communes, {"layer": "villages", "file": file})
    else:
        latest = max(tables, key=lambda number: (work.entry("assessments", number)["year"], number))
        sheet, where = tables[latest]
        plain = sheets.villages_from(sheet, where=where)
        villages = gpd.GeoDataFrame(plain, geometry=[None] * len(plain), crs=WGS84)
    for name in ("commune_id", "commune", "name"):
        if name not in villages:
            villages[name] = None
    names = communes["name"] if communes is not None else pd.Series(dtype=object)
    villages["commune"] = villages["commune"].where(
        villages["commune"].notna(), villages["commune_id"].map(names)
    )
    slug = villages["commune"].map(lambda name: fold(name).replace(" ", "-") or None)
    villages["commune_id"] = villages["commune_id"].where(villages["commune_id"].notna(), slug)
    villages["commune"] = villages["commune"].where(villages["commune"].notna(), villages["commune_id"])
    villages["name"] = villages["name"].where(villages["name"].notna(), villages.index.to_series())
    return villages.sort_index(), communes


def _keyed_communes(work, communes):
    where = {"layer": "communes", "file": work.recipe.file("layers", "communes").name}
    if "commune_id" not in communes:
        if "name" not in communes:
            raise TableError("layer-no-key", **where, field="commune_id")
        communes["commune_id"] = communes["name"].map(lambda name: fold(name).replace(" ", "-"))
    communes = communes.set_index("commune_id")
    if communes.index.duplicated().any():
        twice = sorted(set(communes.index[communes.index.duplicated()]))
        raise TableError("commune-code-twice", **where, codes=twice)
    if "name" not in communes:
        communes["name"] = communes.index
    return communes.sort_index()


def _keyed_villages(work, villages, communes, where):
    if communes is not None and ("commune_id" not in villages or villages["commune_id"].isna().any()):
        villages = _located(work, villages, communes, where)
    for name in ("commune_id", "commune"):
        if name not in villages:
            villages[name] = None
    if "village_id" not in villages:
        if "name" not in villages:
            raise TableError("layer-no-key", **where, field="village_id")
        places = villages["commune_id"].where(villages["commune_id"].notna(), villages["commune"])
        villages["village_id"] = [
            sheets.village_key(*pair) for pair in zip(places, villages["name"], strict=True)
        ]
    nameless = villages["village_id"].isna()
    if nameless.any():
        rows = villages.loc[nameless, "source_row"].tolist()
        work.problems.append(Problem("village-without-code", {**where, "count": len(rows), "rows": rows}))
        work.counts["villages"]["rows_used"] -= len(rows)
        work.counts["villages"]["rows_reported"] += len(rows)
        villages = villages[~nameless]
    villages = villages.set_index("village_id")
    sheets.check_unique(villages, where=where)
    overlaps, area = count_overlaps(_projected(villages)) if _has_polygons(villages) else (0, 0.0)
    if overlaps:
        work.problems.append(Problem("villages-overlap", {**where, "count": overlaps, "area_ha": area / 1e4}))
    return villages


def _located(work, villages, communes, where):
    """Villages with the commune their point lies in, where the file does not say."""
    outlines = communes.to_crs(villages.crs).geometry.to_numpy()
    points = shapely.point_on_surface(villages.geometry.to_numpy())
    point, commune = shapely.STRtree(outlines).query(points, predicate="intersects")
    inside = pd.Series(communes.index[commune], index=villages.index[point])
    inside = inside[~inside.index.duplicated()]
    given = (
        villages["commune_id"]
        if "commune_id" in villages
        else pd.Series(None, index=villages.index, dtype=object)
    )
    villages = villages.assign(commune_id=given.where(given.notna(), inside.reindex(villages.index)))
    outside = villages["commune_id"].isna()
    if outside.any():
        rows = villages.loc[outside, "source_row"].tolist()
        work.problems.append(Problem("village-outside-communes", {**where, "count": len(rows), "rows": rows}))
    return villages


def _study_crs(recipe, bound):
    if "crs" in recipe.data:
        where = {"layer": "crs", "file": recipe.path.name}
        return check_metric(parse_crs(recipe.data["crs"], **where), **where)
    for name in (*BOUNDARIES, *bound):
        frame = bound.get(name)
        if frame is not None and frame.geometry.notna().any():
            return frame.crs if keeps_lengths(frame.crs) else metric_crs(frame.to_crs(WGS84).total_bounds)
    return None


def _in_crs(frame, crs):
    if frame is None or crs is None or not frame.geometry.notna().any():
        return frame if frame is None or crs is None else frame.set_crs(crs, allow_override=True)
    projected = frame.to_crs(crs)
    if not np.isfinite(projected.total_bounds).all():
        raise StudyError("crs-transform-failed", crs=crs.to_string())
    return projected


def _assess(work, tables, villages):
    by_year = {}
    for number, (sheet, where) in tables.items():
        table, problems = sheets.join_sheet(sheet, villages, where=where)
        year = work.entry("assessments", number)["year"]
        if year in by_year:
            both = by_year[year]["record"].notna() & table["record"].notna()
            if both.any():
                names = villages.loc[both, "name"].tolist()
                problems.append(
                    Problem("sheet-village-in-two-files", {**where, "count": len(names), "villages": names})
                )
            by_year[year] = by_year[year].combine_first(table)
        else:
            by_year[year] = table
        used = int(table["record"].notna().sum())
        key = f"{where['file']} · {where['sheet']}" if where.get("sheet") else where["file"]
        work.counts[key] = {
            "rows_in": sheet.rows_in,
            "rows_used": used,
            "rows_reported": sheet.rows_in - used,
        }
        work.problems += problems
    return dict(sorted(by_year.items()))


def _finish_villages(work, villages, rasters, assessments):
    """Villages with their point, people and households from the best source there is."""
    points = np.full(len(villages), None, dtype=object)
    geometries = villages.geometry.to_numpy()
    dimension = shapely.get_dimensions(geometries)
    points[dimension == 0] = geometries[dimension == 0]
    area = dimension == 2
    points[area] = point_inside(geometries[area])
    if "population" in rasters and area.any():
        weighted = weighted_points(rasters["population"], np.where(area, geometries, None))
        points = np.where(shapely.is_missing(weighted), points, weighted)
    villages = villages.copy()
    villages["point"] = gpd.GeoSeries(points, index=villages.index, crs=villages.crs)
    villages = villages.set_geometry(
        gpd.GeoSeries(np.where(area, geometries, None), index=villages.index, crs=villages.crs)
    )
    approximate = (
        villages["approximate"] == 1 if "approximate" in villages else pd.Series(False, index=villages.index)
    )
    villages["approximate"] = approximate.to_numpy(dtype=bool)
    for fact in FACTS:
        known = villages[fact] if fact in villages else pd.Series(np.nan, index=villages.index)
        for year in sorted(assessments, reverse=True):
            if fact in assessments[year]:
                known = known.where(known.notna(), assessments[year][fact])
        villages[fact] = known.astype(float)
    if "minority_share_pct" not in villages:
        villages["minority_share_pct"] = _minority_share(assessments, villages.index)
    return villages.drop(columns="source_row", errors="ignore")


def _minority_share(assessments, index):
    for year in sorted(assessments, reverse=True):
        table = assessments[year]
        if {"minority_households", "households"} <= set(table):
            return 100 * table["minority_households"] / table["households"].where(table["households"] > 0)
    return pd.Series(np.nan, index=index)


def _layers(work, bound, rasters, crs, area):
    layers = {}
    for name, frame in bound.items():
        frame = _in_crs(frame, crs)
        entry, counts = work.entry("layers", name), work.counts[name]
        if work.catalogue[name].role not in ("boundary", "raster"):
            frame, counts = _serving(work, name, frame, counts)
        layers[name] = _layer_data(work, name, entry, _identified(name, frame), None, area, counts)
    for name, raster in rasters.items():
        layers[name] = _layer_data(
            work, name, work.entry("layers", name), None, raster, area, work.counts[name]
        )
    for name, layer in layers.items():
        counts = layer.counts
        if counts["rows_in"] != counts["rows_used"] + counts["rows_reported"]:
            raise StudyError("rows-do-not-add-up", layer=name, file=layer.file, **counts)
    return layers


def _serving(work, name, frame, counts):
    """Facilities that work, or of which nobody says that they do not; the closed ones are reported."""
    if "working" not in frame or not (frame["working"] == 0).any():
        return frame, {**counts, "closed": 0}
    closed = frame["working"] == 0
    rows = frame.loc[closed, "source_row"].tolist()
    where = {"layer": name, "file": work.recipe.file("layers", name).name}
    work.problems.append(Problem("facilities-closed", {**where, "count": len(rows), "rows": rows}, "note"))
    count = int(closed.sum())
    used = {"rows_used": counts["rows_used"] - count, "rows_reported": counts["rows_reported"] + count}
    return frame[~closed], {**counts, **used, "closed": count}


def _identified(name, frame):
    """The frame indexed by the feature's own id as text, or by layer and row where there is none or it repeats."""
    own = next(
        (column for column in frame if column.endswith("_id") and column not in ("commune_id", "upper_id")),
        None,
    )
    numbered = [f"{name}-{int(row)}" for row in frame["source_row"]]
    if name in ("villages", "communes", "upper_units") and own:
        ids = frame[own]
    elif own and frame[own].notna().all() and frame[own].is_unique:
        ids = frame[own]
    else:
        ids = numbered
    frame = frame.drop(columns="source_row")
    frame.index = pd.Index([str(key) for key in ids], name="id")
    for column in ("name", "kind"):
        if column not in frame:
            frame[column] = None
    return frame.sort_index(key=lambda index: index.map(_natural))


def _natural(key):
    return tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", key) if part
    )


def _layer_data(work, name, entry, frame, raster, area, counts):
    complete = entry.get("complete", "unknown")
    words = {True: "yes", False: "no"}
    if not isinstance(complete, Mapping):
        complete = {"*": complete}
    reach = 1000 * entry.get("covers_km", 0)
    return LayerData(
        layer=work.catalogue[name],
        frame=frame,
        raster=raster,
        complete=frozen({str(commune): words.get(state, state) for commune, state in complete.items()}),
        as_of=_text(entry.get("as_of")),
        file=entry["file"],
        outline=shapely.buffer(area, reach) if area is not None and reach else area,
        counts=frozen({"closed": 0, **counts}),
    )


def _area(villages, communes):
    """The outline of the study: its villages and communes, else the hull of its village points."""
    shapes = [*villages.geometry.dropna(), *(communes.geometry.dropna() if communes is not None else ())]
    if shapes:
        return outline(shapes)
    points = villages["point"].dropna()
    return points.union_all().convex_hull if len(points) > 2 else None


def _all_communes(villages, communes):
    """Every commune that a village names or an outline has, with its name."""
    named = (
        villages.dropna(subset="commune_id").drop_duplicates("commune_id").set_index("commune_id")["commune"]
    )
    if communes is None:
        frame = pd.DataFrame({"name": named.sort_index()})
        return gpd.GeoDataFrame(frame, geometry=[None] * len(frame), crs=villages.crs)
    ids = communes.index.union(named.index)
    names = communes["name"].reindex(ids)
    frame = pd.DataFrame({"name": names.where(names.notna(), named.reindex(ids))}, index=ids)
    return gpd.GeoDataFrame(frame, geometry=communes.geometry.reindex(ids), crs=communes.crs)


def _groups(recipe, villages):
    """Which column of thresholds applies to each village, by the study's binding or the set's default."""
    criteria = recipe.criteria
    bound = recipe.data.get("groups", {}).get(criteria.dimension)
    default = criteria.default_group or (next(iter(criteria.groups)) if len(criteria.groups) == 1 else None)
    if isinstance(bound, Mapping):
        column = bound["column"]
        if column not in villages:
            line = recipe.line("groups", criteria.dimension)
            known = [str(name) for name in villages.columns if name not in ("geometry", "point")]
            raise StudyError(
                "study-no-group-column", file=recipe.path.name, line=line, column=column, known=known
            )
        values = villages[column].map(lambda value: None if value is None or value != value else str(value))
        strange = sorted(set(values.dropna()) - set(criteria.groups))
        if strange:
            line = recipe.line("groups", criteria.dimension)
            raise StudyError(
                "study-strange-groups",
                file=recipe.path.name,
                line=line,
                column=column,
                values=strange,
                known=list(criteria.groups),
            )
        return values.where(values.notna(), default)
    if bound is None and default is None:
        raise StudyError(
            "study-no-group", file=recipe.path.name, line=recipe.line("criteria"), criteria=criteria.id,
            dimension=criteria.dimension, known=list(criteria.groups),
        )  # fmt: skip
    return pd.Series(bound or default, index=villages.index, dtype=object)


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


def _citations(work):
    cited = []
    for name, entry in work.recipe.data.get("layers", {}).items():
        said = Label(entry["citation"]) if "citation" in entry else work.catalogue[name].citation
        cited.append((name, entry["file"], said, _text(entry.get("as_of")), entry.get("licence")))
    for entry in work.recipe.data.get("assessments", ()):
        said = Label(entry["citation"]) if "citation" in entry else work.catalogue["assessments"].citation
        cited.append(("assessments", entry["file"], said, str(entry["year"]), None))
    return tuple(cited)


def _has_polygons(villages):
    return bool((shapely.get_dimensions(villages.geometry.to_numpy()) == 2).any())


def _projected(villages):
    """Polygons in metres, for areas only."""
    known = villages.geometry.dropna()
    crs = metric_crs(known.to_crs(WGS84).total_bounds)
    move = Transformer.from_crs(known.crs, crs, always_xy=True).transform
    return shapely.transform(known.to_numpy(), lambda xy: np.column_stack(move(xy[:, 0], xy[:, 1])))


def _text(value):
    return None if value is None else str(value)
