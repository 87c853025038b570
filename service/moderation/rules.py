"""The newspaper's rules: numbered, with every version kept, since a decision refers to the one it was made under."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from model.attributes import BY_NAME
from model.errors import InvalidInput, UnknownRecord
from service.storage import audit
from service.storage.records import Conflict, FlagReason, Report
from service.storage.tables.newsroom import RulebookRow

MOST_RULES = 50
LONGEST_NUMBER = 16
LONGEST_TITLE = 120
LONGEST_TEXT = 2_000
#: Stands among a rule's attributes if it is the one that comments on a court case breach.
COURT_CASE = "court_case"
#: What a comment is, the most severe and exact first: the general ones, which nearly always score highest, name a rule
#: only where nothing more exact is known.
_TELLING = (
    COURT_CASE,
    "threat",
    "identity_attack",
    "severe_toxicity",
    "insult",
    "profanity",
    "off_topic",
    "toxicity",
    "likely_to_reject",
)
#: What readers' reasons say besides the attributes' own names, from our form and from other programs.
_REPORTED_AS = {
    "court": COURT_CASE,
    "hate": "identity_attack",
    "hate speech": "identity_attack",
    "racism": "identity_attack",
    "discrimination": "identity_attack",
    "violence": "threat",
    "personal attack": "insult",
    "bullying": "insult",
    "harassment": "insult",
    "swearing": "profanity",
    "offtopic": "off_topic",
    "abuse": "toxicity",
    "abusive": "toxicity",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `attributes` are those that speak for a breach of it, `COURT_CASE` among them."""

    number: str
    title: str
    text: str
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One version of the rules."""

    version: int
    rules: tuple[Rule, ...]
    made_by: str
    made_at: datetime

    def find(self, number: str) -> Rule | None:
        """Return a rule by its number."""
        return next((rule for rule in self.rules if rule.number == number), None)

    def suggested(self, breaches: Collection[str]) -> Rule | None:
        """Return the rule that the most severe and exact of these attributes speaks for a breach of, if any does."""
        exact_first = (name for name in _TELLING if name in breaches)
        return next((rule for name in exact_first for rule in self.rules if name in rule.attributes), None)


def breaches_of(reasons: Iterable[FlagReason], reports: Iterable[Report]) -> frozenset[str]:
    """Return the attributes that a comment is flagged for, and those that readers' reasons name."""
    flagged = {reason.attribute for reason in reasons if reason.attribute}
    said = (report.reason.strip().casefold() for report in reports)
    named = {_REPORTED_AS.get(words.replace("_", " "), words.replace(" ", "_")) for words in said}
    return frozenset(flagged | (named & {*BY_NAME, COURT_CASE}))


def current_rules(session: Session) -> Rulebook:
    """Return the rules as they are now."""
    return _rulebook(session.scalars(select(RulebookRow).order_by(RulebookRow.version.desc()).limit(1)).one())


def get_rules(session: Session, version: int) -> Rulebook:
    """Return a version of the rules; raise UnknownRecord if there is none."""
    row = session.get(RulebookRow, version)
    if row is None:
        raise UnknownRecord(f"There is no version {version} of the rules.")
    return _rulebook(row)


def all_rules(session: Session) -> tuple[Rulebook, ...]:
    """Return every version of the rules, latest first."""
    return tuple(map(_rulebook, session.scalars(select(RulebookRow).order_by(RulebookRow.version.desc()))))


def check_rule(session: Session, cited: str) -> Rule:
    """Return the rule that a decision cites; raise UnknownRecord if the present rules have none of that number."""
    book = current_rules(session)
    rule = book.find(cited)
    if rule is None:
        known = ", ".join(rule.number for rule in book.rules)
        raise UnknownRecord(f"There is no rule {cited!r} in version {book.version} of the rules: cite one of {known}.")
    return rule


def change_rules(session: Session, rules: Sequence[Rule], *, who: str, instead_of: int) -> Rulebook:
    """Make a new version of the rules.

    Parameters
    ----------
    session
        A transaction that writes.
    rules
        All of them, in their order.
    who
        The lead who changes them.
    instead_of
        The version that the lead had before them.

    Raises
    ------
    InvalidInput
        If a rule is not sound.
    Conflict
        If somebody else has changed the rules meanwhile.
    """
    _check(rules)
    now = current_rules(session)
    row = RulebookRow(
        version=instead_of + 1,
        rules=[{**asdict(rule), "attributes": list(rule.attributes)} for rule in rules],
        made_by=who,
        made_at=datetime.now(UTC),
    )
    try:
        if now.version != instead_of:
            raise _changed(instead_of)
        session.add(row)
        session.flush()
    except IntegrityError as error:
        raise _changed(instead_of) from error
    audit.record(session, "rules.change", who=who, about=str(row.version), rules=row.version)
    return _rulebook(row)


def _changed(instead_of: int) -> Conflict:
    """Return the error for rules that somebody else has changed meanwhile."""
    return Conflict(f"Somebody else has since changed version {instead_of} of the rules: look at theirs first.")


def _check(rules: Sequence[Rule]) -> None:
    """Refuse rules that are too many, too long, empty, or name an unknown attribute."""
    if not 1 <= len(rules) <= MOST_RULES:
        raise InvalidInput(f"Give 1 to {MOST_RULES} rules, not {len(rules)}.")
    for rule in rules:
        for name, most in (("number", LONGEST_NUMBER), ("title", LONGEST_TITLE), ("text", LONGEST_TEXT)):
            value = getattr(rule, name)
            if not value.strip() or len(value) > most or "\0" in value:
                raise InvalidInput(f"Rule {rule.number!r}: its {name} should have 1 to {most:,} characters.")
        if unknown := set(rule.attributes) - {*BY_NAME, COURT_CASE}:
            raise InvalidInput(f"Rule {rule.number!r}: there is no attribute {min(unknown)!r}.")
    numbers = [rule.number for rule in rules]
    if twice := {number for number in numbers if numbers.count(number) > 1}:
        raise InvalidInput(f"Two rules have the number {min(twice)!r}.")


def _rulebook(row: RulebookRow) -> Rulebook:
    """Return a stored version of the newsroom's rules."""
    rules = tuple(Rule(**{**fields, "attributes": tuple(fields["attributes"])}) for fields in row.rules)
    return Rulebook(row.version, rules, row.made_by, row.made_at)
