"""The list of questions as a commune sends it back: each figure is right, for a reason, or another one is."""

from dataclasses import dataclass

from gis.campaigns.form import read_cell
from gis.campaigns.layout import KEY, cell, coded_sheet
from gis.errors import Problem, TableError
from gis.labels import LANGUAGES
from gis.messages import say
from gis.names import fold
from gis.values import is_blank, to_text

WORDS = {"right": "campaign-answer-right", "changed": "campaign-answer-changed"}
LONGEST = 500


@dataclass(frozen=True)
class Said:
    """One answer: the question, ``right`` or ``changed``, the new value, and why."""

    question: object
    answer: str
    value: object
    reason: str


def is_answers(sheets):
    """Whether a workbook is a list of questions, by the codes of its columns."""
    return coded_sheet(sheets, KEY) is not None


def read_answers(sheets, asked, *, form, file):
    """Read an answered list.

    Parameters
    ----------
    sheets : Mapping of str to list of list
    asked : Mapping of str to Question
        Key to each question of the campaign that is open.
    form : tuple of Asked
    file : str

    Returns
    -------
    said : list of Said
    problems : list of Problem
        Rows without a whole answer, which stay open, and rows that are not asked about any more.

    Raises
    ------
    TableError
        If the columns of the list were taken away.
    """
    found = coded_sheet(sheets, KEY)
    if found is None or not {"answer", "value", "reason"} <= set(found[2]):
        raise TableError("campaign-not-answers", file=file)
    sheet, at, places = found
    fields = {one.name: one for one in form}
    said, over, lacking = {}, [], []
    for number, row in enumerate(sheets[sheet][at + 1 :], at + 2):
        key = to_text(cell(row, places[KEY]))
        if key is None:
            continue
        if key not in asked:
            over.append(number)
            continue
        given = _answer(row, places, asked[key], fields[asked[key].field])
        if isinstance(given, str):
            lacking.append(
                f"{number} ({say(f'campaign-answer-{given}', 'vi')})"
            ) if given != "blank" else None
        else:
            said[key] = given
    problems = []
    if over:
        problems.append(
            Problem("campaign-answers-over", {"file": file, "count": len(over), "rows": over}, "note")
        )
    if lacking:
        told = {"file": file, "count": len(lacking), "rows": lacking}
        problems.append(Problem("campaign-answers-lacking", told))
    return list(said.values()), problems


def _answer(row, places, question, asked):
    """The answer of a row, or the word for what it lacks."""
    written = {name: cell(row, places[name]) for name in ("answer", "value", "reason")}
    if all(is_blank(value) for value in written.values()):
        return "blank"
    word = fold(str(written["answer"] or ""))
    answer = next(
        (name for name, code in WORDS.items() if word in {fold(say(code, one)) for one in LANGUAGES}), None
    )
    reason = (to_text(written["reason"]) or "")[:LONGEST]
    if answer == "right":
        if not question.can_be_right:
            return "needs-value"
        return Said(question, answer, question.now, reason) if reason else "needs-reason"
    if answer == "changed":
        value, fault = read_cell(written["value"], asked)
        return "needs-value" if fault or value is None else Said(question, answer, value, reason)
    return "needs-word"
