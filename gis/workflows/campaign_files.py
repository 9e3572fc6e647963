"""Workbooks that communes send: read in a process of their own, checked, kept; or refused in one sentence."""

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gis import campaigns as rules
from gis.campaigns.layout import ANSWERS
from gis.catalogue import load_catalogue
from gis.errors import GisError, IntakeError, Problem, StoreError, TableError
from gis.intake import Reader
from gis.intake.unpack import unpack
from gis.settings import Settings
from gis.store import campaigns, uploads
from gis.store.studies import SHEETS
from gis.workflows.campaigns import campaign_villages, situation

WORKBOOKS = (".xlsx", ".xls", ".ods")
MOST_FILES, LONGEST_NAME = 500, 200
REFUSED_KIND = {"self": "campaign-self-not-allowed", "recheck": "campaign-recheck-not-allowed"}


@dataclass(frozen=True)
class Outcome:
    """What became of one file that was sent: its submission, or the sentences for which it was not taken."""

    file: str
    commune: str = ""
    kind: str = ""
    taken: bool = False
    counts: tuple = ()
    problems: tuple = ()


def receive(store, study, study_id, number, files, *, who, allowed, today, settings=None):
    """Take in workbooks that communes sent: filled templates and answered lists, in any order.

    Parameters
    ----------
    files : list of (str, Path)
        How its owner calls each, and where its bytes are; a zip is looked into.
    allowed : callable
        ``allowed(commune, kind) -> bool``: whether `who` may bring values of a kind (self, recheck) for a commune.
    today : date
    settings : Settings, optional
        Limits of the reader.

    Returns
    -------
    list of Outcome
        One a workbook, in the order given; one that cannot be used is told and changes nothing.

    Raises
    ------
    StoreError
        If the campaign is closed.
    """
    settings = settings or Settings()
    with store.reading() as connection:
        campaign = campaigns.get(connection, study_id, number)
        others = {row["key"]: row["name"] for row in campaigns.listed(connection, study_id)}
    if campaign["closed_at"]:
        raise StoreError("campaign-closed", name=campaign["name"])
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="langmap-") as folder, Reader(settings) as reader:
        for name, path in _each(files, Path(folder), settings, outcomes):
            try:
                outcomes.append(
                    _receive_one(
                        store,
                        study,
                        study_id,
                        campaign,
                        reader,
                        name,
                        path,
                        who=who,
                        allowed=allowed,
                        today=today,
                        others=others,
                    )  # fmt: skip
                )
            except (IntakeError, TableError, StoreError) as fault:
                told = [Problem(p.code, _named(p.arguments, path, name), p.severity) for p in fault.problems]
                outcomes.append(Outcome(name, problems=tuple(told)))
    return outcomes


def _named(arguments, path, name):
    """What a sentence says of a copy under another name, with the name that its owner gave."""
    return {key: name if value in (str(path), path.name) else value for key, value in dict(arguments).items()}


def _each(files, folder, settings, outcomes):
    """The workbooks among the files, those in archives too; what is neither is told in `outcomes`."""
    count = 0
    for name, path in files:
        if not name.lower().endswith(".zip"):
            found = [(name, path)]
        else:
            try:
                members, ignored = unpack(path, folder, WORKBOOKS, name=name, limits=settings)
            except GisError as fault:
                outcomes.append(Outcome(name, problems=fault.problems))
                continue
            found = [(f"{name}/{member.name}", member.path) for member in members]
            if ignored or not members:
                told = {"file": name, "count": len(ignored), "files": ignored}
                outcomes.append(Outcome(name, problems=(Problem("campaign-zip-ignored", told),)))
        for each in found:
            count += 1
            if count > MOST_FILES:
                told = {"file": each[0], "limit": MOST_FILES}
                outcomes.append(Outcome(each[0], problems=(Problem("campaign-many-files", told, "error"),)))
            else:
                yield each


def _receive_one(store, study, study_id, campaign, reader, name, path, *, who, allowed, today, others):
    table = reader.table(path)
    told = rules.recognise(table.sheets, file=name)
    if told and told.get("campaign") != campaign["key"]:
        other = others.get(told.get("campaign"), "–")
        raise TableError("campaign-other", file=name, name=campaign["name"], other=other)
    if rules.is_answers(table.sheets):
        return _take_answers(store, study, study_id, campaign, table, told, name, who, allowed, today)
    return _take_template(store, study, campaign, table, told, name, path, who, allowed)


