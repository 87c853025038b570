"""Words that urge a reader to harm themselves: labelled comments hold too few for a classifier to know them all."""

import re

from model.features.phrases.finder import Phrases
from model.features.phrases.threat_words import END, HOSTILE, SENTENCE, START, ends

_YOU = rf"(?:(?:your|ur|yo|yer)self|(?:your|ur) self{ends('.,!?')}|(?:your|ur)selves)"
_YOURSELF = "urself|yoself|yerself|ur self|urselves"
_YOUR = r"(?:your|ur|yer)"
_BY_HAND = "kill|off|unalive|neck|rope|end|hang|top|drown|gas|suffocate|strangle|poison|do away with|finish"
#: Behind "please die": what becomes of plans, and of people by themselves.
_NO_DEATH = (
    r"(?! (?:in|of|for|out|off|hard|on|down|at (?:home|sea|the end)|knowing|before|peacefully|surrounded|with (?:"
    r"dignity|honou?r|grace|family|friends|your))\b)"
)
#: Behind "top yourself" and its like: a glass, a picture, work.
_OTHERWISE = r"(?! (?:up|off|an?|in|with|on|out|another|some|from|laughing|trying|working|over)\b|\? )"
_DRINK, _DRUNK = r"(?:drink|swallow|chug|gargle)", "bleach|antifreeze|drain cleaner|weedkiller|rat poison"
_HEIGHT = r"(?:bridge|cliff|building|roof|tower|balcony|pier|train|bus|lorry|truck)"
_FAVOUR = r"do (?:us|me|everyone|everybody|the world)(?: all)? a favou?r"
_TOLD = r"(?:\bgo|\bplease|\bjust|\bshould)"
#: A thing that somebody is told to do: by a word before it, or by the sentence's beginning with it.
_ORDER = rf"(?:{_TOLD} |{SENTENCE})(?:and |now )?"
#: The same, of what people and animals do by themselves too: it has to be said to somebody.
_URGED = (
    rf"(?:{START}|\b(?:go|please|(?<!if )(?:you|u)(?: lot| all)?(?: should| must| better|'d better| might as well| "
    r"(?:need|ought|have|deserve) to)|(?:hope|wish) (?:you|u)|why (?:don'?t|not)(?: (?:you|u))?|"
    rf"{_FAVOUR},? and|(?:honestly|maybe|lol|lmao),?|(?<!they )(?<!who )(?<!people )(?<!kids )(?<!children )just|"
    r"(?:time|free|remember) to|(?:shut up|fuck off|get lost|go (?:home|away)) and) )"
    r"(?:(?:and|now|just|all|go|please) ){0,2}"
)
_MATE = rf"(?:{HOSTILE}|(?:pal|mate|bud|buddy|lads?|son|kid|losers?|idiots?|morons?)\b)(?!,? (?:when|if|at|in|once)\b)"
_AT_ALL = r"(?:at all|anyway|ever)\b"
#: Behind "without you" and "miss you": nobody by name, in office or in a place, whom others would have resign.
_ALONE = (
    rf"(?:{ends('-.!?;:)', _AT_ALL)}|(?=,? (?:lol|lmao|tbh|ffs|trust me|do it|end it|go on)\b|"
    rf",? (?:{_MATE}|so|just|you (?!lot\b)|and "
    r"(?:no ?body|no one|i|we|every\w+)\b|in (?:it|th(?:is|e) world)\b|on (?:it|earth|th(?:is|e) planet)\b|"
    r"(?:here|around)\b)))"
)
_ALL = r"(?:world|planet|everyone|everybody|we|all|place)"
_BETTER = r"(?:better(?: off)?|happier)"
_NOBODY, _GONE = (
    r"(?:no ?body|no one|none of us|who)",
    (
        r"(?:died(?! (?:(?:wait|try|work|serv|fight|queu|sleep)\w*ing|on an?|there|here|hospital|in (?:"
        r"(?:an?|the|that|your) (?:hospital|ambulance|queue|corridor|cell|bed|street|waiting)|"
        r"hospital|custody|here|there))\b)|(?:were|was) "
        r"(?:gone|dead)|dropped dead)"
    ),
)
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
_PATTERNS = (
    ("kys|k y s|k.y.s", r"(?<!\()(?<!the )(?<!called )\bk([ .]?)y\1s\b(?!\))"),
    (_YOURSELF, rf"\b(?:{_BY_HAND}) {_YOU}\b{_OTHERWISE}"),
    ("end your|end ur|end yer", rf"\bend {_YOUR} (?:own )?(?:\w+ )?life\b(?! sentence)"),
    ("own life", rf"{_ORDER}take {_YOUR} own life\b(?! (?:jacket|seriously|in)\b)"),
    ("slit", rf"\bslit {_YOUR} (?:own )?(?:wrists?|throat)\b"),
    (_DRUNK, rf"{_URGED}{_DRINK} (?:some |the |a \w+ of )?(?:{_DRUNK})\b"),
    ("jump", rf"(?:{_TOLD} |^)(?:and )?jump (?:off|in front of|under) (?:\w+ ){{0,2}}{_HEIGHT}\b"),
    (_YOURSELF, rf"\bthrow {_YOU} (?:off|under|in front of) (?:\w+ ){{0,2}}{_HEIGHT}\b"),
    ("step in front", rf"{_ORDER}step in front of (?:\w+ ){{0,2}}{_HEIGHT}\b"),
    ("play in|play on", rf"{_TOLD} (?:and )?play (?:in|on) (?:the )?(?:traffic|motorway|highway|railway|m\d+)\b"),
    ("into the sea", rf"{_ORDER}walk into the sea\b"),
    (
        "die",
        rf"(?:\bgo|\bplease|\b(?:you|u) should|{_FAVOUR} and) (?:and |just )?die\b{_NO_DEATH}",
    ),
    ("die", rf"(?:^|[.!?,;:\n] *|\b(?:you|u|so|and) )just (?:\w+ing )?die\b{_NO_DEATH}"),
    ("die in", rf"{_ORDER}die in (?:a|the) (?:fire|ditch|hole|gutter)\b"),
    ("drop dead", rf"(?:{_TOLD}|{_FAVOUR} and) (?:and )?drop dead\b"),
    (
        "favor|favour",
        (
            rf"{_FAVOUR}\b[^.!?]{{0,20}}\b(?:die\b{_NO_DEATH}|drop dead\b|jump(?: off| in front| under| out of)?"
            rf"(?: (?:\w+ ){{0,3}}{_HEIGHT}\b|{END})|go (?:hang|jump)\b|hang {_YOU}|"
            rf"(?:find|get|buy|grab|fetch|take|use) (?:a|some|the|your) rope\b(?! (?:for|to)\b)|"
            rf"end it(?: all\b|{END})|stop breathing\b{END})"
        ),
    ),
    ("suicide", rf"{_ORDER}commit suicide\b"),
    ("have you", rf"\bhave you (?:tried|considered) (?:suicide|killing {_YOU})\b"),
    ("overdose", rf"{_ORDER}take an overdose\b"),
    ("bullet", rf"{_ORDER}(?:eat|swallow) a bullet\b"),
    ("gun in|gun to", rf"{_URGED}put (?:a|the|that) (?:shot)?gun (?:in|to) {_YOUR} (?:mouth|head)\b"),
    (
        "rope",
        (
            rf"{_ORDER}(?:find|buy|grab|get) (?:a|some) rope\b(?:{ends('.!')}|(?=,? (?:{_MATE}|now\b|already\b|you "
            r"(?!need|will|can|have|are|might|could|should)|and (?:hang|end|use|do|kill)\b)))"
        ),
    ),
    ("toaster", r"\b(?:toaster bath|bath with (?:a|the|your) toaster)\b"),
    (
        "stop wasting|stop breathing",
        (
            r"\bstop (?:wasting|breathing) (?:our|my) (?:oxygen|air)\b(?! ?time)|\bwaste of (?:oxygen|air|space)\b"
            r"[^.!?\n]{0,40}\bstop breathing\b|"
            rf"{_URGED}stop (?:wasting (?:the )?(?:oxygen|air)\b(?! ?time)|breathing\b{END})|"
            rf"\b(?:you|u) can (?:just |now )?stop breathing\b{END}"
        ),
    ),
    (
        "without you|without u|without ya|without people like",
        rf"\b{_ALL}\b[^.!?]{{0,25}}\b{_BETTER}(?: place)? without {_RID}\b{_ALONE}",
    ),
    (
        "if you were|if you was|if you die|if you dropped|if u",
        rf"\b{_ALL}\b[^.!?]{{0,25}}\b{_BETTER}(?: place)? if (?:you|u) {_GONE}\b",
    ),
    ("be better", r"\b(?:you|u)(?:'d| would) be better (?:off )?dead\b"),
    (
        "miss you|miss u|miss ya",
        (
            rf"\b{_NOBODY}(?: would| will|'d)? (?:even )?miss (?:you|u|ya)\b(?: if (?:you|u) {_GONE}\b|{_ALONE})"
            # One who leaves an office will not be missed; one who is told of what would be is told of death.
            rf"|\b{_NOBODY}(?: would|'d) (?:even )?miss (?:you|u|ya), \w+{ends('.!?')}"
        ),
    ),
    ("mourn", rf"\b{_NOBODY}(?: would| will|'d)? (?:even )?mourn (?:you|u|ya|if you {_GONE})\b"),
    (
        "if you were|if you was|if you die|if you dropped|if you killed|if u",
        rf"\b{_NOBODY}(?: would| will|'d)? (?:even )?(?:care|notice|cry) if (?:you|u) (?:{_GONE}|killed {_YOU})\b",
    ),
    ("been born", r"\byou(?:'d| should| ought to)? (?:just )?(?:have never|never have|not have) been born\b"),
    ("aborted|swallowed|drowned", r"\byou should have been (?:aborted|swallowed|drowned at birth)\b"),
    (
        "aborted|swallowed|drowned",
        rf"\b{_YOUR} (?:mother|mum|mom|mam|parents) should have (?:aborted|swallowed|drowned) (?:you|u)\b",
    ),
)
#: Characters before such words that tell whether they are an order.
_BEFORE = 40


def _is_meant(text: str, start: int, _end: int) -> bool:
    """Return whether words of self-harm are meant as said, by what precedes them."""
    before = text[max(0, start - _BEFORE) : start].lower()
    return bool(_MEANT.search(before)) or not _NOT_MEANT.search(before)


#: How much more log-odds: chosen on sentences of our own, see docs/decisions.md.
SELF_HARM = Phrases("Urges self-harm.", _PATTERNS, _is_meant, {"toxicity": 3.0, "severe_toxicity": 2.0, "threat": 5.5})
