"""Commands that bring things into the store: studies and files."""

import sys
from pathlib import Path

import click

from gis.cli.base import (
    commands,
    language_option,
    print_json,
    print_problems,
    problems_as_data,
    progress,
    settings,
    study_argument,
    who_option,
    working_as,
)
from gis.errors import GisError
from gis.labels import Label
from gis.messages import say


@commands.command("import")
@study_argument
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--as", "as_id", help="Id of the new study, where STUDY is a study file.")
@click.option("--new", "title", help="Make the study STUDY with this title first.")
@click.option("--criteria", help="With --new: the criteria set to judge by.")
@click.option(
    "--group", "groups", multiple=True, metavar="DIMENSION=GROUP", help="With --new: which thresholds apply."
)
@click.option("--layer", "layer_type", help="What the files hold: a layer type, or assessments.")
@click.option(
    "--beside", is_flag=True, help="Add the file to the others of its layer, instead of replacing the last."
)
@click.option("--inside", help="The layer or sheet inside the file.")
@click.option("--year", type=int, help="Of an assessment.")
@click.option("--kind", type=click.Choice(("self", "recheck")), help="Of an assessment.")
@click.option("--crs", help="EPSG code of the coordinates, for a file that does not say.")
@click.option("--swap-axes", is_flag=True, help="The first coordinate is the one to the north.")
@click.option("--encoding", help="Of the texts, for a file that does not say.")
@click.option(
    "--field", "fields", multiple=True, metavar="OURS=COLUMN", help="Which column holds one of our fields."
)
@click.option(
    "--complete", multiple=True, metavar="[COMMUNE=]yes|no|unknown", help="Whether all there is is in it."
)
@click.option("--as-of", help="Date or year the data were true.")
@click.option("--covers-km", type=float, help="How far beyond the study's outline the data are complete.")
@click.option("--licence", help="Under which the data may be used.")
@click.option("--citation", help="What must be said of the data.")
@click.option("--try", "only_try", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@who_option
@language_option
def import_(
    study, files, as_id, title, criteria, groups, only_try, as_json, who, language, layer_type, beside, **said
):
    """Take FILES into the study STUDY of the store, or a whole study file.

    Each file is read in a process of its own, tried in the study, and taken in whole or not at all.
    """
    from gis.intake import Reader
    from gis.workflows import import_recipe, opened, start_study

    with opened(settings()) as store, Reader(settings()) as reader:
        person = working_as(store, who, language)
        if title:
            recipe = {"title": title, "criteria": criteria, "groups": _pairs(groups)}
            start_study(store, study, recipe, who=person)
            click.echo(say("study-started", language, study=study), err=as_json)
        if not files and not title:
            study_id, made = import_recipe(
                store, reader, study, who=person, as_id=as_id, report=progress(language)
            )
            print_problems(made.problems, language)
            click.echo(say("study-imported", language, study=study_id, villages=len(made.villages)))
            return
        entry = _entry(**said)
        place = {"layer_type": layer_type, "beside": beside}
        taking = {"entry": entry, "who": person, "only_try": only_try, "report": progress(language), **place}
        outcomes = [_take(store, reader, study, file, taking, language) for file in files]
    if as_json:
        print_json(outcomes)
    else:
        for outcome in outcomes:
            _print_outcome(outcome, only_try, language)
    if any(outcome["faults"] for outcome in outcomes):
        sys.exit(2)


def _entry(
    *, inside, year, kind, crs, swap_axes, encoding, fields, complete, as_of, covers_km, licence, citation
):
    """What was said of the files, as an entry of a study file."""
    by_commune = {commune or "*": word for commune, _, word in (part.rpartition("=") for part in complete)}
    told = {
        "inside": inside,
        "year": year,
        "kind": kind,
        "crs": crs,
        "swap_axes": swap_axes or None,
        "encoding": encoding,
        "fields": _pairs(fields),
        "complete": by_commune.get("*") if set(by_commune) == {"*"} else by_commune,
        "as_of": as_of,
        "covers_km": covers_km,
        "licence": licence,
        "citation": citation,
    }
    return {key: value for key, value in told.items() if value not in (None, {})}


def _pairs(texts):
    wrong = [text for text in texts if "=" not in text]
    if wrong:
        raise click.UsageError(f"{wrong[0]}: ‹…=…›")
    return dict(text.split("=", 1) for text in texts)


def _take(store, reader, study, file, taking, language):
    """What became of one file, as plain values; its faults are told and do not stop the next one."""
    from gis.workflows import bring_in

    try:
        done = bring_in(store, reader, study, file, **taking)
    except GisError as fault:
        return {"file": file.name, "faults": problems_as_data(fault.problems, language)}
    report = done.arrival.report
    return {
        "file": file.name,
        "source": done.trial.source,
        "version": done.version and done.version["number"],
        "is_new": done.is_new,
        "format": report["format"],
        "encoding": report["encoding"],
        "crs": report["crs"] or taking["entry"].get("crs"),
        "sha256": report["sha256"],
        **done.trial.counts,
        "faults": problems_as_data(done.trial.faults, language),
        "problems": problems_as_data(done.trial.problems, language),
    }


def _print_outcome(outcome, only_try, language):
    click.echo(click.style(outcome["file"], bold=True))
    for fault in outcome["faults"]:
        click.echo(f"  {say('severity-error', language)}: {fault['sentence']}")
    if "source" not in outcome:
        click.echo(f"  {say('import-nothing', language)}")
        return
    known = {key: outcome.get(key) or "–" for key in ("format", "encoding", "crs")}
    known["crs"] = str(known["crs"])[:60]
    click.echo(f"  {say('import-read', language, **known, source=outcome['source'])}")
    if "rows_in" in outcome:
        counts = {key: outcome[key] for key in ("rows_in", "rows_used", "rows_reported")}
        click.echo(f"  {say('import-rows', language, **counts)}")
    for problem in outcome["problems"]:
        click.echo(f"  {say('severity-' + problem['severity'], language)}: {problem['sentence']}")
    if outcome["faults"]:
        code = "import-nothing"
    elif only_try:
        code = "import-tried"
    else:
        code = "import-done" if outcome["is_new"] else "import-known"
    click.echo(f"  {say(code, language, version=outcome['version'] or '–', source=outcome['source'])}")


@commands.command()
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@click.option("--deleted", is_flag=True, help="Those that were removed.")
@language_option
def studies(as_json, deleted, language):
    """List the studies of the store."""
    from gis.workflows import list_stored, opened

    with opened(settings()) as store:
        rows = list_stored(store, deleted=deleted)
    if as_json:
        print_json(rows)
        return
    for row in rows:
        title = Label(row["title"]).pick(language)
        sources = ", ".join(row["sources"]) or "–"
        click.echo(
            f"{row['id']:<24} {title} · {row['criteria']} · {sources} · {row['who']}, {row['at'][:10]}"
        )


@commands.command()
@study_argument
@click.option("--source", help="Only this layer or sheet of it.")
@click.option("--undo", is_flag=True, help="Bring it back.")
@who_option
@language_option
def remove(study, source, undo, who, language):
    """Take a study of the store, or one source of it, out of sight; nothing is lost."""
    from gis.store.studies import remove_source, remove_study
    from gis.workflows import opened
    from gis.workflows.states import keeps_by_source

    with opened(settings()) as store:
        keeps = keeps_by_source(store, study, source, None) if source and not undo else ()
        with store.writing(working_as(store, who, language)) as change:
            if source:
                remove_source(change, study, source, undo=undo, keeps=keeps)
            else:
                remove_study(change, study, undo=undo)
    code = "thing-restored" if undo else "thing-removed"
    click.echo(say(code, language, thing=f"{study} · {source}" if source else study))


@commands.command()
@study_argument
@click.argument("source")
@click.argument("version", type=int)
@who_option
@language_option
def rollback(study, source, version, who, language):
    """Make VERSION of a SOURCE of STUDY the current one."""
    from gis.store.studies import get_version, switch_version
    from gis.workflows import opened
    from gis.workflows.states import keeps_by_source

    with opened(settings()) as store:
        with store.reading() as connection:
            row = get_version(connection, study, source, version)
        keeps = keeps_by_source(store, study, source, row)
        with store.writing(working_as(store, who, language)) as change:
            switch_version(change, study, source, version, keeps=keeps)
    click.echo(say("version-is-current", language, study=study, source=source, version=version))
