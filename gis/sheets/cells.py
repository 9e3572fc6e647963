"""Figures and verdicts as the cells of a table."""

import math

from gis.exports import plain
from gis.labels import format_date, format_number, format_value
from gis.messages import say
from gis.sentences import capital, figure_text, outcome_word, status_word, unit_label
from gis.sheets.model import Cell

BLANK = Cell()
DASH = "–"


def text(value):
    """A text as it is, made safe to write; empty where there is none."""
    return Cell("" if is_missing(value) else plain(str(value)))


def dated(record, language):
    """What a figure was taken from, with days as the language writes them; a missing one as it is."""
    return record if is_missing(record) else format_date(record, language)


def count(value, language, digits=0):
    """A number without a unit; a dash where there is none."""
    if is_missing(value):
        return Cell(DASH)
    value = float(value)
    if not math.isfinite(value):
        return Cell(say("export-unreachable", language))
    value = round(value, digits)
    return Cell(format_number(value, language, digits=digits), value)


def order(number):
    """The number of a row."""
    return Cell(str(number), number)


def value(number, unit, language):
    """The value of a criterion; its unit stands in the heading. A dash for what is not known."""
    if is_missing(number):
        return Cell(DASH)
    if unit == "bool":
        return Cell(format_value(number, "bool", language))
    if not math.isfinite(number):
        return Cell(say("export-unreachable", language))
    return Cell(format_number(number, language, digits=2 if unit == "%" else None), float(number))


def verdict(finding, kind, language):
    """The word for a status by one criterion, with the grade that the set gives besides."""
    word = status_word(finding["status"], kind, language)
    grade = finding.get("grade")
    if not is_missing(grade) and grade:
        word = f"{word} ({grade_word(grade, language)})"
    return Cell(word, status=finding["status"])


def grade_word(grade, language):
    """A grade in the reader's words where it is one that every set has, else as the set names it."""
    code = f"grade-{grade}"
    known = say(code, language)
    return plain(str(grade)) if known == code else known


def outcome(criteria, status, language, grade=None):
    """The verdict on a whole village in the words of the set where it has some, with its grade if it has one."""
    word = capital(outcome_word(criteria, status, language))
    if not is_missing(grade) and grade:
        word = f"{word} ({grade_word(grade, language)})"
    return Cell(word, status=status)


def outcomes(review, villages, language):
    """The verdict on each village of some rows of `Review.villages_table`."""
    grades = review.results.get("grade", {})
    return [
        outcome(review.criteria, status, language, grades.get(village))
        for village, status in villages["status"].items()
    ]


def limit(criterion, group, language):
    """What a criterion asks of a village of a group."""
    return Cell(plain(figure_text(criterion, group, language)))


def unit_words(criterion, language):
    """The unit in brackets as it stands behind a heading; empty for yes and no."""
    unit = unit_label(criterion.unit, language)
    return "" if unit in (None, "", "bool") else f" ({unit})"


def title(criterion, language):
    """The number of a criterion in the law and its name."""
    return plain(f"{criterion.code or ''} {criterion.label.pick(language)}".strip())


def short(criterion, criteria, language):
    """What a criterion is called in a list: its number in the law where all have one, else its name."""
    numbered = all(one.code for one in criteria.criteria)
    return plain(criterion.code if numbered else criterion.label.pick(language))


def is_missing(value):
    """Whether a cell of a frame is None or NaN."""
    return value is None or value != value
