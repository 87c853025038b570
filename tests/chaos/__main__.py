"""`make chaos`: does every fault on both databases, and prints what came of it."""

import logging
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from tests.chaos.databases import PostgreSql, Sqlite, disk
from tests.chaos.faults import FAULTS, faulty_clock
from tests.chaos.trial import Row, Trial

HEAD = ("fault", "database", "promised", "seen", "acknowledged", "lost", "doubled")
#: Megabytes; room for what is written, and soon filled.
DISK = 400


def _tried(kind: type[Sqlite] | type[PostgreSql], only: list[str]) -> list[Row]:
    rows = []
    with disk(DISK) as room, tempfile.TemporaryDirectory() as name, closing(kind(room)) as database:
        folder = Path(name)
        clock, settings = faulty_clock(folder)
        trial = Trial(database, folder, clock, settings)
        for fault in FAULTS:
            if kind.name in fault.on and (not only or any(word in fault.name for word in only)):
                rows.append(trial.run(fault))
                sys.stdout.write(_line(rows[-1]))
                sys.stdout.flush()
        trial.stop()
    return rows


def _line(row: Row) -> str:
    cells = (row.fault, row.database, row.promised, row.seen, row.acknowledged, row.lost, row.doubled)
    return "| " + " | ".join(map(str, cells)) + " |\n"


def main(only: list[str]) -> int:
    """Do all faults, or those whose names hold one of some words; return 1 if a promise was broken."""
    # That nobody listens is part of it.
    logging.getLogger("service.webhooks").setLevel(logging.ERROR)
    began = time.monotonic()
    sys.stdout.write("| " + " | ".join(HEAD) + " |\n" + "|---" * len(HEAD) + "|\n")
    rows = [row for kind in (Sqlite, PostgreSql) for row in _tried(kind, only)]
    broken = [row for row in rows if row.lost or row.doubled or not row.kept]
    sys.stdout.write(f"\n{len(rows)} rows, {len(broken)} broken, {(time.monotonic() - began) / 60:.1f} minutes\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
