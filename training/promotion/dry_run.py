"""The dry run of a promotion: what moderators would have been shown, had the challenger scored last week."""

from collections.abc import Sequence
from pathlib import Path

from model.errors import InvalidInput
from model.labels import LabelRow
from model.reading.characters import is_readable
from model.reasons.policy import review_reasons
from model.records import Article, Comment
from model.scoring.loading import load_bundle
from model.scoring.scorer import Scorer
from model.watching.dry_run import MINUTES, DryRun, Flip, surest_first
from training.progress import Progress


def read_queue(file: Path) -> list[LabelRow]:
    """Read what GET /v1/labels?unreviewed=true returned, without what has been erased since."""
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


def dry_run(
    champion: Path, challenger: Path, rows: Sequence[LabelRow], progress: Progress, minutes: float = MINUTES
) -> DryRun:
    """Score a queue with both bundles, and return what differs."""
    versions, flagged = [], []
    for role, path in (("champion", champion), ("challenger", challenger)):
        progress(f"{role}: {len(rows)} comments")
        scorer = load_bundle(path)
        versions.append(scorer.manifest.version)
        flagged.append(_reasons(scorer, rows))
    before, after = flagged
    flips = [
        Flip(row.comment_id, "no longer flagged" if old else "newly flagged", old or new, row.label, _weight(row))
        for row, old, new in zip(rows, before, after, strict=True)
        if bool(old) != bool(new)
    ]
    return DryRun(
        champion=versions[0],
        challenger=versions[1],
        comments=len(rows),
        flagged_before=sum(map(bool, before)),
        flagged_after=sum(map(bool, after)),
        flips=surest_first(flips),
        minutes=minutes,
    )


def _reasons(scorer: Scorer, rows: Sequence[LabelRow]) -> list[dict[str, float]]:
    """Return what each comment is flagged for: attribute to score."""
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
    """Return for how many comments a label stands, by the probability with which it was seen."""
    return 1.0 if row.label is None else 1.0 / (row.probability_seen or 1.0)
