"""Judgements that were made: from what, by which rules, with which headline."""

import sqlalchemy as sa

from gis.store.schema import runs


def record(change, study_id, *, run, revision, content, headline, by=None):
    """Keep a run; the same run again changes nothing. `by` as in `reported.enter`."""
    where = (runs.c.study_id == study_id, runs.c.run == run)
    if change.connection.execute(sa.select(runs.c.id).where(*where)).first():
        return
    row = {"run": run, "revision": revision, "content": content, "headline": headline}
    change.connection.execute(runs.insert().values(study_id=study_id, **row, **(by or change.by)))
    change.note("run-recorded", subject=f"{study_id}/{run}", after={"revision": revision})


def listed(connection, study_id, limit=100):
    """Runs of a study, the latest first; all of them where `limit` is None."""
    asked = sa.select(runs).where(runs.c.study_id == study_id).order_by(runs.c.id.desc()).limit(limit)
    return [dict(row) for row in connection.execute(asked).mappings()]
