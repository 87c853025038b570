"""What the patterns of veiled threats are made of."""

YOU, YOUR = "(?:you|u|ya|ye|youse|yous)", "(?:your|ur|yer)"
I_WE = "(?:i|we)"
WHO = "(?:you|u|ya|ye|him|her)"
WILL = r"(?:'?ll| will| shall|'?(?:re|m) (?:going to|gonna)| (?:are|am) (?:going to|gonna)| gonna)"
KIN = (
    "(?:kids?|child(?:ren)?|famil(?:y|ies)|wife|husband|missus|mother|mum|mom|mam|ma|father|dad|da|parents|daughters?|"
    "sons?|sisters?|brothers?|nan|gran|granny|girls?|boys?|weans?|partner|girlfriend|boyfriend|loved ones)"
)
THEIR_KIN = rf"(?:{YOUR}|his|her|their) (?:\w+ )?{KIN}"
#: What somebody does where others could wait.
LIVES = r"(?:lives?|parks?|works?|drinks?|sleeps?|shops?|banks?|resides?|stays?|hangs? out|goe?s?)"
LADS = "(?:the |some of the |a few of the |a few |some )(?:lads|boys|fellas)"
SOME = rf"(?:some ?(?:one|body|of us)|a few of us|{LADS})"
#: Whom one calls by a title, and whom by a bad name; what stands between is a friend's word as often.
TITLED = (
    "(?:councillor|minister|senator|congress(?:man|woman)|governor|judge|mayor|mr|mrs|ms|editor|deputy|"
    "sunshine|sonny|boyo|princess)\\b"
)
HOSTILE = r"(?:bitch(?:es)?|traitors?|scum\w*|rats?|snitch(?:es)?|nonce|pig|punk|motherf\w+|bastards?|cunts?|vermin)\b"
CALLED = rf"(?:{TITLED}|{HOSTILE}|(?:pal|mate|bud|buddy|lads?|son|love|boy|kid|fella|champ)\b)"
#: Emoji as they are read, where one follows a word without a blank; else two blanks stand beside its name.
_SIGN = " (?:eyes?|knife|dagger knife|crossed swords|pistol|bomb|skull|fire|smiling horns|imp|smirking|winking) "
#: Words before a comma that call nobody, and many people at once, whom one may warn or advise.
_NO_CALL = (
    r"(?!(?:first(?:ly)?|second(?:ly)?|third(?:ly)?|next|then|now|finally|lastly|later|again|still|honestly|however|also|"
    r"so|well|ok(?:ay)?|yes|no|oh|please|meanwhile|today|tonight|tomorrow|sadly|instead|\w{3,}(?:ers|ors|ists|ants|ians)|"
    r"people|folks|parents|kids|men|women|everyone|everybody|all)\b)"
)
#: Whom a sentence names before it turns to them, and the dash of a list.
_CALL = rf"(?:- *)?(?:@\w+[,:]? |(?:(?:hey|hi|oi|mr|mrs|ms) )?{_NO_CALL}\w+, )?"
#: Where a sentence or a part of it begins. A quotation mark is no beginning: what stands in one is told of. Two blanks
#: are looked back at, for a run of blanks must not be read from each of them.
SENTENCE = rf"(?:^{_SIGN}?|^ *|[.!?:;\n(*] *|(?<=  )){_CALL}"
START = r"(?:^ *|[.!?,;:\n(*] *|(?<=  ))"
#: What ends a phrase: an emoji does, too, but not a word that is called like one.
_ENDING_SIGN = rf"(?:  |{_SIGN}(?:[ .,!?;:\n]|$))"


def ends(marks: str, *more: str) -> str:
    """Return what stands behind a phrase that ends: a sign, one of these marks, the end of a line, or what else may."""
    behind = "|".join((f"[{marks}\n]", "$", *more))
    return f"(?={_ENDING_SIGN}| *(?:{behind}))"


END = ends(".,!?;:)", r"(?:and|so|too|now)\b")
IF_YOU = r"if i (?:was|were) (?:you|u|ye|him|her|them|he|she|they)\b"
#: Behind what is also said of matches, polls and seasons.
NO_GAME = (
    r"(?![^.!?\n]{0,60}\b(?:ballot|elections?|polls?|polling|vot(?:e|es|ers|ing|ed)|seats?|league|cup|finals?|"
    r"titles?|"
    r"season|match|matches|champions?|championship|play-?offs?|clubs?|goals?|strikers?|trophy|relegat\w+|"
    r"derby|wembley|"
    r"croke park|all-ireland|premiership|arsenal|liverpool|chelsea|celtic|rangers|city|united|stadium|saturday)\b)"
)
#: Behind what is hoped of a neighbour's house, too.
NO_THIEF = (
    r"(?![^.!?\n]{0,60}\b(?:burgla\w+|thie(?:f|ves)|robber\w*|storms?|floods?|fires?|hurricanes?|winds?|water|police|"
    r"scam\w*|break-?ins?)\b)"
)
#: Behind what is meant well.
NO_CHEER = (
    r"(?![^\n]{0,60}\b(?:dinner|tea|lunch|christmas|thanksgiving|party|coffee|pint|cake|flowers|cheer|"
    r"lonely|grave|"
    r"hospital|museum|leaflets?|canvass\w*|deliver\w*|parcels?|cards?|send|donat\w+|thank\w*|write|alone|"
    r"company|natter|likes)\b)"
)
