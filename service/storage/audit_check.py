"""The check of the audit: all of it once in each process, then only what was added."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.storage import audit
from service.storage.audit import Head
from service.storage.database import Database

#: After this long, all of it is read once more.
WHOLE_AGAIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Verified:
    """The audit up to a head was as it was written.

    Attributes
    ----------
    head
        Where it ended.
    whole_at
        When the whole chain was read: what was changed since in an entry that
        was read then is not seen before it is read again.
    """

    head: Head
    whole_at: datetime


class AuditCheck:
    """Verifies the audit, and remembers how far it got for as long as the process lives.

    Parameters
    ----------
    db
        Where the audit is.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._verified: Verified | None = None

    def verify(self, now: datetime, *, whole: bool = False) -> Verified:
        """Verify what was added to the audit since last time, or all of it.

        Parameters
        ----------
        now
            Any aware moment.
        whole
            Read all of it, as `python -m service audit verify` does.

        Raises
        ------
        Tampered
            If it is not as it was written. The next call reads all of it.
        """
        before = self._verified
        if before is not None and not whole and now < before.whole_at + WHOLE_AGAIN:
            try:
                with self._db.read() as session:
                    self._verified = found = Verified(audit.verify(session, since=before.head), before.whole_at)
            except audit.Tampered:
                pass  # all of it is read below, to tell what is wrong first of all
            else:
                return found
        try:
            with self._db.read() as session:
                # What this process has seen must still be there, whoever chained it all anew.
                self._verified = found = Verified(audit.verify(session, before.head if before else None), now)
        except audit.Tampered:
            if before is not None:
                self._verified = replace(before, whole_at=now - WHOLE_AGAIN)
            raise
        return found
