"""What a criterion is, and how a set of criteria is read, checked, hashed and put into a spreadsheet.

A set is one YAML file in `layers/criteria`; its keys are explained in the README there. Whether the
indicators and layers it names exist is checked by `gis.measure`, which knows them.
"""

from gis.criteria.binding import Binding
from gis.criteria.files import FOLDER, list_criteria, list_editions, load_criteria, set_for
from gis.criteria.form import VERIFICATION, build_set
from gis.criteria.model import CriteriaSet, Criterion, set_to_plain
from gis.criteria.sheets import set_from_rows, set_to_rows

__all__ = [
    "FOLDER",
    "VERIFICATION",
    "Binding",
    "CriteriaSet",
    "Criterion",
    "build_set",
    "list_criteria",
    "list_editions",
    "load_criteria",
    "set_for",
    "set_from_rows",
    "set_to_plain",
    "set_to_rows",
]
