"""The frozen bundle that everything is measured on: villages, layers, assessments, rules, one CRS in metres."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.catalogue import Layer
from gis.criteria import CriteriaSet
from gis.labels import Label
from gis.rasters import Raster

RUNGS = ("sheet", "points", "outlines", "polygons", "networks", "terrain")
"""What a study stands on, from one sheet to terrain; each rung answers more by map."""


@dataclass(frozen=True)
class LayerData:
    """One layer of a study: what was read, how complete it is and where it ends.

    Attributes
    ----------
    layer : Layer
        What kind of layer this is.
    frame : GeoDataFrame or None
        In the study's CRS with canonical columns, index the feature's id (text), sorted by it; facilities
        that do not work are not in it. None for rasters.
    raster : Raster or None
    complete : Mapping of str to str
        Commune id, or ``"*"`` for everywhere else, to ``"yes"``, ``"no"`` or ``"unknown"``.
    as_of : str or None
        When the data were true, as written.
    file : str
    outline : Geometry or None
        The area in which a thing that exists should be in the layer; None where nobody knows.
    counts : Mapping of str to int
        ``rows_in`` = ``rows_used`` + ``rows_reported``; ``closed`` of the reported do not work. Where the
        file has a column of it, ``working`` and ``state_unknown`` of the used do and may work.
    age_years, limit_years : float or None
        How old the data were when the study was judged, and how old they may be; None where nobody says.
    closed : GeoDataFrame or None
        Facilities that do not work, as `frame`: nothing is measured to them, but they may be repaired.
    """

    layer: Layer
    frame: gpd.GeoDataFrame | None
    raster: Raster | None
    complete: Mapping
    as_of: str | None
    file: str
    outline: object
    counts: Mapping
    age_years: float | None = None
    limit_years: float | None = None
    closed: gpd.GeoDataFrame | None = None

    @property
    def thing(self):
        """What is in it: the raster of a raster, else the frame."""
        return self.frame if self.raster is None else self.raster

    @property
    def stale(self):
        """Whether the data were older than they may be; what rests on them is less sure."""
        return None not in (self.age_years, self.limit_years) and self.age_years > self.limit_years

    def completeness(self, commune):
        """Whether the layer holds all there is in a commune: ``"yes"``, ``"no"`` or ``"unknown"``."""
        return self.complete.get(commune, self.complete.get("*", "unknown"))

    def is_complete(self, communes):
        """For each commune id whether the layer holds all there is; unknown counts as no."""
        return np.array([self.completeness(commune) == "yes" for commune in communes], dtype=bool)

    def edge_m(self, points, communes=None):
        """How far each point is from where the layer's data end, in metres.

        They end at the border of `outline` and at every commune in which the layer is not complete.

        Parameters
        ----------
        points : array of Point or None
            In the study's CRS.
        communes : GeoSeries, optional
            Outlines by commune id, None where unknown. Asked for only where completeness differs by
            commune.

        Returns
        -------
        array of float
            0 where the data have ended, or where nobody knows how far they go: no outline, or no outline
            of a commune in which the layer is not complete. NaN for None.
        """
        points = np.asarray(points, dtype=object)
        known = ~shapely.is_missing(points)
        edge = np.where(known, 0.0, np.nan)
        gaps = self._incomplete(communes)
        if shapely.get_dimensions(self.outline) < 2 or gaps is None or not known.any():
            return edge
        shapely.prepare(self.outline)
        within = shapely.contains(self.outline, points[known])
        edge[known] = np.where(within, _away(points[known], self._border), 0.0)
        if len(gaps):
            edge[known] = np.minimum(edge[known], _away(points[known], shapely.STRtree(gaps)))
        return edge

    def holds(self, lines, communes=None):
        """Whether each line lies wholly where the layer's data are, as in `edge_m`; True for None, which is nowhere."""
        gaps, missing = self._incomplete(communes), shapely.is_missing(lines)
        if shapely.get_dimensions(self.outline) < 2 or gaps is None:
            return missing
        shapely.prepare(self.outline)
        held = shapely.covers(self.outline, lines)
        for gap in gaps:
            held &= ~shapely.intersects(gap, lines)
        return held | missing

    @cached_property
    def _border(self):
        """The border of `outline` piece by piece, as a tree."""
        border = shapely.get_parts(shapely.boundary(self.outline))
        return shapely.STRtree(np.concatenate([_segments(line) for line in border]))

    def _incomplete(self, communes):
        """Outlines of the communes in which the layer is not complete; None where one is not known."""
        states = set(self.complete.values()) | {self.completeness("*")}
        if len(states) == 1:
            return np.zeros(0, dtype=object)
        if communes is None:
            return None
        ids = communes.index.union([commune for commune in self.complete if commune != "*"])
        gaps = communes.reindex(ids[~self.is_complete(ids)]).to_numpy()
        return None if shapely.is_missing(gaps).any() else gaps


