"""The frozen bundle that everything is measured on: villages, layers, assessments, rules, one CRS in metres."""

from collections.abc import Mapping
from dataclasses import dataclass
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
        The area in which a thing that exists should be in the layer.
    counts : Mapping of str to int
        ``rows_in`` = ``rows_used`` + ``rows_reported``; ``closed`` of the reported do not work.
    """

    layer: Layer
    frame: gpd.GeoDataFrame | None
    raster: Raster | None
    complete: Mapping
    as_of: str | None
    file: str
    outline: object
    counts: Mapping

    def is_complete(self, communes):
        """For each commune id whether the layer holds all there is; unknown counts as no."""
        everywhere = self.complete.get("*", "unknown")
        return np.array([self.complete.get(commune, everywhere) == "yes" for commune in communes], dtype=bool)

    def edge_m(self, points):
        """How far each point is from where the layer's data end, in metres; 0 outside, NaN for None."""
        points = np.asarray(points, dtype=object)
        known = ~shapely.is_missing(points)
        edge = np.full(len(points), np.nan)
        if self.outline is None or not known.any():
            edge[known] = np.inf if self.outline is None else 0.0
            return edge
        border = shapely.get_parts(shapely.boundary(self.outline))
        pieces = np.concatenate([_segments(line) for line in border])
        _, away = shapely.STRtree(pieces).query_nearest(
            points[known], return_distance=True, all_matches=False
        )
        shapely.prepare(self.outline)
        edge[known] = np.where(shapely.contains(self.outline, points[known]), away, 0.0)
        return edge


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

    @property
    def reported(self):
        """The assessment of the study's year; an empty table over all villages where there is none."""
        if self.year in self.assessments:
            return self.assessments[self.year]
        return pd.DataFrame(index=self.villages.index)


def frozen(mapping):
    """A read-only copy of a mapping."""
    return MappingProxyType(dict(mapping))


def _segments(line):
    coordinates = shapely.get_coordinates(line)
    return shapely.linestrings(np.stack([coordinates[:-1], coordinates[1:]], axis=1))
