"""Commands that keep the store: backup, restore, packages of one study, its history, its health."""

import datetime
import sys
from pathlib import Path

import click

from gis.cli.base import (
    commands,
    language_option,
    print_json,
    print_problems,
    print_table,
    settings,
    study_argument,
    who_option,
    working_as,
)
from gis.errors import ConflictError, StoreError
from gis.messages import say

file_argument = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@commands.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")
@language_option
def backup(out, language):
    """Write the whole store into one file, while others may go on working."""
    from gis.store.backup import backup as write
    from gis.workflows import opened

    out = out or Path(f"langmap-{datetime.date.today().isoformat()}.zip")
    with opened(settings()) as store:
        made = write(store, out)
    _tell(made.problems, language)
    told = {"path": str(made.path), "studies": made.studies, "files": made.files}
    click.echo(say("backup-done", language, **told, mb=f"{made.octets / 1e6:.1f}"))


@commands.command()
@file_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@who_option
@language_option
def restore(file, yes, who, language):
    """Put the backup FILE in the place of the store; what is there is kept aside."""
    from gis.store.backup import restore as put_back

    known = settings()
    if not who and sys.stdin.isatty():
        who = click.prompt(say("who-are-you", language))
    if not who:
        raise StoreError("store-nobody")
    if not yes and sys.stdin.isatty():
        click.confirm(say("restore-ask", language), abort=True)
    done = put_back(file, known.store, known.store_url or None, who=who)
    _tell(done.problems, language)
    click.echo(say("restore-done", language, made_at=done.made_at))
    if done.aside:
        click.echo(say("restore-kept", language, aside=done.aside))


@commands.command("export-study")
@study_argument
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write."
)
@language_option
def export_study(study, out, language):
    """Write STUDY of the store into one file: ordinary files, and all that another store needs."""
    from gis.exports import write_study_files
    from gis.store.package import export_study as write
    from gis.workflows import opened

    with opened(settings()) as store:
        problems = write(store, study, out, plain=write_study_files)
    _tell(problems, language)
    click.echo(say("package-written", language, study=study, path=str(out)))


@commands.command("import-study")
@file_argument
@click.option("--as", "as_id", help="Another id for the study here.")
@click.option(
    "--prefer",
    type=click.Choice(("ours", "theirs")),
    help="What counts where both sides changed the same thing.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was taken as JSON.")
@who_option
@language_option
def import_study(file, as_id, prefer, as_json, who, language):
    """Take in a study that `export-study` wrote elsewhere; conflicts are listed and nothing is taken then."""
    from gis.store.package import import_study as take
    from gis.workflows import opened

    with opened(settings()) as store:
        try:
            done = take(store, file, who=working_as(store, who, language), as_id=as_id, prefer=prefer)
        except ConflictError as conflict:
            _tell(conflict.problems, language)
            click.echo(say("package-choose", language), err=True)
            sys.exit(2)
    if as_json:
        print_json({"study": done.study, "is_new": done.is_new, "taken": done.taken})
        return
    _tell(done.problems, language)
    kinds = {
        "sources": "source",
        "values": "value",
        "decisions": "decision",
        "evidence": "evidence",
        "runs": "run",
        "states": "state",
        "meetings": "meeting",
        "plans": "plan",
    }
    counts = {name: done.taken.get(kind, 0) for name, kind in kinds.items()}
    click.echo(say("package-taken", language, study=done.study, **counts))


@commands.command()
@study_argument
@click.argument("source", required=False)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the lines as JSON, with what was there before and after."
)
@language_option
def history(study, source, limit, as_json, language):
    """Who changed what and when in STUDY, or in one SOURCE of it; the latest first."""
    from gis.store import audit
    from gis.store.studies import get_study
    from gis.workflows import opened

    with opened(settings()) as store, store.reading() as connection:
        get_study(connection, study, deleted=True)
        lines = audit.history(connection, study_id=study, subject=source, limit=limit)
    if as_json:
        print_json(lines)
        return
    headings = [say(f"history-{name}", language) for name in ("when", "who", "what", "on")]
    rows = [
        (line["at"], line["who"], say(f"diary-{line['action']}", language), line["subject"]) for line in lines
    ]
    print_table(headings, rows)


@commands.command("check-store")
@click.option("--deep", is_flag=True, help="Also read every file and compare the records with the diary.")
@click.option("--accept-loss", is_flag=True, help="Go on without latest changes that are lost.")
@who_option
@language_option
def check_store(deep, accept_loss, who, language):
    """Look whether the store is whole; leaves with 1 where it is not."""
    from gis.store import accept_loss as go_on
    from gis.store.checking import check
    from gis.workflows import opened

    with opened(settings()) as store:
        if accept_loss:
            store = go_on(store, who=working_as(store, who, language))
        problems = check(store, deep=deep)
    if problems:
        print_problems(problems, language)
        sys.exit(1)
    click.echo(say("store-whole", language))


def _tell(problems, language):
    for problem in problems:
        click.echo(f"{say('severity-' + problem.severity, language)}: {problem.say(language)}", err=True)
