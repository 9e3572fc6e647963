"""A judged study as one file of plain tables and JSON, and back: what was laid before a meeting, for good."""

import io
import json
import zipfile
from dataclasses import dataclass, field, fields

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gis.catalogue import load_catalogue
from gis.criteria import build_set, set_to_plain
from gis.errors import StoreError
from gis.intake.reports import problem_as_json, problem_from_json
from gis.labels import Label
from gis.recipe import type_of
from gis.review import Review, Run
from gis.study import Citation, LayerData, Study, frozen

FORM = 1
"""Of the file; grows when one cannot be read as the one before."""

MOMENT = (2000, 1, 1, 0, 0, 0)
"""Of every member: the same study gives the same bytes."""

ON_MAP = ("facility", "network", "area")
FRAMES = ("villages", "communes", "groups", "measurements", "findings", "results", "states")

PLAIN_STUDY = ("id", "path", "year", "as_of", "rung", "illustration", "recipe")
MAPPED_STUDY = ("parameters", "target", "inputs", "binding")
OTHER_STUDY = (
    "label", "criteria", "groups", "villages", "communes", "layers", "assessments", "crs", "problems", "citations",
    "sheet_counts",
)  # fmt: skip
LEFT_OUT_STUDY = ("matches", "crosswalk", "former", "own", "beside", "travels")
"""How names in sheets were matched is a question of today; the others serve to judge other years or to measure, which
nobody does with a frozen study."""

PLAIN_LAYER = ("complete", "as_of", "file", "counts", "age_years", "limit_years")
LEFT_OUT_LAYER = ("raster", "outline", "closed")
"""What layers are measured and works are found with; a frozen study is measured no more, and nothing is planned on it."""


@dataclass(frozen=True)
class Frozen:
    """A frozen study.

    Attributes
    ----------
    review : Review
        As it was; its study has no rasters.
    about : Mapping
        ``name`` of the meeting, ``as_of``, ``study``, ``who`` and ``at``.
    states : DataFrame
        As `gis.workflows.states.stand` gives it, at that time.
    evidence : list of dict
        The pieces of evidence there were, as rows of the store.
    decisions : list of dict
        What people had decided on contradictions: ``village``, ``criterion``, ``answer``, ``reason``, ``who``, ``at``.
    """

    review: Review
    about: dict
    states: pd.DataFrame
    evidence: list
    decisions: list = field(default_factory=list)


def to_bytes(given):
    """The bytes of a `Frozen`; the same for the same study, name and moment."""
    review, study = given.review, given.review.study
    tables = {
        "villages": study.villages,
        "communes": study.communes,
        "groups": study.groups.to_frame("group"),
        "measurements": review.measurements,
        "findings": review.findings,
        "results": review.results,
        "states": given.states,
        **{f"assessments/{year}": table for year, table in study.assessments.items()},
        **{f"layers/{name}": data.frame for name, data in _drawn(study)},
    }
    kinds, members = {}, {}
    for name, table in tables.items():
        members[f"{name}.parquet"], kinds[name] = _table_to_bytes(table)
    told = {
        "form": FORM,
        "about": dict(given.about),
        "evidence": list(given.evidence),
        "decisions": list(given.decisions),
        "study": {name: _plain(getattr(study, name)) for name in (*PLAIN_STUDY, *MAPPED_STUDY)},
        "label": dict(study.label),
        "criteria": set_to_plain(study.criteria),
        "crs": None if study.crs is None else study.crs.to_wkt(),
        "problems": [problem_as_json(problem) for problem in study.problems],
        "citations": [
            {
                **{f.name: getattr(one, f.name) for f in fields(one)},
                "layer": dict(one.layer),
                "said": dict(one.said),
            }
            for one in study.citations
        ],
        "sheet_counts": _plain(study.sheet_counts),
        "layers": {
            name: {part: _plain(getattr(data, part)) for part in PLAIN_LAYER}
            for name, data in study.layers.items()
        },
        "run": {f.name: _plain(getattr(review.run, f.name)) for f in fields(review.run)},
        "tables": kinds,
        "beside": list(review.beside),
    }
    for number, other in enumerate(review.beside.values()):
        alone = Frozen(other, given.about, given.states.iloc[:0], [])
        members[f"beside/{number}.zip"] = to_bytes(alone)
    members["meeting.json"] = json.dumps(told, ensure_ascii=False, default=str).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(members):
            # Tables are compressed already.
            how = zipfile.ZIP_STORED if name.endswith((".parquet", ".zip")) else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, MOMENT), members[name], how)
    return buffer.getvalue()


