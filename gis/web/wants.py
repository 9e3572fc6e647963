"""What planners want of single works, kept for a study between two plans: in, out, or at a cost of their own.

It is a draft that the next plan takes over; what a plan was made with stands in the plan.
"""

from gis.store import recall

WANTED = ("in", "out")
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
    """
    before = recall(change.connection, _key(study_id)) or {}
    both = {**before, **changes}
    after = {key: one for key, one in both.items() if one["wanted"] or one["cost"] is not None}
    if after != before and len(after) <= MOST:
        change.remember(_key(study_id), dict(sorted(after.items())))
        change.note("plan-wants", study=study_id, after={"count": len(after)}, moves=False)
    return after


def _key(study_id):
    return f"plan-wants {study_id}"
