"""What is flagged of each thing that language does, and what should be."""

import pytest

from model.scoring.scorer import Scorer
from training.corpus.counterfactuals import counterfactuals, newspaper_sentences
from training.evaluation.result import Evaluation
from training.evaluation.sentences.benign import benign_sentences
from training.evaluation.sentences.functions import KINDS, FunctionFlags, accuracy, function_flags, functions
from training.report.tables import tables

BY_NAME = {function.name: function for function in functions()}
#: A word for each group of people whom the hateful sentences single out.
GROUPS = {
    "women", "trans", "gay", "black", "muslim", "jew", "immigrant", "disabled", "gypsies", "roma", "asian", "chinese",
    "catholic", "old people",
}  # fmt: skip


def test_each_function_says_what_is_flagged_and_whether_it_should_be(idiot: Scorer) -> None:
    found = {flags.name: flags for flags in function_flags(idiot)}

    assert found.keys() == BY_NAME.keys()
    abuse = found["abuse of one person"]
    assert (abuse.kind, abuse.rows, abuse.expected) == ("near hate", 12, {"toxicity": True, "identity_attack": False})
    # One of the twelve says "idiot", the only word that this bundle knows; it has no score for identity attacks.
    assert (abuse.flagged, abuse.at_all) == ({"toxicity": 1 / 12}, 1 / 12)
    assert abuse.right("toxicity") == pytest.approx(1 / 12)
    assert found["self-deprecation"].right("toxicity") == pytest.approx(11 / 12)


def test_a_bundle_that_scores_no_abuse_has_no_flags_to_count(idiot: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idiot.manifest, "thresholds", {"off_topic": 0.5})

    assert function_flags(idiot) == ()


def test_the_table_shows_expected_beside_flagged() -> None:
    hate = FunctionFlags("a", "hate", 3, {"toxicity": True, "identity_attack": True}, both(1.0, 0.5), 1.0)
    abuse = FunctionFlags("b", "abuse", 1, {"toxicity": True, "identity_attack": False}, both(0.2, 0.1), 0.3)
    (table,) = tables(Evaluation("fast", "v1", "a set", "now", 1, functions=(hate, abuse)))

    assert accuracy([hate, abuse], "identity_attack") == pytest.approx((3 * 0.5 + 0.9) / 4)
    assert table.note.endswith(
        "As expected: 80 % by toxicity, 60 % by identity_attack; of hate and what is near it "
        "100 % by toxicity, 50 % by identity_attack."
    )
    assert table.columns == (
        "function", "kind", "sentences", "toxicity", "flagged", "identity_attack", "flagged", "flagged at all",
    )  # fmt: skip
    assert table.rows == (
        ("a", "hate", "3", "yes", "100 %", "yes", "50 %", "100 %"),
        ("b", "abuse", "1", "yes", "20 %", "no", "10 %", "30 %"),
    )


def both(toxicity: float, identity_attack: float) -> dict[str, float]:
    return {"toxicity": toxicity, "identity_attack": identity_attack}


def test_the_kinds_say_what_is_expected() -> None:
    expected = {kind: {tuple(f.expected.items()) for f in BY_NAME.values() if f.kind == kind} for kind in KINDS}
    neither = (("toxicity", False), ("identity_attack", False))
    toxic = (("toxicity", True), ("identity_attack", False))
    attack = (("toxicity", True), ("identity_attack", True))

    assert expected == {
        "hate": {attack},
        "near hate": {neither, toxic},
        "abuse": {toxic, attack},
        "civil": {neither},
    }


def test_hate_is_not_of_one_group_only() -> None:
    hateful = " ".join(s for f in BY_NAME.values() if f.kind == "hate" for s in f.sentences).casefold()

    assert not [group for group in GROUPS if hateful.count(group) < 2]


def test_no_sentence_is_there_twice_or_fitted() -> None:
    ours = [sentence.casefold() for f in BY_NAME.values() for sentence in f.sentences]
    fitted = {sentence.text.casefold() for sentence in (*counterfactuals(0), *newspaper_sentences())}
    harmless = {sentence.casefold() for sentences in benign_sentences().values() for sentence in sentences}

    assert len(ours) == len(set(ours))
    assert not set(ours) & (fitted | harmless)
