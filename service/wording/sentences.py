"""What the rooms below say, in the language of the page.

They know no languages: what they say is stored, sent to other programs and shown in a terminal, in English. A page
finds a sentence again by its pattern. One that is not listed here stays in English, and `tests/service/wording` fails.
"""

import re
from functools import cache

from flask import Flask

from service.scoring.language import name_of
from service.staffing.languages import ENGLISH
from service.wording.catalogue import gettext as _
from service.wording.catalogue import language, locale
from service.wording.dates import number


def N_(message: str) -> str:  # noqa: N802 - by this name `make strings` finds it
    """Return a string as it is: it is translated when it is shown."""
    return message


#: Why a comment is looked at.
_REASONS = (
    N_("Urges self-harm."),
    N_("Makes a veiled threat."),
    N_("Reads as %(phrase)s: %(count)s in 100 comments that score like this one are."),
    N_(
        "Seems to have nothing to do with the article: %(count)s in 100 comments that score like this one are off "
        "topic."
    ),
    N_("Speaks of %(subjects)s; the article is about %(others)s."),
    N_("Its article is marked as a court case: a person reads every comment on it."),
    N_("Just below the threshold: a decision on it teaches more than most."),
    N_(
        "Second look: it was kept, but going by decisions on similar comments it would have been removed (%(share)s%%)."
    ),
    N_(
        "Second look: it was removed, but going by decisions on similar comments it would have been kept (%(share)s%%)."
    ),
    N_("Not in English but, it seems, in %(language)s: not scored, so a person has to look."),
    N_("Could not be scored, so a person has to look: %(sentence)s"),
    N_("The comment has no text to score."),
)
#: What a comment reads as.
_PHRASES = (
    N_("abusive"),
    N_("severely abusive"),
    N_("an insult"),
    N_("profane"),
    N_("a threat"),
    N_("an attack on people for who they are"),
    N_("what this newsroom usually removes"),
)
#: What readers choose from in the report form.
_REPORTED = (
    N_("It threatens someone, or calls for violence"),
    N_("It insults or bullies someone"),
    N_("It attacks a group of people"),
    N_("It has nothing to do with the article"),
    N_("It reveals something private, or names someone who must not be named"),
    N_("It prejudges a court case"),
    N_("It makes a false claim that harms someone"),
    N_("It is advertising, or posted over and over"),
    N_("Something else"),
)
#: What to do about a drift.
_ADVICE = (
    N_("Look again in a week; if it stays, do as for a larger change."),
    N_(
        "Look at twenty of the latest comments that score highest: if they are not what the attribute means, retrain "
        "with this newsroom's labels; if they are, plan more time for the queue."
    ),
    N_(
        "Read which words are new, and retrain with the latest labels if they are how people now insult; names in the "
        "news need nothing."
    ),
    N_(
        "Find out whether the rules, the readers or the moderators changed; if it is the readers, retrain with the "
        "latest labels."
    ),
    N_(
        "Compare a challenger trained on the latest labels with the bundle that scores, and promote it if it agrees "
        "better."
    ),
)
#: What was wrong with what somebody sent by a form.
_REFUSED = (
    N_("A name has 1 to %(most)s printable characters; %(name)s is not one."),
    N_("There is already a moderator %(name)s."),
    N_("There is no moderator %(name)s."),
    N_("Say what the key of %(name)s is good for: %(scopes)s."),
    N_("There is already a key named %(name)s."),
    N_("There is no key named %(name)s: `python -m service list-keys` lists them."),
    N_("Say what %(url)s is to be told of: %(events)s."),
    N_("There is no webhook %(number)s: `python -m service list-webhooks` lists them."),
    N_("%(url)s is not a web address such as https://paper.example/hooks."),
    N_("%(url)s is not https: use https, or allow it for your own network with --internal."),
    N_("The address may not contain a name or a password: the signature says who is calling."),
    N_("The address has %(number)s characters; the limit is %(most)s."),
    N_("%(url)s is not an address: %(why)s."),
    N_("Choose at least one day of the week, or bank holidays."),
    N_("A shift cannot start and end at the same time."),
    N_("An extra shift needs both times; a day off has none."),
    N_("This shift is no longer on the rota."),
    N_("This change is no longer on the rota."),
    N_("The rota is full at %(most)s entries: remove changes that are over."),
    N_("%(name)s is not a lead: escalate to one, or to any."),
    N_("You have no escalation %(number)s."),
    N_("There is no version %(version)s of the rules."),
    N_("There is no rule %(rule)s in version %(version)s of the rules: cite one of %(known)s."),
    N_("Somebody else has since changed version %(version)s of the rules: look at theirs first."),
    N_("Give 1 to %(most)s rules, not %(number)s."),
    N_("Rule %(rule)s: its number should have 1 to %(most)s characters."),
    N_("Rule %(rule)s: its title should have 1 to %(most)s characters."),
    N_("Rule %(rule)s: its text should have 1 to %(most)s characters."),
    N_("Rule %(rule)s: there is no attribute %(attribute)s."),
    N_("Two rules have the number %(rule)s."),
    N_("There is no article %(article)s: store it first with PUT /v1/articles/<id>."),
    N_("There is no article %(article)s."),
    N_("The jurisdiction has %(number)s characters: use at most %(most)s."),
    N_("The first day is still to come: mark the article on that day."),
    N_("The last day is over: choose a later one, or leave it empty."),
    N_("Decision %(number)s has already been undone."),
    N_("Comment %(comment)s has no decision in force to undo."),
    N_("Comment %(comment)s has no decision %(number)s to undo."),
    N_("There is no comment %(comment)s."),
    N_("Comment %(comment)s was erased on %(day)s."),
    N_("Nothing is stored for an author %(author)s."),
    N_("No comment by %(author)s is stored."),
    N_("The note has %(number)s characters: write 1 to %(most)s."),
    N_("The amended text is the comment as it stands: strike or change something, or keep it."),
    N_("Nothing is left of the comment: remove it instead."),
    N_("The text has %(number)s characters; the limit is %(most)s."),
    N_("The text contains half a surrogate pair, which is not a character."),
    N_("This is fixed by %(variable)s where the service runs."),
    N_("A colleague changed this at the same moment. Look at it again."),
    N_("%(given)s was not saved: %(sentence)s"),
    N_("it should be three whole numbers that add up to 100, such as 75,20,5."),
    N_("it should be %(several)s or %(last)s."),
    N_("it should be a time zone such as Europe/London."),
    N_("it should be a country such as IE, a country and its region such as GB/Scotland, or none."),
)
#: What else happened.
_TOLD = (
    N_("Entry %(number)s of the audit is missing."),
    N_("Entry %(number)s of the audit does not follow from the one before."),
    N_("Entry %(number)s of the audit was changed."),
    N_("Entry %(number)s of the audit is not the one the checkpoint names."),
    N_("The audit ends with entry %(number)s, but entry %(last)s was written last."),
    N_("The audit ends with entry %(number)s, before the one the checkpoint names."),
    N_(
        "A copy may remain in the database's files, because a program has been reading it all the while (a backup, an "
        "export, an open shell). End that program; the next erasure or `python -m service purge` removes the copy."
    ),
    N_(
        "flagged %(share)s%% of ordinary comments below news and found %(found)s%% of abusive ones (%(low)s%% to "
        "%(high)s%% of %(cases)s)"
    ),
    N_("no answer (%(why)s)"),
    N_("answered %(status)s"),
    N_(
        "Belowline does not answer to the name %(name)s: call it by the address it was started on, or set "
        "BELOWLINE_PUBLIC_URL to the address you use."
    ),
)
#: What was decided.
_VERDICTS = {
    "keep": N_("keep"),
    "remove": N_("remove"),
    "amend": N_("amend"),
    "escalate": N_("escalate"),
    "undo": N_("undo"),
}
#: What the report form's reasons are called in a line.
_REPORTED_FOR = {
    "threat": N_("threat"),
    "insult": N_("insult"),
    "hate": N_("hate"),
    "off_topic": N_("off topic"),
    "private": N_("private details"),
    "court": N_("prejudging a court case"),
    "false": N_("false claim"),
    "spam": N_("advertising"),
    "other": N_("something else"),
}
#: What somebody is in the newsroom.
_ROLES = {"moderator": N_("moderator"), "lead": N_("lead"), "admin": N_("admin")}
SENTENCES = (*_REASONS, *_PHRASES, *_REPORTED, *_ADVICE, *_REFUSED, *_TOLD)
#: Of what is put into a sentence, what is a sentence itself; all else is somebody's own words, or a number.
_SAID = {"phrase", "sentence"}
#: With a separator, which means something else in another language.
_NUMBER = re.compile(r"\d{1,3}(,\d{3})+|\d+\.\d+")
#: A name as code puts it into a sentence, and not a list of some.
_QUOTED = re.compile(r"""(['"])((?:(?!\1).)*)\1""", re.DOTALL)
_NAMED = re.compile(r"%\((\w+)\)s")


