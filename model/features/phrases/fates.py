"""Veiled threats: what awaits people, and what became of their like."""

from model.features.phrases.threat_words import (
    CALLED,
    HOSTILE,
    NO_GAME,
    SENTENCE,
    TITLED,
    WILL,
    YOU,
    YOUR,
    ends,
)

#: Of whom it is said that somebody met with harm for the like.
_FORMER = "(?:fella|fellow|guy|lad|one|man|woman|person|bloke|journalist|councillor|mp|judge|landlord)"
_ANY = f"(?:{YOU}|him|her|them|every|all|the (?:likes|lot|whole)|these|those|traitors)"
_LAMPPOSTS = r"lamp ?posts?"

#: Where those sit who are threatened.
_SEATS = r"(?:westminster|whitehall|parliament|washington|brussels|dublin|london)\b"
#: Behind lampposts that are to shine.
_NO_LIGHTS = r"(?!,? (?:that|which|with|without|but|so|already|as|where|why)\b)"

FATES = (
    (
        "waiting",
        (
            rf"\b(?:{_LAMPPOSTS}|ropes?|nooses?|gallows|guillotine|piano wire|wood ?chipper|bullet)(?: is| are|'s)? "
            rf"(?:\w+ )?waiting\b(?! (?:to|in|at|on|list)\b)(?! for (?!{_ANY}))"
        ),
    ),
    (
        "lamppost|lampposts|lamp",
        (
            rf"\b(?:plenty|enough|lots|no shortage|not short|loads)(?: of)? {_LAMPPOSTS} (?:for {_ANY}|to go "
            rf"(?:a)?round(?:(?! (?:the|our|every|on|in)\b)| in {_SEATS})|in {_SEATS})\b{_NO_LIGHTS}|\bropes?,? "
            rf"and (?:a |some )?{_LAMPPOSTS}\b|\b{_LAMPPOSTS},? and (?:\w+ ){{0,3}}rope\b"
        ),
    ),
    (
        "our name|ur name|yer name",
        rf"{SENTENCE}{YOUR} name(?:'?s| is)(?: already| now)? on (?:the|our|a|my) list{ends('.!', CALLED)}",
    ),
    (
        "comes",
        (
            rf"\bwhen (?:the|that|our) (?:day|time) comes,? [^.!?\n]{{0,40}}\b(?:lists|lamp ?posts?|ropes?|"
            rf"(?:against|up to) the wall|(?:i|we)(?:'ll| will| won'?t| will not) (?:remember|forget) (?:{YOU}|who "
            rf"{YOU}))\b{NO_GAME}"
        ),
    ),
    (
        "lists",
        (
            r"\bwe(?:'ve| have| keep|'re keeping| are keeping)(?: got)? lists\b[^.!?\n]{0,30}\bwhen the (?:day|"
            r"time) comes\b"
        ),
    ),
    (
        "the wall",
        (
            rf"\b(?:{YOU}|people like {YOU}|{YOUR} (?:sort|kind|lot|type))(?: lot)?{WILL} be (?:the )?(?:first )?"
            rf"(?:up )?against the wall\b|\bfirst (?:up )?against the wall [^.!?\n]{{0,35}}{YOU} lot\b"
        ),
    ),
    ("tick|ticktock", rf"\btick[, ]* ?tock[, ]* (?:{HOSTILE}|(?:pal|mate|sunshine|judge|councillor|editor)\b)"),
    (
        "snitches|snitch|grasses",
        (
            rf"{SENTENCE}(?:snitch(?:es)?|grasses) (?:get|gets|end up (?:in|with)|belong in) (?:\w+ )?(?:stitches|"
            rf"ditches|a ditch)\b(?! (?:is|culture|code|attitude|mentality|rule|keeps?|means|approach)\b)"
        ),
    ),
    (
        "know what",
        (
            rf"\byou (?:\w+ )?know what (?:happens|we do|they do) (?:to|with) (?:touts|snitches|grasses|rats|"
            rf"informers|scabs|traitors|informants|people like {YOU})\b"
        ),
    ),
    ("touts", r"(?<!ticket )\btouts (?:will be (?:dealt with|shot)|get (?:shot|what))"),
    (
        "the last",
        (
            rf"\b(?:(?:remember|ask|know) what happened to the last|{SENTENCE}ask the last) {_FORMER} (?:that|who|"
            rf"what happened when he) (?:crossed|touted|ratted|grassed|squealed|messed with|tried (?:it|that) (?:on|"
            rf"here|round|around))\b|{SENTENCE}ask (?:\w+ )?what happened to the last (?:tenant|{_FORMER}) (?:that|"
            rf"who)\b|\bthe last {_FORMER} (?:that|who)\b[^.!?\n]{{0,50}}\b(?:left in an ambulance|left in a box|"
            rf"(?:was )?never found)\b"
        ),
    ),
    ("safe too|safe, too", r"\b(?:jo cox|david amess) (?:thought|felt) (?:\w+ ){1,3}safe,? too\b"),
    ("liberty", r"\btree of liberty (?:is|looks|'s|needs) (?:\w+ )?(?:thirsty|dry|parched|water(?:ing|ed))\b"),
    (
        "for less|lot less|far less|much less",
        (
            r"\b(?:people|men|women|lads|fellas|politicians) have (?:been|got) (?:shot|killed|hanged|hung|"
            r"kneecapped|burn(?:ed|t) out|stabbed|knifed) for (?:a lot |far |much )?less\b"
            r"(?! (?:than|(?:on|at) (?:that|this|the|our|my)|in (?!this|our|these|my))\b)"
        ),
    ),
    ("name on", r"\b(?:bullet|brick|noose|rope|grave|coffin|lamp ?post) with (?:your|his|her) name on\b"),
    (
        "marked man|marked men|marked woman|marked women|dead man|dead men|dead woman|dead women|dead meat",
        (
            rf"\b{YOU}(?:'?re| are|r) (?:all )?(?:an? )?(?:(?:marked|dead) (?:wo)?m[ae]n|dead meat)\b(?! (?:to|if|"
            rf"when|once)\b){NO_GAME}"
        ),
    ),
    (
        "target on",
        (
            rf"{SENTENCE}(?:there'?s|{YOU}(?:'?ve| have)(?: got| just painted)?) a (?:\w+ )?target on {YOUR} back\b"
            + ends(".!", "now|pal|mate")
        ),
    ),
    (
        "the wrong",
        (
            rf"\b{YOU}(?:'?ve| have)? (?:just )?(?:(?:messed with|fucked with|crossed|pissed off) the wrong "
            rf"(?:people|person|town|man|guy|family|lads?|one|bitch|woman|crowd)|(?:picked|chose) the wrong \w+ to "
            rf"(?:mess|fuck|screw) with)\b"
        ),
    ),
    (
        "dealing with|messing with|fucking with|screwing with",
        (
            rf"\b(?:n'?t|not|no) (?:\w+ )?(?:know|idea|clue) who (?:the \w+ )?{YOU}(?:'?re| are|r) (?:dealing|"
            rf"messing|fucking|screwing) with\b(?! (?:when|on|online|until|if|and|in)\b)"
        ),
    ),
    (
        "regret|rue the",
        (
            rf"\b{YOU}(?:'?ll| will) (?:\w+ )?(?:regret (?:the day|crossing|messing with|(?:writing|printing|posting|"
            rf"saying|publishing) (?:this|that|it){ends('.,!')}|ever \w+ing)|rue the day)\b{NO_GAME}"
        ),
    ),
    ("sorry y|sorry u", rf"\b{YOU}(?:'?ll| will) be sorry {YOU} ever (?:opened|wrote|crossed|messed|came|were)\b"),
    (
        "rifles|guns|shotguns",
        (
            rf"\bsome of us (?:still )?(?:own|have|have got|got) (?:\w+ )?(?:rifles|guns|shotguns),? (?:{TITLED}|"
            rf"{HOSTILE})"
        ),
    ),
    ("amendment", r"\b(?:2nd|second) amendment (?:people|folks?|patriots) (?:know|will know) what to do\b"),
    ("seeing to", rf"\b(?:{YOU}|he|she) needs? a (?:good )?seeing to\b"),
)
