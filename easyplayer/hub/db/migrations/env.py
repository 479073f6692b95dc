"""How alembic goes about it: on the connection that it is handed, in the transaction that is open there."""

from alembic import context

from easyplayer.hub.db.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
