"""Veiled threats: what is known of somebody, and where to find them."""

from model.features.phrases.threat_words import (
    END,
    I_WE,
    KIN,
    LADS,
    LIVES,
    NO_CHEER,
    NO_GAME,
    SENTENCE,
    SOME,
    START,
    THEIR_KIN,
    WILL,
    YOU,
    YOUR,
    ends,
)

#: Who knows, if it is not the writer.
_THEY = rf"(?:some people|half the town|(?:plenty|lots|most|many|few) of us|{SOME})"
_TOWN = r"(?:every ?(?:one|body)|people|folks?|lads) (?:in (?:this|the|our) (?:town|village|city|estate)|round here)"
#: Behind what is said by one who likes the place, or asks.
_NO_PRAISE = (
    r"(?! (?:now )?(?:is|are|must|has|have|was|matters|can|on|in the|before|you|if|as|since)\b)(?!,? (?:and )?"
    r"(?:how|it|it's|what a|a |i love|lovely|beautiful|gorgeous|great)\b)"
)

WHEREABOUTS = (
    (
        "know where",
        (
            rf"(?:\b{I_WE}|{START})(?: all| also| both| already)? ?\bknow where (?:{YOU}(?: lot| all)?|{THEIR_KIN}) "
            rf"{LIVES}\b{_NO_PRAISE}"
        ),
    ),
    (
        "know exactly where|know full well where|know fine well where|know well where",
        (
            rf"\b{I_WE} (?:all )?know (?:exactly|full well|fine well|well) where (?:{YOU}|he|she|they|{THEIR_KIN}) "
            rf"{LIVES}\b{_NO_PRAISE}"
        ),
    ),
    ("know where", rf"\b{I_WE}(?: all| also)? know where (?:he|she|they) (?:lives?|parks?|drinks?|sleeps?)\b{END}"),
    ("know where", rf"\b{_THEY} (?:\w+ ){{0,3}}know where (?:{YOU}|{YOUR} (?:\w+ )?{KIN}) {LIVES}\b{END}"),
    ("know where|knows where", rf"\b(?:{_TOWN}|few of us) knows? where (?:he|she|they) {LIVES}\b"),
    (
        "know what|know which|know exactly what|know exactly which",
        (
            rf"\b{I_WE}(?: all| also)? know (?:exactly )?(?:what|which) (?:\w+ )?(?:car|van|school|house|pub|street|"
            rf"road|gym|bus|train|route|time) (?:{YOU}|he|she|{THEIR_KIN}) (?:drive|drink|live|leave|get|walk|goe?|"
            rf"take|park|finish)s?\b"
        ),
    ),
    (
        "address|number plate",
        (
            rf"(?:\b{I_WE}|{START})(?:'?ve| have|'?ll have| all have)?(?: now)? ?\b(?:have|(?<=ve )|got|"
            rf"found) ?{YOUR} (?:name and )?(?:home )?(?:address|number plate)\b(?! (?:wrong|on (?:file|record)|down|"
            rf"for|here|so|in|as|to|at|book)\b)"
        ),
    ),
    (
        "address",
        rf"\b(?:not|n'?t)(?: be)? (?:\w+ )?(?:hard|difficult) to (?:find|get|dig up) {YOUR} (?:home )?address\b",
    ),
    (
        "address|addresses",
        (
            rf"(?:{SENTENCE}|\b{SOME} |\bplease )(?:post|drop|share|leak) (?:his|her|this \w+'?s) (?:home )?address"
            rf"(?:es)?\b"
        ),
    ),
    (
        "address",
        (
            rf"\bany ?(?:one|body) (?:here )?(?:got|have|know|has) (?:(?:his|her|this \w+'s) (?:home )?address|an? "
            rf"(?:home )?address for (?:this|that) \w+)\b{NO_CHEER}"
        ),
    ),
    (
        "find out|work out",
        (
            r"\b(?:hard|difficult|tricky|easy|take (?:much|long|a lot)) to (?:find|work) out where (?:you|u|he|she|"
            r"this \w+|that \w+) lives?\b|\bwould ?n'?t be (?:hard|difficult) to find out (?:where|what|which) "
            r"[^.!?\n]{0,30}\b(?:lives?|works?|parks?|drinks?|shift|school)\b"
        ),
    ),
    (
        "still walk|still jog|still run|still cycle",
        (
            rf"\bdo(?:es)? (?:he|she|{YOUR} {KIN}) still (?:walk|jog|run|cycle) [^.!?\n]{{0,25}}\b(?:alone|on (?:her|"
            rf"his|your) own|by (?:her|him|your)self|in the dark)\b"
        ),
    ),
    (
        "ur house|ur home|ur door|ur gaff|ur flat|yer house|yer home|yer door|yer gaff|yer flat",
        (
            rf"(?:\b(?:{I_WE}|{LADS})(?:{WILL}|'?m|'?re| might| am| are)|{SENTENCE}might) (?:\w+ )?(?:be |come|"
            rf"coming|call|calling|pop|popping|turn(?:ing)? up|show(?:ing)? up) ?(?:round |over |by )*(?:to |at |"
            rf"outside )?{YOUR} (?:house|home|gaff|door|flat)\b(?! (?:for|to|with|if|on|when)\b){NO_CHEER}|\b{SOME}"
            rf"(?:'?ll| will| might) be at {YOUR} (?:house|home|door) (?:one|some)\b[^.!?\n]{{0,12}}\bnights?\b"
        ),
    ),
    (
        "visit",
        (
            rf"\b(?:{SOME}|people)(?:{WILL}|'d better| should| ought to| needs? to| must| might| may|(?= paid))(?: "
            rf"all)?(?: be)? pa(?:y|id|ying) (?:you|u|him|her|(?:that|this|the) (?:judge|author|journalist|"
            rf"councillor|clown|reporter|writer|editor|landlord|referee|developer)|the (?:judge|author|journalist|"
            rf"reporter|editor|landlord|referee|developer)) a (?:\w+ )?visit\b{NO_CHEER}|\b{I_WE}(?:{WILL}| might) "
            rf"(?:\w+ )?(?:be )?pay(?:ing)? {YOU} a (?:(?:little|wee|late|home) visit\b|visit (?:(?:some|one) night|"
            rf"at home|in the night)\b){NO_CHEER}"
        ),
    ),
    (
        "see me|see us|saw me|saw us|seen me|seen us|notice me|notice us",
        (
            rf"\b(?:saw|seen) (?:{YOU}|him|her|{THEIR_KIN})\b[^.!?\n]{{0,50}}[.,!?] *(?:but |and )?(?:{YOU}|he|she|"
            rf"they) (?:did ?n'?t|never) (?:see|saw|seen|notice) (?:me|us)\b"
        ),
    ),
    ("watching", rf"\bwe(?:'?re| are) (?:all )?watching {YOU}" + ends(".!", r"and (?:so|we)\b") + NO_GAME),
    (
        "a face|faces",
        r"\bwe (?:never forget a face|(?:don'?t|never) forget faces|remember faces)" + ends(".!", r"and yours\b"),
    ),
    (
        "find y|find u|hunt y|hunt u|track y|track u",
        (
            rf"\b{I_WE}{WILL} (?:\w+ )?(?:find|hunt|track) {YOU}(?: all| down| lot)?"
            + ends(".,;!", r"(?:and(?! (?:thank|hug|buy|shake|give))|when|where|wherever|no matter)\b")
        ),
    ),
    (
        "hide",
        (
            rf"\b(?:nowhere|no place) {YOU}(?: lot| people)? can hide\b|\b{YOU} can(?:'?t|not) hide (?:for ?ever|"
            rf"from us)\b"
        ),
    ),
)
