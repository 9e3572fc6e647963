"""Bringing the tables of an older store up to date, and refusing those of a newer program."""

from pathlib import Path

from gis.errors import StoreError
from gis.store import engine, marks
from gis.store.points import reached

SCRIPTS = Path(__file__).with_name("migrations")


def bring_up_to_date(store):
    """Apply the steps that are missing, in one transaction.

    Raises
    ------
    StoreError
        If the store knows a state of the tables that this program does not, or has lost its tables.
    """
    with engine.reading(store.engine) as connection:
        found = revision(connection)
    check_known(found)
    noted = marks.read(store.folder)
    if found is None and noted:
        # An emptied database looks like a new one.
        raise StoreError("store-records-lost", noted=noted[0][0])
    if found != newest():
        with engine.writing(store.engine) as connection:
            upgrade(connection)


def upgrade(connection, to="head"):
    """Apply the steps up to a revision on an open transaction; what another process has done is left."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)
    reached("tables-made")


def revision(connection):
    """The state of the tables; None where there are none."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def newest():
    """The state of the tables that this program makes."""
    return _scripts().get_current_head()


def check_known(found):
    """Refuse a state of the tables that a newer program made.

    Raises
    ------
    StoreError
    """
    known = {script.revision for script in _scripts().walk_revisions()}
    if found is not None and found not in known:
        raise StoreError("store-newer", found=found, known=newest())


def _scripts():
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def _config():
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