def from_file(path):
    """The `Frozen` of a file, given by its path or open.

    Raises
    ------
    StoreError
        If it was written by a newer program.
    """
    with zipfile.ZipFile(path) as archive:
        told = json.loads(archive.read("meeting.json"))
        if told["form"] > FORM:
            raise StoreError("meetings-newer")
        tables = {
            name: _table_from_bytes(archive.read(f"{name}.parquet"), kinds)
            for name, kinds in told["tables"].items()
        }
        beside = {
            name: from_file(io.BytesIO(archive.read(f"beside/{number}.zip"))).review
            for number, name in enumerate(told["beside"])
        }
    crs = None if told["crs"] is None else CRS.from_wkt(told["crs"])
    catalogue, parts = load_catalogue(), {}
    for name, part in told["layers"].items():
        if type_of(name) in catalogue:
            frame = tables.get(f"layers/{name}")
            parts[name] = LayerData(
                layer=catalogue[type_of(name)], frame=frame, raster=None, outline=None, **part
            )
    years = {
        name.partition("/")[2]: table for name, table in tables.items() if name.startswith("assessments/")
    }
    study = Study(
        **{name: told["study"][name] for name in PLAIN_STUDY},
        **{name: frozen(told["study"][name]) for name in MAPPED_STUDY},
        label=Label(told["label"]),
        criteria=build_set(told["criteria"], file=told["about"]["name"]),
        groups=tables["groups"]["group"],
        villages=tables["villages"],
        communes=tables["communes"],
        layers=frozen(parts),
        assessments=frozen({int(year): table for year, table in sorted(years.items())}),
        crs=crs,
        problems=tuple(problem_from_json(problem) for problem in told["problems"]),
        citations=tuple(
            Citation(**{**one, "layer": Label(one["layer"]), "said": Label(one["said"])})
            for one in told["citations"]
        ),
        sheet_counts=frozen(told["sheet_counts"]),
    )
    run = Run(**told["run"])
    review = Review(
        study, tables["measurements"], tables["findings"], tables["results"], run, beside=frozen(beside)
    )
    return Frozen(review, told["about"], tables["states"], told["evidence"], told["decisions"])


def _drawn(study):
    """The layers that a map of the study shows."""
    return [
        (name, data)
        for name, data in study.layers.items()
        if data.frame is not None and data.layer.role in ON_MAP
    ]


def _table_to_bytes(table):
    """A table as Parquet, and what its columns were that Parquet has no type for."""
    columns, kinds = {}, {}
    for name in table.columns:
        column = table[name]
        if str(column.dtype) == "geometry" or _holds(column, shapely.Geometry):
            kinds[name] = "geometry" if str(column.dtype) == "geometry" else "shape"
            columns[name] = shapely.to_wkb(column.to_numpy(dtype=object))
        elif column.dtype.kind in "fiub":
            columns[name] = column.to_numpy()
        elif str(column.dtype) == "str" or _holds(column, str):
            kinds[name] = "str" if str(column.dtype) == "str" else "text"
            columns[name] = column.astype(object).where(column.notna(), None)
        else:
            kinds[name] = "json"
            columns[name] = [json.dumps(value, ensure_ascii=False, default=_item) for value in column]
    about = {"columns": kinds, "index": table.index.name, "index_type": str(table.index.dtype)}
    if isinstance(table, gpd.GeoDataFrame):
        crs = table.crs
        about |= {"geometry": table.geometry.name, "crs": None if crs is None else crs.to_wkt()}
    buffer = io.BytesIO()
    frame = pd.DataFrame({name: np.asarray(values) for name, values in columns.items()})
    frame.insert(0, "__index__", list(table.index))
    frame.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue(), about


def _table_from_bytes(content, about):
    table = pd.read_parquet(io.BytesIO(content))
    crs = CRS.from_wkt(about["crs"]) if about.get("crs") else None
    for name, kind in about["columns"].items():
        column = table[name].astype(object).where(table[name].notna(), None)
        if kind in ("geometry", "shape"):
            shapes = shapely.from_wkb(column.to_numpy(dtype=object))
            column = gpd.GeoSeries(shapes, index=table.index, crs=crs)
            column = column if kind == "geometry" else pd.Series(shapes, index=table.index, dtype=object)
        elif kind == "json":
            column = pd.Series([json.loads(text) for text in column], index=table.index, dtype=object)
        table[name] = column.astype("str") if kind == "str" else column
    index = table.pop("__index__").to_numpy()
    table.index = pd.Index(index, name=about["index"], dtype=about["index_type"])
    if "geometry" in about:
        return gpd.GeoDataFrame(table, geometry=about["geometry"], crs=crs)
    return table


def _holds(column, kind):
    """Whether a column holds nothing but values of a kind and blanks; True of neither where all are blank."""
    kinds = {type(value) for value in column if value is not None}
    return bool(kinds) and all(issubclass(found, kind) for found in kinds)


def _item(value):
    return value.item() if isinstance(value, np.generic) else str(value)


def _plain(value):
    """Mappings as dicts all the way down."""
    if hasattr(value, "items"):
        return {str(key): _plain(part) for key, part in value.items()}
    return _item(value) if isinstance(value, np.generic) else value
