"""The scoring form of each village: what every criterion asks, what was said of it, and room for the re-check."""

from collections.abc import Mapping

from gis.exports import plain
from gis.messages import say
from gis.sentences import by_set
from gis.sheets import cells
from gis.sheets.cells import BLANK
from gis.sheets.model import Cell, Column, Table
from gis.sheets.results import SAID, named


def scoring_forms(review, villages, language):
    """One table a village, each on a page of its own."""
    points = points_of(review.criteria)
    columns = _columns(review.criteria, points, language)
    return tuple(
        _form(review, village, name, columns, points, language)
        for village, name in zip(villages.index, named(villages), strict=True)
    )


def points_of(criteria):
    """The points of each criterion of a set that is judged by points; else nothing.

    Returns
    -------
    dict of str to Mapping
        Criterion id to ``met`` and, where there are such, ``nearly``; or to ``grades``, points by grade.
    """
    logic = criteria.logic
    return dict(logic.get("points", {})) if isinstance(logic, Mapping) else {}


def most_of(entry):
    """The most points that an entry gives."""
    return entry["met"] if "met" in entry else max(entry["grades"].values())


def _columns(criteria, points, language):
    wide = 14 if points else 0
    named_ = [
        ("order", 10, "center"),
        ("content", 60 if points else 76, "left"),
        ("limit", 24, "left"),
        *([("points", wide, "right")] if points else []),
        ("reported", 22, "right"),
        *([("points-self", wide, "right")] if points else []),
        ("measured", 22, "right"),
        ("status", 24, "left"),
        ("recheck", 24, "left"),
        *([("points-recheck", wide, "right")] if points else []),
        ("behind", 42, "left"),
        ("note", 20, "left"),
    ]
    return tuple(
        Column(say(f"papers-column-{name}", language), width, align) for name, width, align in named_
    )


def _form(review, village, name, columns, points, language):
    table = review.villages_table.loc[village]
    rows = [
        _row(number, finding, review, points, language)
        for number, finding in enumerate(review.findings_of(village), 1)
    ]
    title = say(
        "papers-form-title", language, village=plain(str(name)), id=plain(str(village)),
        households=cells.count(table["households"], language).text,
        population=cells.count(table["population"], language).text,
    )  # fmt: skip
    total = _total(review, village, table, rows, points, language)
    return Table(title, columns, (*rows, total), keys=2, totals=1, new_page=True)


def _row(number, finding, review, points, language):
    criterion = review.criteria.criterion(finding["criterion"])
    unit = criterion.unit
    with_unit = cells.unit_words(criterion, language).strip(" ()")
    values = {side: cells.value(finding[side], unit, language) for side in ("reported", "measured")}
    shown = {
        side: Cell(
            f"{cell.text} {with_unit}" if cell.number is not None and with_unit else cell.text, cell.number
        )
        for side, cell in values.items()
    }
    label = criterion.label.pick(language)
    if criterion.kind == "context":
        label = f"{label} ({say('papers-context', language)})"
    if criterion.clause:
        label = f"{label}\n{criterion.clause}"
    entry = points.get(criterion.id)
    return (
        Cell(plain(criterion.code or str(number))),
        Cell(plain(label)),
        cells.limit(criterion, finding["group"], language),
        *([cells.count(most_of(entry), language, digits=1) if entry else BLANK] if points else []),
        shown["reported"],
        *([_own_points(entry, finding, language)] if points else []),
        shown["measured"],
        cells.verdict(finding, criterion.kind, language),
        BLANK,
        *([BLANK] if points else []),
        _behind(finding, language),
        BLANK,
    )


def _own_points(entry, finding, language):
    """The points that the reported value earns; blank for a person to fill where it alone does not say."""
    if entry is None or finding["status"] == "exempt":
        return BLANK
    # the grade is that of the side which decided
    graded = finding["source"] in ("reported", "both")
    earned = None
    if "grades" in entry:
        earned = entry["grades"].get(finding["grade"]) if graded else None
    elif finding["reported_status"] == "met":
        earned = entry["met"]
    elif finding["reported_status"] == "unmet" and ("nearly" not in entry or graded):
        earned = entry["nearly"] if "nearly" in entry and finding["grade"] == "nearly" else 0
    return BLANK if earned is None else cells.count(earned, language, digits=1)


def _behind(finding, language):
    """The facility and the record that a finding rests on."""
    parts = [finding["facility_name"] or finding["facility_id"], cells.dated(finding["record"], language)]
    return Cell(plain("\n".join(str(part) for part in parts if part and not cells.is_missing(part))))


def _total(review, village, facts, rows, points, language):
    """The last row: the verdict on the village, what it said of itself, and the points where all are known."""
    reported = review.study.reported
    whole = [cells.text(reported.at[village, name]) if name in reported else BLANK for name in SAID]
    counts = by_set(
        review.criteria,
        "papers-form-counts",
        language,
        missed=int(facts["missed"]),
        unknown=int(facts["unknown_count"]),
    )
    (result,) = cells.outcomes(review, review.villages_table.loc[[village]], language)
    scored = review.results.loc[village].reindex(["points_low", "points_high"])
    if scored.notna().all():
        counts += say("papers-form-points", language, low=float(scored.iloc[0]), high=float(scored.iloc[1]))
    if not points:
        return (
            BLANK, Cell(say("papers-form-total", language)), BLANK, whole[0], BLANK, result,
            whole[1], Cell(counts), BLANK,
        )  # fmt: skip
    own = [row[5] for row in rows if row[3].text]
    complete = all(cell.number is not None for cell in own)
    return (
        BLANK, Cell(say("papers-form-total", language)), BLANK,
        cells.count(sum(map(most_of, points.values())), language, digits=1), whole[0],
        cells.count(sum(cell.number for cell in own), language, digits=1) if complete else BLANK,
        BLANK, result, whole[1], BLANK, Cell(counts), BLANK,
    )  # fmt: skip
