"""What a list of words and numbers is, and the words that all lists share."""

from dataclasses import dataclass, field

import pandas as pd

from gis.messages import say
from gis.sentences import capital, outcome_word


@dataclass(frozen=True)
class Listing:
    """A table whose cells are words and numbers.

    Attributes
    ----------
    table : DataFrame
    headings : Mapping of str to str
        Of each column, in order.
    statuses : Mapping of str to list of str
        Of columns that hold the word of a status: the status itself, row by row.
    """

    table: pd.DataFrame
    headings: dict
    statuses: dict = field(default_factory=dict)

    def __len__(self):
        return len(self.table)

    @property
    def numbers(self):
        """Names of the columns that hold numbers."""
        return {name for name in self.table if self.table[name].dtype.kind in "if"}

    def first(self, most=None):
        """The first rows as mappings, all of them without `most`."""
        return self.table.head(len(self) if most is None else most).to_dict("records")


def verdict_word(criteria, status, language):
    """The word for a verdict on a whole village, as a label begins: the set's own where it has one."""
    return capital(outcome_word(criteria, status, language))


def criterion_words(criteria, names, language):
    """Labels of criteria, joined."""
    return "; ".join(criteria.criterion(name).label.pick(language) for name in names)


def make_listing(table, language, heads=None, statuses=None):
    """A list with headings for its columns, those given or those that all lists share."""
    heads = heads or {}
    headings = {
        name: heads.get(name) or say(f"years-column-{name}", language) for name in map(str, table.columns)
    }
    return Listing(table, headings, statuses or {})
