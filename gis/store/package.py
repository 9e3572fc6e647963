"""One study as a file to carry to another machine, and taking such a file in without writing over anything.

What both sides did since they last agreed is told from their histories: a side whose state the other has had
before is behind and follows. Where neither knows the other's state, a person chooses; the state that is not
chosen is kept as an earlier one, so that the next exchange knows it.
"""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from gis.errors import ConflictError, Problem, StoreError
from gis.files import replacing
from gis.store import (
    campaigns,
    decisions,
    editions,
    evidence,
    meetings,
    merging,
    now,
    plans,
    reported,
    runs,
    schema,
    studies,
)
from gis.store.archive import Archive, Writer
from gis.store.files import ENDINGS
from gis.store.points import reached

KIND = "langmap-study"
RECORDS = "store/study.json"
RECORDS_BYTES = 500_000_000
SIDES = ("ours", "theirs")


@dataclass(frozen=True)
class Imported:
    """What a package brought: the study, whether it is new here, what was taken and what was decided.

    `taken` counts by kind (``source``, ``value``, ``decision``, ``state``, ``evidence``, ``run``, ``meeting``,
    ``campaign``, ``plan``, ``recipe``, ``edition``), `problems` are the conflicts that `prefer` has settled.
    """

    study: str
    is_new: bool
    taken: dict
    problems: tuple


def export_study(store, study_id, path, *, plain=None):
    """Write a study into one file: for people as files with a study file, for another store as its records.

    Parameters
    ----------
    store : Store
    study_id : str
    path : Path
    plain : callable, optional
        ``plain(folder, study, versions, entered, files, matches)`` writes the study file and what it names into a
        folder and gives the problems it had; without it only the records are written.

    Returns
    -------
    tuple of Problem

    Raises
    ------
    MissingError
    StoreError
        If a stored file that the study needs is missing.
    ExportError
        If the file cannot be written.
    """
    with store.reading() as connection:
        given = _gathered(connection, study_id)
        entered = reported.entered(connection, study_id)
        matches = decisions.matches(connection, study_id)
    versions = {one["source"]: one for one in given["sources"] if not one["removed"]}
    problems = ()
    with replacing(Path(path)) as fresh, tempfile.TemporaryDirectory(dir=fresh.parent) as folder:
        if plain is not None:
            sets = {f"{row['set_id']}@{row['edition']}": row["content"] for row in given["editions"]}
            told = given["study"] | {"sets": sets}
            problems = tuple(plain(Path(folder), told, versions, entered, store.files, matches))
        with Writer(fresh, KIND, study=study_id, made_at=now()) as archive:
            for file in sorted(one for one in Path(folder).rglob("*") if one.is_file()):
                archive.add_file(file.relative_to(folder).as_posix(), file)
            archive.add(RECORDS, [json.dumps(given, ensure_ascii=False).encode()])
            for content, kind in sorted(_contents(given)):
                archive.add_file(f"files/{content}{ENDINGS[kind]}", store.files.path(content, kind))
        reached("package-written")
        with Archive(fresh, KIND) as written:
            written.verify()
    return problems


def import_study(store, path, *, who, as_id=None, prefer=None):
    """Take in what `export_study` wrote.

    Parameters
    ----------
    as_id : str, optional
        Another id for the study here.
    prefer : str, optional
        ``"ours"`` or ``"theirs"``: which state counts where both sides have changed the same thing. What is
        not in conflict is merged either way.

    Returns
    -------
    Imported

    Raises
    ------
    ConflictError
        If both sides have changed the same thing and `prefer` is not given: every conflict. Nothing is taken.
    StoreError
        If the file is not such a package or damaged, or the study was deleted here.
    """
    if prefer not in (None, *SIDES):
        raise StoreError("package-prefer", value=str(prefer)[:20])
    with Archive(path, KIND) as archive:
        archive.check_room(store.folder)
        archive.verify()
        given = _read(archive)
        study_id = as_id or given["study"]["id"]
        with store.reading() as connection, _shapes_told(archive):
            _settled(_compared(connection, study_id, given), prefer)
        for content, kind in sorted(_contents(given)):
            store.files.add(archive.pieces(f"files/{content}{ENDINGS[kind]}"), kind, content)
        reached("package-files")
        with store.writing(who) as change, _shapes_told(archive):
            there = _there(change.connection, study_id)
            new, names = editions.welcome(change.connection, given.get("editions", ()))
            given = _with_names(given, names)
            if not there:
                told = given["study"]
                recipe = merging.named(told["recipe"], study_id)
                studies.add_study(change, study_id, recipe, criteria=told["criteria"])
            # Somebody may have changed it since the first look.
            steps = _compared(change.connection, study_id, given)
            problems = _settled(steps, prefer)
            taken = {}
            for step in steps:
                merging.take(change, study_id, step, prefer)
                taken[step.kind] = taken.get(step.kind, 0) + 1
            for criteria, row in new:
                told = {"previous": row["previous"], "reason": row["reason"], "by": _by(row)}
                editions.add(change, study_id, criteria, **told)
            taken |= {"edition": len(new)} if new else {}
            for kind, count in _take_lists(change, study_id, given).items():
                taken[kind] = count
            change.note("study-imported", study=study_id, subject=given["study"]["id"], after=taken)
    return Imported(study_id, not there, taken, problems)


def _settled(steps, prefer):
    """The conflicts as problems; an error where nobody has chosen a side."""
    conflicts = tuple(step.conflict for step in steps if step.conflict)
    if conflicts and prefer is None:
        raise ConflictError(problems=conflicts)
    return tuple(Problem(one.code, one.arguments, "note") for one in conflicts)


