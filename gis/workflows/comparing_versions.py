"""Two versions of one source side by side: which rows came, went, moved or say something else."""

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis import assessments as sheets
from gis.assessments.mapping import column_letter
from gis.catalogue import load_catalogue
from gis.crs import WGS84, parse_crs
from gis.errors import GisError
from gis.recipe import type_of
from gis.store import studies
from gis.values import to_text
from gis.workflows.describing import plain
from gis.workflows.proposing import needed_types

MOST_CHANGES = 200
MOVED_M = 0.01
MOVED_DEGREES = 1e-7
"""About a centimetre: a file that was only written again by another program did not move."""

OWN = ("geometry", "source_row", "row", "record")


@dataclass(frozen=True)
class Comparison:
    """What differs between an earlier and a later table.

    Attributes
    ----------
    key : str or None
        The column by which rows were held against each other; None for their number in the file.
    rows_before, rows_after : int
    gone, come : tuple of str
        Keys of rows that only one of the two has, all of them.
    moved : tuple of str
        Keys of rows whose geometry lies elsewhere by more than a centimetre.
    changes : tuple of (str, str, str, str)
        Key, column, value before and after; the first 200.
    changes_total : int
    columns_gone, columns_come : tuple of str
    shapes : GeoDataFrame or None
        Geometry in degrees of the rows that came, went or moved, with ``key`` and ``what``: ``"gone"``,
        ``"come"``, ``"before"`` or ``"after"``.
    """

    key: str | None
    rows_before: int
    rows_after: int
    gone: tuple = ()
    come: tuple = ()
    moved: tuple = ()
    changes: tuple = ()
    changes_total: int = 0
    columns_gone: tuple = ()
    columns_come: tuple = ()
    shapes: object = field(default=None, compare=False)

    @property
    def is_same(self):
        """Whether nothing differs."""
        parts = (self.gone, self.come, self.moved, self.changes, self.columns_gone, self.columns_come)
        return not any(parts)


def compare_frames(before, after, *, key=None):
    """Hold two tables against each other row by row.

    Parameters
    ----------
    before, after : DataFrame or GeoDataFrame
        With ``source_row``; geometry in any CRS, compared in that of `before` where both know theirs.
    key : str, optional
        A column that names the rows. Where it is missing, blank or repeated in either, rows are held against
        each other by their number in the file.

    Returns
    -------
    Comparison
        Sorted by key as text, in natural order of numbers.

    Examples
    --------
    >>> one = pd.DataFrame({"source_row": [1, 2], "ma": ["a", "b"], "ten": ["Đăk Tô", "Kon Plông"]})
    >>> two = pd.DataFrame({"source_row": [1, 2], "ma": ["b", "c"], "ten": ["Kon Plong", "Ngọc Linh"]})
    >>> found = compare_frames(one, two, key="ma")
    >>> found.gone, found.come, found.changes
    (('a',), ('c',), (('b', 'ten', 'Kon Plông', 'Kon Plong'),))
    """
    key = key if key and _names_rows(before, key) and _names_rows(after, key) else None
    before, after = _keyed(before, key), _keyed(after, key)
    both = pd.Index(sorted(before.index.intersection(after.index), key=_natural), dtype=object)
    columns = [column for column in before.columns if column in after.columns and column not in (*OWN, key)]
    changes, total = _changes(before.loc[both, columns], after.loc[both, columns])
    gone, come = _only(before, after), _only(after, before)
    moved, shapes = _moved(before, after, both, gone, come)
    return Comparison(
        key=key,
        rows_before=len(before),
        rows_after=len(after),
        gone=gone,
        come=come,
        moved=moved,
        changes=changes,
        changes_total=total,
        columns_gone=_columns_only(before, after),
        columns_come=_columns_only(after, before),
        shapes=shapes,
    )


def compare_versions(store, study_id, source, before, after):
    """Hold two versions of a source against each other.

    Parameters
    ----------
    before, after : int
        Numbers of the versions.

    Returns
    -------
    Comparison or None
        None for a raster, whose cells are no rows.

    Raises
    ------
    MissingError
        If there is no such study or version, or its file is missing.
    """
    with store.reading() as connection:
        study = studies.get_study(connection, study_id)
        pair = [studies.get_version(connection, study_id, source, number) for number in (before, after)]
    if any(version["kind"] == "raster" for version in pair):
        return None
    if pair[0]["kind"] == "table":
        return compare_frames(*(_sheet_frame(store, study, version) for version in pair), key="village_id")
    frames = [store.files.get_vector(version["content"]) for version in pair]
    frames = [_placed(frame, version["entry"]) for frame, version in zip(frames, pair, strict=True)]
    return compare_frames(*frames, key=_own_id(frames[0], source, pair[0]["entry"]))


