"""What admins chose, in the database, and how every process follows it while it runs.

What the environment sets holds, whatever is in the database: a setting of the
server's is not for the page to overrule.
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from model.errors import InvalidInput
from service.background import BackgroundLoop
from service.staffing.choices import NAMES, READERS, Choices
from service.storage import audit
from service.storage.database import Database
from service.storage.records import Conflict
from service.storage.tables.newsroom import ChoiceRow

#: Seconds from one look at the database to the next.
_EVERY: Final = 1.0
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who chose something last, and when."""

    who: str
    at: datetime


def load_choices(session: Session, given: Choices, fixed: Collection[str]) -> Choices:
    """Return what is in force: what is fixed as given, else as it was chosen, else as given.

    Parameters
    ----------
    session
        A read session.
    given
        The environment's, with the defaults of what it does not set.
    fixed
        The names of what it sets.
    """
    return _in_force(_chosen(session), given, fixed)


def who_chose(session: Session) -> Mapping[str, Chosen]:
    """Return who chose last, by the name of what was chosen."""
    return {row.name: Chosen(row.chosen_by, row.chosen_at) for row in session.scalars(select(ChoiceRow))}


class KeptChoices(BackgroundLoop):
    """What is in force, read anew every second, so that every process follows soon.

    Parameters
    ----------
    db
        Where what was chosen is.
    given, fixed
        As in `load_choices`.
    """

    def __init__(self, db: Database, given: Choices, fixed: Collection[str]) -> None:
        super().__init__("choices", self.look, _EVERY, "The settings cannot be followed")
        self._db = db
        self._given = given
        self.fixed = frozenset(fixed).intersection(NAMES)
        self._looking = threading.Lock()
        self._seen: Mapping[str, str] = {}
        self._told: list[Callable[[Choices], None]] = []
        self.now = given
        self.look()

    def tell(self, followed: Callable[[Choices], None]) -> None:
        """Call this with the settings in force whenever they change."""
        self._told.append(followed)

    def look(self) -> None:
        """Follow what was chosen since the last look, if anything was."""
        with self._looking:
            with self._db.read() as session:
                chosen = _chosen(session)
            if chosen != self._seen:
                self._seen, self.now = chosen, _in_force(chosen, self._given, self.fixed)
                for followed in self._told:
                    followed(self.now)

    def change(self, wanted: Mapping[str, str], *, who: str) -> Collection[str]:
        """Store what somebody chose, as it is written, follow it here, and return the names of what it changed.

        Raises
        ------
        InvalidInput
            If some of it makes no sense, or is fixed; then none of it is stored.
        Conflict
            If a colleague chose at the same moment.
        """
        try:
            with self._db.write() as session:
                before = load_choices(session, self._given, self.fixed)
                after = replace(before, **{name: self._checked(name, value) for name, value in wanted.items()})
                changed = [name for name in wanted if getattr(after, name) != getattr(before, name)]
                for name in changed:
                    new = after.written(name)
                    session.merge(ChoiceRow(name=name, value=new, chosen_by=who, chosen_at=datetime.now(UTC)))
                    audit.record(session, "setting.change", who=who, about=name, why=f"{before.written(name)} → {new}")
        except IntegrityError:
            raise Conflict("A colleague changed this at the same moment. Look at it again.") from None
        self.look()
        return changed

    def _checked(self, name: str, value: str) -> Any:
        """Read an admin's choice as its setting needs it; refuse one that is fixed or makes no sense."""
        if name in self.fixed:
            raise InvalidInput(f"This is fixed by BELOWLINE_{name.upper()} where the service runs.")
        try:
            return READERS[name](value)
        except ValueError as error:
            raise InvalidInput(f"{value[:40]!r} was not saved: {error}") from None


def _chosen(session: Session) -> Mapping[str, str]:
    """Read all that admins chose, as it is written."""
    return {row.name: row.value for row in session.scalars(select(ChoiceRow))}


def _in_force(chosen: Mapping[str, str], given: Choices, fixed: Collection[str]) -> Choices:
    """Return the settings in force, without choices that this version does not know."""
    found: dict[str, Any] = {}
    for name, value in chosen.items():
        if name in NAMES and name not in fixed:
            try:
                found[name] = READERS[name](value)
            except ValueError:
                # A later version may have known it; this one must start all the same.
                _LOG.error("The setting %s is %r, which this version does not know: it is ignored", name, value)
    return replace(given, **found)
