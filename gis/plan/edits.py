"""Edits of a study: what a work, a closure or a changed rule does to it, as data that can be kept and sent.

An edit is plain data (`Edit.to_plain`), so that a scenario is a list of them. `edited` makes the study that they lead
to; the study itself is never changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from gis.errors import PlanError
from gis.study import frozen

ACTIONS = ("report",)
"""What an edit can do; see `Edit`."""


@dataclass(frozen=True)
class Edit:
    """One change of a study.

    Attributes
    ----------
    does : str
        Of `ACTIONS`:

        - ``report``: the village ``village`` reports ``add`` more of ``field`` (up to its ``whole``, another field), or
          the value ``set``.
    what : Mapping
        Its arguments, plain values.
    """

    does: str
    what: Mapping

    @classmethod
    def from_plain(cls, plain):
        """From plain data, as `to_plain` gives it.

        Raises
        ------
        PlanError
            If it is no edit.
        """
        if not isinstance(plain, Mapping) or plain.get("does") not in ACTIONS:
            raise PlanError("plan-no-edit", edit=str(plain)[:60], known=list(ACTIONS))
        return cls(plain["does"], MappingProxyType({k: v for k, v in plain.items() if k != "does"}))

    def to_plain(self):
        """As plain data that JSON holds."""
        return {"does": self.does, **self.what}


def edited(study, edits):
    """A study with edits made, in their order.

    Parameters
    ----------
    study : Study
    edits : iterable of Edit

    Returns
    -------
    Study

    Raises
    ------
    PlanError
        If an edit names a village, field, layer or thing that the study does not have.
    """
    for edit in edits:
        study = MAKE[edit.does](study, **edit.what)
    return study


def _report(study, *, village, field, add=None, whole=None, set=None):
    table = study.reported
    if village not in table.index:
        raise PlanError("plan-no-village", village=str(village)[:60])
    table = table.copy()
    if field not in table:
        table[field] = np.nan
    if set is not None:
        value = float(set)
    else:
        value = float(table.at[village, field]) + float(add)
        if whole is not None and whole in table:
            value = np.fmin(value, float(table.at[village, whole]))
    table[field] = table[field].astype(object) if table[field].dtype == bool else table[field]
    table.loc[village, field] = value
    return replace(study, assessments=frozen({**study.assessments, study.year: table}))


MAKE = {"report": _report}
