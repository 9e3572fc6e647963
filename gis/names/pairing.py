"""Pairs of names inside one field: which are weighed, which are joined, which are proposed."""

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.names.distance import SURE, likeness
from gis.names.keys import Name, read_name

MARGIN = 0.012
"""How much better than the next best a pair must be, seen from both sides."""

MOST_EDITS, MOST_SHARE = 3, 0.4
"""Letters, and share of the longer name, by which names may differ to be weighed at all."""

WIDE = 500
"""Names from which a field is more than a commune; only names one letter apart are weighed in it."""

SHOWN = 6
"""Candidates kept for each row."""


@dataclass(frozen=True)
class Row:
    """One row of a list: its id, its name as written and as read, its further names, its commune's key."""

    id: object
    text: object
    place: object
    commune: str
    name: Name
    others: tuple = ()


def known_words(rows):
    """Words that occur in several different names, each name counted once however often it stands."""
    names = {row.name.folded: row.name for row in rows}
    counted = Counter(
        word for name in names.values() for reading in name.readings[:1] for word in set(reading.words)
    )
    return frozenset(word for word, count in counted.items() if count > 1)


def by_name(rows):
    """Rows that bear one name in the same letters and tones, together; sorted by name."""
    together = defaultdict(list)
    for row in rows:
        if row.name.written:
            together[row.name.written, row.others].append(row)
    return [together[key] for key in sorted(together)]


def _names_of(rows):
    """The row's name, then its further names."""
    return [rows[0].name, *(read_name(str(other)) for other in rows[0].others)]


def weigh(ours, theirs, known):
    """How alike names are, by pair of positions, of those that can be one place.

    Returns
    -------
    dict of (int, int) to Likeness
    """
    lefts = [(position, name) for position, rows in enumerate(ours) for name in _names_of(rows)]
    rights = [(position, name) for position, rows in enumerate(theirs) for name in _names_of(rows)]
    found = {}
    for one, other in _close(lefts, rights):
        (position, name), (against, place) = lefts[one], rights[other]
        pair, like = (position, against), likeness(name, place, known)
        if like and (pair not in found or like.score > found[pair].score):
            found[pair] = like
    return found


def _close(lefts, rights):
    """Pairs of positions whose names are worth weighing: equal without marks, or stems a few letters apart."""
    indexes = []
    for side in (lefts, rights):
        stems, folded, words = defaultdict(set), defaultdict(set), defaultdict(set)
        for position, (_, name) in enumerate(side):
            folded[name.folded].add(position)
            for reading in name.readings:
                stems[reading.stem].add(position)
                words[tuple(sorted(reading.words))].add(position)
        indexes.append((stems, folded, words))
    (stems, folded, words), (their_stems, their_folded, their_words) = indexes
    pairs = {
        (one, other)
        for mine, theirs in ((folded, their_folded), (words, their_words))
        for key in mine.keys() & theirs.keys()
        for one in mine[key]
        for other in theirs[key]
    }
    ours, others = sorted(stems), sorted(their_stems)
    if ours and others:
        most = MOST_EDITS if len(rights) < WIDE else 1
        apart = cdist(ours, others, scorer=OSA.distance, score_cutoff=most, dtype=np.uint8, workers=1)
        longer = np.maximum.outer([len(stem) for stem in ours], [len(stem) for stem in others])
        for row, column in np.argwhere((apart <= most) & (apart <= MOST_SHARE * longer)):
            pairs |= {(one, other) for one in stems[ours[row]] for other in their_stems[others[column]]}
    return pairs


def join(ours, theirs, pairs):
    """The pairs that need no person; see the notes of `match_names`.

    Returns
    -------
    dict of (int, int) to Likeness
    """
    able = {
        pair: like
        for pair, like in pairs.items()
        if like.score >= SURE and len(ours[pair[0]]) == len(theirs[pair[1]]) == 1
    }
    chosen = {pair: like for pair, like in able.items() if like.reason == "same"}
    joined, rivals = {}, pairs
    while True:
        joined |= chosen
        done, gone = {one for one, _ in joined}, {other for _, other in joined}
        rivals = {pair: like for pair, like in rivals.items() if pair[0] not in done and pair[1] not in gone}
        best = _best_two(rivals)
        chosen = {
            pair: able[pair]
            for pair in rivals.keys() & able.keys()
            if all(
                _stands_out(able[pair].score, best[key]) for key in (("left", pair[0]), ("right", pair[1]))
            )
        }
        if not chosen:
            return joined


def _stands_out(score, best):
    return score == best[0] and score - best[1] >= MARGIN


def _best_two(pairs):
    """The best and the second best score of each name, by side and position."""
    best = defaultdict(lambda: (0.0, 0.0))
    for (one, other), like in pairs.items():
        for key in (("left", one), ("right", other)):
            first, second = best[key]
            best[key] = (max(first, like.score), max(second, min(first, like.score)))
    return best


def assign(pairs):
    """Position on the right by position on the left: the one-to-one assignment of the greatest sum."""
    if not pairs:
        return {}
    ordered = sorted(pairs)
    lefts, rights = (sorted({pair[side] for pair in ordered}) for side in (0, 1))
    at = [{position: place for place, position in enumerate(side)} for side in (lefts, rights)]
    one = np.array([at[0][pair[0]] for pair in ordered])
    other = np.array([at[1][pair[1]] for pair in ordered])
    score = np.array([pairs[pair].score for pair in ordered])
    count = len(lefts) + len(rights)
    links = coo_array((np.ones(len(one)), (one, len(lefts) + other)), shape=(count, count))
    part = connected_components(links, directed=False)[1][one]
    chosen = {}
    for edges in np.split(np.argsort(part, kind="stable"), np.flatnonzero(np.diff(np.sort(part))) + 1):
        mine, row = np.unique(one[edges], return_inverse=True)
        theirs, column = np.unique(other[edges], return_inverse=True)
        table = np.zeros((len(mine), len(theirs)))
        table[row, column] = score[edges]
        for place, against in zip(*linear_sum_assignment(table, maximize=True), strict=True):
            if table[place, against] > 0:
                chosen[lefts[mine[place]]] = rights[theirs[against]]
    return chosen
