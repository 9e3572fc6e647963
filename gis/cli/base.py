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
from gis.labels import LANGUAGES
from gis.messages import say


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
study_argument = click.argument("study", type=click.Path(path_type=Path))


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
