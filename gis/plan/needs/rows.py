"""A needs list read: which rows are the planner's word on a generated option, and which are works of its own."""

from dataclasses import dataclass, field, replace

import pandas as pd

from gis.assessments.mapping import title_reader
from gis.catalogue import load_catalogue
from gis.errors import Problem, TableError
from gis.interventions.costs import work_named
from gis.interventions.words import heading_columns, heading_names
from gis.labels import LANGUAGES
from gis.messages import say
from gis.names import fold
from gis.plan.needs.placing import KEYS, Placing
from gis.plan.needs.table import COLUMNS, MILLION, PREFIX
from gis.plan.options import Options, changed
from gis.tables import OPTIONS, WAYS, conform
from gis.values import is_ambiguous, is_blank, to_number, to_text, to_yes

MOST_QUANTITY, MOST_MILLION = 1e6, 1e9
YEARS = (2000, 2100)
ALSO = {
    "kind": ("cong trinh", "loai", "hang muc", "noi dung dau tu", "noi dung", "kind", "work"),
    "name": ("ten", "du an", "ten du an"),
    "place": ("tuyen", "ten tuyen", "ten duong", "vi tri"),
    "quantity": ("so luong", "quy mo", "chieu dai"),
    "cost": ("kinh phi", "du toan", "tong muc dau tu", "von", "kinh phi du kien"),
    "committed": ("da co von", "da bo tri von", "da phe duyet"),
    "wanted": ("bat buoc", "lua chon"),
    "note": ("ghi chu khac",),
}
"""Further headings, folded, that lists of offices have."""
IN = frozenset({"in", "lock", "locked", "x", "co", "yes", "giu", "khoa", "chon", "bat buoc", "bat buoc lam"})
OUT = frozenset({"out", "ban", "banned", "loai", "bo", "cam", "khong", "no", "khong lam", "loai bo"})


@dataclass(frozen=True)
class Needs:
    """What a needs list says.

    Attributes
    ----------
    works : DataFrame
        The planner's own works, index option_id: ``intervention``, ``village_id``, ``commune_id``, ``name``, ``place``,
        ``quantity``, ``cost`` (VND; NaN where the list gives none), ``committed`` and ``wanted``, ``geometry``.
    costs : dict of str to float
        Generated option to the VND that the planner says it costs.
    locked, banned : tuple of str
        Generated options that are in, or out, in any case.
    notes : DataFrame
        Index option_id: ``year`` that the planner names, ``note``, ``row`` of the list.
    problems : tuple of Problem
        What was not used and why, each a sentence.
    own : Options or None
        The own works with their cost, edits and the gaps that they close; see `gis.plan.needs.own_options`.
    """

    works: pd.DataFrame
    costs: dict = field(default_factory=dict)
    locked: tuple = ()
    banned: tuple = ()
    notes: pd.DataFrame | None = None
    problems: tuple = ()
    own: Options | None = None

    def applied(self, options):
        """Options with the planner's word on them, and the planner's own works among them.

        Parameters
        ----------
        options : Options
            As `find_options` gives them.

        Returns
        -------
        Options
            Costs that the list gives are the user's; ``wanted`` says what is in and out.
        """
        known = {name: cost for name, cost in self.costs.items() if name in options.table.index}
        options = changed(options, known)
        table = options.table.copy()
        for names, word in ((self.locked, "in"), (self.banned, "out")):
            table.loc[table.index.isin(names), "wanted"] = word
        if self.own is None:
            return replace(options, table=table)
        fresh = self.own.table[~self.own.table.index.isin(table.index)]
        ways = self.own.ways[self.own.ways["option_id"].isin(fresh.index)]
        last = options.ways.groupby(["village_id", "criterion"])["way"].max()
        places = pd.MultiIndex.from_frame(ways[["village_id", "criterion"]])
        ways = ways.assign(way=ways["way"] + last.reindex(places).fillna(-1).astype(int).to_numpy() + 1)
        ways = pd.concat([options.ways, ways]).sort_values(list(WAYS)[:4], ignore_index=True)
        table = pd.concat([table, fresh]).sort_index() if len(fresh) else table
        return Options(conform(table, OPTIONS), conform(ways, WAYS))


