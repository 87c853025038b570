"""Words that threaten without naming the harm: labelled comments hold too few for a classifier to know them all."""

import re

from model.features.phrases.advice import ADVICE
from model.features.phrases.fates import FATES
from model.features.phrases.finder import Phrases
from model.features.phrases.prospects import PROSPECTS
from model.features.phrases.whereabouts import WHEREABOUTS

#: What stands before such words where somebody else says, fears or asks them.
_NOT_MEANT = re.compile(
    r"\b(?:sa(?:id|ys?|ying)|t(?:old|ells?|elling)|wr(?:ote|ites?|iting)|text(?:s|ed|ing)?|letters?|notes?|messages?|"
    r"messaged|voicemails?|phoned|e?mail(?:s|ed)?|shout(?:ed|s|ing)?|threat(?:s|en\w*)?|warned|hears?|heard|phrase|"
    r"signs?|whisper\w*|quot(?:e|ed|es)|think|thinks|thought|afraid|fear(?:s|ed|ing)?|scared|worr(?:y|ied)|"
    r"claim(?:s|ed)?|like:?|proverb|motto|slogan|film|song|novel|gangster|bully)\b[^.!?\n]{0,25}$"
    r"|(?<=[^\"]{9})[\s(][\"'](?=\w)[^\"\n]{0,40}$"
    r"|\b(?:if|unless|whether|until|do|does|did|how|let|wish|so that|don'?t|not|never|to|can|could|should) $"
    r"|n't $",
    re.IGNORECASE,
)
#: What stands behind such words in quotation marks where they are told of.
_TOLD = re.compile(
    r"[^\"'\n]{0,40}[\"'],? (?:is|was|were|are|has|had|he|she|they|said|says|reads?|written|painted)\b", re.IGNORECASE
)
#: What stands before them where their writer does.
_MEANT = re.compile(
    r"(?:\bi(?:'?m| am|'?ve| have)? (?:just |only )?(?:told|tell|telling|warn|warned|warning|say|saying|said)"
    r"(?: (?:you|u|ye))?|\bpeople like (?:you|u)|\bjust sayin\w*|\bhope (?:you|u|he|she|they))[^.!?\n]{0,25}$",
    re.IGNORECASE,
)
#: Characters before such words that tell whose they are.
_BEFORE = 90


def _is_meant(text: str, start: int, end: int) -> bool:
    """Return whether such words are their writer's own, by what stands around them."""
    before = text[max(0, start - _BEFORE) : start]
    return bool(_MEANT.search(before)) or not (_NOT_MEANT.search(before) or _TOLD.match(text, end))


#: How much more log-odds: enough for a phrase amid civil words. See docs/decisions.md.
VEILED_THREATS = Phrases(
    "Makes a veiled threat.",
    (*WHEREABOUTS, *ADVICE, *PROSPECTS, *FATES),
    _is_meant,
    {"toxicity": 3.0, "severe_toxicity": 2.0, "threat": 7.0},
)
