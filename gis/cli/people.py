"""Commands about who may work here, and about the work that is under way."""

import sys

import click

from gis.cli.base import commands, language_option, print_json, print_table, settings, who_option
from gis.labels import format_number
from gis.messages import say


@commands.group()
def user():
    """Accounts of those who sign in at another address than 127.0.0.1."""


_role_option = click.option("--role", required=True, help="viewer, editor, verifier or administrator.")


def _area_options(command):
    """The options that say what part an account changes and sees."""
    for option in (
        click.option("--only-own", is_flag=True, help="They see these communes only."),
        click.option("--studies", help="Ids of the studies they see, with commas; else all."),
        click.option("--communes", help="Codes of the communes an editor may change, with commas; else all."),
    ):
        command = option(command)
    return command


def _area(communes, studies, only_own):
    """What the options say, as `gis.accounts.checked_grants` takes it; what is not given is left out."""
    given = {"communes": communes, "studies": studies}
    area = {name: text.split(",") for name, text in given.items() if text is not None}
    return area | ({"only_own": True} if only_own else {})


@user.command("add")
@click.argument("name")
@_role_option
@_area_options
@who_option
@language_option
def add(name, role, communes, studies, only_own, who, language):
    """Let NAME sign in; the password is asked for, or is the first line that comes in."""
    from gis import accounts
    from gis.workflows import opened

    with opened(settings()) as store:
        person = _person(store, who, language)
        password = _password(language)
        area = _area(communes, studies, only_own)
        made = accounts.add_user(store, name, password, role, who=person, **area)
        click.echo(say("user-added", language, name=made.name, role=say(f"role-{made.role}", language)))


@user.command("invite")
@click.argument("name")
@_role_option
@_area_options
@who_option
@language_option
def invite(name, role, communes, studies, only_own, who, language):
    """Print a code by which NAME sets a password and signs in; it works once, within seven days."""
    from gis import invitations
    from gis.workflows import opened

    with opened(settings()) as store:
        person, area = _person(store, who, language), _area(communes, studies, only_own)
        code = invitations.invite(store, name, role, who=person, **area)
    _tell_code(name, code, language)


@user.command("reset")
@click.argument("name")
@who_option
@language_option
def reset(name, who, language):
    """Print a code by which NAME sets a new password; it works once, within seven days."""
    from gis import invitations
    from gis.workflows import opened

    with opened(settings()) as store:
        code = invitations.offer_reset(store, name, who=_person(store, who, language))
    _tell_code(name, code, language)


@user.command("change")
@click.argument("name")
@click.option("--role", help="viewer, editor, verifier or administrator.")
@_area_options
@click.option("--sees-all", is_flag=True, help="They see all communes of their studies again.")
@who_option
@language_option
def change(name, role, communes, studies, only_own, sees_all, who, language):
    """Give NAME another role, or another part to change and to see; what is not named stays."""
    from gis import accounts
    from gis.workflows import opened

    grants = ({"role": role} if role else {}) | _area(communes, studies, only_own)
    grants |= {"only_own": False} if sees_all else {}
    with opened(settings()) as store:
        accounts.change_user(store, name, who=_person(store, who, language), **grants)
    click.echo(say("user-changed", language, name=name))


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the accounts as JSON.")
@language_option
def list_(as_json, language):
    """List the accounts."""
    from gis import accounts
    from gis.workflows import opened

    with opened(settings()) as store:
        found = accounts.list_accounts(store)
    if as_json:
        keys = ("name", "role", "communes", "active", "studies", "only_own")
        print_json([{key: getattr(one, key) for key in keys} for one in found])
        return
    headings = [say(f"signing-{key}", language) for key in ("name", "role", "communes")]
    headings += [say(code, language) for code in ("audits-column-study", "signing-state")]
    rows = [
        (
            one.name,
            say(f"role-{one.role}", language),
            say("areas-sees-communes", language, communes=list(one.communes))
            if one.only_own
            else ", ".join(one.communes) or say("signing-all", language),
            ", ".join(one.studies) or say("signing-all", language),
            say("signing-open" if one.active else "signing-closed", language),
        )
        for one in found
    ]
    print_table(headings, rows)


@user.command("password")
@click.argument("name")
@who_option
@language_option
def password(name, who, language):
    """Give NAME a new password; it is asked for, or is the first line that comes in."""
    from gis import accounts
    from gis.workflows import opened

    with opened(settings()) as store:
        person = _person(store, who, language)
        accounts.set_password(store, name, _password(language), who=person)
        click.echo(say("user-password-set", language, name=name))


@user.command("deactivate")
@click.argument("name")
@click.option("--undo", is_flag=True, help="Let NAME sign in again.")
@who_option
@language_option
def deactivate(name, undo, who, language):
    """Let NAME sign in no more; whoever is signed in by that name is not any more."""
    from gis import accounts
    from gis.workflows import opened

    with opened(settings()) as store:
        accounts.change_user(store, name, who=_person(store, who, language), active=undo)
        click.echo(say("user-opened" if undo else "user-closed", language, name=name))


@commands.command("jobs")
@click.argument("study", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the jobs as JSON.")
@language_option
def jobs_(study, as_json, language):
    """List the long work of STUDY, or of all studies: what waits, runs and has ended."""
    from gis import jobs
    from gis.intake.reports import problem_from_json
    from gis.workflows import opened

    with opened(settings()) as store:
        found = jobs.listed(store, study_id=study)
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo(say("jobs-empty", language))
        return
    headings = [say(f"jobs-{key}", language) for key in ("number", "study", "who", "share", "state")]
    rows = [
        (
            job["id"],
            job["study_id"] or "",
            job["who"],
            f"{format_number(round(100 * job['fraction']), language)} %",
            say(f"jobs-state-{job['state']}", language),
        )
        for job in found
    ]
    print_table(headings, rows)
    for job in found:
        for problem in map(problem_from_json, job["problems"] or ()):
            click.echo(f"{say('jobs-title', language, job=str(job['id']))}: {problem.say(language)}")


def _person(store, who, language):
    from gis import accounts

    def ask():
        return click.prompt(say("who-are-you", language))

    return accounts.who(store, who, ask=ask if sys.stdin.isatty() else None)


def _tell_code(name, code, language):
    from gis.invitations import LASTS_S

    click.echo(say("user-code", language, name=name, code=code, days=round(LASTS_S / 86_400)))


def _password(language):
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    asked = say("signing-new-password", language)
    return click.prompt(asked, hide_input=True, confirmation_prompt=say("signing-again", language))
