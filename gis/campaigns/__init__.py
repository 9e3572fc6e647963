"""The yearly review of the communes: what is asked, what came back, what is odd in it, and how it is merged."""

from gis.campaigns.answering import Said, is_answers, read_answers
from gis.campaigns.asking import RULES, Question, questions
from gis.campaigns.counting import Sent, progress, sent_values
from gis.campaigns.form import Asked, asked_fields, form_from, number_limits
from gis.campaigns.layout import KINDS, ids_hash, machine_rows, recognise
from gis.campaigns.merging import Cell, reason_of, three_way, title_of
from gis.campaigns.reading import Received, read_template

__all__ = [
    "KINDS",
    "RULES",
    "Asked",
    "Cell",
    "Question",
    "Received",
    "Said",
    "Sent",
    "asked_fields",
    "form_from",
    "ids_hash",
    "is_answers",
    "machine_rows",
    "number_limits",
    "progress",
    "questions",
    "read_answers",
    "read_template",
    "reason_of",
    "recognise",
    "sent_values",
    "three_way",
    "title_of",
]
