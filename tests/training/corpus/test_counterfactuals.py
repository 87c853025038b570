"""The sentences that the project made for training."""

from __future__ import annotations

import json
import re
import statistics
from collections import Counter, defaultdict
from dataclasses import astuple
from functools import cache

from training.corpus.counterfactuals import (
    NEWSPAPER_FILE,
    IdentityTerm,
    LabelledSentence,
    counterfactuals,
    identity_terms,
    newspaper_sentences,
)
from training.corpus.counterfactuals import _data as data

PADDED = {"padded_abuse", "padded_civil"}


@cache
def sentences() -> tuple[LabelledSentence, ...]:
    return tuple(counterfactuals())


def is_abusive(sentence: LabelledSentence) -> bool:
    assert sentence.toxicity is not None
    return sentence.toxicity >= 0.5


def mentions(term: IdentityTerm) -> list[LabelledSentence]:
    forms = [form for form in (term.plural, term.singular, term.adjective) if form]
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, forms))})\b", re.IGNORECASE)
    return [sentence for sentence in sentences() if pattern.search(sentence.text)]


def test_same_seed_gives_same_sentences() -> None:
    assert counterfactuals(3) == counterfactuals(3)


def test_another_seed_gives_other_sentences() -> None:
    assert counterfactuals(1) != counterfactuals(2)


def test_number_of_sentences() -> None:
    assert 10_000 <= len(sentences()) <= 12_500


def test_texts_are_distinct_apart_from_case_and_outer_space() -> None:
    texts = [sentence.text.casefold().strip() for sentence in sentences()]
    assert len(set(texts)) == len(texts)


def test_no_placeholder_or_empty_text_is_left() -> None:
    assert not [s.text for s in sentences() if not s.text.strip() or set("{}") & set(s.text)]


def test_every_group_of_the_data_file_is_present() -> None:
    expected = {block["group"] for block in data()["identity_blocks"] + data()["blocks"]}
    counts = Counter(sentence.group for sentence in sentences())
    assert set(counts) == expected | PADDED
    assert min(counts.values()) >= 30


def test_labels_are_none_or_between_0_and_1() -> None:
    for sentence in sentences():
        assert all(label is None or 0 <= label <= 1 for label in astuple(sentence)[2:]), sentence


def test_share_of_abuse() -> None:
    share = sum(map(is_abusive, sentences())) / len(sentences())
    assert 0.42 <= share <= 0.48


def test_templates_are_many_and_distinct() -> None:
    blocks = data()["identity_blocks"] + data()["blocks"]
    templates = [template for block in blocks for template in block["templates"]]
    assert len(set(templates)) == len(templates) >= 250


def test_identity_terms_are_many() -> None:
    assert len(identity_terms()) >= 60


def test_no_identity_term_tells_the_label() -> None:
    for term in identity_terms():
        found = mentions(term)
        share = sum(map(is_abusive, found)) / len(found)
        assert len(found) >= 40, term
        assert 0.4 <= share <= 0.6, (term, share)


def test_no_intersecting_group_tells_the_label() -> None:
    for group in data()["fillers"]["cross"]:
        found = [s for s in sentences() if group.casefold() in s.text.casefold()]
        assert {is_abusive(s) for s in found} == {True, False}, group


def test_every_slur_is_also_condemned() -> None:
    by_slur: dict[str, set[bool]] = defaultdict(set)
    for slur in data()["fillers"]["slur"]:
        for sentence in sentences():
            if slur in sentence.text.casefold():
                by_slur[slur].add(is_abusive(sentence))
    assert all(by_slur[slur] == {True, False} for slur in data()["fillers"]["slur"])


def test_civil_sentences_carry_no_abuse_label() -> None:
    for sentence in sentences():
        if not is_abusive(sentence):
            assert not sentence.threat, sentence
            assert not sentence.identity_attack, sentence
            assert not sentence.severe_toxicity, sentence


def test_abuse_at_persons_is_no_identity_attack() -> None:
    personal = ("insult_", "threat_", "profane_", "condescension")
    found = [s for s in sentences() if s.group.startswith(personal)]
    assert found
    assert all(s.identity_attack == 0 for s in found)


def test_styles_fall_on_abuse_and_on_civil_sentences_alike() -> None:
    lower = [is_abusive(s) for s in sentences() if s.text == s.text.lower()]
    assert 0.35 <= sum(lower) / len(lower) <= 0.6


def test_data_file_warns_first() -> None:
    assert next(iter(data())) == "warning"


