"""Freezing a judged study for a meeting, opening what was frozen, and holding it against today."""

import datetime
import math

import numpy as np
import pandas as pd

from gis.errors import StoreError
from gis.store import decisions, evidence, meetings, now, states
from gis.workflows import freezing
from gis.workflows.states import stand, year_of


def freeze(store, study_id, review, *, name, as_of, who):
    """Keep a judged study as it is, under the name of a meeting; its row.

    Parameters
    ----------
    review : Review
    name : str
        Of the meeting.
    as_of : str
        The day that the figures speak of, as ``2025-12-31``.

    Raises
    ------
    StoreError
        If the name or the date is missing, or the file cannot be kept.
    """
    name = " ".join(str(name or "").split())[: meetings.LONGEST_NAME]
    if not name:
        raise StoreError("meetings-name-needed")
    try:
        as_of = datetime.date.fromisoformat(str(as_of or "").strip()).isoformat()
    except ValueError:
        raise StoreError("meetings-as-of", value=str(as_of or "")[:40]) from None
    with store.reading() as connection:
        rows = states.standing(connection, study_id, year_of(review.study)) if _has_year(review) else {}
        pieces = evidence.listed(connection, study_id)
        decided = decisions.on_disagreements(connection, study_id, review.study.year or 0)
    about = {"name": name, "as_of": as_of, "study": study_id, "who": who, "at": now()}
    made = [{"village": key[0], "criterion": key[1], **row} for key, row in sorted(decided.items())]
    given = freezing.Frozen(review, about, stand(review, rows), pieces, made)
    content, _ = store.files.put_octets([freezing.to_bytes(given)], "meeting")
    with store.writing(who) as change:
        told = {"content": content, "run": review.run.id, "headline": _plain(review.headline)}
        return meetings.add(change, study_id, name=name, as_of=as_of, **told)


def open_frozen(store, study_id, key):
    """What was frozen, as a `Frozen`.

    Raises
    ------
    MissingError
        If there is none of that key.
    StoreError
        If its file is missing or damaged.
    """
    with store.reading() as connection:
        row = meetings.get(connection, study_id, key)
    with store.files.opened(row["content"], "meeting") as path:
        return freezing.from_file(path)


def compare(then, today):
    """Which villages have another verdict, or another status by a criterion, than when a study was frozen.

    Parameters
    ----------
    then, today : Review
        Under one set or two; criteria of one of them only are none of the other.

    Returns
    -------
    villages : DataFrame
        Index village id, villages that differ: ``name``, ``commune``, ``then`` and ``now`` (verdicts, None where
        the village is not there) and ``criteria``, how many criteria differ.
    findings : DataFrame
        A row a village and criterion that differ: ``village_id``, ``criterion``, ``then``, ``now``,
        ``value_then``, ``value_now``.
    """
    sides = [
        one.findings.set_index(["village_id", "criterion"])[["status", "value"]].set_axis(
            [side, f"value_{side}"], axis=1
        )
        for side, one in (("then", then), ("now", today))
    ]
    both = sides[0].join(sides[1], how="outer")
    both[["then", "now"]] = both[["then", "now"]].astype(object).where(both[["then", "now"]].notna(), None)
    findings = both[[a != b for a, b in zip(both["then"], both["now"], strict=True)]]
    order = {one.id: at for review in (today, then) for at, one in enumerate(review.criteria.criteria)}
    findings = findings.reset_index()
    findings = findings.iloc[
        np.lexsort((findings["criterion"].map(order).to_numpy(), findings["village_id"].to_numpy(dtype=str)))
    ].reset_index(drop=True)
    verdicts = pd.concat(
        [then.results["status"].rename("then"), today.results["status"].rename("now")], axis=1
    )
    verdicts = verdicts.astype(object).where(verdicts.notna(), None)
    counts = findings["village_id"].value_counts()
    verdicts["criteria"] = counts.reindex(verdicts.index, fill_value=0).astype("int64")
    moved = [a != b for a, b in zip(verdicts["then"], verdicts["now"], strict=True)]
    villages = verdicts[np.array(moved, dtype=bool) | (verdicts["criteria"] > 0)].sort_index()
    names = pd.concat([today.villages_table, then.villages_table])[["name", "commune"]]
    names = names[~names.index.duplicated()]
    villages = names.reindex(villages.index).join(villages)
    columns = ["village_id", "criterion", "then", "now", "value_then", "value_now"]
    return villages.rename_axis("village_id"), findings[columns]


def _has_year(review):
    return review.study.year is not None or bool(review.study.as_of)


def _plain(headline):
    """What can be kept as JSON."""
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in headline.items()
        if value is None or isinstance(value, bool | int | float | str)
    }