def needs_from_rows(cells, review, interventions, options=None, *, file, sheet="", geometry=None):
    """What a needs list says.

    Parameters
    ----------
    cells : list of list
        A row of headings and what stands below it, as `needs_to_rows` gives it or in an office's own words.
    review : Review
    interventions : Mapping of str to Intervention
    options : Options, optional
        What was generated: a row with the id of one is the planner's word on it, any other row a work of its own.
    file, sheet : str
        For the sentences.
    geometry : list of Geometry or None, optional
        In the study's CRS, one for each row below the headings.

    Returns
    -------
    Needs
        Without ``own``.

    Raises
    ------
    TableError
        If there is no column of kinds of work or of villages, or a row cannot be meant so: an unknown kind of work, a
        quantity or a cost that is no number, locked and banned at once. All faults at once, each with its row.
    """
    reading = _Reading(review, interventions, options, {"file": file, "sheet": sheet})
    head, places = _columns(cells, reading, geometry is not None)
    told = []
    for number, row in enumerate(cells[head + 1 :], start=head + 2):
        given = {name: row[at] if at < len(row) else None for name, at in places.items()}
        if all(is_blank(value) for name, value in given.items() if name != "unit"):
            continue
        shape = geometry[number - head - 2] if geometry is not None else None
        told.append({"row": number, "geometry": shape, **given})
    if not told:
        raise TableError("needs-no-rows", **reading.where)
    return reading.needs(told)


def _columns(cells, reading, drawn):
    """Row of the headings and column to position; villages and communes by the words of the review sheets too."""
    known = heading_names(COLUMNS, PREFIX)
    also = {name: column for column, names in ALSO.items() for name in names}
    field_of = title_reader(load_catalogue()["assessments"])

    def column_of(text):
        key = field_of(text)
        return known.get(fold(text)) or (key if key in KEYS else also.get(fold(text)))

    head, places = heading_columns(cells, column_of, least=1)
    if "kind" not in places or not (
        drawn or {"village", "village_id", "id", "commune", "commune_id"} & set(places)
    ):
        columns = [say(PREFIX + name, language) for name in ("kind", "village") for language in LANGUAGES]
        raise TableError("needs-no-column", **reading.where, columns=columns)
    return head, places


