"""Coral: its external moderation phase, and its webhook for new stories."""

import hashlib
import hmac
from collections.abc import Collection, Mapping
from typing import Annotated, Any

from apiflask import HTTPError
from flask import Blueprint, Flask, Response, current_app, jsonify, request
from pydantic import BaseModel, ConfigDict, Field

from model.records import Article
from service.compat.bodies import flagged_for, json_object, parsed, raw_body, sound
from service.moderation.articles import find_article, note_article
from service.moderation.comments import find_text
from service.web.current import caller, counters, database
from service.web.fields import AnyText, Id, OneLine
from service.web.rates import rates

#: From what an operator may ask for to a status of Coral's; the worst one comes last.
STATUSES: Mapping[str, str | None] = {
    "ignore": None,
    "flag": None,
    "premod": "PREMOD",
    "withhold": "SYSTEM_WITHHELD",
    "reject": "REJECTED",
}
_NO_OPINION = ("", 204)

bp = Blueprint("coral", __name__, url_prefix="/integrations/coral")


class _Lenient(BaseModel):
    """What Coral sends; more than we read, and more with each of its versions."""

    model_config = ConfigDict(strict=True, extra="ignore")


class _Body(_Lenient):
    """A comment as Coral sends it."""

    body: AnyText
    parent_id: AnyText | None = Field(None, alias="parentID")


class _Story(_Lenient):
    """An article as Coral names it."""

    id: AnyText | None = None
    url: AnyText | None = None


class _ToModerate(_Lenient):
    """What Coral asks about: a comment and its article."""

    comment: _Body
    story: _Story | None = None


class _NewStory(_Lenient):
    """An article that Coral has begun to take comments for."""

    id: Annotated[Id, Field(alias="storyID")]
    url: Annotated[OneLine, Field(alias="storyURL")]


class _Event(_Lenient):
    """What Coral tells by its webhook."""

    data: _NewStory


def install(app: Flask) -> None:
    """Add the routes for Coral."""
    app.register_blueprint(bp)


@bp.post("/moderate")
def moderate() -> Response | tuple[str, int]:
    """Answer Coral with what a person should look at before it stores the comment; store nothing."""
    _check_signature()
    asked = parsed(_ToModerate, json_object())
    parent_text, article = _context(asked)
    answer = opinion(
        flagged_for(asked.comment.body, article, parent_text=parent_text),
        abuse=current_app.config["CORAL_ABUSE"],
        off_topic=current_app.config["CORAL_OFF_TOPIC"],
    )
    return jsonify(answer) if answer else _NO_OPINION


@bp.post("/events")
def receive_event() -> tuple[str, int]:
    """Store a story just created in Coral; ignore its other events."""
    _check_signature()
    content = json_object()
    if content.get("type", request.headers.get("X-Coral-Event")) == "STORY_CREATED":
        story = parsed(_Event, content).data
        with database().write() as session:
            note_article(session, story.id, story.url)
    return _NO_OPINION


def opinion(attributes: Collection[str], *, abuse: str, off_topic: str) -> dict[str, Any]:
    """Put reasons into Coral's words.

    Coral refuses a whole answer for one key that it does not expect, an empty
    list included, and a status of NONE would end its own moderation: what is
    not said is left out.

    Parameters
    ----------
    attributes
        What a person should look at the comment for.
    abuse, off_topic
        What the operator wants done about either, one of `STATUSES`.

    Returns
    -------
    dict
        Coral's answer; empty if there is nothing to say.
    """
    is_abuse = abuse != "ignore" and any(name != "off_topic" for name in attributes)
    strays = off_topic != "ignore" and "off_topic" in attributes
    # Coral knows two reasons for a flag, toxic and spam, and none for a comment beside the point.
    flags = ["COMMENT_DETECTED_TOXIC"] if is_abuse else []
    flags += ["COMMENT_DETECTED_SPAM"] if strays and off_topic == "flag" else []
    wanted = [choice for choice, applies in ((abuse, is_abuse), (off_topic, strays)) if applies]
    worst = max(wanted, key=list(STATUSES).index, default="ignore")
    answer: dict[str, Any] = {}
    if flags:
        answer["actions"] = [{"actionType": "FLAG", "reason": reason} for reason in flags]
    if status := STATUSES[worst]:
        answer["status"] = status
    if status == "REJECTED":
        code = "ABUSIVE" if is_abuse and abuse == "reject" else "IRRELEVANT_CONTENT"
        answer["moderationAction"] = {"status": status, "rejectionReason": {"code": code}}
    return answer


def is_signed(body: bytes, signatures: str, secrets: Collection[str]) -> bool:
    """Return whether one of the signatures was made with one of the secrets.

    While Coral changes a secret it signs with the old and the new one.

    Parameters
    ----------
    body
        The body as it came.
    signatures
        `X-Coral-Signature`: `sha256=<hex>`, several of them between commas.
    secrets
        Each as Coral shows it, prefix included.
    """
    given = [one.strip().removeprefix("sha256=").encode() for one in signatures.split(",")]
    expected = [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode() for secret in secrets]
    return any(hmac.compare_digest(mine, theirs) for mine in expected for theirs in given)


def _check_signature() -> None:
    """Refuse a call that is not signed with one of Coral's secrets."""
    secrets = current_app.config["CORAL_SECRETS"]
    if not secrets:
        counters().count_refused_call("coral", "unconnected")
        raise HTTPError(
            404, "Coral is not connected", "Set BELOWLINE_CORAL_SECRETS to the signing secrets shown in Coral."
        )
    if not is_signed(raw_body(), request.headers.get("X-Coral-Signature", ""), secrets):
        counters().count_refused_call("coral", "signature")
        rates().spend("address", caller())
        raise HTTPError(
            401,
            "The signature is missing or wrong",
            "X-Coral-Signature matches none of BELOWLINE_CORAL_SECRETS.",
            headers={"WWW-Authenticate": 'Signature realm="belowline"'},
        )


def _context(asked: _ToModerate) -> tuple[str | None, Article | None]:
    """Return what the comment answers, and the article that it stands below, as far as they are stored."""
    parent_id, story = asked.comment.parent_id, asked.story or _Story()
    with database().read() as session:
        parent_text = find_text(session, sound(parent_id)) if parent_id else None
        if parent_id and parent_text is None:
            # A reply is about what it answers: against the article alone it would only seem off topic.
            return None, None
        return parent_text, find_article(session, article_id=sound(story.id or ""), url=sound(story.url or ""))
