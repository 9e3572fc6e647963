"""What planners want of single works, kept for a study between two plans: in, out, or at a cost of their own.

It is a draft that the next plan takes over; what a plan was made with stands in the plan.
"""

import base64
import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gis.errors import PlanError
from gis.store import recall
from gis.workflows.needs import read_needs, read_rows
from gis.workflows.stored import plain_name

WANTED = ("in", "out")
MOST_BYTES = 1_000_000
"""A needs list that is larger is none that a person has written."""
MOST = 5_000
"""So many works can have a mark of their own."""
MOST_VND = 1e15


def wants_of(store, study_id):
    """Option id to what is wanted of it: ``wanted`` (in, out or None) and ``cost`` (VND or None).

    Parameters
    ----------
    store : Store or None
    study_id : str
    """
    if store is None:
        return {}
    with store.reading() as connection:
        return recall(connection, _key(study_id)) or {}


def want(change, study_id, changes):
    """Take up what is wanted of some works; what is wanted no more is forgotten.

    Parameters
    ----------
    change : Change
    study_id : str
    changes : Mapping of str to Mapping
        As `wants_of` gives it; the other works keep what they have.

    Returns
    -------
    dict
        All of it.

    Raises
    ------
    PlanError
        If there would be more of them than `MOST`.
    """
    before = recall(change.connection, _key(study_id)) or {}
    both = {**before, **changes}
    after = {key: one for key, one in both.items() if one["wanted"] or one["cost"] is not None}
    if len(after) > MOST:
        raise PlanError("plan-page-wants-many", count=len(after), most=MOST)
    if after != before:
        change.remember(_key(study_id), dict(sorted(after.items())))
        change.note("plan-wants", study=study_id, after={"count": len(after)}, moves=False)
    return after


def _key(study_id):
    return f"plan-wants {study_id}"


@dataclass(frozen=True)
class OwnList:
    """The planner's own needs list, as it was sent.

    Attributes
    ----------
    file : str
    data : bytes
    """

    file: str
    data: bytes

    @property
    def digest(self):
        """Names its content."""
        return hashlib.sha256(self.data).hexdigest()[:16]

    def read(self, review, options, settings):
        """What it says, as `gis.workflows.needs.read_needs` tells it; read in a process of its own."""
        return self._opened(read_needs, review, options, settings)

    def rows(self, review, options, settings):
        """The same without what own works close, which a reader would have to wait for."""
        return self._opened(read_rows, review, options, settings)

    def _opened(self, read, review, options, settings):
        with tempfile.TemporaryDirectory(prefix="langmap-") as folder:
            path = Path(folder) / plain_name(self.file)
            path.write_bytes(self.data)
            return read(path, review, options, settings=settings)


def own_list(store, study_id):
    """The needs list that is kept for a study, None without one."""
    if store is None:
        return None
    with store.reading() as connection:
        kept = recall(connection, f"plan-needs {study_id}")
    return OwnList(kept["file"], base64.b64decode(kept["data"])) if kept else None


def keep_list(change, study_id, own):
    """Keep a needs list for the next plans of a study; None to keep none any more."""
    told = None if own is None else {"file": own.file, "data": base64.b64encode(own.data).decode()}
    change.remember(f"plan-needs {study_id}", told)
    after = None if own is None else {"file": own.file}
    change.note("plan-needs", study=study_id, after=after, moves=False)
