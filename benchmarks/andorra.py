"""`python -m benchmarks.andorra`: a real mountain country from its files to findings, and what docs/andorra.md shows.

Prints seconds and memory, the criteria with their answers, and ways between named places beside a walker's rule of
thumb; `--pictures docs` draws the pictures. In the table of `python -m benchmarks` it is the real ground beside GRASS.
"""

import argparse
import resource
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from scipy import ndimage

from benchmarks.table import ROOT
from benchmarks.travel import beside
from gis.indicators.access import of_kind
from gis.network import Network, nearest
from gis.travel import LAYERS, Travel
from gis.workflows import judge, read_study

STUDY = ROOT / "tests" / "studies" / "andorra.yaml"
HEALTH = ["station", "phc", "polyclinic", "hospital"]
WALKS = (
    ("Santa Coloma", "Andorra la Vella"),
    ("Encamp", "les Escaldes"),
    ("les Escaldes", "Encamp"),
    ("Arinsal", "La Massana"),
    ("Fontaneda", "Sant Julià de Lòria"),
    ("Sant Julià de Lòria", "Fontaneda"),
    ("el Serrat", "Ordino"),
    ("Pal", "La Massana"),
    ("Engolasters", "les Escaldes"),
    ("Engolasters", "Encamp"),
)
"""Pairs of places: along a valley, down it and up, over a shoulder."""


def travel_of(study):
    """The ground of a study."""
    layers = (study.layers.get(name) for name in LAYERS)
    return Travel(*(each and (each.frame if each.raster is None else each.raster) for each in layers))


