"""The verbs that a command, a page and a notebook share: read a study, judge it, check it, take files in."""

from gis.workflows.costs import costs_from_excel, costs_to_excel
from gis.workflows.funds import funds_to_excel
from gis.workflows.imports import bring_in, import_recipe, list_stored, start_study
from gis.workflows.needs import read_needs, write_needs
from gis.workflows.rejudging import judge_year, named_set
from gis.workflows.sets import criteria_from_excel, criteria_to_excel, read_criteria
from gis.workflows.stored import decided_by, keep_run, opened, read_stored
from gis.workflows.studies import check_study, find_editions, find_study, judge, read_study, study_id
from gis.workflows.targets import closest, pilot_villages, target_progress
from gis.workflows.years import Corner, judge_years, rescore, study_history

__all__ = [
    "Corner",
    "bring_in",
    "check_study",
    "closest",
    "costs_from_excel",
    "costs_to_excel",
    "criteria_from_excel",
    "criteria_to_excel",
    "decided_by",
    "find_editions",
    "find_study",
    "funds_to_excel",
    "import_recipe",
    "judge",
    "judge_year",
    "judge_years",
    "keep_run",
    "list_stored",
    "named_set",
    "opened",
    "pilot_villages",
    "read_criteria",
    "read_needs",
    "read_stored",
    "read_study",
    "rescore",
    "start_study",
    "study_history",
    "study_id",
    "target_progress",
    "write_needs",
]
