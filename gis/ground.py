"""What the times over a study's ground rest on, counted: where heights end, what bars the way, what leads over water."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from gis.messages import say
from gis.rasters import cell_shares
from gis.surface import SEASONS
from gis.travel import LAYERS, Travel

COUNTED = (
    "no_data", "water", "road", "causeway", "culverts", "no_class", "crossings_used", "crossings_closed",
    "crossings_unused",
)  # fmt: skip
"""Of what `Surface.counts` has, in the order in which it is told."""
CHOICES = ("priority", "wade")
"""Parameters of a study that say how its ground is taken."""
TRAVELS = 2
"""So many sets of layers a study keeps what was prepared for ways of: its own, and one that somebody tries."""


@dataclass(frozen=True)
class Ground:
    """The grid that times are calculated on.

    Attributes
    ----------
    width_m, height_m : float
        Size of a cell.
    cells : int
    blank_pct : float
        Percent of the area of the villages for which no height is known; NaN where none has an outline.
    counts : DataFrame
        Index `COUNTED`; a column a season.
    """

    width_m: float
    height_m: float
    cells: int
    blank_pct: float
    counts: pd.DataFrame


def travel_over(layers, parameters):
    """Ways over layers of a study, the ground taken as its parameters want it.

    Parameters
    ----------
    layers : Mapping of str to LayerData
        By the names in `gis.travel.LAYERS`; what is not there or None is left out.
    parameters : Mapping
        Of the study.

    Returns
    -------
    Travel
    """
    things = [each and each.thing for each in map(layers.get, LAYERS)]
    roads = layers.get("roads")
    return Travel(*things, roads and roads.layer, ground=choices_of(parameters))


def travel_of(study, layers=None):
    """The one `Travel` that a study's measures, pages and counts go by: over its own layers or over others."""
    layers = study.layers if layers is None else layers
    held = [layer and layer.thing for layer in map(layers.get, LAYERS)]
    key, travels = (*map(id, held), repr(sorted(study.parameters.items()))), study.travels
    if key not in travels:
        while len(travels) >= TRAVELS:
            travels.pop(next(iter(travels)))
        # it holds frames and rasters, so that no others can come by their ids
        travels[key] = travel_over(layers, study.parameters)
    return travels[key]


def choices_of(parameters):
    """How a study wants its ground to be taken, as `gis.surface.build_surface` takes it."""
    given = {name: parameters[name] for name in CHOICES if name in parameters}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


def ground_of(study):
    """What is counted of the ground of a study, on foot; None where it has no heights or, frozen, keeps none."""
    elevation = study.layers.get("elevation")
    if elevation is None or elevation.raster is None:
        return None
    elevation, travel = elevation.raster, travel_of(study)
    counts = {season: dict(travel.surface(season=season).counts) for season in SEASONS}
    return Ground(
        elevation.width,
        elevation.height,
        elevation.values.size,
        blank_pct(elevation, study.villages.geometry.to_numpy()),
        pd.DataFrame(counts).reindex(list(COUNTED)),
    )


def blank_pct(elevation, polygons):
    """Percent of the area of some polygons for which no height is known; NaN where they have none."""
    polygons = polygons[~shapely.is_missing(polygons)]
    area = shapely.area(polygons)
    found = cell_shares(elevation, polygons)
    known = ~np.isnan(elevation.values.reshape(-1)[found.cells])
    covered = elevation.width * elevation.height * found.sums(found.shares * known)
    blank = np.maximum(area - covered, 0).sum()
    # what rounding leaves of a village that is wholly known is nothing
    return float(100 * round(blank / area.sum(), 9)) if area.sum() else np.nan


def ground_told(ground, language):
    """The same in words: sentences of the whole, and a row of what, dry and wet season for each thing counted."""
    told = [say("ground-grid", language, width=ground.width_m, height=ground.height_m, cells=ground.cells)]
    if not np.isnan(ground.blank_pct):
        told.append(say("ground-blank", language, pct=round(ground.blank_pct, 2)))
    rows = [(say(f"ground-{name}", language), *map(int, row)) for name, row in ground.counts.iterrows()]
    return told, rows
