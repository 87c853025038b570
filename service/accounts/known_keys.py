"""Programs' keys that were found good a moment ago: who only scores is let in while the database is away."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from service.accounts.api_keys import NOTED_EVERY, ApiKey, digest_of, find_key_of, note_use
from service.background import BackgroundLoop
from service.storage.database import Database

#: Seconds between two looks at whether the keys still hold, and for which one look is good.
PAUSE: Final = 5.0
GOOD_FOR: Final = 60.0
#: Seconds for which a key is good whose database is away: who was revoked before is out then, too.
AWAY_FOR: Final = 3600.0
#: A newspaper has a handful of programs.
MOST: Final = 256
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Known:
    """A key, when the database last knew it, and until when nobody need ask again."""

    key: ApiKey
    confirmed: float
    good_until: float
    used: bool = False


class KnownKeys(BackgroundLoop):
    """Remembers keys by their digests, and asks for them anew in the background until it is stopped.

    Nothing but a key that the database knows gets in here, so no stranger can fill it.
    """

    def __init__(self, db: Database) -> None:
        super().__init__("keys", self.refresh, PAUSE, "Could not ask whether the keys still hold")
        self._db = db
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> ApiKey | None:
        """Return what is known of a key; None if nobody knows it here, which says nothing."""
        digest = digest_of(key)
        with self._lock:
            known = self._known.get(digest)
            if known is None or monotonic() >= known.good_until:
                return None
            self._known[digest] = replace(known, used=True)
            return known.key

    def remember(self, key: str, about: ApiKey) -> None:
        """Remember a key that the database has just known; of too many, the one that was first remembered goes."""
        now = monotonic()
        with self._lock:
            self._known[digest_of(key)] = _Known(about, now, now + GOOD_FOR)
            if len(self._known) > MOST:
                self._known.popitem(last=False)

    def refresh(self) -> None:
        """Ask for all keys anew: one that is gone is forgotten; if nobody answers, they stay for a while."""
        with self._lock:
            before = dict(self._known)
        if not before:
            return
        try:
            found = self._ask(before)
        except SQLAlchemyError as error:
            _LOG.warning("Could not ask whether the keys still hold: %s", type(error).__name__)
            self._keep(before)
            return
        now = monotonic()
        with self._lock:
            for digest in before.keys() & self._known.keys():
                if (key := found.get(digest)) is None:
                    del self._known[digest]
                else:
                    self._known[digest] = _Known(key, now, now + GOOD_FOR)

    def _ask(self, before: Mapping[str, _Known]) -> Mapping[str, ApiKey]:
        """Ask the database for keys, and note which of them were used."""
        with self._db.read() as session:
            asked = {digest: find_key_of(session, digest) for digest in before}
        found = {digest: key for digest, key in asked.items() if key is not None}
        now = datetime.now(UTC)
        used = [
            key
            for digest, key in found.items()
            if before[digest].used and (key.last_used_at is None or now - key.last_used_at >= NOTED_EVERY)
        ]
        if used:
            with self._db.write() as session:
                for key in used:
                    note_use(session, key.name)
        return found

    def _keep(self, before: Mapping[str, _Known]) -> None:
        """Keep keys that nobody can confirm, for an hour after they were confirmed last."""
        now = monotonic()
        with self._lock:
            for digest in before.keys() & self._known.keys():
                known = self._known[digest]
                self._known[digest] = replace(known, good_until=min(now + GOOD_FOR, known.confirmed + AWAY_FOR))
