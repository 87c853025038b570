"""What differs between a database and the tables that the code uses."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from service.storage.tables.base import Base


def differences(connection: Connection) -> list[Any]:
    """Compare a database with the code; the index of words is each database's own, and no table to the code."""

    def is_ours(name: str | None, kind: str, _parents: object) -> bool:
        return not (kind == "table" and (name or "").startswith("comment_words"))

    found: list[Any] = compare_metadata(
        MigrationContext.configure(connection, opts={"include_name": is_ours}), Base.metadata
    )
    return found
