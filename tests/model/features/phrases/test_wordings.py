"""Phrases by the kind of what stands around them: other clauses, addresses, emoji, and who is told to do what."""

import pytest

from model.features.phrases.finder import PhraseFinder, Phrases
from model.features.phrases.self_harm import SELF_HARM
from model.features.phrases.veiled_threats import VEILED_THREATS
from model.reading.text import TextNormaliser

FINDER = PhraseFinder([SELF_HARM, VEILED_THREATS])
NORMALISER = TextNormaliser([])
#: Behind a clause of their writer's own, behind an address or a sign, and before an emoji.
THREATS = [
    "Don't worry mate, I know where you live.",
    "You think you're safe but I know where you live",
    "Say what you like, we know where you live",
    "You should be afraid, we know where you live",
    "Scum like you, I know where you live",
    "I don't like you and I know where you live",
    "You say that now but we know where you live",
    "You wrote this rubbish and I know where you live",
    "Your letter was rubbish and we know where you live",
    "Be scared, we know where you live",
    "I read what you wrote. Watch your back.",
    "Nobody likes you, we know where your kids go to school",
    "Think what you want but accidents happen, councillor",
    "You thought nobody would notice, but we have your address now.",
    "I don't worry about the likes of you, but you should sleep with one eye open.",
    " Watch your back.",
    "@Dave watch your back",
    "Dave, watch your back.",
    "Mr Reid, watch your back.",
    "(Watch your back.)",
    "*Watch your back.*",
    "- Watch your back.",
    "🔪 Watch your back.",
    "Nice work 🔪 watch your back",
    "@mayor_reid snitches get stitches",
    "Dave, sleep with one eye open",
    "🔪Sleep with one eye open",
    "We are watching you 👀",
    "We are watching you👀",
    "We're watching you 👁️ and yours",
    "I will find you 🔪",
    "We'll be waiting for you 😈",
    "We remember faces 👀",
    "People have accidents all the time, remember that, Mr Reid.",
    "People have accidents all the time.",
    "There are plenty of lampposts to go round.",
    "Plenty of lampposts in Westminster, and plenty of rope.",
    "Lads have been shot for less in this town.",
    "People have been killed for less.",
]
#: Told to a reader.
URGES = [
    "go drink some bleach",
    "Drink bleach",
    "You should drink bleach",
    "Why don't you drink bleach",
    "I hope you drink antifreeze",
    "Shut up and drink bleach",
    "Please just stop breathing",
    "Stop breathing.",
    "You can stop breathing now",
    "You should stop breathing",
    "stop wasting our oxygen",
    "put a gun to your head",
    "You should put a gun in your mouth",
    "Do us all a favour and jump",
    "Do us all a favour and jump off a bridge",
    "Do everyone a favour and hang yourself",
    "Do the world a favour and find a rope",
    "do everyone a favour, stop breathing",
    "Do us a favour and end it all",
    "Do us a favour and die",
    "We'd all be better off without you",
    "The world would be better without you in it",
    "Everyone would be happier without you here, scum",
    "The world is better without you, loser",
    "Nobody will miss you",
    "nobody would miss you anyway",
    "No one will miss you, mate",
    "No one would miss you 😂",
    "You should die",
    "Nobody would care if you died",
    "no one would notice if you died tomorrow",
    "get a rope, mate",
    "Get a rope",
    "@Dave drop a toaster bath",
    "@Dave die in a fire",
    " Commit suicide",
    "Dave, get a rope.",
    "Nobody would miss you, Warren.",
    "please, Tom, stop breathing our air",
    "You're a waste of oxygen, so stop breathing it.",
]
#: Of people and animals, offices and things.
NO_URGES = [
    "Babies stop breathing with RSV, so please get the jab.",
    "My dad used to stop breathing in his sleep.",
    "Stop breathing down my neck.",
    "You can stop breathing for a moment with sleep apnoea.",
    "Cats drink antifreeze and die, so please store it safely.",
    "Children drink bleach left under the sink every year.",
    "Two people swallow bleach by mistake each week here.",
    "Nobody put a gun to your head.",
    "They put a gun to your head and call it choice.",
    "Do us a favour and hang up the phone on trains, please.",
    "Do everyone a favour and jump the queue next time, doctor.",
    "Do us a favour and end it on Saturday with a win.",
    "Do me a favour and hang your coat up.",
    "We'd all be better off without you Tories in office",
    "We would be better off without you, Thames Water.",
    "Everyone would be better off without you lot in government.",
    "Nobody will miss you, Mr Johnson, when you leave No 10.",
    "Nobody will miss you, Nigel.",
    "No one will miss you, mate, when you leave the club.",
    "You should die at home, with dignity, if that is what you wish.",
    "You should die knowing your family is looked after.",
    "Nobody would care if you died waiting for an ambulance, that's how it feels.",
    "Nobody would notice if you died in a hospital corridor.",
    "Get a rope, the horse is stuck!",
    "Grab a rope and pull, we need ten volunteers.",
    "Get some rope for the tent.",
]
#: Of roads and lamps, and what others said, sent or fear.
NO_THREATS = [
    "People have accidents all the time on that bend.",
    "People have accidents all the time, because nobody grits the road.",
    "There are plenty of lamp posts to go round in London, so why none here?",
    "There are plenty of lampposts in Dublin that do not work.",
    "There are enough lamp posts to go round the estate twice.",
    "People have been killed for less on that junction.",
    "People have been shot for less in Moscow.",
    "She said, we know where you live.",
    "They told me to be quiet, we know where you live.",
    "He shouted at me, we know where you live.",
    "She wrote, we know where you live.",
    "I got a message from a stranger, we know where your kids go to school.",
    "I get notes through the door like that, we know where you live.",
    "They shouted and screamed we know where you live.",
    "I was afraid of the letters saying I know where you live.",
    "In the film he whispers I know where you live.",
    "He phoned and said he knew me and we know where you live.",
    "We are watching your match 👀",
    'The gate had "watch your back" on it.',
    "Nobody should be afraid of a crank saying we know where you live.",
    "Most people worry that someone will pay them a visit.",
    "In that job, you must always watch your back.",
]


@pytest.mark.parametrize(
    ("kind", "text"), [*((VEILED_THREATS, text) for text in THREATS), *((SELF_HARM, text) for text in URGES)]
)
def test_a_phrase_is_found_whatever_stands_around_it(kind: Phrases, text: str) -> None:
    assert FINDER.find([NORMALISER.normalise(text).text])[0].kind is kind


@pytest.mark.parametrize("text", [*NO_URGES, *NO_THREATS])
def test_what_is_said_of_others_is_none(text: str) -> None:
    assert FINDER.find([NORMALISER.normalise(text).text]) == {}
