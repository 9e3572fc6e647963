"""The verbs that a command, a page and a notebook share: read a study, judge it, check it, take files in."""

from gis.workflows.sets import criteria_from_excel, criteria_to_excel
from gis.workflows.stored import read_stored
from gis.workflows.studies import check_study, judge, read_study

__all__ = ["check_study", "criteria_from_excel", "criteria_to_excel", "judge", "read_stored", "read_study"]
