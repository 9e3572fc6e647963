"""What a study offers to other programs as tables: villages, communes, findings, and its layers, part by part.

Each is read by positions, so that a page of a study of a hundred thousand villages costs what the page costs.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.exports import findings_table, wide_table
from gis.exports.geojson import geojson_shapes
from gis.messages import say
from gis.study import frozen
from gis.tables import FINDINGS, STATUSES
from gis.web import facts
from gis.web.home import things_on_map
from gis.web.texts import pick, t

KINDS = ("villages", "communes", "findings")
"""What every study offers; its layers come after, by their own names."""

TYPES = {"number": "number", "integer": "integer", "year": "integer", "yesno": "integer", "count": "integer",
         "flag": "integer"}  # fmt: skip
"""Kind of a column to the type of its values in JSON; every other is text."""


@dataclass(frozen=True)
class Field:
    """A column: a name of ASCII letters, the type of its values in JSON, what it is called, and its unit."""

    name: str
    type: str
    label: str
    unit: str = ""


@dataclass(frozen=True)
class Part:
    """Some villages of a review, as much of it as the tables of the exports read."""

    review: object
    villages_table: pd.DataFrame
    findings: pd.DataFrame

    def __getattr__(self, name):
        return getattr(self.review, name)


class Offered:
    """One table of a study under one of its sets.

    Attributes
    ----------
    name, geometry : str
        The last part of its id; ``polygon``, ``point``, ``line`` or ``mixed``.
    filters : Mapping of str to collection of str
        What it can be asked for by, and the values there are.
    """

    geometry = "mixed"
    filters = frozen({})

    def __init__(self, review, name):
        self.review, self.name = review, name

    @property
    def criteria_ids(self):
        return [one.id for one in self.review.study.criteria.criteria]

    @cached_property
    def boxes(self):
        """West, south, east and north of every row in degrees; NaN where it has no place."""
        shapes = self.shapes(np.arange(len(self)))
        if shapes is None or shapes.crs is None or not len(shapes):
            return np.full((len(self), 4), np.nan)
        return shapes.to_crs(4326).bounds.to_numpy()

    @cached_property
    def extent(self):
        """The box around all of it in degrees; None where nothing has a place."""
        known = self.boxes[~np.isnan(self.boxes).any(axis=1)]
        if not len(known):
            return None
        return [*map(float, np.r_[known[:, :2].min(axis=0), known[:, 2:].max(axis=0)].round(6))]

    def within(self, box):
        """Which rows touch a box of degrees; one whose west lies east of its east goes over the line where days change."""
        west, south, east, north = box
        if west > east:
            return self.within((west, south, 180.0, north)) | self.within((-180.0, south, east, north))
        low, high = self.boxes[:, :2], self.boxes[:, 2:]
        with np.errstate(invalid="ignore"):
            touched = (low <= (east, north)).all(axis=1) & (high >= (west, south)).all(axis=1)
            inside = (low >= (west, south)).all(axis=1) & (high <= (east, north)).all(axis=1)
        unsure = np.flatnonzero(touched & ~inside)
        if len(unsure):
            touched[unsure] = self.shapes(unsure).to_crs(4326).intersects(shapely.box(*box)).to_numpy()
        return touched

    def fits(self, filters):
        """Which rows answer to every filter."""
        return np.ones(len(self), dtype=bool)

    def features(self, positions, language):
        """GeoJSON features of some rows, as plain data."""
        rows = self.records(positions, language)
        shapes = geojson_shapes(self.shapes(positions), len(rows))
        return [
            {"type": "Feature", "id": id_, "geometry": shape, "properties": row}
            for id_, row, shape in zip(self.ids(positions), rows, shapes, strict=True)
        ]


class Villages(Offered):
    """One row a village with its verdicts and, for every criterion, status, value and reason, as the exports have it."""

    def __init__(self, review, name="villages"):
        super().__init__(review, name)
        self.table = review.villages_table
        self.filters = {
            "status": STATUSES,
            "infra_status": STATUSES,
            "commune": facts.commune_names(review, "en"),
            "criterion": self.criteria_ids,
            "criterion_status": STATUSES,
        }

    def __len__(self):
        return len(self.table)

    @cached_property
    def _runs(self):
        """Rows of the findings in the order of the villages, and where those of each begin."""
        at = self.table.index.get_indexer(self.review.findings["village_id"])
        order = None if (at[:-1] <= at[1:]).all() else np.argsort(at, kind="stable")
        begins = np.searchsorted(at if order is None else at[order], np.arange(len(self.table) + 1))
        return order, begins

    def part(self, positions):
        """The review of some villages only."""
        order, begins = self._runs
        rows = np.concatenate([np.arange(begins[at], begins[at + 1]) for at in positions] or [[]]).astype(int)
        findings = self.review.findings.iloc[rows if order is None else order[rows]]
        return Part(self.review, self.table.iloc[positions], findings)

    def fields(self, language):
        wide = wide_table(self.part([]), language)
        return [
            Field(one.name, TYPES.get(one.kind, "string"), pick(one.label, language), one.unit)
            for one in wide.columns
        ]

    def ids(self, positions):
        return list(self.table.index[positions])

    def position(self, id_):
        return self.table.index.get_loc(id_) if id_ in self.table.index else None

    def records(self, positions, language):
        return _records(wide_table(self.part(positions), language).table)

    def shapes(self, positions):
        villages = self.review.study.villages.iloc[positions]
        missing = villages.geometry.isna() | villages.geometry.is_empty
        return gpd.GeoSeries(villages.geometry.where(~missing, villages["point"]), crs=self.review.study.crs)

    def fits(self, filters):
        kept = super().fits(filters)
        for name in ("status", "infra_status"):
            if name in filters:
                kept &= (self.table[name] == filters[name]).to_numpy()
        if "commune" in filters:
            kept &= np.asarray(facts.in_commune(self.review, self.table.index, filters["commune"]))
        if "criterion" in filters:
            kept &= (self.table[filters["criterion"]] == filters["criterion_status"]).to_numpy()
        return kept


class Findings(Offered):
    """One row a village and criterion with the sentence that explains it, at the village's point."""

    geometry = "point"
    COLUMNS = (
        "village_id", "village", "commune", "criterion", "criterion_text", "clause", "status", "grade", "sentence", "value",
        "value_state", "threshold", "unit", "compare", "margin", "source", "measured", "measured_state", "reported",
        "reported_state", "agreement", "reason", "facility_name", "record", "verification", "confidence",
    )  # fmt: skip

    def __init__(self, review, name="findings"):
        super().__init__(review, name)
        self.table = review.findings
        self.filters = {
            "status": STATUSES,
            "commune": facts.commune_names(review, "en"),
            "criterion": self.criteria_ids,
            "village": review.villages_table.index,
        }

    def __len__(self):
        return len(self.table)

    def _part(self, positions):
        findings = self.table.iloc[positions]
        villages = self.review.villages_table
        return Part(self.review, villages.loc[findings["village_id"].unique()], findings)

    def fields(self, language):
        return [Field(name, self._type(name), say(f"api-finding-{name}", language)) for name in self.COLUMNS]

    def _type(self, name):
        kind = FINDINGS.get(name, "text").split(":")[0].split()[0]
        return TYPES.get(kind, "string")

    def ids(self, positions):
        rows = self.table.iloc[positions]
        return [
            f"{village}:{one}" for village, one in zip(rows["village_id"], rows["criterion"], strict=True)
        ]

    def position(self, id_):
        village, _, criterion = id_.rpartition(":")
        found = (self.table["village_id"] == village) & (self.table["criterion"] == criterion)
        return int(np.argmax(found)) if found.any() else None

    def records(self, positions, language):
        return _records(findings_table(self._part(positions), language)[list(self.COLUMNS)])

    def shapes(self, positions):
        points = self.review.study.villages["point"].reindex(self.table["village_id"].iloc[positions])
        return gpd.GeoSeries(points, crs=self.review.study.crs)

    def fits(self, filters):
        kept = super().fits(filters)
        for name, column in (("status", "status"), ("criterion", "criterion"), ("village", "village_id")):
            if name in filters:
                kept &= (self.table[column] == filters[name]).to_numpy()
        if "commune" in filters:
            kept &= np.asarray(facts.in_commune(self.review, self.table["village_id"], filters["commune"]))
        return kept


