"""Words that threaten without naming the harm: labelled comments hold too few for a classifier to know them all."""

import re

from model.features.phrases.advice import ADVICE
from model.features.phrases.fates import FATES
from model.features.phrases.finder import Phrases
from model.features.phrases.prospects import PROSPECTS
from model.features.phrases.threat_words import START, YOU
from model.features.phrases.whereabouts import WHEREABOUTS

#: What ends another clause, so that a cue within it says nothing of the words behind.
_PARTED = r"(?![^.!?\n]{0,25}(?:[,;]|\b(?:but|and|so|cos|because))(?: (?:now|then|well|yes|yeah))? *$)"
#: What stands before such words where somebody else says, fears or asks them.
_NOT_MEANT = re.compile(
    r"\b(?:sa(?:id|ys?|ying)|t(?:old|ells?|elling)|wr(?:ote|ites?|iting)|text(?:s|ed|ing)?|letters?|notes?|messages?|"
    r"messaged|voicemails?|phoned|e?mail(?:s|ed)?|shout(?:ed|s|ing)?|threat(?:s|en\w*)?|warned|hears?|heard|phrase|"
    r"signs?|scream\w*|yell\w*|whisper\w*|quot(?:e|ed|es)|think|thinks|thought|afraid|fear(?:s|ed|ing)?|scared|"
    r"worr(?:y|ied)|claim(?:s|ed)?|(?<!you )like:?(?! (?:you|u|it|that|this|him|her|them)\b)|proverb|motto|"
    rf"slogan|film|song|novel|gangster|bully)\b{_PARTED}[^.!?\n]{{0,25}}$"
    # What others said, or sent, is told of behind a comma as well; what a reader said is not.
    r"|(?<!you )(?<!\bu )\b(?:said|says|saying|told)\b(?![^.!?\n]{0,25}\bbut *$)[^.!?\n]{0,25}$"
    r"|(?<!you )(?<!\bu )\b(?:wrote|writes|texted|phoned|shout(?:ed|s)|warned|threatened|whispered|screamed|yelled)"
    r"(?: (?:at |to )?(?:me|us|him|her|them))?, *$"
    r"|\b(?:got|gets?|getting|received?|receiving|sent|left)\b(?! (?:your|ur|yer)\b)[^.!?\n]{0,20}"
    r"\b(?:letter|note|message|text|e?mail|"
    r"voicemail|threat)s?\b[^.!?\n]{0,40}, *$"
    # 'The email, we know where you live, scared her.'
    r"|\b(?:the|an?|th(?:is|at)|his|her|their) (?:\w+ )?(?:phrase|threat|message|e?mail|letter|note|text|voicemail|"
    r"words?|lines?|sign|motto|slogan|proverb|film|song|novel|story), *$"
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
    r"(?: (?:you|u|ye))?|\bpeople like (?:you|u)|\bjust sayin\w*|\bhope (?:you|u|he|she|they))[^.!?\n]{0,25}$"
    # Nobody else may speak in between: 'Don't worry when callers say we know where you live.'
    rf"|(?:\b(?:do not|don'?t) (?:you )?worry|(?:{START}|\b{YOU}(?:'d| had)? (?:should|ought to|better) )be (?:\w+ )?"
    r"(?:afraid|scared|worried))(?:(?!\b(?:sa(?:ys?|id|ying)|tells?|told|if|when|letters?|callers?)\b)[^.!?\n]){0,25}$",
    re.IGNORECASE,
)
#: Characters before such words that tell whose they are.
_BEFORE = 90
_SIGNS = " .!?,;:\n"


def _is_meant(text: str, start: int, end: int) -> bool:
    """Return whether such words are their writer's own, by what stands around them."""
    # With the sign by which a pattern knows that a clause begins: what stands before a full stop is no cue.
    words = end - len(text[start:end].lstrip(_SIGNS))
    before = text[max(0, start - _BEFORE) : words]
    return bool(_MEANT.search(before)) or not (_NOT_MEANT.search(before) or _TOLD.match(text, end))


#: How much more log-odds: enough for a phrase amid civil words. See docs/decisions.md.
VEILED_THREATS = Phrases(
    "Makes a veiled threat.",
    (*WHEREABOUTS, *ADVICE, *PROSPECTS, *FATES),
    _is_meant,
    {"toxicity": 3.0, "severe_toxicity": 2.0, "threat": 7.0},
)
