"""One facility entered twice: places near each other whose names say the same."""

from difflib import SequenceMatcher

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gis.errors import TableError
from gis.names import fold

NEIGHBOURS = 32
"""How many of the nearest facilities each one is compared with, so that a heap on one spot stays cheap."""
ALIKE = 0.85
"""Names whose letters agree to this share are taken for one name spelt in two ways."""


def find_duplicates(facilities, *, within_m=100.0, common=()):
    """Pairs of facilities that may be one and the same.

    Parameters
    ----------
    facilities : GeoDataFrame
        Points in a projected CRS in metres, index facility id, each once; columns ``name`` and ``kind``
        (kinds separated by a space), blank where nobody recorded them.
    within_m : float
        Metres, > 0: how far apart the two entries of one facility may lie.
    common : iterable of str
        Words that say what a facility is and not which, such as ``"primary school"``; they are left out
        when names are compared.

    Returns
    -------
    DataFrame
        A line for each pair, sorted by ``facility_id`` and ``other_id``: both ids, ``name`` and
        ``other_name``, ``distance_m``, and ``sure``: ``"likely"`` where the names say the same,
        ``"possible"`` where a name or kind is missing, or holds nothing but common words.

    Raises
    ------
    TableError
        If two facilities have one id.

    Notes
    -----
    Names say the same where their words are equal without tones, one holds all words of the other, or
    their letters agree to 85 percent; numbers in both must be the same, so "Thôn 1" is not "Thôn 2".
    Facilities whose kinds are known and have none in common are two. Each is compared with its 32 nearest.
    """
    if not facilities.index.is_unique:
        twice = facilities.index[facilities.index.duplicated()].unique()
        raise TableError("facility-id-twice", count=len(twice), codes=sorted(map(str, twice)))
    facilities = facilities[facilities.geometry.notna()].sort_index()
    left, right, away = _near(shapely.get_coordinates(facilities.geometry.to_numpy()), within_m)
    names = facilities["name"].where(facilities["name"].notna(), None).to_numpy(dtype=object)
    words = _own_words(names, common)
    kinds = [frozenset(str(kind).split()) for kind in facilities["kind"].fillna("")]
    sure = [_sure(words[a], words[b], kinds[a], kinds[b]) for a, b in zip(left, right, strict=True)]
    ids = facilities.index.to_numpy(dtype=object)
    pairs = pd.DataFrame(
        {
            "facility_id": ids[left],
            "other_id": ids[right],
            "name": names[left],
            "other_name": names[right],
            "distance_m": away,
            "sure": pd.Series(sure, dtype=object),
        }
    )
    return pairs[pairs["sure"].notna()].reset_index(drop=True)


def _near(places, within_m):
    """Pairs of positions, the lower first, at most so far apart, in order, with their distance."""
    if len(places) < 2:
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros(0)
    asked = min(NEIGHBOURS + 1, len(places))
    away, other = cKDTree(places).query(places, k=asked, distance_upper_bound=within_m * (1 + 1e-12))
    row, rank = np.nonzero(np.isfinite(away))
    pairs = np.sort(np.column_stack([row, other[row, rank]]), axis=1)
    pairs, first = np.unique(pairs, axis=0, return_index=True)
    distance, two = away[row, rank][first], pairs[:, 0] != pairs[:, 1]
    return pairs[two, 0], pairs[two, 1], distance[two]


def _own_words(names, common):
    """For each name the words that are its own; None where it is missing."""
    plain = sorted({f" {fold(text)} " for text in common} - {"  "}, key=lambda text: (-len(text), text))
    known = {}
    for name in names:
        if name is not None and name not in known:
            text = f" {fold(name)} "
            for phrase in plain:
                text = text.replace(phrase, "  ")
            known[name] = tuple(text.split())
    return [None if name is None else known[name] for name in names]


def _sure(one, other, kinds, other_kinds):
    if kinds and other_kinds and not kinds & other_kinds:
        return None
    if not one or not other:
        return "possible"
    if not _say_the_same(one, other):
        return None
    return "likely" if kinds and other_kinds else "possible"


def _say_the_same(one, other):
    numbers, other_numbers = ({word for word in words if word.isdigit()} for words in (one, other))
    if numbers and other_numbers and numbers != other_numbers:
        return False
    if set(one) <= set(other) or set(other) <= set(one):
        return True
    # the matcher is not symmetric; names in order make the answer one whichever comes first
    first, second = sorted((" ".join(one), " ".join(other)))
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= ALIKE