class Communes(Offered):
    """One row a commune, those furthest from the target first."""

    geometry = "polygon"
    NUMBERS = ("villages", *STATUSES, "short_by", "has_sheet")

    def __init__(self, review, name="communes"):
        super().__init__(review, name)
        self.rows = facts.communes(review, facts.PARTS[0], "en")

    def __len__(self):
        return len(self.rows)

    def fields(self, language):
        types = {"share_pct": "number"} | dict.fromkeys(self.NUMBERS, "integer")
        names = ("id", "name", "villages", *STATUSES, "share_pct", "short_by", "has_sheet")
        units = {"share_pct": "%"}
        return [
            Field(name, types.get(name, "string"), say(f"api-commune-{name}", language), units.get(name, ""))
            for name in names
        ]

    def ids(self, positions):
        return [self.rows[at]["id"] for at in positions]

    def position(self, id_):
        return next((at for at, row in enumerate(self.rows) if row["id"] == id_), None)

    def records(self, positions, language):
        names = facts.commune_names(self.review, language)
        return [
            {"id": row["id"], "name": names[row["id"]]}
            | {name: int(row[name]) for name in ("villages", *STATUSES)}
            | {
                "share_pct": facts.plain(row["share_pct"]),
                "short_by": row["short_by"],
                "has_sheet": int(row["has_sheet"]),
            }
            for row in (self.rows[at] for at in positions)
        ]

    def shapes(self, positions):
        outlines = self.review.study.communes
        if outlines is None or "geometry" not in outlines:
            return None
        found = outlines.geometry.reindex(self.ids(positions))
        return gpd.GeoSeries(found, crs=self.review.study.crs)