def _there(connection, study_id):
    row = connection.execute(sa.select(schema.studies).where(schema.studies.c.id == study_id)).first()
    if row is not None and row.deleted_at:
        raise StoreError("package-study-removed", study=study_id)
    return row is not None


def _with_names(given, names):
    """What a package tells of its study, with the names that editions of criteria sets have here."""
    study = given["study"] | {"recipe": editions.renamed(given["study"]["recipe"], names)}
    recipes = [editions.renamed(recipe, names) for recipe in given["recipes"]]
    return given | {"study": study, "recipes": recipes}


def _compared(connection, study_id, given):
    _, names = editions.welcome(connection, given.get("editions", ()))
    given = _with_names(given, names)
    if not _there(connection, study_id):
        ours = {"study": None, "recipes": [], "sources": [], "reported": [], "decisions": [], "states": []}
    else:
        ours = _gathered(connection, study_id)
    return merging.compare(ours, given)


def _gathered(connection, study_id):
    """All that a store knows of a study, as plain data."""
    study = studies.get_study(connection, study_id)
    told = {name: study[name] for name in ("id", "recipe", "criteria", "who", "at")}

    def rows(table):
        asked = sa.select(table).where(table.c.study_id == study_id).order_by(table.c.id)
        return [dict(row) for row in connection.execute(asked).mappings()]

    return {
        "study": told,
        "recipes": merging.past_recipes(connection, study_id),
        "sources": merging.sources_with_past(connection, study_id),
        "reported": rows(schema.reported),
        "decisions": rows(schema.decisions),
        "evidence": rows(schema.evidence),
        "runs": rows(schema.runs),
        "states": rows(schema.states),
        "meetings": rows(schema.meetings),
        "campaigns": campaigns.carried(connection, study_id),
        "plans": rows(schema.plans),
        "editions": editions.named_in(connection, study["recipe"]),
    }


def _contents(given):
    found = {(one["content"], one["kind"]) for one in given["sources"]}
    pieces = [one["content"] for name in ("evidence", "states") for one in given.get(name, ())]
    pieces += [one.get("preview") for one in given["evidence"]]
    found |= {(content, "evidence") for content in pieces if content}
    # A package of an earlier version has none of these.
    found |= {(one["content"], "meeting") for one in given.get("meetings", ())}
    found |= {(one["content"], "plan") for one in given.get("plans", ())}
    return found | campaigns.contents(given.get("campaigns", ()))


def _read(archive):
    if archive.members.get(RECORDS, {"size": 0})["size"] > RECORDS_BYTES:
        raise StoreError("archive-damaged", file=archive.name, member=RECORDS)
    text = b"".join(archive.pieces(RECORDS))
    with _shapes_told(archive):
        given = json.loads(text)
        if not isinstance(given["study"]["recipe"], dict):
            raise TypeError("recipe")
        merging.check_shape(given)
        for content, kind in _contents(given):
            if f"files/{content}{ENDINGS[kind]}" not in archive.members:
                raise StoreError("archive-damaged", file=archive.name, member=str(content)[:12])
        return given


class _shapes_told:
    """What is not of the shape that `export_study` writes, as one error."""

    def __init__(self, archive):
        self.name = archive.name

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        wrong = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)
        if isinstance(error, wrong) and not isinstance(error, StoreError):
            raise StoreError("archive-damaged", file=self.name, member=RECORDS) from error


def _take_lists(change, study_id, given):
    """Add evidence, runs, campaigns, plans and frozen versions that are not here; none is ever changed, so nothing is to decide."""
    seen = {_piece(row) for row in evidence.listed(change.connection, study_id, deleted=True)}
    pieces = [row for row in given["evidence"] if _piece(row) not in seen]
    for row in pieces:
        names = ("content", "file", "size", "criterion", "year", "note")
        told = {name: row[name] for name in names}
        told |= {name: row.get(name) for name in ("kind", "preview", "about")}
        number = evidence.attach(change, study_id, row["village_id"], **told, by=_by(row))
        if row["deleted_at"]:
            evidence.take_removed(change, study_id, number)
    known = {row["run"] for row in runs.listed(change.connection, study_id, limit=None)}
    new = [row for row in given["runs"] if row["run"] not in known]
    for row in new:
        told = {name: row[name] for name in ("run", "revision", "content", "headline")}
        runs.record(change, study_id, **told, by=_by(row))
    frozen = _take_meetings(change, study_id, given.get("meetings", ()))
    counts = {"evidence": len(pieces), "run": len(new), "meeting": frozen}
    counts["campaign"] = campaigns.take(change, study_id, given.get("campaigns", ()))
    counts["plan"] = plans.take(change, study_id, given.get("plans", ()))
    return {kind: count for kind, count in counts.items() if count}


def _take_meetings(change, study_id, rows):
    """Frozen versions that are not here, and withdrawals of those that are; how many."""
    here, count = {row["key"]: row for row in meetings.listed(change.connection, study_id)}, 0
    for row in rows:
        mine = here.get(row["content"][: meetings.KEY_LENGTH])
        if mine is None:
            told = {name: row[name] for name in ("name", "as_of", "content", "run", "headline")}
            mine = meetings.add(change, study_id, **told, by=_by(row))
            count += 1
        if row["withdrawn"] and not mine["withdrawn"]:
            gone = row["withdrawn"]
            meetings.withdraw(change, study_id, mine["key"], reason=gone["reason"], by=_by(gone))
    return count


def _piece(row):
    return tuple(row[name] for name in ("village_id", "criterion", "year", "content", "file", "who", "at"))


def _by(row):
    return {"who": str(row["who"]), "at": str(row["at"])}
