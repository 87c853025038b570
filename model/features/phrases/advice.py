"""Veiled threats: what would be a pity, and what somebody is advised to do."""

from model.features.phrases.threat_words import (
    CALLED,
    END,
    HOSTILE,
    IF_YOU,
    KIN,
    NO_GAME,
    NO_THIEF,
    SENTENCE,
    THEIR_KIN,
    TITLED,
    WILL,
    YOU,
    YOUR,
    ends,
)

_SOMETHING = r"(?:some|any) ?(?:thing|one)(?: bad| nasty)?(?: (?:were|was))?(?: to)? happen(?:s|ed)?"
#: A shame, said by one who means no regret: "Be a shame if ..."
_SHAME = (
    rf"{SENTENCE}(?:(?:would |'?twould )?be )?(?:an? )?(?:(?:real|terrible|awful|great|crying) )?(?:shame|pity)(?: "
    rf"for \w+)?,? if"
)
_HARM = (
    r"(?:(?:caught|catch|on) fire|brakes|lighter|burn(?:ed|t)|went up in|slip(?:s|ped)?|fell (?:down|off|under)|"
    r"(?:had|have) an accident|(?:came?|come) along one night)"
)
_BETTER = (
    rf"(?:{SENTENCE}(?:(?:(?:and|so) )?now,? )?|\b(?:better|best|should|wanna|want to|ought to|might want to|just) |"
    r", (?:so |and )?now )"
)

