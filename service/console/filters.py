"""The filters of the console's lists, read from an address and written into one, and days that somebody typed."""

import re
from datetime import date, datetime, time
from typing import Any, cast, get_args
from urllib.parse import parse_qs, urlencode

from werkzeug.datastructures import MultiDict

from model.attributes import BY_NAME
from model.errors import InvalidInput
from service.storage.cursors import QUEUE_CURSOR
from service.storage.names import composed
from service.storage.records import State
from service.triage.listing import ItemFilter
from service.triage.order import STREAMS
from service.web.current import newsroom
from service.wording.catalogue import gettext as _

_EARLIEST, _LATEST = date(1990, 1, 1), date(2999, 12, 31)


def wanted_of(arguments: MultiDict[str, str]) -> ItemFilter:
    """Read the filters; what makes no sense counts as not given."""
    state, stream, about = arguments.get("state"), arguments.get("stream"), arguments.get("about")
    return ItemFilter(
        state=cast("State", state) if state in get_args(State) else "open",
        stream=stream if stream in STREAMS else None,
        article_id=_name(arguments.get("article")),
        section=_name(arguments.get("section")),
        about=about if about in BY_NAME or about in ("abuse", "reported") else None,
        author=_author(arguments.get("author")),
        watched=arguments.get("watched") == "yes",
    )


def wanted_of_query(query: str) -> ItemFilter:
    """Read the filters from what `query_of` wrote."""
    return wanted_of(MultiDict({name: values[0] for name, values in parse_qs(query).items()}))


def arguments_of(wanted: ItemFilter) -> dict[str, Any]:
    """Return the arguments of an address that asks for the same."""
    arguments = {
        "state": None if wanted.state == "open" else wanted.state,
        "stream": wanted.stream,
        "article": wanted.article_id,
        "section": wanted.section,
        "about": wanted.about,
        "author": wanted.author,
        "watched": "yes" if wanted.watched else None,
    }
    return {name: value for name, value in arguments.items() if value}


def query_of(wanted: ItemFilter) -> str:
    """Write the filters as the query of an address."""
    return urlencode(arguments_of(wanted))


def cursor_of(arguments: MultiDict[str, str]) -> str | None:
    """Read where a page of a list begins; what makes no sense counts as not given."""
    after = arguments.get("after", "")
    return after if re.fullmatch(QUEUE_CURSOR, after) else None


def _author(given: str | None) -> str | None:
    """Read an author from a page's address, as names are compared."""
    name = _name(given)
    return name and composed(name)


def given_day(written: str | None) -> date | None:
    """Read a day from a page's form; None if none was given."""
    given = (written or "").strip()
    try:
        day = date.fromisoformat(given) if given else None
    except ValueError:
        day = date.min
    if day is not None and not _EARLIEST <= day <= _LATEST:
        raise InvalidInput(_("“%(given)s” is not a day: write it as 2026-11-28.", given=given[:40]))
    return day


def given_days(first: str | None, last: str | None) -> tuple[date | None, date | None]:
    """Read the first and the last day of a search; neither need be given.

    Raises
    ------
    InvalidInput
        If one of them is no day, or they stand the wrong way round.
    """
    begin, end = given_day(first), given_day(last)
    if begin and end and end < begin:
        raise InvalidInput(
            _("The last day, %(last)s, is before the first, %(first)s: swap them.", last=end, first=begin)
        )
    return begin, end


def begin_of(day: date | None) -> datetime | None:
    """Return the moment at which a day of the newsroom begins."""
    return None if day is None else datetime.combine(day, time.min, newsroom().zone)


def end_of(day: date | None) -> datetime | None:
    """Return the last moment of a day of the newsroom."""
    return None if day is None else datetime.combine(day, time.max, newsroom().zone)


def _name(given: str | None) -> str | None:
    """Read a name from a page's address."""
    # PostgreSQL refuses NUL in a text.
    return given.replace("\0", "") or None if given else None
