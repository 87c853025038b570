"""What `comments:suggestscore` keeps."""

import json
from typing import TYPE_CHECKING, Any

from model.attributes import BY_NAME
from service.compat.perspective.names import attribute_of
from service.compat.perspective.reading import Suggest
from service.learning.suggestions import Suggestion, save_suggestion
from service.scoring.language import language_of
from service.storage.database import Database
from service.web.fields import MOST_NAME

if TYPE_CHECKING:
    from model.scorer import Scorer


def suggest(db: Database, scorer: "Scorer", given: Suggest) -> dict[str, Any]:
    """Keep what a moderator said, unless the request forbids it; committed before the answer."""
    common = given.common
    attributes = {
        ours: int(value)
        for name, value in given.scores.items()
        if value in {0.0, 1.0} and (ours := attribute_of(name, BY_NAME)) is not None
    }
    detected = language_of(common.text, scorer.fallback)
    if not common.do_not_store:
        suggestion = Suggestion(
            text=common.text,
            comment_id=_comment_id(given),
            scores=given.scores,
            attributes=attributes,
            languages=common.languages or (detected,),
            community=common.community_id,
            client_token=common.client_token,
        )
        with db.write() as session:
            save_suggestion(session, suggestion)
    answer: dict[str, Any] = {"requestedLanguages": list(common.languages), "detectedLanguages": [detected]}
    if common.client_token is not None:
        answer["clientToken"] = common.client_token
    return answer


def _comment_id(given: Suggest) -> str | None:
    """Find the comment's id in the client's token, or in the entry that Coral tells it in."""
    kind, _, rest = (given.common.client_token or "").partition(":")
    if kind == "comment" and 0 < len(rest) <= MOST_NAME:
        return rest
    for entry in given.common.context.entries:
        try:
            told = json.loads(entry)
        except (ValueError, RecursionError):
            continue
        found = told.get("Coral_comment_id") if isinstance(told, dict) else None
        if isinstance(found, str) and 0 < len(found) <= MOST_NAME and found.isprintable():
            return found
    return None
