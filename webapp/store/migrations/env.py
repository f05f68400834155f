"""Run by Alembic: migrates over the connection that `store.migrate` hands in, all in its one transaction."""

from alembic import context
from sqlmodel import SQLModel

import webapp.store.tables  # noqa: F401 (its tables register themselves)

# transactional_ddl: our SQLite connections begin explicitly, so a migration is kept whole or not at all
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
