"""The paper of a commune's results: one row a village, and under every criterion what was said, measured and found."""

from gis.messages import say
from gis.sentences import by_set
from gis.sheets import cells
from gis.sheets.model import Column, Table

SAID = ("self_result", "recheck_result")
"""What an assessment sheet says of a village as a whole: by the village itself, and by who checked again."""


def commune_results(review, villages, language):
    """The table of villages by criteria.

    Parameters
    ----------
    review : Review
    villages : DataFrame
        Rows of `Review.villages_table`.
    language : str
    """
    columns = [
        Column(say("papers-column-order", language), 9, "center"),
        Column(say("papers-column-village", language), 36),
        Column(say("papers-column-households", language), 14, "right"),
    ]
    data = [
        [cells.order(number) for number in range(1, len(villages) + 1)],
        [cells.text(name) for name in named(villages)],
        [cells.count(number, language) for number in villages["households"]],
    ]
    findings = review.findings[review.findings["village_id"].isin(villages.index)]
    by_criterion = dict(iter(findings.groupby("criterion", sort=False)))
    for criterion in review.criteria.criteria:
        found = by_criterion.get(criterion.id, findings.iloc[:0]).set_index("village_id")
        for column, values in _of_criterion(criterion, found.reindex(villages.index), language):
            columns.append(column)
            data.append(values)
    for column, values in said(review, villages, language):
        columns.append(column)
        data.append(values)
    together = say("papers-column-together", language)
    columns += [
        Column(by_set(review.criteria, "papers-column-missed", language), 15, "right", together),
        Column(say("papers-column-unknown", language), 15, "right", together),
        Column(say("papers-column-result", language), 28, "left", together),
    ]
    data += [
        [cells.count(number, language) for number in villages["missed"]],
        [cells.count(number, language) for number in villages["unknown_count"]],
        cells.outcomes(review, villages, language),
    ]
    return Table("", tuple(columns), tuple(zip(*data, strict=True)), keys=2)


def said(review, villages, language):
    """What the assessment says of whole villages, self-assessed and re-checked apart; only what anybody said."""
    reported = review.study.reported
    for name in SAID:
        if name in reported and reported.loc[villages.index, name].notna().any():
            head = say(f"papers-column-{name.removesuffix('_result')}", language)
            yield Column(head, 20), [cells.text(word) for word in reported.loc[villages.index, name]]


def named(villages):
    """The name of every village, its code where it has none."""
    return [id_ if cells.is_missing(name) else name for id_, name in villages["name"].items()]


def _of_criterion(criterion, found, language):
    """The columns of one criterion with their cells: the reported and the measured value where any is, the status."""
    above = cells.title(criterion, language)
    groups = found["group"].dropna().unique()
    if len(groups) == 1:
        above += f" [{cells.limit(criterion, groups[0], language).text}]"
    for side in ("reported", "measured"):
        if found[side].notna().any():
            head = say(f"papers-column-{side}", language) + cells.unit_words(criterion, language)
            values = [cells.value(number, criterion.unit, language) for number in found[side]]
            yield Column(head, 18, "right", above), values
    verdicts = [
        cells.verdict(finding, criterion.kind, language)
        if not cells.is_missing(finding["status"])
        else cells.BLANK
        for finding in found.to_dict("records")
    ]
    yield Column(say("papers-column-status", language), 21, "left", above), verdicts
