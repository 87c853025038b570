"""Words that urge a reader to harm themselves: labelled comments hold too few for a classifier to know them all."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_YOU = r"(?:(?:your|ur|yo|yer)self|(?:your|ur) self(?= *(?:[.,!?\n]|$))|(?:your|ur)selves)"
_YOURSELF = " self|rself|yoself|rselves"
_YOUR = r"(?:your|ur|yer)"
_BY_HAND = "kill|off|unalive|neck|rope|end|hang|top|drown|gas|suffocate|strangle|poison|do away with|finish"
#: Behind "please die": what becomes of plans, and of people by themselves.
_NO_DEATH = r"(?! (?:in|of|for|out|off|hard|on)\b)"
#: Behind "top yourself" and its like: a glass, a picture, work.
_OTHERWISE = r"(?! (?:up|off|an?|in|with|on|out|another|some|from|laughing|trying|working|over)\b|\? )"
_DRINK, _DRUNK = r"(?:drink|swallow|chug|gargle)", "bleach|antifreeze|drain cleaner|weedkiller|rat poison"
_HEIGHT = r"(?:bridge|cliff|building|roof|tower|balcony|pier|train|bus|lorry|truck)"
_FAVOUR = r"do (?:us|me|everyone|everybody|the world)(?: all)? a favou?r"
_TOLD = r"(?:\bgo|\bplease|\bjust|\bshould)"
#: A thing that somebody is told to do: by a word before it, or by the sentence's beginning with it.
_ORDER = rf"(?:{_TOLD} |(?:^|[.!?\n] *))(?:and |now )?"
_ALL = r"(?:world|planet|everyone|everybody|we|all|place)"
_BETTER = r"(?:better(?: off)?|happier)"
_NOBODY, _GONE = r"(?:no ?body|no one|none of us|who)", r"(?:died|(?:were|was) (?:gone|dead)|dropped dead)"
#: Behind "nobody will miss you": no case or place.
_ELSEWHERE = r"(?! (?:if|at|when|in|on|there)\b)"
#: Whom somebody wants rid of.
_RID = r"(?:people like )?(?:you|u|ya)"
#: What stands before words that are an order after all, and before those that are none: what somebody is told not
#: to do, is feared to do, has a right to do, or is said to have been told.
_MEANT = re.compile(
    r"(?:\b(?:need|ought|time|you|u|remember|free|deserve|got|have) to|why (?:don'?t|not) (?:you|u)"
    r"|\b(?:hope|wish) (?:you|u)) (?:just )?$"
)
_NOT_MEANT = re.compile(
    r"(?:\b(?:to|not|don'?t|n't|never|cannot|dare|would|will|could|might|may|can|you|u|or|said|says|told|"
    r"(?:people|they|word|phrase|term|means?)(?: say)?)|'ll|n't) ?(?:just |nearly |almost )?$"
)
#: What urges, each behind texts in lower case of which it needs one: most comments hold none, and are looked at no
#: further.
_PATTERNS = (
    ("kys|k y s|k.y.s", r"(?<!\()(?<!the )(?<!called )\bk([ .]?)y\1s\b(?!\))"),
    (_YOURSELF, rf"\b(?:{_BY_HAND}) {_YOU}\b{_OTHERWISE}"),
    ("end your|end ur|end yer", rf"\bend {_YOUR} (?:own )?(?:\w+ )?life\b(?! sentence)"),
    ("own life", rf"{_ORDER}take {_YOUR} own life\b(?! (?:jacket|seriously|in)\b)"),
    ("slit", rf"\bslit {_YOUR} (?:own )?(?:wrists?|throat)\b"),
    (_DRUNK, rf"\b{_DRINK} (?:some |the |a \w+ of )?(?:{_DRUNK})\b"),
    ("jump", rf"(?:{_TOLD} |^)(?:and )?jump (?:off|in front of|under) (?:\w+ ){{0,2}}{_HEIGHT}\b"),
    (_YOURSELF, rf"\bthrow {_YOU} (?:off|under|in front of) (?:\w+ ){{0,2}}{_HEIGHT}\b"),
    ("step in front", rf"{_ORDER}step in front of (?:\w+ ){{0,2}}{_HEIGHT}\b"),
    ("play in|play on", rf"{_TOLD} (?:and )?play (?:in|on) (?:the )?(?:traffic|motorway|highway|railway|m\d+)\b"),
    ("into the sea", rf"{_ORDER}walk into the sea\b"),
    (
        " die",
        rf"(?:\bgo|\bplease|\b(?:you|u) should|{_FAVOUR} and) (?:and |just )?die\b{_NO_DEATH}",
    ),
    (" die", rf"(?:^|[.!?,;:\n] *|\b(?:you|u|so|and) )just (?:\w+ing )?die\b{_NO_DEATH}"),
    ("die in ", rf"{_ORDER}die in (?:a|the) (?:fire|ditch|hole|gutter)\b"),
    ("drop dead", rf"(?:{_TOLD}|{_FAVOUR} and) (?:and )?drop dead\b"),
    ("favor|favour", rf"{_FAVOUR}\b[^.!?]{{0,20}}\b(?:die|drop dead|jump|hang|rope|end it|stop breathing)\b"),
    ("suicide", rf"{_ORDER}commit suicide\b"),
    ("have you", rf"\bhave you (?:tried|considered) (?:suicide|killing {_YOU})\b"),
    ("overdose", rf"{_ORDER}take an overdose\b"),
    ("bullet", rf"{_ORDER}(?:eat|swallow) a bullet\b"),
    ("gun ", rf"\bput (?:a|the|that) (?:shot)?gun (?:in|to) {_YOUR} (?:mouth|head)\b"),
    ("rope", rf"{_ORDER}(?:find|buy|grab|get) (?:a|some) rope\b(?! (?:for|to)\b)"),
    ("toaster", r"\b(?:toaster bath|bath with (?:a|the|your) toaster)\b"),
    ("stop wasting|stop breathing", r"\bstop (?:wasting (?:our |the |my )?(?:oxygen|air)\b(?! ?time)|breathing\b)"),
    (
        "without you|without u|without ya|without people like",
        rf"\b{_ALL}\b[^.!?]{{0,25}}\b{_BETTER}(?: place)? without {_RID}\b(?! (?:know|\w+ing)\b)",
    ),
    (
        "if you were|if you die|if you drop|if u ",
        rf"\b{_ALL}\b[^.!?]{{0,25}}\b{_BETTER}(?: place)? if (?:you|u) {_GONE}\b",
    ),
    ("be better", r"\b(?:you|u)(?:'d| would) be better (?:off )?dead\b"),
    (
        "miss you|miss u|miss ya",
        rf"\b{_NOBODY}(?: would| will|'d)? (?:even )?miss (?:you|u|ya)\b(?: if (?:you|u) {_GONE}\b|{_ELSEWHERE})",
    ),
    ("mourn ", rf"\b{_NOBODY}(?: would| will|'d)? (?:even )?mourn (?:you|u|ya|if you {_GONE})\b"),
    (
        "if you were|if you die|if you drop|if you kill|if u ",
        rf"\b{_NOBODY}(?: would| will|'d)? (?:even )?(?:care|notice|cry) if (?:you|u) (?:{_GONE}|killed {_YOU})\b",
    ),
    ("been born", r"\byou(?:'d| should| ought to)? (?:just )?(?:have never|never have|not have) been born\b"),
    ("aborted|swallowed|drowned", r"\byou should have been (?:aborted|swallowed|drowned at birth)\b"),
    (
        "aborted|swallowed|drowned",
        rf"\b{_YOUR} (?:mother|mum|mom|mam|parents) should have (?:aborted|swallowed|drowned) (?:you|u)\b",
    ),
)
_URGES: dict[str, list[re.Pattern[str]]] = {}
for _hints, _pattern in _PATTERNS:
    for _hint in _hints.split("|"):
        _URGES.setdefault(_hint, []).append(re.compile(_pattern, re.IGNORECASE))
#: Characters before such words that tell whether they are an order.
_BEFORE = 40
#: What such words are a case of, in the guide's words: they call for somebody's death.
ATTRIBUTE = "threat"
#: How much more log-odds a text with such words has. Chosen on sentences of our own: see docs/decisions.md.
_MORE = {"toxicity": 3.0, "severe_toxicity": 2.0, "threat": 5.5}


def urging(texts: Sequence[str]) -> dict[int, list[tuple[int, int]]]:
    """Find such words in N normalised texts: by the number of each text that has any, where they begin and end."""
    lower = "\n".join(texts).lower()
    # Most hints are in none of them, and one search tells.
    urges = [(hint, patterns) for hint, patterns in _URGES.items() if hint in lower]
    found = {}
    for i, text in enumerate(texts):
        lower = text.lower()
        places = {
            match.span()
            for hint, patterns in urges
            if hint in lower
            for pattern in patterns
            for match in pattern.finditer(text)
        }
        if meant := sorted(place for place in places if _is_meant(text[max(0, place[0] - _BEFORE) : place[0]])):
            found[i] = meant
    return found


def _is_meant(before: str) -> bool:
    """Return whether words of self-harm are meant as said, by what precedes them."""
    lower = before.lower()
    return bool(_MEANT.search(lower)) or not _NOT_MEANT.search(lower)


def raised(scores: NDArray[np.float32], names: Sequence[str], urged: Sequence[int]) -> NDArray[np.float32]:
    """Raise the scores of texts that urge a reader to harm themselves.

    Parameters
    ----------
    scores, names
        N x A probabilities, and of which attributes.
    urged
        Which of the N texts do.
    """
    if not urged:
        return scores
    more = np.array([_MORE.get(name, 0.0) for name in names], dtype=np.float32)
    found = scores.copy()
    odds = np.log(scores[urged]) - np.log1p(-scores[urged]) + more
    found[urged] = 1 / (1 + np.exp(-odds))
    return found