class _Reading:
    """The rows of one list while they are read; faults are noted and told together."""

    def __init__(self, review, interventions, options, where):
        self.review, self.interventions, self.where = review, interventions, where
        self.generated = {} if options is None else options.table[["quantity", "cost"]].to_dict("index")
        self.faults, self.problems = [], []

    def fault(self, row, code, **arguments):
        self.faults.append(Problem(code, {**self.where, "row": row["row"], **arguments}, "error"))

    def needs(self, told):
        words, own = [], []
        seen = set()
        for row in told:
            id_ = to_text(row.get("id"))
            if id_ in self.generated:
                if id_ in seen:
                    self.fault(row, "needs-twice", id=id_)
                seen.add(id_)
                words.append({**row, "id": id_, **self._wish(row)})
            else:
                own.append({**row, "id": id_})
        costs, works = self._costs(words), self._works(own)
        noted = [*((row["id"], row) for row in words), *works]
        notes = [{"option_id": name, **self._note(row)} for name, row in noted]
        if self.faults:
            raise TableError(problems=sorted(self.faults, key=lambda found: found.arguments["row"]))
        notes = pd.DataFrame(notes, columns=["option_id", "year", "note", "row"]).set_index("option_id")
        kept = [{"option_id": name, **row} for name, row in works]
        kept = pd.DataFrame(kept, columns=["option_id", *WORKS]).set_index("option_id")
        return Needs(
            works=kept.sort_index(),
            costs=costs,
            locked=tuple(sorted(row["id"] for row in words if row["wish"] == "in")),
            banned=tuple(sorted(row["id"] for row in words if row["wish"] == "out")),
            notes=notes.sort_index(),
            problems=tuple(self.problems),
        )

    def _costs(self, words):
        """What the planner says that generated options cost, where that is not what stood there."""
        costs = {}
        for row in words:
            known = self.generated[row["id"]]
            cost = self._number(row, "cost", MOST_MILLION)
            quantity = self._number(row, "quantity", MOST_QUANTITY)
            if quantity == quantity and abs(quantity - known["quantity"]) > 1e-6 * max(1.0, quantity):
                self.fault(row, "needs-other-quantity", id=row["id"], found=quantity, known=known["quantity"])
            if cost == cost and abs(cost * MILLION - known["cost"]) >= 1:
                costs[row["id"]] = float(round(cost * MILLION))
        return costs

    def _works(self, rows):
        """The planner's own works as pairs of id and row; those whose village is not known are told."""
        rows = [{**row, **self._wish(row), **self._kind(row)} for row in rows]
        placing = Placing(self.review.study, self.where)
        rows = placing.placed(rows)
        self.problems += placing.problems
        parts = {}
        for row in rows:
            if row["work"] is not None:
                at = row["village_id"] or row["commune_id"]
                parts.setdefault(f"own:{row['work'].id}@{at}", []).append(row)
        works = []
        for name, same in sorted(parts.items()):
            # the same whatever the order of the rows
            same.sort(
                key=lambda row: (
                    str(row["name"]),
                    row["quantity"],
                    row["cost"],
                    str(row["place"]),
                    row["row"],
                )
            )
            for number, row in enumerate(same):
                works.append((name if number == 0 else f"{name}#{number + 1}", row))
        return works

    def _kind(self, row):
        work = work_named(row.get("kind"), self.interventions)
        if work is None:
            self.fault(row, "needs-no-kind", found=str(row.get("kind"))[:60])
        quantity = self._number(row, "quantity", MOST_QUANTITY)
        if quantity != quantity and work is not None and work.unit == "piece":
            quantity = 1.0
        if work is not None and not quantity > 0:
            self.fault(row, "needs-no-quantity", kind=work.label, unit=work.unit)
        cost = self._number(row, "cost", MOST_MILLION)
        return {
            "work": work,
            "intervention": work.id if work is not None else None,
            "name": to_text(row.get("name")),
            "place": to_text(row.get("place")),
            "quantity": quantity,
            "cost": cost * MILLION,
        }

    def _wish(self, row):
        committed, text = to_yes(row.get("committed")), to_text(row.get("wanted"))
        word = fold(text) if text is not None else ""
        wish = "in" if word in IN else "out" if word in OUT else None
        if committed is None:
            self.fault(row, "needs-no-yes", found=str(row.get("committed"))[:60])
        if word and wish is None:
            self.fault(row, "needs-no-wish", found=text[:60])
        if committed == 1 and wish == "out":
            self.fault(row, "needs-in-and-out")
        return {"committed": committed == 1, "wish": "in" if committed == 1 else wish}

    def _note(self, row):
        year = self._number(row, "year", YEARS[1])
        if year == year and not (year.is_integer() and YEARS[0] <= year <= YEARS[1]):
            self.fault(row, "needs-no-year", found=str(row.get("year"))[:20])
        return {"year": year, "note": to_text(row.get("note")), "row": row["row"]}

    def _number(self, row, name, most):
        value = row.get(name)
        number = to_number(value)
        if number is None or is_ambiguous(value) or number < 0 or number > most:
            heading = " / ".join(say(PREFIX + name, language) for language in LANGUAGES)
            self.fault(row, "needs-no-number", column=heading, found=str(value)[:60])
            return float("nan")
        return number


WORKS = (
    "intervention", "village_id", "commune_id", "name", "place", "quantity", "cost", "committed", "wish", "geometry",
)  # fmt: skip