@dataclass(frozen=True)
class Citation:
    """What must be said of one input wherever it is shown."""

    layer: Label
    file: str
    as_of: str | None
    said: Label
    licence: str | None

    def text(self, language):
        """Layer, file, date, citation and licence as one line."""
        parts = (
            f"{self.layer.pick(language)}: {self.file}",
            self.as_of,
            self.said.pick(language),
            self.licence,
        )
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Tolerance:
    """What the study file says under ``tolerance``.

    Attributes
    ----------
    position_m : float
        Metres by which a village point, a facility or a border may lie off.
    speed_pct : float
        Percent by which people may be faster or slower than the speed that times are made with; below 100.
    date_years : float
        Years by which a layer and an assessment may be apart and still speak of the same time.
    """

    position_m: float = 50.0
    speed_pct: float = 20.0
    date_years: float = 1.0

    @classmethod
    def given(cls, data):
        """From the mapping of a study file."""
        return cls(**{name: float(value) for name, value in data.get("tolerance", {}).items()})

    @classmethod
    def of(cls, study):
        """Of a study, whose parameters hold it."""
        names = ("position_m", "speed_pct", "date_years")
        found = {name: study.parameters.get(f"tolerance_{name}") for name in names}
        return cls(**{name: value for name, value in found.items() if value is not None})

    def as_parameters(self):
        """As parameters of a study, which belong to its run."""
        return {f"tolerance_{name}": value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Study:
    """Everything a judgement needs, read and checked; nothing is filled in afterwards.

    Attributes
    ----------
    groups : Series of str
        Village to the column of thresholds that applies; None where the study binds none.
    villages : GeoDataFrame
        Columns of `gis.tables.VILLAGES` and further attributes, sorted by village id.
    communes : GeoDataFrame
        Index ``commune_id``; columns ``name`` and ``geometry`` (None where no outline is known).
    layers : Mapping of str to LayerData
        By catalogue id; `villages` and `communes` are among them where they came from a file.
    assessments : Mapping of int to DataFrame
        Year to one row a village (every village is there; absent rows are NaN) with ``record``.
    rung : int
        Position in `RUNGS`.
    inputs : Mapping of str to str
        File to the SHA-256 of its bytes.
    citations : tuple of Citation
    sheet_counts : Mapping of str to Mapping
        Assessment sheet to its ``rows_in``, ``rows_used`` and ``rows_reported``.
    matches : Mapping of str to MatchReport
        Assessment sheet to what became of the names in it.
    beside : Mapping of str to Study
        The same study under further sets, by the name that the study file gives each.
    crosswalk : Crosswalk or None
        The steps by which villages merged, split and were renamed; None where the study names none.
    former : Mapping of int to DataFrame
        Year to what the villages of its end reported, a row each with ``name``, before it was carried to
        those of today; only of years before such a step.
    own : DataFrame or None
        What the layer of villages itself said of attributes that a sheet or a commune may have filled in; None
        where nothing was.
    binding : Mapping
        Dimension to a group or to ``{"column": name}``: what the study file says of groups.
    recipe : str
        SHA-256 of what the study file says: groups, completeness, kinds and whatever else decides.
    travels : dict
        What `gis.measure` prepared for ways so far, so that judging again prepares nothing; no part of the study.
    """

    id: str
    label: Label
    path: str
    criteria: CriteriaSet
    groups: pd.Series
    villages: gpd.GeoDataFrame
    communes: gpd.GeoDataFrame
    layers: Mapping
    assessments: Mapping
    parameters: Mapping
    target: Mapping
    crs: object
    year: int | None
    as_of: str | None
    rung: int
    illustration: bool
    problems: tuple
    inputs: Mapping
    citations: tuple
    recipe: str = ""
    sheet_counts: Mapping = field(default_factory=dict)
    matches: Mapping = field(default_factory=dict)
    beside: Mapping = field(default_factory=dict)
    crosswalk: object = None
    former: Mapping = field(default_factory=dict)
    own: pd.DataFrame | None = None
    binding: Mapping = field(default_factory=dict)
    travels: dict = field(default_factory=dict, repr=False, compare=False)

    @property
    def reported(self):
        """The assessment of the study's year; an empty table over all villages where there is none."""
        if self.year in self.assessments:
            return self.assessments[self.year]
        return pd.DataFrame(index=self.villages.index)

    @cached_property
    def weak_names(self):
        """Villages whose row in the year's sheets was joined by a name with other letters that nobody confirmed."""
        records = self.reported.get("record", pd.Series(dtype=object)).dropna()
        known = {place: village for village, text in records.items() for place in str(text).split("; ")}
        weak = set()
        for sheet, report in self.matches.items():
            rows = report.table
            rows = rows[(rows["outcome"] == "automatic") & (rows["reason"] == "typing")]
            weak |= {known.get(f"{sheet} · {row}") for row in rows["left_id"]}
        return frozenset(weak - {None})


def frozen(mapping):
    """A read-only copy of a mapping."""
    return MappingProxyType(dict(mapping))


def _segments(line):
    coordinates = shapely.get_coordinates(line)
    return shapely.linestrings(np.stack([coordinates[:-1], coordinates[1:]], axis=1))


def _away(points, shapes):
    """How far each point is from the nearest of some shapes, given as a tree."""
    return shapes.query_nearest(points, return_distance=True, all_matches=False)[1]
