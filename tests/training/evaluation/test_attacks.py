"""What commenters do to a text, and what the normaliser makes of it."""

import random
import re
from collections import Counter
from pathlib import Path

import pytest

from model.reading.text import TextNormaliser
from training.evaluation.sentences.attacks import ATTACKS

SENTENCES = (
    "You are an idiot and everyone in this town knows it",
    "What a stupid thing to say, did your mother never teach you anything",
    "People like you should never be allowed to vote",
    "This moron writes garbage every single week and gets paid for it",
    "Shut your mouth you pathetic little loser",
    "Nobody wants to read this bullshit from such an ignorant coward",
    "I hope someone will kick your ass one day",
    "Those filthy politicians are nothing but thieves and liars",
    "Go back where you came from you disgusting pig",
    "The whole council is full of dumb bastards",
)
#: Where the words survive as they are, or are not meant to be mended.
BEYOND_MENDING = {"typos"}
#: Two halves that are words themselves stay two words ('mother' is not among them).
LEAST = {"cutting": 0.85}


def seeded(seed: int) -> random.Random:
    return random.Random(seed)


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[a-z]+", text.lower()))


@pytest.fixture(scope="module")
def normaliser() -> TextNormaliser:
    path = Path(__file__).parents[2] / "data" / "common_words.txt"
    common = path.read_text(encoding="utf-8").splitlines()[1:]
    own = [word for sentence in SENTENCES for word in words(sentence)]
    return TextNormaliser(list(dict.fromkeys(common + own)))


@pytest.mark.parametrize("name", ATTACKS)
def test_same_seed_gives_same_text(name: str) -> None:
    attack = ATTACKS[name]

    assert attack(SENTENCES[0], seeded(3)) == attack(SENTENCES[0], seeded(3))


@pytest.mark.parametrize("name", ATTACKS)
def test_text_is_changed(name: str) -> None:
    assert all(ATTACKS[name](sentence, seeded(seed)) != sentence for seed, sentence in enumerate(SENTENCES))


@pytest.mark.parametrize("name", sorted(ATTACKS.keys() - {"benign_padding"}))
def test_no_share_changes_nothing(name: str) -> None:
    assert ATTACKS[name](SENTENCES[0], seeded(1), share=0.0) == SENTENCES[0]


@pytest.mark.parametrize("name", ATTACKS)
def test_empty_text_stays_without_words(name: str) -> None:
    assert (words(ATTACKS[name]("", seeded(1))) == Counter()) == (name != "benign_padding")


@pytest.mark.parametrize("name", sorted(ATTACKS.keys() - BEYOND_MENDING))
def test_attacked_words_are_read(name: str, normaliser: TextNormaliser) -> None:
    wanted = found = 0
    for seed in range(10):
        for sentence in SENTENCES:
            read = normaliser.normalise(ATTACKS[name](sentence, seeded(seed))).text
            wanted += words(sentence).total()
            found += (words(sentence) & words(read)).total()

    assert found / wanted >= LEAST.get(name, 0.95)
