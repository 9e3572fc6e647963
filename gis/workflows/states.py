"""Verify, recognise and reopen villages of a judged study, and what may still be changed beside a recognition."""

import hashlib
import json

import pandas as pd

from gis.catalogue import load_catalogue
from gis.errors import GisError, StoreError
from gis.reading import build_study
from gis.recipe import check_recipe
from gis.store import decisions, locking, reported, states, studies
from gis.store.decisions import key_of
from gis.workflows.editions import sets_of
from gis.workflows.stored import StoredReader, recipe_of

BASIS = ("criterion", "status", "measured", "reported", "threshold")
"""Columns of a finding that a verdict rests on."""

STANDING = (
    "state", "status_then", "decision", "decided_on", "document", "file", "reason", "who", "at", "differs", "moved",
)  # fmt: skip


def year_of(study):
    """The year that the verdicts of a study are about.

    Raises
    ------
    StoreError
        If the study names none: no sheet, no year and no date.
    """
    if study.year is not None:
        return int(study.year)
    if study.as_of and str(study.as_of)[:4].isdigit():
        return int(str(study.as_of)[:4])
    raise StoreError("states-no-year")


def bases_of(review, villages):
    """A short hash of the findings of each village: another one means that figures or rules are others."""
    rows = {village: [] for village in villages}
    columns = (review.findings[name] for name in ("village_id", *BASIS))
    for village, *cells in zip(*columns, strict=True):
        if village in rows:
            rows[village].append([_text(cell) for cell in cells])
    return {
        village: hashlib.sha256(json.dumps(found, ensure_ascii=False).encode()).hexdigest()[:16]
        for village, found in rows.items()
    }


def stand(review, rows):
    """How far every village of a review is.

    Parameters
    ----------
    review : Review
    rows : Mapping of str to Mapping
        Village to the row that counts, as `gis.store.states.standing` gives for the year of the study.

    Returns
    -------
    DataFrame
        Index village id, every village; columns `STANDING`. ``differs``: the verdict now is not the one then;
        ``moved``: it is the same, but the findings behind it are others.
    """
    now, found = review.results["status"], {}
    bases = bases_of(review, [village for village, row in rows.items() if row["basis"]])
    for village in review.villages_table.index:
        row = rows.get(village)
        if row is None:
            found[village] = ("draft", *[None] * 8, False, False)
            continue
        judged = row["status"] is not None
        differs = judged and row["status"] != now[village]
        moved = judged and not differs and row["basis"] != bases[village]
        told = [row[name] for name in ("decision", "decided_on", "content", "file", "reason", "who", "at")]
        found[village] = (row["state"], row["status"], *told, differs, moved)
    return pd.DataFrame.from_dict(found, orient="index", columns=list(STANDING)).rename_axis("village_id")


def verify(store, study_id, review, villages, *, who):
    """Say that the figures of villages were checked; the villages left, by why."""
    with store.writing(who) as change:
        verdicts = _verdicts(review, villages)
        left = states.verify(change, study_id, year_of(review.study), verdicts, run=review.run.id)
    return dict.fromkeys(left, "recognised")


def recognise(store, study_id, review, villages, *, decision, decided_on, document=None, who):
    """Recognise villages by a decision, and lock their figures of the year.

    Parameters
    ----------
    document : (str, str), optional
        Stored content and name of the decision.

    Returns
    -------
    dict of str to str
        Villages left as they are and why: ``draft``, ``recognised``, ``moved`` as in `gis.store.states`, or
        ``verdict`` where the village has not the verdict that is recognised.
    """
    wanted = review.criteria.sought
    verdicts = _verdicts(review, villages)
    left = {village: "verdict" for village, (status, _) in verdicts.items() if status != wanted}
    rest = {village: verdict for village, verdict in verdicts.items() if village not in left}
    content, file = document or (None, None)
    with store.writing(who) as change:
        left |= states.recognise(
            change,
            study_id,
            year_of(review.study),
            rest,
            run=review.run.id,
            decision=decision,
            decided_on=decided_on,
            content=content,
            file=file,
        )
    return left


def reopen(store, study_id, review, villages, *, reason, who):
    """Make drafts of villages again; the villages left, by why."""
    with store.writing(who) as change:
        left = states.reopen(change, study_id, year_of(review.study), list(villages), reason=reason)
    return dict.fromkeys(left, "draft")


