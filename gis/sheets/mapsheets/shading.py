"""What a printed map shows: which class each village or commune is in, in words, with how many there are of each."""

from dataclasses import dataclass

import numpy as np

from gis.exports import plain
from gis.labels import format_number
from gis.messages import say
from gis.sentences import by_set, capital, outcome_word, status_word
from gis.sheets import cells
from gis.sheets.mapsheets.looks import SIGNS
from gis.tables import STATUSES

SHARES = ((0, 25), (25, 50), (50, 75), (75, 100), (100, 100))
"""Classes of the share of villages that pass, in percent: from the first up to below the second; the last is all."""


@dataclass(frozen=True)
class Class:
    """One line of the legend: the look by its name, the words, the sign in the field, and how many there are."""

    name: str
    words: str
    sign: str
    count: int


@dataclass(frozen=True)
class Shading:
    """The classes of a map.

    Attributes
    ----------
    title : str
        Of the legend.
    unit : str
        Message code of how many things it counts.
    classes : tuple of Class
        The counts together are the number of `of`.
    of : Mapping of str to str
        Village or commune id to the name of its class; what is not in it, the map is not about.
    marks : Mapping of str to str
        Id to what is written in its disc.
    """

    title: str
    unit: str
    classes: tuple
    of: dict
    marks: dict

    @property
    def count(self):
        return len(self.of)


def by_missed(review, villages, part, language):
    """Villages by how many criteria they miss, and those that pass, are open or do not count by themselves.

    Parameters
    ----------
    villages : DataFrame
        Rows of `Review.villages_table` that the map is about.
    part : str
        ``"all"`` or ``"infrastructure"``.
    """
    prefix = "infra_" if part == "infrastructure" else ""
    status, missed = villages[f"{prefix}status"], villages[f"{prefix}missed"].astype(int)
    failing = review.villages_table
    failing = failing.loc[failing[f"{prefix}status"] == "unmet", f"{prefix}missed"]
    ladder = steps(int(failing.max()) if len(failing) else 0)
    of, marks = {}, {}
    for id_, word, number in zip(villages.index, status, missed, strict=True):
        name = next((step for low, high, step in ladder if low <= number <= high), ladder[0][2])
        of[id_] = name if word == "unmet" else word
        marks[id_] = str(number) if word == "unmet" else SIGNS[word]
    words = {
        each: cells.outcome(review.criteria, each, language).text
        if not prefix
        else capital(status_word(each, review.criteria.polarity, language))
        for each in STATUSES
    }
    rows = [("met", words["met"], SIGNS["met"])]
    for low, high, name in ladder:
        span = format_number(low, language) if low == high else f"{low}–{high}"
        rows.append((name, by_set(review.criteria, "mapsheet-missed", language, count=span), span))
    rows += [(each, words[each], SIGNS[each]) for each in ("unknown", "exempt")]
    title = by_set(review.criteria, "mapsheet-by-missed", language)
    return Shading(title, "mapsheet-villages", _counted(rows, of), of, marks)


def by_criterion(review, villages, criterion_id, language):
    """Villages by their status by one criterion."""
    criterion = review.criteria.criterion(criterion_id)
    of = villages[criterion_id].to_dict()
    rows = [(each, capital(status_word(each, criterion.kind, language)), SIGNS[each]) for each in STATUSES]
    marks = {id_: SIGNS[status] for id_, status in of.items()}
    return Shading(cells.title(criterion, language), "mapsheet-villages", _counted(rows, of), of, marks)


def by_commune(review, villages, part, criterion_id, language):
    """Communes by the share of their villages that pass: the whole set, its part, or one criterion.

    Villages without a commune are in no class. A commune of which no village is judged is in the class of the
    unknown.
    """
    column = criterion_id or ("infra_status" if part == "infrastructure" else "status")
    of, marks = {}, {}
    groups = dict(tuple(villages.groupby(villages["commune_id"].fillna(""))[column]))
    for commune in review.study.communes.index:
        statuses = groups.get(commune)
        if statuses is None:
            continue
        judged, met = int((statuses != "exempt").sum()), int((statuses == "met").sum())
        of[commune] = _share_class(met, judged) if (statuses.isin(["met", "unmet"])).any() else "unknown"
        marks[commune] = f"{met}/{judged}"
    rows = []
    for number, (low, high) in enumerate(SHARES):
        span = f"{high} %" if low == high else f"{low}–<{high} %"
        rows.append((f"share{number}", span, ""))
    rows = [*reversed(rows), ("unknown", capital(say("status-unknown", language)), SIGNS["unknown"])]
    if criterion_id:
        criterion = review.criteria.criterion(criterion_id)
        about = cells.title(criterion, language)
    else:
        about = capital(outcome_word(review.criteria, "met", language))
    title = say("mapsheet-by-share", language, about=plain(about))
    return Shading(title, "mapsheet-communes", _counted(rows, of), of, marks)


def steps(most):
    """The steps of "number missed": each alone while there are few, then in pairs; low, high and look."""
    if most <= 4:
        bounds = [(1, 1), (2, 2), (3, 3), (4, 4)]
    elif most <= 7:
        bounds = [(1, 1), (2, 3), (4, 5), (6, most)]
    else:
        bounds = [(1, 2), (3, 4), (5, 7), (8, most)]
    kept = [(low, high) for low, high in bounds if low <= max(most, 1)]
    return [(low, min(high, max(most, low)), f"missed{number}") for number, (low, high) in enumerate(kept, 1)]


def _share_class(met, judged):
    share = 100 * met / judged
    at = next((number for number, (_, high) in enumerate(SHARES) if share < high), len(SHARES) - 1)
    return f"share{at}"


def _counted(rows, of):
    names, counts = np.unique(np.array(list(of.values()), dtype=object), return_counts=True)
    found = dict(zip(names, counts.tolist(), strict=True))
    return tuple(Class(name, words, sign, int(found.get(name, 0))) for name, words, sign in rows)
