"""The outlines of many villages in levels: groups of communes, communes, villages, each cut into small leaves.

Made once from the shapes alone, so that neither a language nor a verdict changes them, and kept as a zip.
"""

import contextlib
import gzip
import hashlib
import io
import json
import os
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.errors import GEOSException

from gis.crs import WGS84
from gis.errors import ExportError
from gis.files import replacing
from gis.geometry import leaves, merge, simplify_shared
from gis.web.facts import NO_COMMUNE
from gis.web.shapes import SCREEN_PX, coarser, collection

MOST_WHOLE = 2000
"""Villages up to which the map is sent whole: so many stay below 300 kB with all the page needs."""
LEAF_VILLAGES, LEAF_COMMUNES = 350, 300
MOST_GROUPS = 150
MOST_LEAF_BYTES, MOST_FIRST_BYTES = 140_000, 100_000
"""Compressed; the first level is one leaf, and is part of the first map."""

VERSION = 1
"""Grows with the form or the making of what is kept, so that older ones are made anew."""
PREFIX, MOST_KEPT = "outlines-", 30
"""Files of that many studies and states of their borders stay; those not used for the longest go."""


def is_large(review):
    """Whether a study is shown in levels."""
    return len(review.study.villages) > MOST_WHOLE


class Levels:
    """What `build` made: `index` for the page, `members` for the server, and the body of each leaf.

    Attributes
    ----------
    index : dict
        ``box`` (west, south, east, north in degrees), ``placed`` (villages on the map) and ``levels``, the
        coarsest first: ``name`` and ``leaves``, each its box and how many it holds.
    members : dict
        ``villages``: ids of the villages of each leaf; ``groups``: commune to the id of its group.

    Raises
    ------
    ValueError, KeyError, zipfile.BadZipFile, OSError
        If the bytes are not what `build` made.
    """

    def __init__(self, source):
        self._zip = zipfile.ZipFile(source)
        self.index = json.loads(self._zip.read("index.json"))
        self.members = json.loads(self._zip.read("members.json"))

    def body(self, level, leaf):
        """The gzipped GeoJSON of a leaf; KeyError without such a one."""
        return self._zip.read(f"{level}/{leaf}.geojson.gz")

    def is_whole(self):
        """Whether every byte is as it was written."""
        return self._zip.testzip() is None


def kept_levels(review, folder=None):
    """The levels of a study, from `folder` where they were kept there, else made and kept.

    Parameters
    ----------
    folder : Path, optional
        Files in it are named by the content they were made from; what does not read back is made anew.
    """
    if folder is None:
        return Levels(io.BytesIO(build(review)))
    path = folder / f"{PREFIX}{content_of(review)}.zip"
    with contextlib.suppress(OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError):
        found = Levels(path)
        if found.is_whole():
            # What is used stays the longest.
            os.utime(path)
            return found
    made = build(review)
    # Who may not write, or has no room, makes them again next time.
    with contextlib.suppress(ExportError, OSError):
        folder.mkdir(exist_ok=True)
        with replacing(path) as fresh:
            fresh.write_bytes(made)
        for old in sorted(folder.glob(f"{PREFIX}*.zip"), key=lambda each: each.stat().st_mtime)[:-MOST_KEPT]:
            old.unlink()
    return Levels(io.BytesIO(made))


def content_of(review):
    """A name for all that the levels of a study are made from."""
    villages, communes = review.study.villages.sort_index(), review.study.communes.sort_index()
    told = hashlib.sha256(f"{VERSION} {LEAF_VILLAGES} {LEAF_COMMUNES} {MOST_GROUPS} {villages.crs}".encode())
    for shapes in (villages.geometry, villages["point"], communes.geometry):
        for one in shapely.to_wkb(shapes.to_numpy(dtype=object)):
            told.update(one or b"-")
    names = [villages.index, _communes_of(villages), communes.index, communes["name"]]
    told.update(json.dumps([list(map(str, each)) for each in names], ensure_ascii=False).encode())
    return told.hexdigest()[:32]


