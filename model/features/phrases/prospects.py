"""Veiled threats: what is said to come."""

from model.features.phrases.threat_words import (
    CALLED,
    HOSTILE,
    I_WE,
    KIN,
    NO_GAME,
    SENTENCE,
    TITLED,
    WHO,
    WILL,
    YOU,
    YOUR,
    ends,
)

PROSPECTS = (
    (
        "accidents",
        (
            rf"\baccidents (?:do |can |will )?happen(?: to (?:people|men|women|journalists|judges|families|those) "
            rf"(?:like (?:you|u|him|her)|who)\b|[,.!]* (?:{TITLED}|especially (?:to|on (?:that|your)|when you)|just "
            rf"sayin\w*)\b)|\baccidents happen\b[^.!?\n]{{0,25}}\be?specially to (?:people|those|anyone) (?:who|on|"
            rf"like)\b|\bpeople (?:have|meet with) accidents all the time\b"
            r"(?!,? (?:on|at|in|near|with|when|while|there|because|along|from|due)\b)"
        ),
    ),
    ("accident", rf"\b(?:{YOU}|he|she)(?:{WILL}| might| may| could) meet with an? (?:\w+ )?accident\b"),
    (
        "days are",
        (
            rf"\b{YOUR} (?:\w+ )?days are (?:\w+ )?numbered\b(?! (?:as|in|at|with|if|when)\b){NO_GAME}|"
            rf"{SENTENCE}days are numbered,? {CALLED}"
        ),
    ),
    (
        "coming",
        (
            rf"\b{YOU}{WILL} (?:all |soon |surely |\w+ly )?get (?:exactly |just )?what(?:'?s| is|(?: {YOU})?(?:'?ve| "
            rf"have)) coming\b{NO_GAME}(?![^.!?\n]{{0,40}}\b(?:pension|god|heaven|karma|jail|court|medal|prize|"
            rf"reward)\b)"
        ),
    ),
    ("it coming", rf"\b(?:have|ve|they|you|u) got it coming,? and (?:\w+)?{WILL} (?:\w+ )?get it\b{NO_GAME}"),
    (
        "be waiting",
        (
            rf"\b(?:we|the lads|the boys)(?:'?ll| will| shall) (?:all )?be waiting (?:for|on) {YOU}"
            + ends(".,;", r"(?:outside|when|pal|mate|scum|bitch)\b")
            + rf"{NO_GAME}|\boutside [^.!?\n]{{0,20}}\bwe(?:'?ll| will) be "
            rf"waiting\b{NO_GAME}|\bi(?:'?ll| will) be waiting (?:for {YOU} )?outside (?:{YOUR}|the) (?:house|work|"
            rf"office|court|gates?)\b"
        ),
    ),
    (
        "waiting for",
        (
            rf"\bthe (?:lads|boys)(?: inside)?(?:'ll be| will be| are) waiting for (?:him|her|them|you|u) (?:when|"
            rf"inside|in there|outside)\b{NO_GAME}"
        ),
    ),
    (
        "coming for|coming after|comin for|comin after",
        (
            rf"\b{I_WE}(?:'?re| are|'?m| am) (?:all )?(?:coming|comin) (?:for|after) (?:{YOU}"
            + ends(".,;!", r"(?:and|next|tonight|all)\b")
            + rf"|every (?:last |single )?one of {YOU}|{YOUR} (?:{KIN}|head)){NO_GAME}"
        ),
    ),
    ("come for", rf"\bwhen we come for {YOU}\b{NO_GAME}"),
    (
        "ur time|ur day|ur turn|yer time|yer day|yer turn",
        (
            rf"\b{YOUR} (?:time|day|turn)(?: is|'?s| will) com(?:e|ing)(?:,? {HOSTILE}|,? and (?:i|we)(?:'?ll| will) "
            rf"be (?:there to (?:watch|see)|waiting|laughing)\b)"
        ),
    ),
    (
        "next",
        (
            rf"{SENTENCE}(?:you(?:'?re| are) next,? {CALLED}|{YOUR} (?:{KIN}|house|home)(?:'?s|'?re| is| are| will "
            rf"be|'ll be) next\b(?! (?:to|door|in|week|year)\b)){NO_GAME}"
        ),
    ),
    (
        "word with",
        (
            rf"\bknow (?:a few|some|a couple of) (?:lads|boys|fellas|people)\b[^.!?\n]{{0,25}}\b(?:love|like|have) "
            rf"(?:to have )?a (?:quiet |little |friendly )?word with {WHO}\b"
        ),
    ),
    (
        "a dark",
        (
            rf"\b(?:(?:love|like) to (?:meet|catch|see|find)|like a (?:quiet )?word with) {WHO},? (?:in|down|up) a "
            rf"dark\b"
        ),
    ),
    (
        "a knock",
        (
            rf"\b(?:one|some) (?:night|day|evening)[^.!?\n]{{0,12}}\byou(?:'?ll| will) hear a knock\b|"
            rf"{SENTENCE}expect a knock (?:on|at) {YOUR} (?:door|window){ends('.!')}|\ba knock (?:on|at) "
            rf"(?:the|{YOUR}) (?:door|window) (?:some|one) (?:of these )?nights?\b"
        ),
    ),
    (
        "brick|bricks",
        (
            r"\b(?:(?:should ?n'?t|don'?t|not) be surprised if|deserves?|wants?|needs?|asking for|waiting "
            r"for)[^.!?\n]{0,15}\bbricks? (?:\w+ ){0,3}(?:through|thru) (?:his|her|your|ur|their|that) (?:\w+ "
            r")?windows?\b|\bbricks (?:do )?go through windows\b"
        ),
    ),
    (
        "box of",
        (
            r"\bbox of matches (?:is|costs?) (?:still |only )?(?:cheap|pennies|pence|cents|a (?:quid|euro|pound|"
            r"dollar))\b"
        ),
    ),
    (
        "even judges|even ministers|even senators|even journalists|even councillors|even bodyguards",
        (
            r"\beven (?:judges|ministers|senators|journalists|councillors|bodyguards) (?:have to|must|need to) "
            r"(?:sleep some ?time|walk (?:home|to their cars?)|drive home)\b"
        ),
    ),
    (
        "shoes when|be you when|be u when|be ya when|be ye when|be yous",
        (
            rf"\bwould ?n'?t (?:like|want) to be (?:in {YOUR} shoes|{YOU}) when (?:the (?:lads|boys)|we|they|people "
            rf"(?:find|catch)|some(?:one|body))\b"
        ),
    ),
    (
        "bottom of|face down|facedown|floating in",
        (
            rf"\b{YOU}(?:{WILL}|'d| could| might| may| would) [^.!?\n]{{0,20}}(?:at the bottom of|face ?down in|"
            rf"floating in) (?:an? |the )?(?:\w+ )?(?:quarry|ditch|river|canal|lake|lough|bog|bay|harbour|liffey|"
            rf"lagan|thames)\b"
        ),
    ),
    (
        "deep",
        (
            rf"(?:canal|river|quarry|lake|bog|harbour|lough|liffey) is deep(?: enough)? for (?:{WHO}|them|the "
            rf"(?:whole|lot)|people like)\b"
        ),
    ),
    (
        "room",
        (
            rf"\broom (?:\w+ ){{0,2}}(?:in|on|at the bottom of|under) the (?:patio|bog|canal|quarry) for (?:{WHO}|"
            rf"the likes|your)\b"
        ),
    ),
    ("open season", rf"\bopen season on (?:{YOU}|{YOUR} (?:lot|kind|sort))\b"),
    (
        "dealt with",
        (
            rf"{SENTENCE}{YOU}(?:'?ll| will) be dealt with{ends('.!')}|\bs?he(?:'?ll| will) be dealt with[.,]? "
            rf"(?:quietly|our way|by us)\b"
        ),
    ),
    ("least expect", rf"\b{I_WE}{WILL} (?:get|find|come for|visit) {YOU} when {YOU} least expect\b"),
    ("never know when", rf"\b{YOU}(?:\'?ll| will)? never know when (?:i|we)(?:'?m|'?re| am| are) coming\b"),
    ("straw", rf"\b(?:{YOU}|he|she){WILL} be (?:eating|having) (?:[^.!?\n]{{0,20}} )?through a straw\b"),
    ("fishes", rf"\b(?:{YOU}|he|she){WILL} (?:be )?sleep(?:ing)? with the fishes\b"),
    (
        "sleep sometime|sleep some time",
        rf"\b(?:{YOU}|he|she)(?:'?ve|'?s| have| has)(?: got)? to sleep some ?time,? (?:{TITLED}|your \w+)",
    ),
    (
        "smiling|laughing|smirking",
        rf"\bwon'?t be (?:smiling|laughing|smirking) when (?:we|i)(?:'?re|'?m| are| am| come| get| find)\b{NO_GAME}",
    ),
    ("see to", rf"\bthe (?:boys|lads)(?: \w+)?(?:'ll| will) see to (?:that|him|her|you|them)\b{NO_GAME}"),
)
