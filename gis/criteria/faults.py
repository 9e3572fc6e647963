"""Collects what is wrong with a set, so that a person sees all of it at once."""

from gis.errors import CriteriaError, Problem
from gis.yamltext import line_of


class Faults:
    """Problems found so far, each with file and line.

    Parameters
    ----------
    file : str
    lines : Mapping
        Path of keys to line number, or to a text that says where a reader finds it.
    """

    def __init__(self, file, lines):
        self.file, self.lines, self.problems = file, lines, []

    def add(self, code, path, **arguments):
        """Note a problem at a path of keys."""
        self.problems.append(
            Problem(code, {"file": self.file, "line": line_of(self.lines, path), **arguments}, "error")
        )

    def raise_any(self):
        """Raise one `CriteriaError` with all problems in the order of lines, if there are any."""
        if self.problems:
            raise CriteriaError(problems=sorted(self.problems, key=_place))


def _place(problem):
    line = problem.arguments.get("line")
    return (0, line, "") if isinstance(line, int) else (1, 0, str(line))
