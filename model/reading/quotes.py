"""Whose words are whose: a comment without the quotations that its writer answers."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, islice

import numpy as np
from numpy.typing import NDArray

from model.reading.characters import reading
from model.reading.rewriting import NormalisedText

#: Lines that are quoted, as mail and Markdown mark them; a face or an arrow is none.
_QUOTED = re.compile(r"^[ \t]*(?:>|&gt;)(?![:;=_.<(-]).*(?:\n|\Z)", re.MULTILINE)
#: Words in marks: neither an inch nor the end of a shorter quotation opens one.
_IN_MARKS = re.compile(r"""(?<![\w"'])(["'])(?=\S)((?:(?!\1)[^\n]|\b'\b){6,})\1(?!\w)""")
#: A single mark that may open a quotation; most are apostrophes.
_OPENS = re.compile(r"(?<!\w)'(?=\w)")
_WORD = re.compile(r"[a-z0-9]+")
#: Quotations that are looked at in one comment, and how far from one its answer may stand: more would take seconds.
_MOST, _FAR, _BESIDE = 100, 4_000, 500
#: Words that are a quotation if they stand elsewhere in the same order; fewer are everybody's.
_LEAST = 3
#: Words that are a quotation if they are what somebody is called.
_LEAST_CALLED = 2
#: Between a word that attributes and what it attributes: other words, and quotations that have been taken out.
_UP_TO = r"""\b(?:[^".!?\n]|""){0,40}$"""
#: What stands before words in marks that somebody else said, and behind such words where they are denied.
_ATTRIBUTED = re.compile(
    r"\b(?:sa(?:id|ys?|ying)|wr(?:ote|ites?|iting)|t(?:old|ells?|elling)|posted|posts?|quot(?:e|ed|ing)|comments?|"
    rf"words?|like|such as){_UP_TO}",
    re.IGNORECASE,
)
_CALL = rf"(?:call(?:s|ed|ing)?|label+(?:ed|s|ing)?|brand(?:ed|s|ing)?){_UP_TO}"
_CALLED = re.compile(rf"(?<!\bso.)\b{_CALL}", re.IGNORECASE)
#: What one calls somebody oneself is no quotation.
_CALLED_BY_ME = re.compile(
    r"\b(?:i|we|let(?:'s| me| us))(?:'d|'ll|'ve)?(?: (?:would|will|can|could|must|might|may|should|do|did|have|had|"
    rf"only|just|still|also|always|once|really|simply|gladly|happily|to|going|like|love|want|prefer)){{0,4}} {_CALL}",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\s*(?:is|are|was|were)(?:n't| not| no| hardly)\b", re.IGNORECASE)
#: Own words that agree with what is quoted.
_ENDORSES = re.compile(
    r"(?<!where )(?<!what )(?<!how )(?<!who )(?<!why )(?<!not )\bexactly\b(?! (?:wh\w+|how))"
    r"|(?<!n't )(?<!not )(?<!cannot )(?<!hardly )\bagree(?:d|s)?\b|\b(?:absolutely|precisely|bang on)\b(?! not)"
    r"|(?<!not )(?<!n't )(?<!nor )\b(?:so|too|very|quite|is|are|all|how|that's) (?:true|right)\b(?! (?:to|of|for)\b)"
    r"|^\W*(?:true|this|facts?|word|truth|yes|yep|yup|indeed|ditto|amen|bravo|right|correct|same)\b(?! (?:is|was|that))"
    r"|\b(?:well said|spot on|hear,? hear|nailed it|preach|ditto|amen|could ?n[o']t (?:have )?(?:said|say|put|agree))"
    r"|\b(?:right )?back (?:at|to) (?:you|u|ya)\b|\bsame to (?:you|u|ya)\b|\bso are you\b|\blook in the mirror\b"
    r"|\+ ?1\b|\b100 ?(?:%|per ?cent)|\b(?:every|each) word\b|\bdeserves? (?:it|that)\b"
    r"|\byou(?:'re| are) (?:all )?right\b|\b(?:lol|lmao|haha\w*)\b"
    # 'Not wrong', 'cannot argue with that', 'it's true', 'somebody had to say it'
    r"|(?:\bnot|n't|\bnever|\bnothing) (?:at all |far |so |too |even )?(?:wrong|false|untrue|unfair|lying|mistaken)\b"
    r"|\bno (?:lies?|joke|doubt|wonder|surprise|arguments?)\b|\b(?:quite |so |and )(?:rightly|deservedly)\b"
    r"|\bnot a (?:lie|joke|bad idea)\b|\b\w+'s (?:true|right)\b"
    r"|\b(?:can(?:'t|not)|could ?n[o']t|hard to) (?:argue|disagree|fault|improve)\b"
    r"|\b(?:some|any)(?:one|body) (?:had to|finally|has|should) (?:say|said)\b|\bfinally some(?:one|body)\b"
    r"|\bthank (?:you|u|god) for\b|\b(?:my|exact) (?:thoughts?|words)\b|\bwords (?:right )?out of my mouth\b",
    re.IGNORECASE,
)
#: Own words that answer: they deny, ask, or speak of manners.
_ANSWERS = re.compile(
    r"\b(?:no|not|never|nor|nobody|none|nothing|without|cannot|disagree\w*|wrong|untrue|false|but|otherwise|rather|"
    r"actually|instead|why|what|how|who|really|rude\w*|civil\w*|polite\w*|manners?|insult\w*|abus\w*|uncalled|language|"
    r"name.?calling|offensive|nasty|report\w*|removed?|delete\w*|moderat\w*|apolog\w*|shame\w*|ashamed|disgust\w*|"
    r"appalling|unkind|hateful|racis\w*|sexis\w*|bigot\w*)\b|n't\b|\?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sources:
    """What a comment may quote.

    Attributes
    ----------
    written
        The comment itself as it was written.
    parent
        What it answers; empty where that is not known.
    article
        What it stands below, in parts.
    """

    written: str
    parent: str = ""
    article: Sequence[str] = ()


def may_quote(text: str) -> bool:
    """Return whether a comment may quote somebody: most hold none of the signs by which one quotes."""
    return '"' in text or ">" in text or "&gt;" in text or ("'" in text and bool(_OPENS.search(text)))


def own_words(
    texts: Sequence[NormalisedText],
    sources: Mapping[int, Sources],
    are_abusive: Callable[[Sequence[NormalisedText]], Sequence[bool]],
) -> list[NormalisedText]:
    """Leave out of comments the abuse that they quote and answer.

    A quotation is one where its words stand in the parent or in the article.
    Where the parent is not known, lines marked as quoted are, and words in
    marks that are said to be another's, if own words answer them. A comment of
    little else, or one that agrees with what it quotes, is its writer's: all
    of it is read. So is a harmless quotation, as what a sneer hangs on.

    Parameters
    ----------
    texts
        N comments as they are read.
    sources
        What some of them may quote, by their numbers: those of which `may_quote` is true.
    are_abusive
        Tells of texts which are abusive by themselves.

    Returns
    -------
    list
        N; the text itself where nothing is left out.
    """
    found = list(texts)
    split = {i: parts for i, about in sources.items() if (parts := _split(texts[i], about))}
    if split:
        abusive = are_abusive([quoted for _, quoted in split.values()])
        for (i, (own, _)), is_abusive in zip(split.items(), abusive, strict=True):
            found[i] = own if is_abusive else texts[i]
    return found


def _split(text: NormalisedText, about: Sources) -> tuple[NormalisedText, NormalisedText] | None:
    """Part a comment's own words from what it quotes; None where all of it is its own."""
    lines, marks = (list(islice(kind.finditer(text.text), _MOST)) for kind in (_QUOTED, _IN_MARKS))
    if not lines and not marks:
        return None
    said = [_sequence(part) for part in (about.parent, *about.article) if part]
    quoted = np.zeros(len(text.text), dtype=np.bool_)
    for line in lines:
        content = line[0].lstrip(" \t>").removeprefix("&gt;")
        as_written = about.written[slice(*text.original(*line.span()))]
        if _is_said(content, as_written, said, 1) or (
            not about.parent and _answers(text.text[line.end() : line.end() + _FAR])
        ):
            quoted[slice(*line.span())] = True
    for quote in marks:
        words = slice(*quote.span(2))
        as_written = about.written[slice(*text.original(words.start, words.stop))]
        before = slice(max(0, quote.start() - _BESIDE), quote.start())
        ahead = "".join(compress(text.text[before], ~quoted[before]))
        after = text.text[quote.end() : quote.end() + _BESIDE]
        if _is_said(quote[2], as_written, said, _LEAST) or (not about.parent and _is_reported(ahead, quote[2], after)):
            quoted[words] = True
    if not quoted.any():
        return None
    own = _only(text, ~quoted)
    return None if _is_little(own.text) or _ENDORSES.search(own.text) else (own, _only(text, quoted))


def _is_said(read: str, as_written: str, said: Sequence[str], least: int) -> bool:
    """Return whether words stand in one of the texts, but for what is left out of them with dots."""
    return bool(said) and any(
        all(any(_sequence(part) in text for text in said) for part in parts)
        for parts in (_parts(read, least), _parts(as_written, least))
        if parts
    )


def _is_reported(before: str, words: str, after: str) -> bool:
    """Return whether words in marks are somebody else's by the own words around them, and are answered."""
    near = before[-60:]
    called = not _CALLED_BY_ME.search(near) and _CALLED.search(near)
    reported = called or _ATTRIBUTED.search(near) or _DENIED.match(after)
    least = _LEAST_CALLED if called else _LEAST
    return bool(reported) and bool(_parts(words, least)) and _answers(f"{before} {after}")


def _parts(words: str, least: int) -> list[str]:
    """Return the parts of a quotation between its gaps; none if they are too short to tell."""
    parts = [part for part in re.split(r"\.{2,}|…|\[[^\]]*\]", words) if _WORD.search(part.lower())]
    return parts if sum(len(_WORD.findall(part.lower())) for part in parts) >= least else []


@lru_cache(maxsize=256)
def _sequence(text: str) -> str:
    """Return a text's words between blanks, so that one sequence can be sought in another."""
    plain = text if text.isascii() else "".join(map(reading, text))
    return f" {' '.join(_WORD.findall(plain.lower()))} "


def _answers(words: str) -> bool:
    """Return whether words around a quotation answer it."""
    own = _QUOTED.sub("", words)
    return not _is_little(own) and bool(_ANSWERS.search(own))


def _is_little(words: str) -> bool:
    """Return whether words are too few to say anything."""
    return len(_WORD.findall(words.lower())) < _LEAST


def _only(text: NormalisedText, keep: NDArray[np.bool_]) -> NormalisedText:
    """Return a normalised text with some characters only."""
    places = np.flatnonzero(keep)
    starts = places.astype(np.int32) if text.starts is None else text.starts[places]
    ends = (places + 1).astype(np.int32) if text.ends is None else text.ends[places]
    return NormalisedText("".join(text.text[i] for i in places.tolist()), starts, ends)
