"""Every error of the product: a code and arguments, from which a sentence is made at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gis.messages import say


@dataclass(frozen=True)
class Problem:
    """One thing found in the inputs: what, where, and how bad.

    `error` stops the work, `warning` lets it go on with less, `note` only tells.
    """

    code: str
    arguments: Mapping = field(default_factory=dict)
    severity: str = "warning"

    def say(self, language):
        """The problem as a sentence in `language`."""
        return say(self.code, language, **self.arguments)


class GisError(Exception):
    """Base of all errors here; carries one or more problems, all found at once.

    Parameters
    ----------
    code : str
        Message id of the (first) problem.
    problems : iterable of Problem, optional
        Used instead of `code` and `arguments` when several faults are reported together.
    **arguments
        What the sentence needs: file, layer, row, column, what was found and expected.
    """

    def __init__(self, code="", *, problems=(), **arguments):
        self.problems = tuple(problems) or (Problem(code, arguments, "error"),)
        super().__init__(code)

    @property
    def code(self):
        return self.problems[0].code

    @property
    def arguments(self):
        return self.problems[0].arguments

    def say(self, language):
        """All problems, one sentence a line."""
        return "\n".join(problem.say(language) for problem in self.problems)

    def __str__(self):
        return self.say("en")


class SettingError(GisError, ValueError):
    """A `GIS_*` variable is unknown or holds a value it must not."""


class IntakeError(GisError, OSError):
    """A foreign file cannot be read as what it claims to be."""


class StudyError(GisError, ValueError):
    """The study file is wrong: a key, a value, a reference."""


class CRSError(GisError, ValueError):
    """A CRS is missing, unusable or not in metres."""


class TableError(GisError, ValueError):
    """A table lacks a column, repeats a key or holds a value it must not."""


class CriteriaError(GisError, ValueError):
    """A criteria set is wrong: its form, a reference, a figure."""


class CatalogueError(GisError, ValueError):
    """A layer description in `layers/` is wrong."""


class ExportError(GisError, OSError):
    """An output could not be written completely; nothing was left behind."""


class PaperError(GisError, ValueError):
    """There is no such paper, format, commune or village, or they do not go together."""


class PlanError(GisError, ValueError):
    """A plan cannot be made as asked: a fund, a budget, an option, an edit."""


class StoreError(GisError, RuntimeError):
    """The store cannot be opened, read or written as asked; it is as it was before."""


class MissingError(StoreError, LookupError):
    """There is no such study, layer, version, file or job in the store."""


class AccountError(GisError, PermissionError):
    """A name, a password or a role cannot be used so; or it is not known who works."""


class ConflictError(StoreError):
    """Somebody else changed the same thing in the meantime; nothing was written over."""
