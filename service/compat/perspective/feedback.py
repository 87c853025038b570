"""What `comments:suggestscore` keeps."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from model.attributes import BY_NAME
from service.compat.perspective.names import attribute_of
from service.compat.perspective.reading import Suggest
from service.learning.suggestions import Suggestion, save_suggestion
from service.scoring.language import language_of, spoken
from service.storage.database import Database
from service.web.fields import MOST_LINE, MOST_NAME

if TYPE_CHECKING:
    from model.scoring.scorer import Scorer


def suggest(db: Database, scorer: "Scorer", given: Suggest) -> dict[str, Any]:
    """Keep the scores that a Perspective client suggests, unless it forbids that; committed before the answer."""
    common = given.common
    attributes = {
        ours: int(value)
        for name, value in given.scores.items()
        if value in {0.0, 1.0} and (ours := attribute_of(name, BY_NAME)) is not None
    }
    detected = language_of(common.text, scorer.fallback)
    if not common.do_not_store:
        told = _told(given)
        suggestion = Suggestion(
            text=common.text,
            comment_id=_comment_id(given, told),
            scores=given.scores,
            attributes=attributes,
            languages=spoken(common.languages, detected),
            community=common.community_id,
            client_token=common.client_token,
            story_url=_story_url(told),
        )
        with db.write() as session:
            save_suggestion(session, suggestion)
    answer: dict[str, Any] = {"requestedLanguages": list(common.languages), "detectedLanguages": [detected]}
    if common.client_token is not None:
        answer["clientToken"] = common.client_token
    return answer


def _comment_id(given: Suggest, told: Mapping[str, str]) -> str | None:
    """Find the comment's id in the client's token, or in the entry that Coral tells it in."""
    kind, _, rest = (given.common.client_token or "").partition(":")
    if kind == "comment" and 0 < len(rest) <= MOST_NAME:
        return rest
    found = told.get("Coral_comment_id", "")
    return found if 0 < len(found) <= MOST_NAME else None


def _story_url(told: Mapping[str, str]) -> str | None:
    """Return the address of the story, which Coral sends with the comment's id in its query."""
    try:
        parts = urlsplit(told.get("url", ""))
    except ValueError:
        return None
    query = urlencode([pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "commentID"])
    url = urlunsplit(parts._replace(query=query if "commentID=" in parts.query else parts.query))
    return url if 0 < len(url) <= MOST_LINE else None


def _told(given: Suggest) -> dict[str, str]:
    """Return what a program tells of the comment in entries of JSON, as far as it is text."""
    found: dict[str, str] = {}
    for entry in given.common.context.entries:
        try:
            told = json.loads(entry)
        except (ValueError, RecursionError):
            continue
        if isinstance(told, dict):
            found |= {key: value for key, value in told.items() if isinstance(value, str) and value.isprintable()}
    return found
