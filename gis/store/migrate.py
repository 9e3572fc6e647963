"""Bringing the tables of an older store up to date, and refusing those of a newer program."""

from pathlib import Path

from gis.errors import StoreError
from gis.store import engine

SCRIPTS = Path(__file__).with_name("migrations")


def bring_up_to_date(store):
    """Apply the steps that are missing, in one transaction.

    Raises
    ------
    StoreError
        If the store knows a state of the tables that this program does not.
    """
    scripts = _script_directory()
    known = {script.revision for script in scripts.walk_revisions()}
    with engine.reading(store.engine) as connection:
        found = _revision(connection)
    if found is not None and found not in known:
        raise StoreError("store-newer", found=found, known=scripts.get_current_head())
    if found != scripts.get_current_head():
        with engine.writing(store.engine) as connection:
            upgrade(connection)


def upgrade(connection, to="head"):
    """Apply the steps up to a revision on an open transaction; what another process has done is left."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _revision(connection):
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def _script_directory():
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def _config():
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