def install(app: Flask) -> None:
    """Prepare an app for pages that show what the rooms below say."""
    app.add_template_filter(told)
    app.add_template_filter(role_name)
    app.add_template_filter(verdict_name)


def role_name(role: str) -> str:
    """Name a role as people call it."""
    return _(_ROLES[role]) if role in _ROLES else role


def verdict_name(verdict: str) -> str:
    """Name a verdict."""
    return _(_VERDICTS[verdict]) if verdict in _VERDICTS else verdict


def reason_name(reason: str) -> str:
    """Name what a comment was reported for; a program's own reason as it is."""
    return _(_REPORTED_FOR[reason]) if reason in _REPORTED_FOR else reason


def language_name(code: str) -> str:
    """Name the language of a comment, as the language of the page does."""
    return name_of(code) if language() == ENGLISH else locale().languages.get(code, name_of(code))


def told(sentence: object) -> str:
    """Return what a room below says (a sentence, or an error) in the language of the page."""
    said = str(sentence)
    if language() == ENGLISH:
        return said
    if said in SENTENCES:
        return _(said)
    for message, pattern in _patterns():
        if found := pattern.fullmatch(said):
            put_in = found.groupdict().items()
            return _(message, **{name: told(part) if name in _SAID else _written(part) for name, part in put_in})
    return said


def _written(part: str) -> str:
    """Return what was put into a sentence: a number, or a name in quotes, as the language of the page writes it."""
    if quoted := _QUOTED.fullmatch(part):
        return _("“%(words)s”", words=quoted[2])
    plain = part.replace(",", "")
    return number(float(plain), len(plain.partition(".")[2])) if _NUMBER.fullmatch(part) else part


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Return each sentence that has something put into it, with the pattern by which it is found again."""
    return [(message, _pattern(message)) for message in SENTENCES if _NAMED.search(message)]


def _pattern(message: str) -> re.Pattern[str]:
    """Return the pattern that reads values out of a sentence."""
    literal = [re.escape(part.replace("%%", "%")) for part in _NAMED.split(message)[::2]]
    names = [f"(?P<{name}>.+)" for name in _NAMED.findall(message)] + [""]
    return re.compile("".join(part + name for part, name in zip(literal, names, strict=True)), re.DOTALL)