ADVICE = (
    (
        "if something|if anything|if someone|if anyone|if some thing|if any thing|if some one|if any one",
        rf"{_SHAME} {_SOMETHING}(?: to (?:you|u|ya|him|her|it|them|{YOUR}|{THEIR_KIN})\b|{ends('.!?')})",
    ),
    (
        "happen to|happens to|happened to",
        (
            rf"\b(?:shame|pity)(?: for \w+)?,? if {_SOMETHING} to (?:you|u|ya|ur|your (?:\w+ )?(?:{KIN}|house|car|"
            r"shop|business|face)|the (?:wife|missus|kids)|that (?:\w+ ){1,3}of (?:yours|his|hers|theirs)|"
            rf"that (?:nice|lovely|little|fancy|new) (?:\w+ )?(?:house|car|shop|family|face|wife|office)|"
            rf"{THEIR_KIN})\b"
        ),
    ),
    ("shame|pity", rf"{_SHAME} [^.!?\n]{{0,40}}\b{_HARM}\b"),
    (
        "happen to|happens to|happened to",
        (
            rf"\b(?:we'd|we would) hate (?:for|to see) {_SOMETHING} to (?:you|u)\b|\bhate (?:for|to see) "
            rf"{_SOMETHING} to (?:those (?:kids|children)|your dog|{THEIR_KIN})\b"
        ),
    ),
    (
        "got there|got here|have there|have here|ve there|ve here",
        (
            rf"\b(?:nice|lovely|beautiful|fine|grand|cracking) (?:little |big |young |old |wee )?(?:house|home|"
            rf"family|kids?|wife|daughters?|shop|business|place|pub|farm|restaurant|office|dog|children) {YOU}"
            rf"(?:(?:'?ve| have)(?: got)?| got) (?:there|here)\b(?!!| in (?:the|this|your) (?:picture|photo))"
            rf"(?![^\n]{{0,60}}\b(?:congrat\w*|well done|thank\w*|bless|wish|all the best|enjoy\w*|love it)\b)"
        ),
    ),
    (
        "watch your back|watch ur back|watch yer back|watch ya back|own back",
        (
            rf"{_BETTER}watch (?:{YOUR}|ya) (?:own )?back\b(?! (?:garden|door|pocket|wheel|four|line|yard|with|"
            rf"around|near|in (?:that|the|this|those))\b)(?! on \w+ (?!way\b|streets?\b)\w)(?! (?:when|while|"
            rf"if|as) (?:you (?:lift|bend|dig)|lifting|"
            rf"bending|digging|gardening|shovel\w+|moving)\b){NO_GAME}"
        ),
    ),
    (
        "watch his back|watch her back|watch their backs|watch their back",
        (
            rf"\b(?:had|'d|he|she|they) better watch (?:his|her|their) backs? (?:when|on (?:the|his|her)|walking|"
            rf"leaving|at night|from now|around here|round here)\b{NO_GAME}"
        ),
    ),
    ("watch my back", rf"\bwatch my back {IF_YOU}"),
    (
        "your shoulder|ur shoulder|yer shoulder",
        (
            rf"(?:{SENTENCE}|\bbetter )(?:keep|start) looking over {YOUR} shoulder\b(?! (?:when|while|on|"
            rf"if)\b){NO_GAME}|\b{YOU}{WILL} be looking over {YOUR} shoulder (?:for the rest|from now|every|"
            rf"{HOSTILE})"
        ),
    ),
    (
        "eye open",
        (
            rf"(?:{SENTENCE}|\b(?:better|should|hope (?:{YOU}|he|she|they)) )sleep with (?:one|1) eye open\b(?!,? "
            rf"gripping)|\b(?:{YOU}|he|she){WILL} be sleeping with (?:one|1) eye open\b"
        ),
    ),
    (
        "locks|doors|door|windows|alarm|alarms",
        (
            rf"\bhope (?:{YOUR} (?:\w+ )?(?:locks|doors?|windows|alarms?) (?:are|is|r) (?:good|strong|locked|solid|"
            rf"ok|working)|(?:{YOU}|he|she)(?:'?ve|'?s| have| has)?(?: got)? (?:good|decent|strong) (?:locks|"
            rf"doors))\b{NO_THIEF}"
        ),
    ),
    (
        "insurance|insured|up to date|paid up",
        (
            rf"\bhope (?:{YOUR} (?:\w+ )?(?:insurance|house|car|shop) is (?:up to date|paid up|insured)|{YOU}(?:'?ve|"
            rf" have)(?: got)? (?:good |plenty of )?life insurance|(?:{YOUR}|the) (?:wife|missus|kids|family) (?:has|"
            rf"have) {YOU} insured)\b{NO_THIEF}"
        ),
    ),
    ("proof|fireproof|bulletproof", rf"\bhope {YOUR} (?:\w+ ){{1,2}}(?:is|are) (?:fire|bullet|flame)[ -]?proof\b"),
    (
        "ur car|yer car|the car|his car|her car",
        (
            rf"\b(?:i'?d (?:be |start )?|better (?:start )?)(?:check|look)(?:ing)? (?:under|underneath|beneath) "
            rf"(?:the|{YOUR}|his|her) car\b(?! for\b)|{SENTENCE}(?:always )?(?:check|look) (?:under|underneath|"
            rf"beneath) {YOUR} car (?:in the morning|tomorrow|tonight|from now|every morning)"
        ),
    ),
    (
        "that car|ur car|yer car|his car|her car",
        rf"\b(?:n'?t|not) (?:be )?start(?:ing)? (?:that|{YOUR}|his|her) car\b[^.!?\n]{{0,30}}{IF_YOU}",
    ),
    (
        "careful",
        (
            rf"\bi'?d be (?:\w+ )?careful (?:walking|going|on the way) (?:home|the dog)\b[^.!?\n]{{0,30}}{IF_YOU}|"
            rf"{SENTENCE}be (?:very )?careful (?:crossing the road|walking home|on the way home|starting the car),? "
            rf"{TITLED}"
        ),
    ),
    ("in the back of", r"\bhope (?:you|u|he|she)(?:'?ve|'?s| have| has|)(?: got)? eyes in the back of\b"),
    ("kneecaps", rf"\b(?:fond of|attached to|want to keep|like having) {YOUR} kneecaps\b"),
    ("hospital food", rf"\b(?:do|hope) {YOU} like hospital food\b"),
    (
        "goodbye to|goodbyes to",
        rf"(?:{SENTENCE}|\b(?:better|should|now) )(?:say|kiss) (?:{YOUR} )?goodbyes? to {YOUR} {KIN}\b{END}",
    ),
    (
        "keep talking|keep posting|keep it up|keep that up|keep running|keep writing|carry on",
        (
            rf"\b(?:keep (?:talking|posting|it up|that up|running {YOUR} mouth)|carry on (?:like that|talking|this "
            rf"way)) and (?:see what happens|find out|you(?:'?ll| will) (?:see|find out)){ends('.,!')}|\bkeep "
            rf"(?:writing|talking|posting)(?: (?:like (?:this|that)|that|this))?,? (?:and |then )?see what happens\b"
            rf"{ends('.,!')}|{SENTENCE}carry on,? {CALLED}[.,]* {YOU}(?:'?ll| will) (?:see|find out)\b"
        ),
    ),
    (
        "to my face|round here|around here",
        r"\b(?:say|try) (?:that|it|this) (?:to my face|round here|around here) and (?:see what happens|find out)\b",
    ),
    (
        "around and|about and",
        (
            r"\b(?:fuck|fck|f\*+k|mess|piss) (?:around|about) and (?:find out|see what happens)"
            + ends(".,!", "bud", "mate", "pal")
        ),
    ),
    (
        "route",
        rf"\b(?:should|better|i'd|want to) (?:start )?vary(?:ing)? (?:my|{YOUR}|his|her|their) route\b",
    ),
    (
        "i were|i was",
        (
            rf"\bi'?d (?:leave town|move (?:{YOUR}|the) family|disappear|keep {YOUR} (?:mouth shut|curtains closed|"
            rf"doors locked)) {IF_YOU}"
        ),
    ),
)
