"""How the steps are run: on the transaction that the store has opened, and no other way."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
