"""The label row: what moderators decided, as a line of JSON; the service writes it, training reads it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from model.attributes import BY_NAME
from model.errors import InvalidInput
from model.records import Article

Label = Literal["removed", "kept"]
Source = Literal["decision", "suggestscore"]
SeenBecause = Literal["flag", "report", "random", "other"]
_LABELS = ("removed", "kept", None)
_SOURCES = ("decision", "suggestscore")
_SEEN_BECAUSE = ("flag", "report", "random", "other", None)


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One comment and what a person said of it.

    Attributes
    ----------
    text
        As it was when the person decided; a later edit does not change it.
    label
        None if nobody reviewed the comment, which is not the same as kept.
    attributes
        Attribute to 1 (is so) or 0 (is not); only those that a person named.
    moderator, author
        Pseudonyms, the same ones in every row of one newsroom.
    seen_because
        What brought the comment before a person; `other` if nothing did and
        they came upon it by themselves. None if nobody saw it.
    probability_seen
        How likely a comment such as this one was to be seen; None where
        nobody can know.
    source
        `decision` if it was made here; `suggestscore` if another program's
        moderators made it and that program sent it. There, `label` is what
        became of the comment, where the program says so, and `attributes`
        what it said of the text.
    scores
        What `bundle_version` had said of this text.
    withdrawn
        The text was erased: no label of this comment may be learnt from,
        wherever it stands. Then text is empty and label None.
    batch
        Decided together with others by one press of a button: less looked at
        than an item of its own.
    blind
        Decided without sight of the scores: they cannot have swayed anybody.
    struck
        Of a comment that was amended, which counts as removed: the words that
        a person did not let stand, as offsets into the text.
    """

    comment_id: str
    text: str
    label: Label | None
    parent_text: str | None = None
    article: Article | None = None
    attributes: Mapping[str, int] = field(default_factory=dict)
    rule: str | None = None
    verdict_at: datetime | None = None
    moderator: str | None = None
    author: str | None = None
    seen_because: SeenBecause | None = None
    probability_seen: float | None = None
    bundle_version: str | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    source: Source = "decision"
    withdrawn: bool = False
    batch: bool = False
    blind: bool = False
    struck: tuple[tuple[int, int], ...] = ()

    def to_json(self) -> str:
        """Write the row as one line, without the line break."""
        article = self.article and {"id": self.article.id, "title": self.article.title, "body": self.article.body}
        row = {
            "comment_id": self.comment_id,
            "text": self.text,
            "parent_text": self.parent_text,
            "article": article,
            "label": self.label,
            "attributes": dict(self.attributes),
            "rule": self.rule,
            "verdict_at": self.verdict_at and self.verdict_at.isoformat(),
            "moderator": self.moderator,
            "author": self.author,
            "seen_because": self.seen_because,
            "probability_seen": self.probability_seen,
            "bundle_version": self.bundle_version,
            "scores": dict(self.scores),
            "source": self.source,
            **({"withdrawn": True} if self.withdrawn else {}),
            "batch": self.batch,
            "blind": self.blind,
            **({"struck": [{"start": start, "end": end} for start, end in self.struck]} if self.struck else {}),
        }
        return json.dumps(row, ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str | bytes) -> "LabelRow":
        """Read a row; raise InvalidInput, which says what is wrong, if it is not one."""
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InvalidInput(f"A label row is a line of JSON: {error}.") from error
        if not isinstance(row, dict):
            raise InvalidInput(f"A label row is a JSON object, not {type(row).__name__}.")
        if unknown := row.keys() - set(cls.__slots__):
            raise InvalidInput(f"A label row has no {', '.join(map(repr, sorted(unknown)))}.")
        _check(row)
        about = row.get("article")
        verdict_at = row.get("verdict_at")
        try:
            return cls(
                **{
                    **row,
                    "article": about and Article(id=about.get("id"), title=about["title"], body=about["body"]),
                    "struck": tuple((span["start"], span["end"]) for span in row.get("struck", ())),
                    "verdict_at": verdict_at and datetime.fromisoformat(verdict_at),
                },
            )
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise InvalidInput(f"The article or the time of a label row cannot be read: {error!r}.") from error


def _check(row: dict[str, Any]) -> None:
    """Refuse a label row that says something impossible."""
    for name in ("comment_id", "text"):
        if not isinstance(row.get(name), str):
            raise InvalidInput(f"A label row needs {name!r}, a string; it is {row.get(name)!r}.")
    if "label" not in row or row["label"] not in _LABELS:
        raise InvalidInput(f"A label is 'removed', 'kept' or null, not {row.get('label')!r}.")
    if row.get("seen_because") not in _SEEN_BECAUSE:
        raise InvalidInput(f"'seen_because' is flag, report, random, other or null, not {row['seen_because']!r}.")
    if row.get("source", "decision") not in _SOURCES:
        raise InvalidInput(f"'source' is decision or suggestscore, not {row['source']!r}.")
    for name in ("batch", "blind", "withdrawn"):
        if not isinstance(row.get(name, False), bool):
            raise InvalidInput(f"{name!r} is true or false, not {row[name]!r}.")
    if not isinstance(row.get("scores", {}), dict):
        raise InvalidInput(f"'scores' maps attributes to numbers, not {row['scores']!r}.")
    _check_attributes(row.get("attributes", {}))
    _check_struck(row.get("struck", []))


def _check_attributes(attributes: object) -> None:
    if not isinstance(attributes, dict) or any(value not in (0, 1) for value in attributes.values()):
        raise InvalidInput(f"'attributes' maps names to 0 or 1, not {attributes!r}.")
    if unknown := attributes.keys() - BY_NAME.keys():
        raise InvalidInput(f"There is no attribute {', '.join(map(repr, sorted(unknown)))}.")


def _check_struck(struck: object) -> None:
    spans = struck if isinstance(struck, list) else [None]
    ends = [(span.get("start"), span.get("end")) if isinstance(span, dict) else (None, None) for span in spans]
    if not all(type(start) is type(end) is int and 0 <= start < end for start, end in ends):
        raise InvalidInput(f"'struck' lists spans with a start and a later end, not {struck!r}.")