NEWSPAPER_GROUPS = {
    "accusation",
    "belittling",
    "disguised_hate",
    "dog_whistle",
    "excerpt",
    "gloating",
    "hate_as_negation",
    "hate_asked_or_opined",
    "hate_denied_or_reported",
    "hate_of_women_or_disabled",
    "ironic_praise",
    "long_argument",
    "long_comment",
    "long_text",
    "negated_or_reported_hate",
    "person_or_thing",
    "plain_criticism",
    "plain_insult",
    "quotation",
    "reply",
    "rude_emoji_and_disguise",
    "slur",
    "sneer_at_author",
    "sneer_at_reader",
    "strong_words",
    "trade_or_party",
    "unlucky_words",
    "urges_self_harm",
    "veiled_threat",
    "wish_of_harm",
}


def newspaper_groups() -> dict[str, list[LabelledSentence]]:
    groups: dict[str, list[LabelledSentence]] = defaultdict(list)
    for sentence in newspaper_sentences():
        groups[sentence.group].append(sentence)
    return groups


def offends(sentence: LabelledSentence) -> bool:
    # Mild sneers, which a newspaper sees most, stand at .3; heated civil words at .2.
    assert sentence.toxicity is not None
    return sentence.toxicity >= 0.3


def test_newspaper_sentences_are_many_in_each_group() -> None:
    counts = {group: len(found) for group, found in newspaper_groups().items()}
    assert set(counts) == NEWSPAPER_GROUPS
    assert sum(counts.values()) >= 4_700
    assert min(counts.values()) >= 60


def test_newspaper_labels_are_tenths() -> None:
    tenths = {number / 10 for number in range(11)}
    for sentence in newspaper_sentences():
        assert set(astuple(sentence)[2:]) <= tenths, sentence


def test_newspaper_sentences_differ_in_more_than_case_and_punctuation() -> None:
    counts = Counter(
        re.sub(r"[\s.,:;!?'\"]+", " ", sentence.text.casefold()).strip() for sentence in newspaper_sentences()
    )
    assert [text for text, count in counts.items() if count > 1] == []


def test_newspaper_groups_hold_as_many_harmless_as_offending_sentences() -> None:
    for group, found in newspaper_groups().items():
        share = sum(map(offends, found)) / len(found)
        # Whoever denies or reports hate seldom only pretends to; most of what alarms is harmless.
        fewer = {"hate_denied_or_reported": 0.2, "excerpt": 0.3, "long_argument": 0.15, "strong_words": 0.2}
        assert fewer.get(group, 0.4) <= share <= 0.6, (group, share)


def test_length_of_newspaper_sentences_does_not_tell_the_label() -> None:
    for group, found in newspaper_groups().items():
        offending, harmless = (
            statistics.mean(len(s.text.split()) for s in found if offends(s) == wanted) for wanted in (True, False)
        )
        assert 0.6 <= offending / harmless <= 1.6, (group, offending, harmless)


def test_harmless_newspaper_sentences_carry_no_other_label_of_weight() -> None:
    for sentence in newspaper_sentences():
        if not offends(sentence):
            assert sentence.threat is not None
            assert sentence.insult is not None
            assert sentence.severe_toxicity == 0, sentence
            assert max(sentence.threat, sentence.insult, sentence.identity_attack or 0) <= 0.2, sentence


def test_newspaper_sentences_offend_by_some_label() -> None:
    for sentence in newspaper_sentences():
        if (sentence.toxicity or 0) >= 0.5:
            assert max(astuple(sentence)[3:]) >= 0.2, sentence


def test_urging_self_harm_is_labelled_a_threat() -> None:
    for sentence in newspaper_groups()["urges_self_harm"]:
        assert sentence.threat is not None
        assert (sentence.threat >= 0.5) == offends(sentence), sentence


def test_long_newspaper_texts_have_60_to_130_words() -> None:
    for sentence in newspaper_groups()["long_text"]:
        assert 60 <= len(sentence.text.split()) <= 130, sentence


def test_newspaper_sentences_are_no_made_ones() -> None:
    made = {sentence.text.casefold() for sentence in sentences()}
    assert [s.text for s in newspaper_sentences() if s.text.casefold() in made] == []


def test_newspaper_file_warns_first_and_has_a_sentence_a_line() -> None:
    text = NEWSPAPER_FILE.read_text(encoding="utf-8")
    assert next(iter(json.loads(text))) == "warning"
    assert sum(line.startswith('{"text": ') for line in text.splitlines()) == len(newspaper_sentences())
