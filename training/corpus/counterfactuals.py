"""Sentences of our own making that teach the classifier what it usually gets wrong.

Most are made from templates and word lists in ``data/counterfactuals.json``. Every
identity term is given as many abusive as civil sentences, so that a term itself
tells nothing about the label. Those in ``data/newspaper_sentences.json`` were
written one by one. Both files hold slurs and threats, and say so.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_DATA_FOLDER = Path(__file__).parents[1] / "data"
DATA_FILE = _DATA_FOLDER / "counterfactuals.json"
NEWSPAPER_FILE = _DATA_FOLDER / "newspaper_sentences.json"
SENTENCES_PER_TERM = 32
OPENER_SHARE = 0.25
PADDED_SHARE = 0.12
ATTEMPTS_PER_SENTENCE = 40

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SENTENCE_START = re.compile(r"(^|[.!?] )([a-z])")
_NOT_LETTERS = re.compile(r"[^\w🐀-🪳]+")


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """One sentence with the six labels; ``None`` means not labelled.

    Attributes
    ----------
    text : str
        The sentence, as a reader might have typed it.
    group : str
        What the sentence is meant to teach, such as ``"negated_hate"``.
    toxicity, severe_toxicity, obscene, threat, insult, identity_attack : float or None
        Degrees from 0 to 1; ``None`` is to be masked in the loss.
    """

    text: str
    group: str
    toxicity: float | None
    severe_toxicity: float | None
    obscene: float | None
    threat: float | None
    insult: float | None
    identity_attack: float | None


@dataclass(frozen=True, slots=True)
class IdentityTerm:
    """The forms of one identity term.

    Attributes
    ----------
    axis : str
        Such as ``"religion"`` or ``"disability"``.
    plural, singular : str
        Nouns without an article.
    adjective : str or None
        A word that can stand before a noun, if there is one.
    """

    axis: str
    plural: str
    singular: str
    adjective: str | None

    def fillers(self) -> dict[str, str]:
        """Return what fills each identity placeholder of a template.

        Returns
        -------
        dict of str to str
            From the placeholder's name to the words.
        """
        words = {"P": self.plural, "s": self.singular, "S": _with_article(self.singular)}
        if self.adjective is not None:
            words |= {"A": self.adjective, "aA": _with_article(self.adjective)}
        return words


@dataclass(frozen=True, slots=True)
class _Template:
    """A sentence with places for identity terms, and its labels."""

    text: str
    group: str
    abusive: bool
    labels: tuple[float | None, ...]
    axes: tuple[str, ...]
    needs_adjective: bool

    def suits(self, term: IdentityTerm) -> bool:
        """Return whether an identity term fits into this sentence."""
        if self.needs_adjective and term.adjective is None:
            return False
        return not self.axes or term.axis in self.axes


@cache
def _data() -> dict[str, Any]:
    """Read the templates and what fills them."""
    loaded: dict[str, Any] = json.loads(DATA_FILE.read_text(encoding="utf-8"))
    return loaded


@cache
def identity_terms() -> tuple[IdentityTerm, ...]:
    """Return every identity term that the sentences are made with.

    Returns
    -------
    tuple of IdentityTerm
        In the order of the data file.
    """
    axes: dict[str, list[list[str]]] = _data()["identities"]
    return tuple(IdentityTerm(axis, *forms) for axis, terms in axes.items() for forms in terms)


def counterfactuals(seed: int = 0) -> list[LabelledSentence]:
    """Make the labelled sentences.

    Parameters
    ----------
    seed : int
        The same seed gives the same sentences in the same order.

    Returns
    -------
    list of LabelledSentence
        Shuffled; no two texts differ in case, punctuation or spacing alone.
    """
    maker = _Maker(seed)
    identity_templates = [t for block in _data()["identity_blocks"] for t in _templates(block)]
    for term in identity_terms():
        for abusive in (True, False):
            usable = [t for t in identity_templates if t.abusive == abusive and t.suits(term)]
            maker.add(usable, SENTENCES_PER_TERM, term.fillers())
    for block in _data()["blocks"]:
        maker.add(_templates(block), block["count"], {})
    return maker.shuffled()


@cache
def newspaper_sentences() -> tuple[LabelledSentence, ...]:
    """Return the sentences written one by one in the manner of a newspaper's readers.

    In each group, harmless sentences share words and style with the abusive
    ones. A label says how many of ten fair-minded readers would say yes.

    Returns
    -------
    tuple of LabelledSentence
        In the order of the data file; every label is known.
    """
    loaded = json.loads(NEWSPAPER_FILE.read_text(encoding="utf-8"))
    return tuple(LabelledSentence(**sentence) for sentence in loaded["sentences"])


def _templates(block: dict[str, Any]) -> list[_Template]:
    """Return the templates of one block of the data file."""
    return [
        _Template(
            text=text,
            group=block["group"],
            abusive=block["abusive"],
            labels=tuple(block["labels"]),
            axes=tuple(block.get("axes", ())),
            needs_adjective=block.get("needs_adjective", False),
        )
        for text in block["templates"]
    ]


class _Maker:
    """Fills templates at random and keeps the sentences that are new."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._seen: set[str] = set()
        self._sentences: list[LabelledSentence] = []

    def add(self, templates: list[_Template], count: int, fixed: dict[str, str]) -> None:
        """Add `count` sentences, going round the templates in a random order."""
        order = self._random.sample(templates, len(templates))
        for number in range(count):
            template = order[number % len(order)]
            for attempt in range(ATTEMPTS_PER_SENTENCE):
                if self._add_one(template, fixed, varied=attempt > 0):
                    break

    def shuffled(self) -> list[LabelledSentence]:
        """Return the sentences that were made, in random order."""
        return self._random.sample(self._sentences, len(self._sentences))

    def _add_one(self, template: _Template, fixed: dict[str, str], *, varied: bool) -> bool:
        """Make a sentence from a template; return whether it is new."""
        chance = self._random
        text, group = template.text, template.group
        if varied or chance.random() < OPENER_SHARE:
            text = chance.choice(_data()["openers"]) + text
        if chance.random() < PADDED_SHARE:
            text = self._padded(text)
            group = "padded_abuse" if template.abusive else "padded_civil"
        text = self._styled(_capitalised(self._filled(text, fixed)))
        key = _NOT_LETTERS.sub(" ", text.casefold()).strip()
        if key in self._seen:
            return False
        self._seen.add(key)
        self._sentences.append(LabelledSentence(text, group, *template.labels))
        return True

    def _padded(self, text: str) -> str:
        """Put harmless sentences around one."""
        if text[-1].isalnum():
            text += "."
        first, second = self._random.sample(_data()["padding"], 2)
        return self._random.choice((f"{first} {text}", f"{text} {first}", f"{first} {text} {second}"))

    def _filled(self, text: str, fixed: dict[str, str]) -> str:
        """Put words into a template's placeholders."""
        words = dict(fixed)
        for key in _PLACEHOLDER.findall(text):
            if key not in words:
                words[key] = self._random.choice(_data()["fillers"][key])
        return _PLACEHOLDER.sub(lambda match: words[match[1]], text)

    def _styled(self, text: str) -> str:
        """Type the sentence the way readers do: some tidily, some not."""
        draw = self._random.random()
        if draw < 0.58:
            return text
        if draw < 0.72:
            return text.lower()
        if draw < 0.80:
            return re.sub(r"[.,:;!?]+(?=\s|$)", "", text.lower())
        if draw < 0.90:
            return self._mistyped(text)
        if draw < 0.97:
            return text.rstrip(".") + "!" * self._random.randint(1, 4)
        return text.upper()

    def _mistyped(self, text: str) -> str:
        """Misspell a word."""
        typos: dict[str, str] = _data()["typos"]
        present = [right for right in typos if re.search(rf"\b{right}\b", text)]
        if present:
            right = self._random.choice(present)
            return re.sub(rf"\b{right}\b", typos[right], text, count=1)
        words = re.findall(r"\b[a-z]{5,}\b", text)
        if not words:
            return text
        word = self._random.choice(words)
        at = self._random.randrange(1, len(word) - 2)
        return text.replace(word, word[:at] + word[at + 1] + word[at] + word[at + 2 :], 1)


def _with_article(words: str) -> str:
    """Put `a` or `an` before words."""
    return f"an {words}" if words[0].lower() in "aeiou" else f"a {words}"


def _capitalised(text: str) -> str:
    """Begin sentences with capitals."""
    return _SENTENCE_START.sub(lambda match: match[1] + match[2].upper(), text)
