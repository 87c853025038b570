"""Alembic's entry: runs the migrations on the connection that `Database.upgrade` opens."""

from alembic import context

from service.storage.tables.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite changes a table by copying it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
