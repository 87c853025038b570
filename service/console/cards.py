"""From a stored item to what a moderator sees of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from model.attributes import ATTRIBUTES
from service.console.marking import Passage, passages
from service.storage.records import Item, Judgement

#: How much of an article, and of a comment in a list, is shown, in characters.
LEAD = 280
EXCERPT = 280


@dataclass(frozen=True, slots=True)
class Bar:
    """One attribute's score, against the threshold where that is known."""

    attribute: str
    score: float
    threshold: float | None

    @property
    def over(self) -> bool:
        """Whether the score is a reason to look."""
        return self.threshold is not None and self.score >= self.threshold

    @property
    def percent(self) -> str:
        """The score in words; nothing is ever quite certain."""
        whole = round(100 * self.score)
        return "under 1 %" if whole == 0 else f"{min(whole, 99)} %"


@dataclass(frozen=True, slots=True)
class Quote:
    """Another comment of the thread: enough of it to understand this one."""

    comment_id: str
    author: str | None
    posted_at: datetime | None
    passages: tuple[Passage, ...]

    @property
    def marked(self) -> bool:
        """Whether it has words to mask."""
        return any(passage.attributes for passage in self.passages)


@dataclass(frozen=True, slots=True)
class Card:
    """One item on a page.

    Attributes
    ----------
    comment_id
        The newspaper's own id.
    item
        What is stored.
    passages
        Its text, cut at the words that are the reason to look.
    bars
        Its scores, in the order of the table of attributes.
    blind
        Scores, marks and reasons are left out: nothing here tells them.
    """

    comment_id: str
    item: Item
    passages: tuple[Passage, ...]
    bars: tuple[Bar, ...]
    blind: bool

    @property
    def waiting_since(self) -> datetime | None:
        """Since when a person is awaited; None if none is."""
        return self.item.since if self.item.state == "open" else None

    @property
    def abuse(self) -> bool:
        """Whether it is flagged for anything but being off topic."""
        return any(reason.attribute not in (None, "off_topic") for reason in self.item.judgement.reasons)

    @property
    def off_topic(self) -> bool:
        """Whether it is flagged as off topic."""
        return any(reason.attribute == "off_topic" for reason in self.item.judgement.reasons)

    @property
    def unscored(self) -> bool:
        """Whether it could not be scored."""
        return self.item.judgement.scores is None and not self.blind

    @property
    def reporters(self) -> int:
        """How many readers reported it."""
        return len({report.reporter for report in self.item.reports})

    @property
    def marked(self) -> bool:
        """Whether the comment has words to mask."""
        return any(passage.attributes for passage in self.passages)

    @property
    def suggestion(self) -> str | None:
        """The attribute that speaks most for a breach."""
        return next((reason.attribute for reason in self.item.judgement.reasons if reason.attribute), None)

    @property
    def lead(self) -> str:
        """How the article begins."""
        body = " ".join(self.item.article.body.split())
        return body if len(body) <= LEAD else body[:LEAD].rsplit(" ", 1)[0] + " …"

    @property
    def excerpt(self) -> tuple[Passage, ...]:
        """How the comment begins: enough of it for a list."""
        left, cut = EXCERPT, []
        for passage in self.passages:
            if left <= 0:
                break
            cut.append(replace(passage, text=passage.text[:left]))
            left -= len(passage.text)
        return (*cut, Passage(" …")) if left < 0 else tuple(cut)

    @property
    def link(self) -> str | None:
        """The article's address, if it is one that is safe to click."""
        url = self.item.article.url or ""
        return url if urlsplit(url).scheme in ("http", "https") else None

    @property
    def seen(self) -> str:
        """What this page showed: it no longer matches once somebody decides, reports or edits."""
        decisions, reports = self.item.decisions, self.item.reports
        return seen(self.item.revision, decisions[-1].id if decisions else 0, reports[-1].id if reports else 0)


def seen(revision: int, last_decision: int, last_report: int) -> str:
    """Name the state of an item that a decision would be about; 0 where nobody decided or reported."""
    return f"{revision}.{last_decision}.{last_report}"


def quote(item: Item) -> Quote:
    """Show a comment as part of a thread."""
    return Quote(str(item.comment.id), item.comment.author, item.comment.posted_at, _cut(item))


def card(item: Item, *, thresholds: Mapping[str, float], blind: bool = False) -> Card:
    """Show an item.

    Parameters
    ----------
    item
        What is stored.
    thresholds
        Of the bundle that is in use; those of the flag go before them.
    blind
        Leave out what the scorer said.
    """
    if blind:
        item = replace(item, judgement=Judgement(item.judgement.bundle_version, None, ()), extreme=False)
    flagged_at = {reason.attribute: reason.threshold for reason in item.judgement.reasons}
    values = item.judgement.scores.values if item.judgement.scores else {}
    bars = tuple(
        Bar(attribute.name, values[attribute.name], flagged_at.get(attribute.name, thresholds.get(attribute.name)))
        for attribute in ATTRIBUTES
        if attribute.name in values
    )
    return Card(str(item.comment.id), item, _cut(item), bars, blind)


def _cut(item: Item) -> tuple[Passage, ...]:
    """Mark the words behind the reasons, and what else the scorer takes for abusive: it is masked below any score."""
    reasons = [*item.judgement.reasons, *filter(None, [item.judgement.doubt])]
    spans = {span for reason in reasons for span in reason.spans}
    if item.judgement.scores is not None:
        spans.update(item.judgement.scores.spans)
    return passages(item.comment.text, spans)
