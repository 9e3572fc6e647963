"""Commands of the yearly review: open a campaign, send templates out, take workbooks in, ask back, merge."""

import datetime
import sys
from contextlib import contextmanager
from pathlib import Path

import click

from gis.cli.base import (
    commands,
    language_option,
    print_json,
    print_table,
    settings,
    study_argument,
    who_option,
    working_as,
)
from gis.errors import StudyError
from gis.labels import format_number
from gis.messages import say

number_argument = click.argument("number")
day_option = click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), help="The day asked about instead of today."
)
file_option = click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write."
)


@commands.group()
def campaign():
    """The yearly review: what communes are asked, what they send, what is odd, and what is merged."""


@campaign.command("open")
@study_argument
@click.option("--name", required=True, help="What the campaign is called.")
@click.option("--year", type=int, required=True)
@click.option("--half", type=click.IntRange(1, 2), help="1 January to June, 2 July to December.")
@click.option("--deadline", required=True, metavar="YYYY-MM-DD")
@click.option("--criteria", help="Ask for the figures of this set instead of the study's own.")
@click.option("--commune", "communes", multiple=True, help="Only this commune; may be given several times.")
@click.option("--contact", default="", help="Whom communes may ask.")
@click.option("--with-last-year", is_flag=True, help="Ask also for the other figures of last year's sheets.")
@who_option
@language_option
def open_(study, who, language, communes, **told):
    """Open a campaign of STUDY."""
    from gis.workflows.campaigns import open_campaign

    with _stored(study) as (store, read):
        person = working_as(store, who, language)
        row = open_campaign(store, read, study, communes=list(communes) or None, who=person, **told)
    counts = {"communes": len(row["communes"]), "fields": len(row["fields"])}
    click.echo(say("campaign-opened", language, number=row["id"], name=row["name"], **counts))


@campaign.command("list")
@study_argument
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@language_option
def list_(study, as_json, language):
    """The campaigns of STUDY."""
    from gis.store import campaigns
    from gis.store.studies import get_study
    from gis.workflows import opened

    with opened(settings()) as store, store.reading() as connection:
        get_study(connection, study)
        rows = campaigns.listed(connection, study)
    if as_json:
        print_json(rows)
        return
    names = (
        "campaign-list-number",
        "campaign-page-name",
        "campaign-book-year",
        "campaign-book-deadline",
        "campaign-page-state",
    )
    table = [
        (row["id"], row["name"], str(row["year"]), row["deadline"],
         say("campaign-page-closed" if row["closed_at"] else "campaign-page-open", language))
        for row in rows
    ]  # fmt: skip
    print_table([say(name, language) for name in names], table)


@campaign.command("templates")
@study_argument
@number_argument
@file_option
@language_option
def templates(study, number, out, language):
    """Write the templates of all communes into one zip."""
    from gis.workflows.campaign_books import templates_zip

    now = _situation(study, number)
    _write(out, templates_zip(now, language))
    click.echo(say("campaign-templates-written", language, count=len(now.sent), path=str(out)))


@campaign.command("receive")
@study_argument
@number_argument
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--json", "as_json", is_flag=True, help="Print what became of each file as JSON.")
@who_option
@language_option
def receive(study, number, files, as_json, who, language):
    """Take in FILES that communes sent: workbooks, a folder of them, or a zip. Leaves with 2 if none was taken."""
    from gis.workflows.campaign_files import WORKBOOKS
    from gis.workflows.campaign_files import receive as take

    found = []
    for path in files:
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        found += [
            (one.name, one)
            for one in inside
            if not path.is_dir() or one.suffix.lower() in (*WORKBOOKS, ".zip")
        ]
    if not found:
        raise StudyError("campaign-no-files", folder=files[0].name)
    with _stored(study) as (store, read):
        person = working_as(store, who, language)
        outcomes = take(
            store, read, study, number, found, who=person, allowed=lambda commune, kind: True,
            today=datetime.date.today(), settings=settings(),
        )  # fmt: skip
    if as_json:
        print_json([
            {"file": one.file, "commune": one.commune, "taken": one.taken, **dict(one.counts),
             "problems": [problem.say(language) for problem in one.problems]}
            for one in outcomes
        ])  # fmt: skip
    else:
        for one in outcomes:
            word = say("campaign-page-taken" if one.taken else "campaign-page-not-taken", language)
            counts = [
                f"{say(f'campaign-count-{name}', language)}: {format_number(count, language)}"
                for name, count in one.counts
            ]
            click.echo(" · ".join([one.file, word, *filter(None, [one.commune]), *counts]))
            for problem in one.problems:
                click.echo(f"    {problem.say(language)}")
    if not any(one.taken for one in outcomes):
        sys.exit(2)


