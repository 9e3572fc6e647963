"""Answers about very many villages: how many fit, where they are, and one page of their table."""

import re
from functools import cached_property

import numpy as np

from gis.names import fold
from gis.tables import STATUSES
from gis.web import whole
from gis.web.facts import NO_COMMUNE, commune_names, text_of

ROWS_A_PAGE = 200
SORTS = ("name", "commune", "status", "missed", "unknown", "households")
WORST_FIRST = ("unmet", "unknown", "met", "exempt")
DIGITS = re.compile(r"(\d+)")


class Crowd:
    """The villages of a review as columns of numbers, in the order of `Review.villages_table`.

    Parameters
    ----------
    review : Review
    groups : Mapping of str to str
        Commune to the group of communes it is of; empty where there are none.
    """

    def __init__(self, review, groups):
        self.review = review
        self.ids = review.villages_table.index
        self._places = whole.places(review)
        place = np.array([self._places.get(id_, (np.nan, np.nan)) for id_ in self.ids], dtype=float)
        self.x, self.y = place.reshape(-1, 2).T
        communes = [text_of(each) or NO_COMMUNE for each in review.villages_table["commune_id"]]
        self._regions = {"communes": np.array(communes, dtype=object)}
        if groups:
            self._regions["groups"] = np.array([groups.get(each, "") for each in communes], dtype=object)
        self._coded, self._ranked, self._orders = {}, {}, {}

    @cached_property
    def _folded(self):
        table = self.review.villages_table
        rows = zip(table["name"], table["commune"], self.ids, strict=True)
        return [fold(f"{text_of(name) or id_} {text_of(commune) or ''} {id_}") for name, commune, id_ in rows]

    def warm(self):
        """Make what the first search and the first sorting would otherwise wait for."""
        for column in SORTS:
            self.order(column, "all")

    def status(self, part, criterion=None):
        """Position in `STATUSES` of every village's verdict in a part, or of its status by a criterion."""
        column = criterion or ("status" if part == "all" else "infra_status")
        return self._codes(column, self.review.villages_table[column], STATUSES)[0]

    def missed(self, part):
        """How many criteria of a part each village misses."""
        return self.review.villages_table["missed" if part == "all" else "infra_missed"].to_numpy()

    def unknown(self, part):
        """How many criteria of a part are not known of each village."""
        if part == "all":
            return self.review.villages_table["unknown_count"].to_numpy()
        works = [
            each.id
            for each in self.review.study.criteria.criteria
            if each.fixable_by == "works" and each.kind != "context"
        ]
        return (self.review.villages_table[works] == "unknown").sum(axis=1).to_numpy()

    def found(self, fits, search):
        """Which of the villages that fit hold every word of a search, however it is spelt."""
        words = fold(search[:200]).split()
        if not words:
            return fits
        places = np.flatnonzero(fits)
        for word in words:
            places = [at for at in places if word in self._folded[at]]
        kept = np.zeros(len(self.ids), dtype=bool)
        kept[places] = True
        return kept

    def summary(self, chosen, part, criterion, level):
        """What the page says of the villages in `chosen`, as plain values.

        Returns
        -------
        dict
            ``count`` and ``all``; ``counts`` by status; ``missed``: pairs of how many criteria are missed and
            how many villages that fail miss so many; ``most``: the most that any village of the study misses;
            ``box``: west, south, east, north of those with a place, None without; ``regions``: region of
            `level` to the counts of all its villages in the order of `STATUSES`; ``kept``: region to how many
            of them are in `chosen`, None where all are.
        """
        status, missed = self.status(part, criterion), self.missed(part)
        fails = self.status(part) == STATUSES.index("unmet")
        steps, how_many = np.unique(missed[chosen & fails], return_counts=True)
        counts = np.bincount(status[chosen], minlength=len(STATUSES))
        placed = chosen & np.isfinite(self.x)
        x, y = self.x[placed], self.y[placed]
        return {
            "count": int(chosen.sum()),
            "all": len(chosen),
            "counts": dict(zip(STATUSES, counts.tolist(), strict=True)),
            "missed": list(zip(steps.tolist(), how_many.tolist(), strict=True)),
            "most": int(missed[fails].max(initial=0)),
            "box": [x.min(), y.min(), x.max(), y.max()] if len(x) else None,
            "regions": self._by_region(status, level),
            "kept": None if chosen.all() else self._kept(chosen, level),
        }

    def _by_region(self, status, level):
        region, names = self._codes(level, self._regions[level])
        sides = len(STATUSES)
        table = np.bincount(region * sides + status, minlength=len(names) * sides).reshape(-1, sides)
        return dict(zip(names, table.tolist(), strict=True))

    def _kept(self, chosen, level):
        region, names = self._codes(level, self._regions[level])
        counts = np.bincount(region[chosen], minlength=len(names))
        return {names[at]: int(counts[at]) for at in np.flatnonzero(counts)}

    def order(self, written, part):
        """Positions of all villages by a column of `SORTS`, with a minus before it the other way round."""
        key = written, part
        if key not in self._orders:
            column = written.removeprefix("-")
            if (column, part) not in self._ranked:
                self._ranked[column, part] = self._rank(column, part)
            rank = self._ranked[column, part]
            self._orders[key] = np.argsort(-rank if written.startswith("-") else rank, kind="stable")
        return self._orders[key]

    def rows(self, positions, language):
        """The villages at some positions as `whole.rows_of` writes them, with the communes their rows name."""
        table = self.review.villages_table.iloc[positions]
        used = sorted({self._regions["communes"][at] for at in positions})
        names = commune_names(self.review, language)
        number = {commune: at for at, commune in enumerate(used)}
        rows = whole.rows_of(self.review, table, number, self._places)
        return {"communes": [[each, names.get(each, each)] for each in used], "rows": rows}

    def _rank(self, column, part):
        table = self.review.villages_table
        if column == "name":
            return _ranks([_natural(each) for each in self._folded])
        if column == "commune":
            return _ranks([_natural(fold(each)) for each in table["commune"]])
        if column == "status":
            places = np.array([WORST_FIRST.index(each) for each in STATUSES])
            return places[self.status(part)]
        if column == "households":
            return -table["households"].fillna(-1).to_numpy(dtype=float)
        return -(self.missed(part) if column == "missed" else self.unknown(part)).astype(float)

    def _codes(self, key, values, names=None):
        if key not in self._coded:
            known = sorted(set(values)) if names is None else list(names)
            number = {name: at for at, name in enumerate(known)}
            self._coded[key] = np.array([number[each] for each in values], dtype=np.int64), known
        return self._coded[key]


def _natural(folded):
    """A key by which "thon 2" comes before "thon 10"."""
    return [(1, int(part), "") if part.isdigit() else (2, 0, part) for part in DIGITS.split(folded) if part]


def _ranks(keys):
    """Rank of each key, the same for equal ones."""
    order = sorted(range(len(keys)), key=keys.__getitem__)
    ranks = np.zeros(len(keys), dtype=np.int64)
    for before, at in zip(order, order[1:], strict=False):
        ranks[at] = ranks[before] + (keys[at] != keys[before])
    return ranks