def naismith_min(line, elevation, *, kmh=5.0, climb_m_h=600.0):
    """Minutes of a way by the rule of Naismith (1892): 5 km/h and an hour for every 600 m up; and the metres up."""
    spots = shapely.line_interpolate_point(
        line, np.linspace(0, 1, 1 + int(line.length // 50)), normalized=True
    )
    xy = shapely.get_coordinates(spots)
    place = (
        (elevation.north - xy[:, 1]) / elevation.height - 0.5,
        (xy[:, 0] - elevation.west) / elevation.width - 0.5,
    )
    height = ndimage.map_coordinates(np.nan_to_num(elevation.values), place, order=1)
    up = np.clip(np.diff(height), 0, None).sum()
    return line.length / 1000 / kmh * 60 + up / climb_m_h * 60, up


def walks(study, pairs=WALKS):
    """Ways on foot between named places: straight, along roads, and over the ground, beside Naismith's rule."""
    points = study.villages.drop_duplicates("name").set_index("name")["point"]
    travel, elevation = travel_of(study), study.layers["elevation"].raster
    network = Network.from_lines(study.layers["roads"].frame.geometry.to_numpy())
    rows = []
    for start, end in pairs:
        one, other = (shapely.get_coordinates(points[name]) for name in (start, end))
        reach = travel.reach(other, limit_min=150)
        minutes, way = reach.at(one)[0][0], reach.ways(one)[1][0]
        rule, up = naismith_min(way, elevation)
        along = nearest(network, one, other, max_leg_m=1000)[0][0]
        straight = np.hypot(*(one - other)[0])
        lengths = [length / 1000 for length in (straight, along, way.length)]
        rows.append([f"{start} to {end}", *lengths, up, minutes, rule])
    heading = ["way", "straight km", "by road km", "walked km", "up m", "minutes", "Naismith"]
    return pd.DataFrame(rows, columns=heading)


def answers(review):
    """What comes out of each criterion on the way: villages by answer, and the minutes of the middle village."""
    by = review.findings.groupby("criterion")
    statuses = (
        by["status"]
        .value_counts()
        .unstack(fill_value=0)
        .reindex(columns=["met", "unmet", "unknown"], fill_value=0)
    )
    names = {criterion.id: criterion.label.pick("en") for criterion in review.criteria.criteria}
    timed = [criterion.id for criterion in review.criteria.criteria if criterion.unit == "min"]
    table = statuses.assign(minutes=by["value"].median().reindex(timed)).reindex(list(names))
    return table.rename(index=names).rename_axis("criterion").reset_index()


def markdown(table, digits):
    """A table as the page has it; `digits` a column, None for text."""
    lines = [
        f"| {' | '.join(table.columns)} |",
        "|" + "|".join("---" if d is None else "---:" for d in digits) + "|",
    ]
    for row in table.itertuples(index=False):
        cells = [str(cell) if d is None else f"{cell:.{d}f}" for cell, d in zip(row, digits, strict=True)]
        cells = ["–" if cell == "nan" else cell for cell in cells]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


WALKED = (None, 1, 1, 1, 0, 0, 0)
ANSWERED = (None, 0, 0, 0, 0)
"""Digits of the columns of `walks` and `answers`."""


def finer(study, times):
    """The ground of a study on cells a whole number of times smaller, heights interpolated."""
    heights, travel = study.layers["elevation"].raster, travel_of(study)
    rows, columns = ((np.arange(times * count) + 0.5) / times - 0.5 for count in heights.values.shape)
    place = np.meshgrid(rows, columns, indexing="ij")
    values = ndimage.map_coordinates(heights.values, place, order=1, mode="nearest").astype(np.float32)
    size = {"width": heights.width / times, "height": heights.height / times}
    return Travel(replace(heights, values=values, **size), *(getattr(travel, name) for name in LAYERS[1:]))


def closed_corners(slowness):
    """The grid where nothing slips between two barriers that touch at a corner: GRASS lets one through there."""
    slowness = slowness.copy()
    while True:
        bar = np.isnan(slowness)
        a, b, c, d = bar[:-1, :-1], bar[:-1, 1:], bar[1:, :-1], bar[1:, 1:]
        falling, rising = a & d & ~b & ~c, b & c & ~a & ~d
        if not (falling | rising).any():
            return slowness
        row, column = np.nonzero(falling)
        slowness[row, column + 1] = np.nan
        row, column = np.nonzero(rising)
        slowness[row, column] = np.nan


def rows(size, turns, seed):
    """Rows of the table: the country on cells of 20 m, from its health posts, beside GRASS; none without its files."""
    if size == "quick" or not (ROOT.parent / "shared" / "data" / "andorra").is_dir():
        return
    study = read_study(STUDY)
    surface = finer(study, 4).surface()
    slowness = surface.pace[surface.classes]
    slowness = closed_corners(np.where(np.isnan(surface.heights), np.nan, slowness)).astype(
        np.float32
    )
    cells = np.unique(surface.entries(posts_of(study))[0])
    cells = cells[~np.isnan(slowness.reshape(-1)[cells])]
    level = np.where(np.isnan(slowness), np.nan, 1).astype(np.float32)
    for grid, heights in ((slowness, None), (level, surface.heights)):
        yield from beside("Andorra", grid, None, heights, cells, surface.width, turns)


def posts_of(study):
    """Coordinates of the health posts."""
    return shapely.get_coordinates(of_kind(study.layers["clinics"].frame, HEALTH).geometry.to_numpy())


def draw(study, folder):
    """The pictures of the page."""
    from benchmarks import andorra_pictures as pictures

    travel = travel_of(study)
    posts = posts_of(study)
    dry, wet = (travel.reach(posts, season=season).seconds / 60 for season in ("dry", "wet"))
    pictures.bands(study, dry, posts, folder / "andorra-health.png")
    pictures.rains(study, dry, wet, posts, folder / "andorra-rains.png")
    pictures.extents(study, folder / "andorra-extents.png")
    points = study.villages.set_index("name")["point"]
    start, end = (shapely.get_coordinates(points[name]) for name in ("Fontaneda", "Sant Julià de Lòria"))
    ways = []
    for mode, words in (("walk", "on foot"), ("motorbike", "by motorbike")):
        reach = travel.reach(end, mode=mode)
        ways.append((f"{words}, {reach.at(start)[0][0]:.0f} minutes", reach.ways(start)[1][0]))
    pictures.way(study, ways, folder / "andorra-way.png")


def main():
    """Print the tables, draw the pictures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.andorra")
    parser.add_argument("--pictures", type=Path, help="the folder that they go to")
    options = parser.parse_args()
    for run in ("first", "second"):
        wall, processor = time.perf_counter(), time.process_time()
        review = judge(read_study(STUDY))
        print(
            f"{run}: {time.perf_counter() - wall:.1f} s, {time.process_time() - processor:.1f} s of processor time"
        )
    own, child = (
        resource.getrusage(who).ru_maxrss / 1000 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(f"memory: {own:.0f} MB, the reading process {child:.0f} MB")
    print(markdown(walks(review.study), WALKED), markdown(answers(review), ANSWERED), sep="\n\n")
    if options.pictures:
        draw(review.study, options.pictures)


if __name__ == "__main__":
    main()