def _placed(frame, entry):
    if "crs" in entry and frame.geometry.notna().any():
        return frame.set_crs(parse_crs(entry["crs"], layer="", file=""), allow_override=True)
    return frame


def _own_id(frame, source, entry):
    """The column of the file that holds the layer's own id."""
    layer = load_catalogue().get(type_of(source))
    if layer is None:
        return None
    columns = [column for column in frame.columns if column not in OWN]
    bound = layer.match_fields(columns) | entry.get("fields", {})
    own = (name for name in bound if name.endswith("_id") and name not in ("commune_id", "upper_id"))
    return bound.get(next(own, None))


def _sheet_frame(store, study, version):
    """The rows of a sheet by canonical fields, named by village; its bare cells where it cannot be read so."""
    (found, merged), entry = store.files.get_table(version["content"]), version["entry"]
    name = entry["sheet"] if entry.get("sheet") in found else next((n for n in found if found[n]), None)
    cells, where = found.get(name, []), {"file": version["file"], "sheet": name}
    try:
        layer, types = load_catalogue()[studies.SHEETS], needed_types(store, study)
        read = sheets.read_sheet(cells, layer, entry, types, where=where, merged=merged.get(name, ()))
        rows = read[0].rows
    except GisError:
        width = max(map(len, cells), default=0)
        full = [row + [None] * (width - len(row)) for row in cells]
        rows = pd.DataFrame(full, columns=[column_letter(at) for at in range(width)], dtype=object)
        return rows.assign(source_row=range(1, len(rows) + 1))
    blank = pd.Series([None] * len(rows), index=rows.index, dtype=object)
    columns = [rows.get(name, blank) for name in ("village_id", "commune_id", "commune", "village")]
    named = [
        to_text(code) or sheets.village_key(commune_id or commune, village)
        for code, commune_id, commune, village in zip(*columns, strict=True)
    ]
    return rows.assign(village_id=named, source_row=rows["row"])


def _names_rows(frame, key):
    return key in frame and bool(frame[key].notna().all()) and frame[key].map(plain).is_unique


def _keyed(frame, key):
    values = frame[key].map(plain) if key else frame["source_row"].map(plain)
    return frame.set_axis(pd.Index(values, dtype=object), axis=0)


def _only(frame, other):
    keys = [str(value) for value in frame.index.difference(other.index, sort=False)]
    return tuple(sorted(keys, key=_natural))


def _columns_only(frame, other):
    return tuple(str(column) for column in frame.columns if column not in other.columns and column not in OWN)


def _changes(before, after):
    listed = []
    for position, column in enumerate(before.columns):
        old, new = before[column].map(plain), after[column].map(plain)
        differ = (old != new).to_numpy()
        rows = np.flatnonzero(differ)
        listed += [(row, position, str(column), old.iloc[row], new.iloc[row]) for row in rows]
    listed.sort(key=lambda change: change[:2])
    names = before.index
    return tuple((str(names[row]), *rest) for row, _, *rest in listed[:MOST_CHANGES]), len(listed)


def _moved(before, after, both, gone, come):
    if not (isinstance(before, gpd.GeoDataFrame) and isinstance(after, gpd.GeoDataFrame)):
        return (), None
    if before.crs is not None and after.crs is not None and after.crs != before.crs:
        after = after.to_crs(before.crs)
    old, new = before.geometry.loc[both].to_numpy(), after.geometry.loc[both].to_numpy()
    degrees = before.crs is None or before.crs.is_geographic
    missing = shapely.is_missing(old), shapely.is_missing(new)
    same = shapely.equals_exact(
        shapely.normalize(old), shapely.normalize(new), MOVED_DEGREES if degrees else MOVED_M
    )
    differ = np.where(missing[0] | missing[1], missing[0] != missing[1], ~same)
    moved = [str(value) for value in both[differ]]
    parts = [
        _shapes(before, gone, "gone"),
        _shapes(after, come, "come"),
        _shapes(before, moved, "before"),
        _shapes(after, moved, "after"),
    ]
    parts = [part for part in parts if part is not None and len(part)]
    return tuple(moved), pd.concat(parts, ignore_index=True) if parts else None


def _shapes(frame, keys, what):
    if frame.crs is None:
        return None
    part = frame.loc[list(keys)]
    part = part[part.geometry.notna()].to_crs(WGS84)
    return gpd.GeoDataFrame(
        {"key": list(part.index), "what": what}, geometry=part.geometry.to_numpy(), crs=WGS84
    )


def _natural(key):
    text = str(key)
    return (0, int(text), text) if text.isascii() and text.isdigit() and len(text) < 18 else (1, 0, text)