def _take_template(store, study, campaign, table, told, name, path, who, allowed):
    form = rules.form_from(campaign["fields"], load_catalogue()[SHEETS])
    villages = campaign_villages(study, campaign)
    found = rules.read_template(table.sheets, table.merged, told, form=form, villages=villages, file=name)
    present = [*found.values, *((f["village_id"], f["field"], f["kind"]) for f in found.faults)]
    there = [kind for kind in rules.KINDS if any(place[2] == kind for place in present)]
    if not there:
        raise TableError("campaign-empty", file=name)
    kinds = [kind for kind in there if allowed(found.commune, kind)]
    if not kinds:
        raise TableError("campaign-not-allowed", file=name, commune=found.commune)
    problems = list(found.problems)
    problems += [Problem(REFUSED_KIND[kind], {"file": name}) for kind in there if kind not in kinds]
    faults = [fault for fault in found.faults if fault["kind"] in kinds]
    if faults:
        cells = [f"{fault['cell']}: {fault['written']}" for fault in faults]
        problems.append(Problem("campaign-cells-unread", {"file": name, "count": len(cells), "cells": cells}))
    values = {}
    for (village, field, kind), value in found.values.items():
        if kind in kinds:
            values.setdefault(village, {}).setdefault(field, {})[kind] = value
    kept = {"values": values, "faults": faults, "contact": found.contact, "blanks": found.blanks,
            "asked": found.asked, "problems": [[p.code, _plain(p.arguments), p.severity] for p in problems]}  # fmt: skip
    with open(path, "rb") as file:
        content, size = store.files.put_octets(uploads.pieces_of(file))
    with store.writing(who) as change:
        row = campaigns.get(change.connection, campaign["study_id"], campaign["id"])
        if row["closed_at"]:
            raise StoreError("campaign-closed", name=campaign["name"])
        campaigns.receive(
            change,
            campaign,
            commune=found.commune,
            kinds=kinds,
            content=content,
            file=name,
            size=size,
            found=kept,
        )
    counts = (("values", sum(len(k) for f in values.values() for k in f.values())), ("blanks", found.blanks),
              ("unread", len(faults)))  # fmt: skip
    return Outcome(name, found.commune, told.get("kind", "template"), True, counts, tuple(problems))


def _plain(arguments):
    return {
        name: list(value)
        if isinstance(value, (list, tuple))
        else value
        if isinstance(value, (int, float))
        else str(value)
        for name, value in dict(arguments).items()
    }


def _take_answers(store, study, study_id, campaign, table, told, name, who, allowed, today):
    now = situation(store, study, study_id, campaign["id"], today=today)
    commune_of = now.villages["commune_id"].to_dict()
    asked = {one.key: one for one in now.open_questions}
    said, problems = rules.read_answers(table.sheets, asked, form=now.form, file=name)
    told_by = {commune_of[one.question.village_id] for one in said}
    commune = ", ".join(sorted(told_by)) or told.get("commune", "")
    refused = [one for one in said if not allowed(commune_of[one.question.village_id], one.question.kind)]
    said = [one for one in said if one not in refused]
    if refused and not said:
        raise TableError("campaign-not-allowed", file=name, commune=commune)
    if not said and not problems:
        raise TableError("campaign-empty", file=name)
    record_answers(store, campaign, said, who=who)
    counts = tuple((word, sum(one.answer == word for one in said)) for word in ("right", "changed"))
    return Outcome(name, commune, ANSWERS, bool(said), counts, tuple(problems))


def record_answers(store, campaign, said, *, who):
    """Keep answers to questions, all in one transaction."""
    with store.writing(who) as change:
        for one in said:
            campaigns.answer(
                change, campaign, one.question.submission, key=one.question.key,
                village_id=one.question.village_id, field=one.question.field, kind=one.question.kind,
                answer=one.answer, value=one.value, reason=one.reason,
            )  # fmt: skip


@contextmanager
def saved(files):
    """Uploaded streams as files for `receive`: pairs of name and path, gone when the block ends.

    Parameters
    ----------
    files : iterable of (str, binary file)
    """
    with tempfile.TemporaryDirectory(prefix="langmap-") as folder:
        found = []
        for at, (name, stream) in enumerate(files):
            ending = Path(name.lower()).suffix
            path = Path(folder) / f"{at}{ending if ending in (*WORKBOOKS, '.zip') else '.xlsx'}"
            with open(path, "wb") as sink:
                for piece in uploads.pieces_of(stream):
                    sink.write(piece)
            found.append((name[:LONGEST_NAME], path))
        yield found
