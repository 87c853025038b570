"""A call that is sent again because its answer got lost has its effect only once."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from flask import after_this_request, g, request
from pydantic import BaseModel
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from model.errors import InvalidInput
from service.storage.database import Database
from service.storage.tables.programs import AnswerRow

KEPT = timedelta(hours=24)
_FORM = re.compile(r"[\x21-\x7e]{1,255}")
Answer = TypeVar("Answer", bound=BaseModel)


def once(db: Database, answer: type[Answer], effect: Callable[[Session], Answer]) -> Answer:
    """Have an effect and return its answer, or the answer from the first time.

    The answer is stored in the transaction of its effect: there are both or
    neither, whenever the process dies. A second call that comes meanwhile
    waits for the first. A call that failed had no effect, and is tried anew.

    Parameters
    ----------
    db
        The database.
    answer
        What `effect` returns.
    effect
        Works in the session that it is given, and commits nothing.

    Raises
    ------
    InvalidInput
        If the key came with another request before, or is none.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        with db.write() as session:
            return effect(session)
    if not _FORM.fullmatch(key):
        raise InvalidInput("An Idempotency-Key should be 1 to 255 ASCII characters without spaces.")
    try:
        return _once(db, key, answer, effect)
    except IntegrityError:
        # On PostgreSQL two can both find the key free; the slower one now finds the answer.
        return _once(db, key, answer, effect)


def _once(db: Database, key: str, answer: type[Answer], effect: Callable[[Session], Answer]) -> Answer:
    """Do something unless a call with this key has done it, and return its answer."""
    caller = g.get("key_name", "")
    request_hash = hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.get_data()).hexdigest()
    now = datetime.now(UTC)
    with db.write() as session:
        session.execute(delete(AnswerRow).where(AnswerRow.created_at < now - KEPT))
        earlier = session.get(AnswerRow, (caller, key))
        if earlier is None:
            row = AnswerRow(caller=caller, key=key, request_hash=request_hash, created_at=now, content="")
            session.add(row)
            session.flush()
            given = effect(session)
            row.content = given.model_dump_json()
            return given
        if earlier.request_hash != request_hash:
            raise InvalidInput(f"The Idempotency-Key {key!r} was used with a different request: choose a new one.")
        after_this_request(_mark)
        return answer.model_validate_json(earlier.content)


def _mark(response: Response) -> Response:
    """Mark an answer as that of an earlier call."""
    response.headers["Idempotency-Replayed"] = "true"
    return response
