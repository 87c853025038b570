"""What a moderator wrote in a form that was not recorded: kept in the cookie, through a log-in, and shown again."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request, session
from flask.json.tag import TaggedJSONSerializer
from itsdangerous import URLSafeSerializer

from service.wording.catalogue import gettext as _

#: Where the cookie holds it: each place with what was written there, the latest last.
KEY = "drafts"
#: Bytes, compressed: a browser drops a cookie of more than 4 KiB, with its signature and with what else it holds, such
#: as the state of a log-in by OpenID Connect.
_MOST_BYTES = 2400
_FIELDS = ("note", "amended_text", "rule", "to", "seen")


@dataclass(frozen=True, slots=True)
class Draft:
    """What was written of one comment, or on one page.

    Attributes
    ----------
    note
        The note, or the reason.
    amended_text, strike
        The text that is to stand, and the words that were struck, as the form of an amendment sends them.
    rule, to
        The rule, and whom an escalation asks, that were chosen.
    seen
        The state of the comment that the page showed.
    """

    note: str = ""
    amended_text: str = ""
    strike: tuple[str, ...] = ()
    rule: str = ""
    to: str = ""
    seen: str = ""

    @property
    def amends(self) -> bool:
        """Whether it is an amendment."""
        return bool(self.amended_text.strip() or self.strike)

    @property
    def revision(self) -> int:
        """Which version of the comment it is about; 0 if that is not known."""
        number = self.seen.partition(".")[0]
        return int(number) if number.isdecimal() else 0


def install(app: Flask) -> None:
    """Prepare an app for pages that show what could not be kept."""
    app.jinja_env.globals["unkept"] = unkept


def place() -> str:
    """Return where a form was written: the comment that it is about, or else the address of its page."""
    return next((given for name in ("comment_id", "back", "onward") if (given := request.form.get(name))), "")


def keep() -> None:
    """Keep what was written in the form that was sent, if anything was."""
    written = {name: given for name in _FIELDS if (given := request.form.get(name, "").strip("\0"))}
    if not any(written.get(name, "").strip() for name in ("note", "amended_text")) and "strike" not in request.form:
        return
    if not place() or request.headers.get("Sec-Fetch-Site") == "cross-site":
        return
    kept = {name: found for name, found in _kept().items() if name != place()}
    kept[place()] = {**written, "strike": request.form.getlist("strike")}
    # The latest is what they will look for.
    while kept and _size(kept) > _MOST_BYTES:
        kept.pop(next(iter(kept)))
    _store(kept)
    g.draft_kept = place() in kept


def kept_here() -> str:
    """Say that what was written is kept, if it is; or else nothing."""
    return _("What you wrote is kept.") if g.get("draft_kept") else ""


def unkept() -> str:
    """Return what was written in the form that was sent, if it could not be kept."""
    if g.get("draft_kept", True):
        return ""
    return "\n\n".join(filter(None, (request.form.get(name, "").strip() for name in ("amended_text", "note"))))


def draft_of(written_at: str) -> Draft:
    """Return what was kept of a comment, by its id, or of a page, by its address; an empty draft if nothing was."""
    found = _kept().get(written_at, {})
    return Draft(**{name: found.get(name, "") for name in _FIELDS}, strike=tuple(found.get("strike", ())))


def forget() -> None:
    """Drop what was kept of this form's place: it has been recorded, with it or without."""
    kept = _kept()
    if kept.pop(place(), None) is not None:
        _store(kept)


def _kept() -> dict[str, dict[str, Any]]:
    """Return all that is kept, by place, the latest last."""
    return dict(session.get(KEY, ()))


def _store(kept: dict[str, dict[str, Any]]) -> None:
    """Write what is kept into the cookie, as pairs: JSON would sort a table."""
    session[KEY] = list(kept.items())


def _size(kept: dict[str, dict[str, Any]]) -> int:
    """Return how many bytes of a cookie it takes, which compresses what it holds."""
    return len(URLSafeSerializer("", serializer=TaggedJSONSerializer()).dumps(kept))
