"""The papers of a province, which a commune can make of itself too: counts by commune, and lists of villages."""

from gis.messages import say
from gis.sentences import by_set
from gis.sheets import cells
from gis.sheets.cells import BLANK
from gis.sheets.model import Cell, Column, Table
from gis.sheets.results import named, said
from gis.tables import STATUSES


def by_commune(review, language):
    """One row a commune with its villages by verdict, the share against the target, and the sum of all."""
    criteria, target = review.criteria, review.study.target.get("share_pct")
    outcome = [cells.outcome(criteria, status, language).text for status in STATUSES]
    under = say("papers-column-of-them", language)
    columns = [
        Column(say("papers-column-order", language), 9, "center"),
        Column(say("papers-column-commune", language), 48),
        Column(say("papers-column-commune-id", language), 22),
        Column(say("papers-column-villages", language), 18, "right"),
        *(Column(word, 26, "right", under) for word in outcome),
        Column(by_set(criteria, "papers-column-share", language), 22, "right"),
        Column(say("papers-column-short-by", language), 26, "right"),
        Column(say("papers-column-sheet", language), 20),
        Column(say("papers-column-note", language), 20),
    ]
    table = review.communes.assign(_name=review.communes["name"].fillna(""), _id=review.communes.index)
    table = table.sort_values(["_name", "_id"])
    if target is None:
        del columns[-3]
    rows = []
    for number, (commune, row) in enumerate(table.iterrows(), 1):
        name = row["_name"] or commune or say("papers-no-commune", language)
        first = (cells.order(number), cells.text(name), cells.text(commune))
        sheet = Cell(say("papers-yes" if row["has_sheet"] else "papers-no", language))
        rows.append((*first, *_counts(row, target, row["short_by"], language), sheet, BLANK))
    headline = review.headline
    whole = _counts(headline, target, headline["short_by"], language)
    rows.append((BLANK, Cell(say("papers-sum", language)), BLANK, *whole, BLANK, BLANK))
    return Table("", tuple(columns), tuple(rows), keys=2, totals=1)


def _counts(row, target, short_by, language):
    """Villages, villages of each status, the share that meets and, where there is a target, how many it lacks."""
    judged = row["villages"] - row["exempt"]
    share = 100 * row["met"] / judged if judged else None
    numbers = [row["villages"], *(row[status] for status in STATUSES)]
    counted = [cells.count(number, language) for number in numbers]
    return (
        *counted,
        cells.count(share, language, digits=1),
        *([cells.count(short_by, language)] if target is not None else []),
    )


def village_list(review, villages, language):
    """One row a village with its verdict and the criteria it misses or that are open."""
    labels = {one.id: cells.short(one, review.criteria, language) for one in review.counted}
    columns, data = _places(villages, language)
    for column, values in said(review, villages, language):
        columns.append(column)
        data.append(values)
    columns += [
        Column(say("papers-column-result", language), 28),
        Column(by_set(review.criteria, "papers-column-missed-list", language), 68),
        Column(say("papers-column-unknown-list", language), 52),
        Column(say("papers-column-note", language), 16),
    ]
    lists = {
        status: [
            "; ".join(label for id_, label in labels.items() if row[id_] == status)
            for row in villages.to_dict("records")
        ]
        for status in ("unmet", "unknown")
    }
    data += [
        cells.outcomes(review, villages, language),
        [cells.text(listed) for listed in lists["unmet"]],
        [cells.text(listed) for listed in lists["unknown"]],
        [BLANK] * len(villages),
    ]
    return Table("", tuple(columns), tuple(zip(*data, strict=True)), keys=3)


def recognition(review, villages, language):
    """One row a village that is to be recognised, with how many criteria it meets."""
    counted = [one.id for one in review.counted]
    status = villages[counted]
    judged = (status != "exempt").sum(axis=1)
    wanted = review.criteria.sought
    columns, data = _places(villages, language)
    columns.append(Column(say("papers-column-population", language), 18, "right"))
    data.append([cells.count(number, language) for number in villages["population"]])
    for column, values in said(review, villages, language):
        columns.append(column)
        data.append(values)
    columns += [
        Column(by_set(review.criteria, "papers-column-met-of", language), 26, "center"),
        Column(say("papers-column-result", language), 40),
        Column(say("papers-column-behind", language), 40),
        Column(say("papers-column-note", language), 28),
    ]
    data += [
        [
            Cell(f"{reached}/{all_}")
            for reached, all_ in zip((status == wanted).sum(axis=1), judged, strict=True)
        ],
        cells.outcomes(review, villages, language),
        [
            cells.text(cells.dated(review.study.reported.get("record", {}).get(village), language))
            for village in villages.index
        ],
        [BLANK] * len(villages),
    ]
    return Table("", tuple(columns), tuple(zip(*data, strict=True)), keys=3)


def _places(villages, language):
    columns = [
        Column(say("papers-column-order", language), 10, "center"),
        Column(say("papers-column-commune", language), 32),
        Column(say("papers-column-village", language), 38),
        Column(say("papers-column-village-id", language), 24),
        Column(say("papers-column-households", language), 14, "right"),
    ]
    data = [
        [cells.order(number) for number in range(1, len(villages) + 1)],
        [
            cells.text(id_ if cells.is_missing(name) else name)
            for name, id_ in zip(villages["commune"], villages["commune_id"], strict=True)
        ],
        [cells.text(name) for name in named(villages)],
        [cells.text(village) for village in villages.index],
        [cells.count(number, language) for number in villages["households"]],
    ]
    return columns, data