class Things(Offered):
    """One row a facility, road or other thing of one layer, with the columns that the layer is known to have."""

    def __init__(self, review, name):
        super().__init__(review, name)
        self.data = review.study.layers[name]
        self.frame = self.data.frame.sort_index()
        self.geometry = self.data.layer.geometry
        self.columns = [name for name in self.data.layer.fields if name in self.frame]

    def __len__(self):
        return len(self.frame)

    def fields(self, language):
        told = [Field("id", "string", say("api-field-id", language))]
        for name in self.columns:
            field = self.data.layer.fields[name]
            label = pick(field.label, language) or name
            told.append(Field(name, TYPES.get(field.type, "string"), label, field.unit or ""))
            if name in self.data.layer.vocabularies:
                told.append(Field(f"{name}_text", "string", say("api-field-in-words", language, field=label)))
        return told

    def ids(self, positions):
        return [str(id_) for id_ in self.frame.index[positions]]

    def position(self, id_):
        return self.frame.index.get_loc(id_) if id_ in self.frame.index else None

    def records(self, positions, language):
        types = {one.name: one.type for one in self.fields(language)}
        rows = []
        for id_, row in zip(
            self.ids(positions), self.frame.iloc[positions][self.columns].to_dict("records"), strict=True
        ):
            told = {"id": id_}
            for name in self.columns:
                told[name] = _cell(row[name], types[name])
                if (known := self.data.layer.vocabularies.get(name)) is not None:
                    told[f"{name}_text"] = _words(known, told[name], language)
            rows.append(told)
        return rows

    def shapes(self, positions):
        return self.frame.geometry.iloc[positions]


def names_offered(review):
    """The names of everything that a study offers, in order."""
    return [*KINDS, *(name for name, _ in things_on_map(review) if name not in KINDS)]


def offered(standing, name):
    """One table of a study by its name, made once for each state of the study; None where it offers none of it."""
    if name not in names_offered(standing.review):
        return None
    make = {"villages": Villages, "communes": Communes, "findings": Findings}.get(name, Things)
    return standing.beside(f"offered {name}", standing.review.run.id, lambda: make(standing.review, name))


def title_of(review, name):
    """What a table of a study is called in the language of the reader."""
    if name in KINDS:
        return t(f"api-collection-{name}")
    return pick(review.study.layers[name].layer.label)


def _records(table):
    return table.astype("object").where(table.notna(), None).to_dict("records")


def _cell(value, type_):
    """A cell of a foreign table as JSON can hold it; None for what is missing or has no end."""
    if value is None or value is pd.NA or value != value:
        return None
    if type_ == "string":
        return str(value)
    number = float(value)
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def _words(known, value, language):
    if value is None:
        return None
    return ", ".join(known[one][0].pick(language) if one in known else one for one in value.split())
