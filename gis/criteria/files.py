"""Criteria sets in their folder: dropping a file in is the whole registration."""

import re
from pathlib import Path

from gis.criteria.form import build_set
from gis.errors import CriteriaError
from gis.yamltext import line_of, read_yaml

FOLDER = Path(__file__).parents[2] / "layers" / "criteria"
ID = re.compile(r"[a-z][a-z0-9-]*\Z")
TEXT_UNDER = ("code", "grade", "in")


def list_criteria(folder=FOLDER):
    """The ids of all sets in the folder, sorted."""
    return tuple(sorted(path.stem for path in Path(folder).glob("*.yaml")))


def load_criteria(name, *, file="", line=1):
    """Read a criteria set.

    Parameters
    ----------
    name : str or Path
        Id of a set in `layers/criteria`, or the path of a set's file.
    file, line
        Where the set is named, for the error when there is no such id.

    Returns
    -------
    CriteriaSet

    Raises
    ------
    CriteriaError
        If there is no such set, or its file is wrong; all faults at once, each with file and line.
    """
    if isinstance(name, str) and ID.match(name):
        path = FOLDER / f"{name}.yaml"
        if not path.is_file():
            raise CriteriaError(
                "criteria-unknown-set",
                file=file or path.name,
                line=line,
                id=name,
                known=" | ".join(list_criteria()),
            )
    else:
        path = Path(name)
    data, lines = read_yaml(path, text_under=TEXT_UNDER, error=CriteriaError)
    criteria = build_set(data, lines, file=path.name, path=str(path))
    # only the folder finds sets by name; elsewhere a file may be called anything
    if path.parent == FOLDER and criteria.id != path.stem:
        raise CriteriaError(
            "criteria-id-differs", file=path.name, line=line_of(lines, ("id",)), id=criteria.id
        )
    return criteria