def build(review):
    """The levels of a study as bytes of a zip, the same for any order of its rows."""
    villages = review.study.villages.sort_index()
    villages = villages.assign(commune=_communes_of(villages), place=_places(villages))
    villages = villages[villages["place"].notna()]
    communes = _commune_shapes(review.study.communes, villages)
    levels, members = {}, {"groups": {}}
    if len(communes) > LEAF_COMMUNES:
        number = _leaf_numbers(communes, -(-len(communes) // MOST_GROUPS))
        members["groups"] = {id_: f"g{one}" for id_, one in zip(communes.index, number, strict=True)}
        levels["groups"] = _regions(_grouped(communes, number), one_leaf=True)
    levels["communes"] = _regions(communes, one_leaf="groups" not in levels)
    number = _leaf_numbers(villages, LEAF_VILLAGES)
    told = [{"id": id_} for id_ in villages.index]
    shapes = villages.geometry.where(villages.geometry.notna(), villages["place"])
    levels["villages"] = _cut(shapes, villages["place"], number, told, MOST_LEAF_BYTES)
    members["villages"] = [list(part.index) for _, part in villages.groupby(number)]
    boxes = [leaf for _, some in levels.values() for leaf in some]
    index = {
        "box": _box(boxes) if boxes else None,
        "placed": len(villages),
        "levels": [{"name": name, "leaves": boxes} for name, (_, boxes) in levels.items()],
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as zipped:
        # Without a date, so that the same shapes are the same bytes.
        put = lambda name, data: zipped.writestr(zipfile.ZipInfo(name), data)  # noqa: E731
        put("index.json", json.dumps(index))
        put("members.json", json.dumps(members, ensure_ascii=False))
        for name, (bodies, _) in levels.items():
            for leaf, body in enumerate(bodies):
                put(f"{name}/{leaf}.geojson.gz", body)
    return written.getvalue()


def _communes_of(villages):
    return villages["commune_id"].where(villages["commune_id"].notna(), NO_COMMUNE).replace("", NO_COMMUNE)


def _places(villages):
    """The point of each village in metres; of an outline where it has none of its own, else None."""
    points = villages["point"].astype(object).where(villages["point"].notna(), None)
    bare = points.isna() & villages.geometry.notna() & ~villages.geometry.is_empty
    points[bare] = villages.geometry[bare].representative_point()
    return points


def _commune_shapes(communes, villages):
    """Communes that have a place: ``name``, ``geometry`` (their outline, else that of their villages), ``place``."""
    rows = {}
    for id_, inside in villages.groupby("commune"):
        known = id_ in communes.index
        outline = communes.geometry.get(id_) if known else None
        if outline is None or outline.is_empty:
            outline = _merged(inside.geometry.dropna())
        places = shapely.get_coordinates(inside["place"].to_numpy(dtype=object))
        place = shapely.Point(places.mean(axis=0)) if outline is None else shapely.point_on_surface(outline)
        name = communes["name"].get(id_) if known else None
        rows[id_] = (name or ("" if id_ == NO_COMMUNE else id_), outline or place, place)
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["name", "geometry", "place"]).sort_index()
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=villages.crs)


def _merged(shapes):
    """All polygons as one; None without any."""
    try:
        return merge(shapes.to_numpy())
    except GEOSException:
        # Outlines that cross themselves come with files nobody repaired.
        return merge(shapely.make_valid(shapes.to_numpy()))


def _grouped(communes, number):
    """Groups of neighbouring communes, called by the one in their middle, with how many there are."""
    rows = {}
    for one, inside in communes.groupby(number):
        shape = _merged(inside.geometry)
        places = shapely.get_coordinates(inside["place"].to_numpy(dtype=object))
        middle = np.hypot(*(places - places.mean(axis=0)).T).argmin()
        place = shapely.Point(places[middle])
        rows[f"g{one}"] = (inside["name"].iloc[middle], shape or place, place, len(inside))
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["name", "geometry", "place", "communes"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=communes.crs)


def _regions(frame, *, one_leaf):
    """Bodies and boxes of the leaves of a level of communes or of groups."""
    number = np.zeros(len(frame), dtype=int) if one_leaf else _leaf_numbers(frame, LEAF_COMMUNES)
    degrees = gpd.GeoSeries(frame["place"], crs=frame.crs).to_crs(WGS84)
    told = [
        {"id": id_, "name": name, "x": round(place.x, 5), "y": round(place.y, 5)}
        for id_, name, place in zip(frame.index, frame["name"], degrees, strict=True)
    ]
    if "communes" in frame:
        told = [one | {"communes": int(count)} for one, count in zip(told, frame["communes"], strict=True)]
    return _cut(
        frame.geometry, frame["place"], number, told, MOST_FIRST_BYTES if one_leaf else MOST_LEAF_BYTES
    )


def _leaf_numbers(frame, most):
    places = shapely.get_coordinates(frame["place"].to_numpy(dtype=object))
    return leaves(*places.T, most=most)


def _cut(shapes, places, number, told, most_bytes):
    """Bodies and boxes of leaves, all simplified at once, so that borders are shared across leaves too.

    A leaf whose outlines are heavy however coarse they are, as of thousands of slivers, shows places instead.
    """
    if not len(shapes):
        return [], []
    bounds = shapely.bounds(shapes.to_numpy())
    inside = [np.flatnonzero(number == leaf) for leaf in range(number.max(initial=-1) + 1)]
    sides = [np.ptp(bounds[at].reshape(-1, 2), axis=0).max() for at in inside]
    simple = shapes.to_numpy()

    def draw(tolerance):
        nonlocal simple
        # From what was simplified before: of many corners the first time takes longest.
        simple = simplify_shared(simple, tolerance)
        drawn = gpd.GeoSeries(simple, crs=shapes.crs).to_crs(WGS84).to_numpy()
        return [_zipped(drawn[at], [told[one] for one in at]) for at in inside], shapely.bounds(drawn)

    bodies, bounds = coarser(draw, np.median(sides) / SCREEN_PX, most_bytes, size=_largest)
    bare = gpd.GeoSeries(places.to_numpy(dtype=object), crs=shapes.crs).to_crs(WGS84).to_numpy()
    for leaf, at in enumerate(inside):
        if len(bodies[leaf]) > most_bytes:
            bodies[leaf] = _zipped(bare[at], [told[one] for one in at])
    return bodies, [[*_box(bounds[at]), len(at)] for at in inside]


def _zipped(shapes, told):
    return gzip.compress(collection(shapes, told).encode(), 6, mtime=0)


def _largest(drawn):
    return max(map(len, drawn[0]), default=0)


def _box(boxes):
    boxes = np.asarray(boxes, dtype=float)
    least, most = boxes[:, :2].min(axis=0), boxes[:, 2:4].max(axis=0)
    return [*np.floor(least * 1e5) / 1e5, *np.ceil(most * 1e5) / 1e5]