@campaign.command("status")
@study_argument
@number_argument
@day_option
@click.option("--remind", is_flag=True, help="Only the communes that have not sent.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
@language_option
def status(study, number, day, remind, as_json, language):
    """Who has sent, who has not, who is late, and what waits for an answer or a choice."""
    now = _situation(study, number, day)
    rows = []
    for sent in now.sent:
        cells = now.of(now.cells, sent.commune)
        rows.append({
            "commune": sent.commune, "name": now.names.get(sent.commune, ""), "state": sent.state,
            "days_late": sent.days_late, "contact": now.contacts.get(sent.commune, ""), "files": len(sent.files),
            "questions": len(now.of(now.open_questions, sent.commune)),
            "conflicts": sum(cell.state == "conflict" for cell in cells),
            "enter": sum(cell.state in ("new", "change") for cell in cells),
        })  # fmt: skip
    rows = [row for row in rows if not remind or row["state"] in ("waiting", "late")]
    if as_json:
        print_json(rows)
        return
    heads = ("web-column-id", "web-commune", "campaign-page-state", "campaign-page-days-late", "campaign-page-contact",
             "campaign-page-files", "campaign-page-questions", "campaign-page-conflicts", "campaign-page-enter")  # fmt: skip
    table = [tuple(row.values()) for row in rows]
    table = [(*row[:2], say(f"campaign-state-{row[2]}", language), *row[3:]) for row in table]
    print_table([say(head, language) for head in heads], table)


@campaign.command("questions")
@study_argument
@number_argument
@file_option
@language_option
def questions(study, number, out, language):
    """Write what communes are asked about, a workbook each, into one zip."""
    from gis.workflows.campaign_lists import questions_zip

    now = _situation(study, number)
    content = questions_zip(now, language)
    if content is None:
        click.echo(say("campaign-page-no-questions", language))
        return
    _write(out, content)
    click.echo(say("campaign-questions-written", language, count=len(now.open_questions), path=str(out)))


@campaign.command("merge")
@study_argument
@number_argument
@click.option("--commune", "communes", multiple=True, help="Only this commune; may be given several times.")
@click.option(
    "--conflicts",
    type=click.Choice(("sent", "now")),
    help="Take what was sent, or keep what is there, in every conflict.",
)
@click.option("--judge", "by_year", is_flag=True, help="Judge the study by the campaign's year from now on.")
@who_option
@language_option
def merge(study, number, communes, conflicts, by_year, who, language):
    """Enter what communes sent into STUDY, at once; conflicts stay open unless --conflicts says otherwise."""
    from gis.workflows.campaigns import judge_by_year, situation
    from gis.workflows.campaigns import merge as enter

    with _stored(study) as (store, read):
        person = working_as(store, who, language)
        now = situation(store, read, study, number, today=datetime.date.today())
        chosen = list(communes) or [sent.commune for sent in now.sent if sent.files]
        if strange := sorted(set(chosen) - set(now.campaign["communes"])):
            raise StudyError("campaign-communes-unknown", communes=strange, known=now.campaign["communes"])
        choices = {}
        if conflicts:
            choices = {(c.village_id, c.field, c.kind): conflicts for c in now.cells if c.state == "conflict"}
        done = enter(store, now, communes=chosen, choices=choices, who=person)
        if by_year:
            judge_by_year(store, study, now.campaign["year"], who=person)
    click.echo(say("campaign-merged", language, **done))


@campaign.command("close")
@study_argument
@number_argument
@click.option("--undo", is_flag=True, help="Open it again.")
@who_option
@language_option
def close(study, number, undo, who, language):
    """Close a campaign, after which it takes no more files."""
    from gis.store import campaigns
    from gis.workflows import opened

    with opened(settings()) as store, store.writing(working_as(store, who, language)) as change:
        campaigns.close(change, study, number, undo=undo)
    click.echo(say("campaign-is-open" if undo else "campaign-is-closed", language))


@contextmanager
def _stored(study):
    """The store, and a study of it as it stands."""
    from gis.workflows import opened, read_stored

    with opened(settings()) as store:
        yield store, read_stored(store, study)


def _situation(study, number, day=None):
    from gis.workflows.campaigns import situation

    with _stored(study) as (store, read):
        return situation(store, read, study, number, today=day.date() if day else datetime.date.today())


def _write(path, content):
    from gis.files import replacing

    with replacing(path) as fresh:
        fresh.write_bytes(content)
