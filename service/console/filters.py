"""The filters of the console's lists, read from an address and written into one."""

import re
from typing import Any, cast, get_args
from urllib.parse import parse_qs, urlencode

from werkzeug.datastructures import MultiDict

from model.attributes import BY_NAME
from service.storage.cursors import QUEUE_CURSOR
from service.storage.records import State
from service.triage.listing import Wanted
from service.triage.order import STREAMS


def wanted_of(arguments: MultiDict[str, str]) -> Wanted:
    """Read the filters; what makes no sense counts as not given."""
    state, stream, about = arguments.get("state"), arguments.get("stream"), arguments.get("about")
    return Wanted(
        state=cast("State", state) if state in get_args(State) else "open",
        stream=stream if stream in STREAMS else None,
        article_id=_name(arguments.get("article")),
        section=_name(arguments.get("section")),
        about=about if about in BY_NAME or about in ("abuse", "reported") else None,
        author=_name(arguments.get("author")),
        watched=arguments.get("watched") == "yes",
    )


def wanted_of_query(query: str) -> Wanted:
    """Read the filters from what `query_of` wrote."""
    return wanted_of(MultiDict({name: values[0] for name, values in parse_qs(query).items()}))


def arguments_of(wanted: Wanted) -> dict[str, Any]:
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


def query_of(wanted: Wanted) -> str:
    """Write the filters as the query of an address."""
    return urlencode(arguments_of(wanted))


def cursor_of(arguments: MultiDict[str, str]) -> str | None:
    """Read where a page of a list begins; what makes no sense counts as not given."""
    after = arguments.get("after", "")
    return after if re.fullmatch(QUEUE_CURSOR, after) else None


def _name(given: str | None) -> str | None:
    # PostgreSQL refuses NUL in a text.
    return given.replace("\0", "") or None if given else None
