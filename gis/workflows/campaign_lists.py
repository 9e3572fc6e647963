"""What communes are asked about, as workbooks to be answered, one a commune."""

import io

from gis import campaigns as rules
from gis.campaigns.answering import WORDS
from gis.campaigns.layout import ANSWERS, BEFORE, ID, KEY, NAME
from gis.messages import say
from gis.workflows.campaign_books import (
    CODES,
    FIRST,
    HEAD,
    PROTECTION,
    Book,
    file_name,
    value_shown,
    write_machine_sheet,
    zipped,
)

COLUMNS = (
    ("number", "#", 4), ("id", ID, 11), ("village", NAME, 20), ("field", "field", 30), ("kind", "kind", 14),
    ("before", BEFORE, 12), ("now", "now", 12), ("why", "why", 52), ("answer", "answer", 12),
    ("value", "value", 12), ("reason", "reason", 40), (KEY, KEY, 4),
)  # fmt: skip
"""Columns of a list of questions: word of the heading, code, width."""

ANSWERED = ("answer", "value", "reason")


def questions_zip(now, language):
    """The lists of all communes with open questions in one zip, as bytes; None where nothing is asked."""
    found = {
        file_name(sent.commune, now.names.get(sent.commune, ""), "hoi-lai-"): question_list(
            now, sent.commune, language
        )
        for sent in now.sent
        if now.of(now.open_questions, sent.commune)
    }
    return zipped(found) if found else None


def question_list(now, commune, language):
    """What one commune is asked about, to be answered in the same file, as bytes."""
    sink, asked = io.BytesIO(), now.of(now.open_questions, commune)
    with Book(sink) as (book, formats):
        _questions(book, formats, now, commune, asked, language)
        ids = {question.village_id for question in asked}
        write_machine_sheet(book, rules.machine_rows(now.campaign, commune, ANSWERS, ids))
    return sink.getvalue()


def _questions(book, formats, now, commune, asked, language):
    page = book.add_worksheet(say("campaign-book-questions", language))
    page.hide_gridlines(2)
    title = f"{rules.title_of(now.campaign, language)} · {now.names.get(commune, '')} ({commune})"
    page.write_string(0, 0, title, formats["title"])
    page.write_string(1, 0, say("campaign-book-questions-how", language))
    page.write_string(2, 0, rules_told(language))
    page.set_row(CODES, None, None, {"hidden": True})
    for column, (name, code, width) in enumerate(COLUMNS):
        hidden = {"hidden": True} if name == KEY else {}
        word = say(f"campaign-book-{name}", language) if name != KEY else ""
        page.write_string(HEAD + 1, column, word, formats["head-self" if name in ANSWERED else "head"])
        page.write_string(CODES, column, code)
        page.set_column(column, column, width, None, hidden)
    fields = {one.name: one for one in now.form}
    for at, question in enumerate(asked):
        form = fields[question.field]
        cells = {
            "number": float(at + 1),
            "id": question.village_id,
            "village": str(now.villages.at[question.village_id, "name"]),
            "field": form.label.pick(language),
            "kind": say(f"campaign-kind-{question.kind}", language),
            "before": value_shown(question.before, form, language),
            "now": value_shown(question.now, form, language),
            "why": why_told(question, language),
            KEY: question.key,
        }
        for column, (name, _, _) in enumerate(COLUMNS):
            if name in ANSWERED:
                page.write_blank(FIRST + at, column, None, formats["write"])
            elif isinstance(cells[name], float):
                page.write_number(FIRST + at, column, cells[name], formats["before"])
            else:
                page.write_string(FIRST + at, column, cells[name], formats["locked"])
    words = [say(code, language) for code in WORDS.values()]
    page.data_validation(
        FIRST, 8, FIRST + max(len(asked), 1) - 1, 8,
        {"validate": "list", "source": words, "error_message": say("campaign-book-questions-how", language)[:255]},
    )  # fmt: skip
    page.freeze_panes(FIRST, 3)
    page.protect("", PROTECTION)
    page.set_landscape()
    page.fit_to_pages(1, 0)


def why_told(question, language):
    """Why a figure is asked about, in one text."""
    return " ".join(reason.say(language) for reason in question.reasons)


def rules_told(language):
    """The limits beyond which a figure is asked about, in one sentence."""
    return say("campaign-rules", language, **rules.RULES)
