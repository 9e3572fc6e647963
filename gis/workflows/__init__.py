"""The verbs that a command, a page and a notebook share: read a study, judge it, check it, take files in."""

from gis.workflows.imports import bring_in, import_recipe, list_stored, start_study
from gis.workflows.sets import criteria_from_excel, criteria_to_excel, read_criteria
from gis.workflows.stored import keep_run, opened, read_stored
from gis.workflows.studies import check_study, find_study, judge, read_study

__all__ = [
    "bring_in",
    "check_study",
    "criteria_from_excel",
    "criteria_to_excel",
    "find_study",
    "import_recipe",
    "judge",
    "keep_run",
    "list_stored",
    "opened",
    "read_criteria",
    "read_stored",
    "read_study",
    "start_study",
]
