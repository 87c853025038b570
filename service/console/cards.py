"""From a stored item to what a moderator sees of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from model.attributes import ATTRIBUTES
from model.records import Article
from service.console.disguise import hidden_in, shown, undisguised
from service.console.marking import GENERAL, Passage, named, passages
from service.console.masking import slurs_in
from service.moderation.flags import COURT_CASE_REASON
from service.moderation.rules import COURT_CASE, breaches_of
from service.storage.records import Item, Judgement
from service.wording.catalogue import gettext as _
from service.wording.dates import percent
from service.wording.sentences import language_name, reason_name, told

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
        return _("under %(share)s", share=percent(0.01)) if whole == 0 else percent(min(whole, 99) / 100)


@dataclass(frozen=True, slots=True)
class Quote:
    """Another comment of the thread: enough of it to understand this one."""

    comment_id: str
    author: str | None
    at: datetime
    passages: tuple[Passage, ...]

    @property
    def masked(self) -> bool:
        """Whether it has words to mask."""
        return any(passage.slurs for passage in self.passages)


@dataclass(frozen=True, slots=True)
class Card:
    """One item on a page of the console.

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
    def language(self) -> str | None:
        """The language of what was not scored since it is not in English."""
        code = self.item.judgement.language
        return None if code is None else language_name(code)

    @property
    def unscored(self) -> bool:
        """Whether it could not be scored."""
        return self.item.judgement.scores is None and not self.blind

    @property
    def sentences(self) -> tuple[str, ...]:
        """Why it is here; a court case that is still on is told of by itself, with its dates."""
        former = self.item.former
        said_already = None if self.item.court_case is None else COURT_CASE_REASON.sentence
        now, before = (
            [told(reason.sentence) for reason in reasons if reason.sentence != said_already]
            for reasons in (self.item.judgement.reasons, former.reasons if former else ())
        )
        number = former.revision if former else 0
        was = (_("Version %(number)s was flagged: %(reason)s", number=number, reason=reason) for reason in before)
        return (*now, *was)

    @property
    def headline(self) -> str:
        """The scores that are reasons to look, in one line, the most exact first."""
        # What another operating point would flag is no reason why this is here.
        flagged = {reason.attribute for reason in self.item.judgement.reasons if reason.attribute}
        counted = (bar for bar in self.bars if bar.over and (not flagged or bar.attribute in flagged))
        over = sorted(counted, key=lambda bar: bar.attribute in GENERAL)
        scores = ", ".join(f"{named(bar.attribute)} {bar.percent}" for bar in over)
        return scores[:1].upper() + scores[1:] if scores else _("No score is over its threshold")

    @property
    def told(self) -> str:
        """Why it is here in one line for a list: scores over their thresholds, and what readers reported it for."""
        over = self.headline if any(bar.over for bar in self.bars) else ""
        counted = Counter(report.reason for report in self.item.reports).most_common()
        kinds = [(reason_name(reason), count) for reason, count in counted]
        reported = ", ".join(f"{reason} ({count})" if count > 1 else reason for reason, count in kinds)
        return "; ".join(filter(None, [over, _("reported: %(reasons)s", reasons=reported) if reported else ""]))

    @property
    def reporters(self) -> int:
        """How many readers reported it."""
        seen = self.item.reports
        return len({report.reporter for report in seen}) + self.item.report_count - len(seen)

    @property
    def masked(self) -> bool:
        """Whether the comment has words to mask."""
        return any(passage.slurs for passage in self.passages)

    @property
    def breaches(self) -> frozenset[str]:
        """What it may breach a rule by: what the machine and the readers say it is, and a court case."""
        found = breaches_of(self.item.judgement.reasons, self.item.reports)
        return found if self.item.court_case is None else found | {COURT_CASE}

    @property
    def hidden(self) -> tuple[str, ...]:
        """The characters in the text that nobody sees."""
        return hidden_in(self.item.comment.text)

    @property
    def hidden_in_name(self) -> tuple[str, ...]:
        """The characters in the author's name that nobody sees."""
        return hidden_in(self.item.comment.author or "")

    @property
    def mixes_alphabets(self) -> bool:
        """Whether the author's name has letters that only look Latin."""
        name = shown(self.item.comment.author or "")
        return undisguised(name) != name

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
        return link_of(self.item.article)

    @property
    def seen(self) -> str:
        """What this page showed: it no longer matches once somebody decides, reports or edits."""
        decisions, reports = self.item.decisions, self.item.reports
        return seen(self.item.revision, decisions[-1].id if decisions else 0, reports[-1].id if reports else 0)


def link_of(article: Article) -> str | None:
    """Return an article's address, if it is one that is safe to click."""
    url = article.url or ""
    return url if urlsplit(url).scheme in ("http", "https") else None


def seen(revision: int, last_decision: int, last_report: int) -> str:
    """Name the state of an item that a decision would be about; 0 where nobody decided or reported."""
    return f"{revision}.{last_decision}.{last_report}"


def quote(item: Item) -> Quote:
    """Show a comment as part of a thread."""
    return Quote(str(item.comment.id), item.comment.author, item.at, _cut(item))


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
        item = replace(item, judgement=Judgement(item.judgement.bundle_version, None, ()), extreme=False, former=None)
    flagged_at = {reason.attribute: reason.threshold for reason in item.judgement.reasons}
    values = item.judgement.scores.values if item.judgement.scores else {}
    bars = tuple(
        Bar(attribute.name, values[attribute.name], flagged_at.get(attribute.name, thresholds.get(attribute.name)))
        for attribute in ATTRIBUTES
        if attribute.name in values
    )
    return Card(str(item.comment.id), item, _cut(item), bars, blind)


def _cut(item: Item) -> tuple[Passage, ...]:
    """Mark the words behind the reasons, and those alone; find the slurs, whatever the scores are."""
    spans = {span for reason in item.judgement.reasons for span in reason.spans if span.attribute == reason.attribute}
    return passages(item.comment.text, spans, slurs_in(item.comment.text))
