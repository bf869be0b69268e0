"""What Alembic runs: the migrations, on the connection and in the transaction that the store hands over."""

from alembic import context

from gateway.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # The store begins SQLite's transactions by itself, so that there too a migration is all or nothing.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
