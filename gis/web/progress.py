"""How far the villages of a study are, as the list, the scorecard and the files show it."""

from dataclasses import replace

from flask import current_app

from gis.errors import StoreError
from gis.messages import say
from gis.store import states
from gis.web import choosing, doing, sessions
from gis.web.facts import outcome
from gis.web.origins import FROZEN, FrozenOrigin
from gis.web.texts import date, language, t
from gis.workflows.states import stand, year_of

DIFFERS = "differs"
"""Filter of villages whose verdict or figures are others than those that were verified or recognised."""


def stood(study_id, standing):
    """The table of `gis.workflows.states.stand` for a study; None where states are not kept for it.

    They are about the study's own set: under another one there are none to show.
    """
    if choosing.asked():
        return None
    if isinstance(standing.origin, FrozenOrigin):
        table = standing.origin.frozen.states
        return table if table is None else table[table.index.isin(standing.review.villages_table.index)]
    if not doing.is_stored(study_id):
        return None
    try:
        year = year_of(standing.review.study)
    except StoreError:
        return None

    def make():
        with sessions.store().reading() as connection:
            rows = states.standing(connection, study_id, year)
        return stand(standing.review, rows)

    return standing.beside("states", version(study_id), make)


def version(study_id):
    """A number that grows with every step of a village; 0 where states are not kept."""
    if current_app.extensions["store"] is None or FROZEN in study_id:
        return 0
    with sessions.store().reading() as connection:
        return states.latest(connection, study_id)


def filter_words():
    """State, or ``differs``, to what a reader calls it."""
    words = {state: t(f"states-word-{state}") for state in states.STATES}
    return words | {DIFFERS: t("states-page-differs")}


def fits(table, state):
    """Which rows of `stood` answer to a filter."""
    return (table["differs"] | table["moved"] if state == DIFFERS else table["state"] == state).to_numpy()


def told(table, review=None):
    """Rows of `stood` as plain values ready to be printed, by village.

    With `review` also ``then``, the verdict that was verified or recognised, in words.
    """
    found = {}
    for village, row in zip(table.index, table.to_dict("records"), strict=True):
        plain = {name: None if value != value else value for name, value in row.items()}
        word, by = t(f"states-word-{plain['state']}"), ""
        if plain["state"] == "recognised":
            by = t("states-page-by", decision=plain["decision"], date=date(plain["decided_on"]))
        code = "differs" if plain["differs"] else "moved" if plain["moved"] else None
        warning = t(f"states-page-{code}-{plain['state']}") if code and plain["state"] != "draft" else ""
        then = outcome(review, plain["status_then"], language()) if review and plain["status_then"] else ""
        found[village] = {**plain, "word": word, "by": by, "warning": warning, "then": then}
    return found


def steps(study_id, village):
    """Every step of a village in every year, the latest first, as plain values; empty where none is kept."""
    if not doing.is_stored(study_id):
        return []
    with sessions.store().reading() as connection:
        rows = states.history(connection, study_id, village)
    return [row | {"word": t(f"states-word-{row['state']}")} for row in rows]


def with_states(review, table, reader):
    """The review with columns of the states for the exports; as it is where there are none."""
    if table is None:
        return review
    recognised = table["state"] == "recognised"
    decisions = [
        f"{row.decision} ({row.decided_on})" if there else None
        for row, there in zip(table.itertuples(), recognised, strict=True)
    ]
    columns = {
        "review_state": table["state"],
        "review_state_text": [say(f"states-word-{state}", reader) for state in table["state"]],
        "review_decision": decisions,
    }
    villages = review.study.villages.assign(**columns)
    return replace(review, study=replace(review.study, villages=villages))
