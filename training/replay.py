"""The dry run of a promotion: what moderators would have been shown, had the challenger scored last week."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from model.bundle import load_bundle
from model.characters import is_readable
from model.errors import InvalidInput
from model.labels import Label, LabelRow
from model.policy import review_reasons
from model.records import Article, Comment
from model.scorer import Scorer

#: Minutes for an item: what the service's rota reckons with before it has measured any.
MINUTES = 1.0

Progress = Callable[[str], None]
Change = Literal["flagged anew", "flagged no longer"]


@dataclass(frozen=True, slots=True)
class Flip:
    """A comment that one of both bundles flags.

    Attributes
    ----------
    reasons
        Attribute to score, of the bundle that flags it.
    label
        What a person decided; None if nobody saw it.
    weight
        How many comments such as this one stand for: the inverse of the
        probability that it was seen.
    """

    comment_id: str
    change: Change
    reasons: dict[str, float]
    label: Label | None
    weight: float


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would have been otherwise.

    Attributes
    ----------
    champion, challenger
        The versions.
    comments
        How many were scored.
    flagged_before, flagged_after
        How many each of both flags.
    flips
        Those that only one of both does, the surest first.
    minutes
        What an item takes.
    """

    champion: str
    challenger: str
    comments: int
    flagged_before: int
    flagged_after: int
    flips: tuple[Flip, ...]
    minutes: float

    @property
    def minutes_saved(self) -> float:
        """Minutes that moderators would have been spared; negative if they would have had more to do."""
        return (self.flagged_before - self.flagged_after) * self.minutes

    def breaches(self, change: Change) -> list[Flip]:
        """Give the flips that a person removed."""
        return [flip for flip in self.flips if flip.change == change and flip.label == "removed"]

    def lines(self) -> Iterator[str]:
        """Tell it, a line each."""
        yield f"{self.comments} comments, {self.champion} against {self.challenger}"
        yield f"flagged: {self.flagged_before} before, {self.flagged_after} after"
        saved = self.minutes_saved
        yield f"{abs(saved):.0f} minutes {'saved' if saved >= 0 else 'more'}, at {self.minutes:g} an item"
        for change, said in (("flagged no longer", "missed"), ("flagged anew", "newly found")):
            flips = [flip for flip in self.flips if flip.change == change]
            removed = [flip for flip in flips if flip.label == "removed"]
            unseen = sum(flip.label is None for flip in flips)
            stands = f", standing for about {sum(flip.weight for flip in removed):.0f}" if removed else ""
            yield (
                f"{change}: {len(flips)}; of these {len(removed)} that a person removed (breaches {said}{stands}), "
                f"{len(flips) - len(removed) - unseen} kept, {unseen} that nobody saw"
            )

    def rows(self) -> list[dict[str, Any]]:
        """Give the flips as rows of JSON."""
        return [asdict(flip) for flip in self.flips]


def read_queue(file: Path) -> list[LabelRow]:
    """Read what GET /v1/labels?unreviewed=true gave; what was erased since is left out."""
    rows = []
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = LabelRow.from_json(line)
            except InvalidInput as error:
                raise InvalidInput(f"{file}, line {number}: {error}") from error
            if row.source == "decision" and not row.withdrawn and is_readable(row.text):
                rows.append(row)
    if not rows:
        raise InvalidInput(f"{file} holds no comment: fetch it from /v1/labels?unreviewed=true.")
    return rows


def replay(
    champion: Path, challenger: Path, rows: Sequence[LabelRow], progress: Progress, minutes: float = MINUTES
) -> DryRun:
    """Score a queue with both bundles, and tell what differs."""
    versions, flagged = [], []
    for role, path in (("champion", champion), ("challenger", challenger)):
        progress(f"{role}: {len(rows)} comments")
        scorer = load_bundle(path)
        versions.append(scorer.manifest.version)
        flagged.append(_reasons(scorer, rows))
    before, after = flagged
    flips = [
        Flip(row.comment_id, "flagged no longer" if old else "flagged anew", old or new, row.label, _weight(row))
        for row, old, new in zip(rows, before, after, strict=True)
        if bool(old) != bool(new)
    ]
    return DryRun(
        champion=versions[0],
        challenger=versions[1],
        comments=len(rows),
        flagged_before=sum(map(bool, before)),
        flagged_after=sum(map(bool, after)),
        flips=tuple(sorted(flips, key=lambda flip: (flip.change, -max(flip.reasons.values())))),
        minutes=minutes,
    )


def _reasons(scorer: Scorer, rows: Sequence[LabelRow]) -> list[dict[str, float]]:
    """Give what each comment is flagged for: attribute to score."""
    articles: dict[str, Article] = {
        row.article.id: row.article
        for row in rows
        if row.article and row.article.id and (is_readable(row.article.title) or is_readable(row.article.body))
    }
    comments = [
        Comment(text=row.text, parent_text=row.parent_text, article_id=row.article.id if row.article else None)
        for row in rows
    ]
    found = scorer.score_many(comments, articles=articles)
    return [
        {reason.attribute: round(reason.score, 4) for reason in review_reasons(scores, scorer.manifest.thresholds)}
        for scores in found
    ]


def _weight(row: LabelRow) -> float:
    return 1.0 if row.label is None else 1.0 / (row.probability_seen or 1.0)
