"""A copy of the SQLite database while it is in use."""

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from model.errors import BelowlineError
from service.storage.database import Database


class BackupError(BelowlineError):
    """A backup that cannot be made."""


def back_up(db: Database, target: Path) -> int:
    """Copy the database into a new file, and return its size in bytes.

    The copy is one state of the database, whatever is written meanwhile, and
    nobody waits for it. It appears under its name when it is whole, checked
    and on disk.

    Raises
    ------
    BackupError
        If the database is not SQLite, the file is there already, or it cannot be written.
    """
    if db.engine.dialect.name != "sqlite":
        raise BackupError("This database is not SQLite: back up PostgreSQL with pg_dump; see docs/storage.md.")
    if target.exists():
        raise BackupError(f"{target} already exists: name a new file.")
    try:
        # mkstemp's file is its owner's alone.
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f"{target.name}.")
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {error.strerror}.") from error
    os.close(handle)
    part = Path(name)
    try:
        _copy(str(db.engine.url.database), part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
            size = file.seek(0, os.SEEK_END)
        os.link(part, target)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{target} cannot be written: {error}.") from error
    finally:
        part.unlink()
    return size


def _copy(source: str, part: Path) -> None:
    """Copy an SQLite database while it is in use, and check the copy."""
    with closing(sqlite3.connect(source)) as database, closing(sqlite3.connect(part)) as copy:
        # All pages in one step: the copy begins anew for nobody's write.
        database.backup(copy)
        # One file that needs no companions; it is turned back when the service opens it.
        copy.execute("PRAGMA journal_mode = DELETE").close()
        problem = copy.execute("PRAGMA quick_check").fetchone()[0]
        if problem != "ok":
            raise sqlite3.DatabaseError(f"the copy is damaged: {problem}")