def keeps_by_source(store, study_id, source, version):
    """Which recognised figures stay when a source has another version.

    Parameters
    ----------
    version : Mapping or None
        The row of the version, or what `candidate_of` gives; None where the source is taken out.

    Returns
    -------
    tuple of (int, str)
        Year and village; empty where none is recognised, or where the study could not be read so.
    """

    def alter(rows, matches):
        rest = {name: row for name, row in rows.items() if name != source}
        return (rest if version is None else rest | {source: {"number": 0, **version}}), matches

    with store.reading() as connection:
        found = locking.recognised(connection, study_id)
        now = studies.current_version(connection, study_id, source) if found else None
    years = locking.years_of(source, found, now, version)
    return _keeps(store, study_id, [key for key in found if key[0] in years], alter)


def lock_faults(store, study_id, candidate):
    """Why a version cannot be accepted because of recognised villages, as problems; empty where nothing is in the way.

    Parameters
    ----------
    candidate : Mapping
        What `candidate_of` gives.
    """
    source = candidate["source"]
    keeps = keeps_by_source(store, study_id, source, candidate)
    with store.reading() as connection:
        now = studies.current_version(connection, study_id, source)
        if now and (now["content"], now["entry"]) == (candidate["content"], candidate["entry"]):
            return ()
        try:
            locking.check_source(connection, study_id, source, now, candidate, keeps=keeps)
        except StoreError as fault:
            return fault.problems
    return ()


def keeps_by_matches(store, study_id, made):
    """Which recognised figures stay when names in sheets mean other villages.

    Parameters
    ----------
    made : list of (Mapping, str or None, bool)
        Subject, the village it means from now on, and whether the decision is withdrawn instead.
    """
    subjects = {key_of(subject) for subject, _, _ in made}

    def alter(rows, matches):
        said = ("by", "on", "village")
        kept = [
            one
            for one in matches
            if key_of({name: value for name, value in one.items() if name not in said}) not in subjects
        ]
        new = [
            {**subject, "by": "-", "on": "2000-01-01"} | ({"village": village} if village else {})
            for subject, village, withdrawn in made
            if not withdrawn
        ]
        return rows, [*kept, *new]

    with store.reading() as connection:
        found = locking.recognised(connection, study_id)
        decided = decisions.standing(connection, study_id, "match") if found else ()
    touched = set()
    for subject, village, _ in made if found else ():
        touched |= decisions.touched_villages(decided, "match", subject, village)
    return _keeps(store, study_id, [key for key in found if key[1] in touched], alter)


def _keeps(store, study_id, asked, alter):
    if not asked:
        return ()
    with store.reading() as connection:
        study = studies.get_study(connection, study_id)
        rows = studies.current_versions(connection, study_id)
        matches = decisions.matches(connection, study_id)
        entered = reported.entered(connection, study_id)
    try:
        with store.reading() as connection:
            sets = sets_of(connection, study)
        before = _assessments(store, study, sets, rows, matches, entered)
        after = _assessments(store, study, sets, *alter(rows, matches), entered)
    except GisError:
        return ()
    return tuple(key for key in asked if _same(before, after, key))


def _assessments(store, study, sets, rows, matches, entered):
    chosen, also = sets
    recipe, versions = recipe_of(study, rows, matches, chosen=chosen, also=also)
    catalogue = load_catalogue()
    check_recipe(recipe, catalogue)
    return build_study(recipe, catalogue, StoredReader(store, versions), entered=entered).assessments


def _same(before, after, key):
    """Whether a village has the same figures in a year; where they stand in a file does not count."""
    year, village = key
    rows = [
        table[year].loc[village].drop("record").dropna()
        if year in table and village in table[year].index
        else pd.Series(dtype=object)
        for table in (before, after)
    ]
    return rows[0].to_dict() == rows[1].to_dict()


def _verdicts(review, villages):
    status = review.results["status"]
    strange = [village for village in villages if village not in status.index]
    if strange:
        raise StoreError("states-no-village", villages=strange[:5])
    return {village: (status[village], basis) for village, basis in bases_of(review, villages).items()}


def _text(value):
    if value is None or value != value:
        return None
    return f"{value:.9g}" if isinstance(value, float) else str(value)
