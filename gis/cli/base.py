"""What all commands share: the group, its options, how errors and progress are told."""

import json
import math
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

import gis
from gis.errors import GisError
from gis.labels import LANGUAGES, Label
from gis.messages import LISTED, say


class _Commands(click.Group):
    """Prints the sentences of our own errors and leaves with 2."""

    def invoke(self, context):
        try:
            return super().invoke(context)
        except GisError as fault:
            click.echo(fault.say(context.obj.get("language", "vi")), err=True)
            context.exit(2)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            context.exit(0)
        except OSError as fault:
            name = Path(fault.filename or "").name
            sentence = say(
                "file-unwritable", context.obj.get("language", "vi"), file=name, why=fault.strerror or ""
            )
            click.echo(sentence, err=True)
            context.exit(2)


def _language(context, _, value):
    context.obj = context.obj or {}
    if value:
        context.obj["language"] = value
    return context.obj.get("language", "vi")


language_option = click.option(
    "--lang", "language", type=click.Choice(LANGUAGES), callback=_language, expose_value=True,
    help="Language of what is printed and written: vi or en.",
)  # fmt: skip
criteria_option = click.option("--criteria", help="Judge by this set instead of the one the study names.")
study_argument = click.argument("study")
who_option = click.option("--who", help="Who makes the change; remembered for the next time.")


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--lang", "language", type=click.Choice(LANGUAGES), callback=_language, expose_value=False)
@click.version_option(version=gis.__version__, prog_name="gis")
@click.pass_obj
def commands(shared):
    """LangMap: which villages meet which infrastructure criteria, and why."""
    from gis.settings import read_settings

    shared["settings"] = read_settings(os.environ)
    shared.setdefault("language", shared["settings"].language)


def settings():
    """The settings of this process."""
    return click.get_current_context().obj["settings"]


def progress(language):
    """A line that is written over while files are read, only where a person is watching."""
    if not sys.stderr.isatty():
        return None

    def report(fraction, code, **arguments):
        click.echo(f"\r\033[K{fraction:4.0%} {say(code, language, **arguments)}", nl=False, err=True)
        if fraction >= 1:
            click.echo("\r\033[K", nl=False, err=True)

    return report


def print_json(content):
    """Print plain values as JSON; what is not a finite number is null."""

    def plain(value):
        if isinstance(value, Mapping):
            return {key: plain(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(inner) for inner in value]
        return None if isinstance(value, float) and not math.isfinite(value) else value

    click.echo(json.dumps(plain(content), ensure_ascii=False, indent=1, default=str))


def print_problems(problems, language):
    """Print sentences, the worst first, with every list that a sentence cuts, and how many of each kind."""
    for problem in problems:
        click.echo(f"{say('severity-' + problem.severity, language)}: {problem.say(language)}")
        for items in problem.arguments.values():
            if isinstance(items, (list, tuple)) and len(items) > LISTED:
                click.echo("    " + "; ".join(_item(item, language) for item in items))
    counts = {f"{word}s": sum(p.severity == word for p in problems) for word in ("error", "warning", "note")}
    click.echo(say("check-summary", language, **counts))


def _item(item, language):
    return item.pick(language) if isinstance(item, Label) else str(item)


def problems_as_data(problems, language):
    """Problems as plain values, each with its sentence."""
    return [
        {"severity": p.severity, "code": p.code, "sentence": p.say(language), "arguments": dict(p.arguments)}
        for p in problems
    ]


def print_table(headings, rows):
    """Print rows of texts in columns; numbers stand to the right, and nothing that a terminal would obey."""
    texts = [[_seen(str(cell)) for cell in row] for row in (headings, *rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(headings))]
    right = [all(isinstance(row[column], int) for row in rows) for column in range(len(headings))]
    for row in texts:
        cells = [t.rjust(w) if r else t.ljust(w) for t, w, r in zip(row, widths, right, strict=True)]
        click.echo("  ".join(cells).rstrip())


def _seen(text):
    return text if text.isprintable() else "".join(one if one.isprintable() else " " for one in text)


def working_as(store, who, language):
    """The name of the person at work: as given, as remembered, or as asked for where somebody can answer.

    Raises
    ------
    GisError
        If nobody can be asked, or the name cannot be one.
    """
    from gis import accounts

    can_ask = sys.stdin.isatty()
    return accounts.who(
        store, who, ask=(lambda: click.prompt(say("who-are-you", language))) if can_ask else None
    )
