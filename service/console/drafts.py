"""A note sent after the session had ended: kept in the cookie through the log-in, and shown again."""

import json

from flask import request, session

#: Where the cookie holds it.
KEY = "draft"
#: Bytes of JSON: a browser drops a cookie of more than 4 KiB, this one's other fields and its signature included.
_MOST_BYTES = 2400


def keep() -> None:
    """Keep the note of the form that was sent, if it has one."""
    comment_id, note = request.form.get("comment_id", ""), request.form.get("note", "").strip()
    if not note or not comment_id or request.headers.get("Sec-Fetch-Site") == "cross-site":
        return
    while len(json.dumps([comment_id, note])) > _MOST_BYTES and note:
        note = note[: -max(1, len(note) // 10)]
    session[KEY] = {"comment_id": comment_id, "note": note}


def note_for(comment_id: str) -> str:
    """Return the note that was kept for a comment, or nothing."""
    draft = session.get(KEY)
    return str(draft["note"]) if isinstance(draft, dict) and draft.get("comment_id") == comment_id else ""


def forget() -> None:
    """Drop the note that a moderator was writing: the decision was made, with it or without."""
    session.pop(KEY, None)
