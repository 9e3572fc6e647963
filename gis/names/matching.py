"""Matching two lists of place names one to one inside each commune; a person says where it is doubtful."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from gis.errors import Problem, TableError
from gis.names.distance import SURE, likeness
from gis.names.folding import fold
from gis.names.keys import read_name
from gis.names.pairing import SHOWN, Row, assign, by_name, join, known_words, weigh

COLUMNS = ("left_id", "name", "commune", "right_id", "outcome", "score", "reason", "candidates")
OUTCOMES = ("automatic", "decided", "review", "none")


@dataclass(frozen=True)
class Candidate:
    """A place that a name may mean, as its list spells it."""

    id: str
    name: str
    score: float


@dataclass(frozen=True)
class NameDecision:
    """What a person decided that a name means.

    Attributes
    ----------
    name : str
        As written in the list on the left.
    commune : str or None
        Key of its commune; None where the list names none.
    right_id : str or None
        The place; None for "none of these".
    who, when : str or None
        Of two decisions about one name the later holds.
    """

    name: str
    commune: str | None
    right_id: str | None
    who: str | None = None
    when: str | None = None


@dataclass(frozen=True)
class MatchReport:
    """What became of every name on the left.

    Attributes
    ----------
    table : DataFrame
        One row a name, sorted by `left_id`: ``left_id``, ``name``, ``commune``, ``right_id`` (None unless
        automatic or decided), ``outcome`` (of `OUTCOMES`), ``score`` (0 to 1; NaN without candidate),
        ``reason`` (same, spelling, place, typing; several, near, taken, commune-unknown; decided; nothing)
        and ``candidates``, best first; of a name to review the first is the one proposed.
    problems : tuple of Problem
        Decisions that name a place which is not there.
    """

    table: pd.DataFrame
    problems: tuple = ()

    @property
    def joined(self):
        """Series of right id by left id, of the rows that an outcome joins."""
        found = self.table[self.table["right_id"].notna()]
        return pd.Series(found["right_id"].to_numpy(), index=found["left_id"].to_numpy(), dtype=object)

    @property
    def counts(self):
        """Rows by outcome, every outcome named."""
        return MappingProxyType(
            {outcome: int((self.table["outcome"] == outcome).sum()) for outcome in OUTCOMES}
        )


def match_names(left, right, *, decisions=()):
    """Which place of the right list each name of the left list means.

    Parameters
    ----------
    left, right : DataFrame
        Columns ``id`` (unique), ``name`` and ``commune`` (id or key, the same on both sides; None where
        unknown). ``alternates`` (list of str) may hold further names of a row.
    decisions : iterable of NameDecision

    Returns
    -------
    MatchReport

    Raises
    ------
    TableError
        If a column is missing or an id stands twice.

    Notes
    -----
    Names meet inside their commune only. A pair is automatic when it scores `SURE` or more and beats, by
    `MARGIN`, every other pair of both its names; what is joined leaves the field, and the rest is looked at
    again. Names that several rows of a side bear join nothing. What stays is given its best one-to-one
    assignment as a proposal for a person.

    A row without a commune meets all places, after all others. It is automatic only where its name, without
    marks and punctuation, is borne by one place of all communes, by no other row of its list, and that place
    is still free; else it is for review. Where the right list has one commune only, it is of that commune.
    A row whose commune the right list does not have is never automatic; it is for review where places of
    other communes bear its very name and that is more than a number.

    Examples
    --------
    >>> villages = pd.DataFrame({"id": ["a", "b"], "name": ["Thôn 2", "Kon Rbàng"], "commune": "x"})
    >>> rows = pd.DataFrame({"id": [1, 2], "name": ["T.02", "Làng Kon R'bang"], "commune": "x"})
    >>> match_names(rows, villages).joined.to_dict()
    {1: 'a', 2: 'b'}
    """
    lefts, rights = _rows(left, "left"), _rows(right, "right")
    places = {row.commune for row in rights}
    if len(places) == 1:
        only = next(iter(places))
        lefts = [row if row.commune else replace(row, commune=only) for row in lefts]
    results, taken, problems = _decided(lefts, {row.id for row in rights}, decisions)
    known = known_words([*lefts, *rights])
    ours, theirs = _by_commune(lefts, results), _by_commune(rights, taken)
    elsewhere = []
    for commune in sorted(ours):
        if commune in places and (commune or len(places) == 1):
            results |= _match_block(ours[commune], theirs[commune], known)
        else:
            elsewhere += ours[commune]
    taken |= {result["right_id"] for result in results.values()} - {None}
    free = [row for row in rights if row.id not in taken]
    if places == {""}:
        elsewhere = [replace(row, commune="") for row in elsewhere]
    results |= _match_elsewhere(elsewhere, Counter(row.name.folded for row in lefts), free, known)
    results = {row.id: _to_review({}, "") for row in lefts} | results
    lost = [row for row in lefts if results[row.id]["outcome"] == "none"]
    results |= _same_name(lost, [row for row in free if not row.commune] if "" in places else [], known)
    return MatchReport(_table(lefts, results, {row.id: row.text for row in rights}), tuple(problems))


def _rows(frame, side):
    missing = [name for name in ("id", "name", "commune") if name not in frame]
    if missing:
        raise TableError("match-columns-missing", side=side, columns=missing)
    twice = frame["id"].duplicated()
    if twice.any():
        raise TableError("match-id-twice", side=side, ids=sorted(map(str, frame.loc[twice, "id"])))
    others = frame["alternates"] if "alternates" in frame else [None] * len(frame)
    rows = [
        Row(key, text, place, fold(place), read_name(_text(text)), tuple(map(str, more or ())))
        for key, text, place, more in zip(frame["id"], frame["name"], frame["commune"], others, strict=True)
    ]
    return sorted(rows, key=lambda row: (not isinstance(row.id, (int, np.integer)), row.id))


def _text(value):
    return "" if value is None or value != value else str(value)


def _by_commune(rows, done):
    """Rows that are not done yet, by commune."""
    together = defaultdict(list)
    for row in rows:
        if row.id not in done:
            together[row.commune].append(row)
    return together


def _decided(lefts, rights, decisions):
    """Results of the rows that a person decided, the places so taken, and decisions that lead nowhere."""
    latest = {}
    for decision in sorted(
        decisions, key=lambda made: (made.when or "", made.who or "", made.right_id or "")
    ):
        latest[read_name(decision.name).written, fold(decision.commune)] = decision
    results, taken, stale = {}, set(), []
    for row in lefts:
        decision = latest.get((row.name.written, row.commune))
        if decision is None:
            continue
        if decision.right_id is not None and decision.right_id not in rights:
            stale.append(f"{decision.name} → {decision.right_id}")
            continue
        results[row.id] = _result(decision.right_id, "decided", 1.0, "decided", {decision.right_id: 1.0})
        taken |= {decision.right_id} - {None}
    problems = []
    if stale:
        arguments = {"count": len(set(stale)), "names": sorted(set(stale))}
        problems.append(Problem("match-decision-without-place", arguments))
    return results, taken, problems


def _match_block(lefts, rights, known):
    """Results of the rows of one commune."""
    ours, theirs = by_name(lefts), by_name(rights)
    pairs = weigh(ours, theirs, known)
    joined = join(ours, theirs, pairs)
    done, gone = dict(joined), {other for _, other in joined}
    rights_of, free = defaultdict(dict), {}
    for (one, other), like in pairs.items():
        rights_of[one][other] = like
        if other not in gone:
            free[one, other] = like
    proposed = assign(free)
    results = {}
    for one, other in done:
        like = joined[one, other]
        scores = _scores(rights_of[one], theirs)
        results[ours[one][0].id] = _result(theirs[other][0].id, "automatic", like.score, like.reason, scores)
    for one, rows in enumerate(ours):
        scores = _scores(rights_of[one], theirs, proposed.get(one))
        open_ = [like.score for other, like in rights_of[one].items() if other not in gone]
        reason = "taken" if not open_ else "several" if max(open_) >= SURE else "near"
        for row in rows:
            if row.id not in results:
                results[row.id] = _to_review(scores, reason)
    return results


def _scores(likes, theirs, first=None):
    """Score by right id, the best first; the one proposed before all others."""
    found = {
        row.id: (other != first, -like.score, str(row.id))
        for other, like in likes.items()
        for row in theirs[other]
    }
    return {key: -found[key][1] for key in sorted(found, key=found.get)[:SHOWN]}


def _match_elsewhere(rows, bearers, rights, known):
    """Results of the rows whose commune is not known, or not among those of the right list."""
    same = defaultdict(list)
    for row in rights:
        same[row.name.folded].append(row)
    results, open_ = {}, []
    for row in rows:
        alike = same.get(row.name.folded, []) if row.name.folded else []
        if row.commune:
            continue
        if len(alike) == 1 and bearers[row.name.folded] == 1:
            like, place = likeness(row.name, alike[0].name, known), alike[0].id
            results[row.id] = _result(place, "automatic", like.score, like.reason, {place: like.score})
        else:
            open_.append(row)
    ours, theirs = by_name(open_), by_name(rights)
    likes = defaultdict(dict)
    for (one, other), like in weigh(ours, theirs, known).items():
        likes[one][other] = like
    for one, alike in enumerate(ours):
        for row in alike:
            results[row.id] = _to_review(_scores(likes[one], theirs), "commune-unknown")
    return _same_name([row for row in rows if row.commune], rights, known) | {
        row.id: results.get(row.id, _to_review({}, "")) for row in rows if not row.commune
    }


def _same_name(rows, rights, known):
    """Results of rows that only places of another commune, or of none, bear the very name of."""
    same = defaultdict(list)
    for place in rights:
        same[place.name.folded].append(place)
    results = {}
    for row in rows:
        named = any(reading.stem for reading in row.name.readings)
        alike = same[row.name.folded] if named else []
        scores = {place.id: likeness(row.name, place.name, known).score for place in alike}
        best = sorted(scores, key=lambda key, scores=scores: (-scores[key], str(key)))[:SHOWN]
        results[row.id] = _to_review({key: scores[key] for key in best}, "commune-unknown")
    return results


def _to_review(scores, reason):
    if not scores:
        return _result(None, "none", np.nan, "nothing", {})
    return _result(None, "review", max(scores.values()), reason, scores)


def _result(right_id, outcome, score, reason, scores):
    return {"right_id": right_id, "outcome": outcome, "score": score, "reason": reason, "candidates": scores}


def _table(lefts, results, names):
    columns = {name: [] for name in COLUMNS}
    for row in lefts:
        result = results[row.id]
        scores = result["candidates"].items()
        candidates = tuple(
            Candidate(key, names[key], round(score, 3)) for key, score in scores if key in names
        )
        values = {**result, "score": round(result["score"], 3), "candidates": candidates}
        for name, value in {"left_id": row.id, "name": row.text, "commune": row.place, **values}.items():
            columns[name].append(value)
    texts = ("name", "commune", "right_id", "outcome", "reason", "candidates")
    return pd.DataFrame(
        {name: pd.Series(columns[name], dtype=object if name in texts else None) for name in COLUMNS}
    )
