"""Recorded scores beside ours."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from model.errors import InvalidInput
from model.scorer import Scorer
from service.cli.main import main
from service.compat.perspective.replay import Crossing, replay

INSULT, PRAISE = "You are a stupid, worthless idiot.", "What a lovely bridge."
FRENCH = "Je ne suis pas du tout d'accord avec cette décision du conseil municipal."


def answer(value: float) -> dict[str, Any]:
    return {"attributeScores": {"TOXICITY": {"summaryScore": {"value": value}}}}


@pytest.mark.parametrize(
    ("insult", "praise"),
    [
        ({"TOXICITY": 0.95}, {"TOXICITY": 0.1}),
        ({"TOXICITY": "0.95", "id": "c1"}, {"TOXICITY": "0.1", "id": "c2"}),
        ({"persp_TOXICITY@6": 0.95}, {"persp_TOXICITY@6": 0.1}),
        (answer(0.95), answer(0.1)),
        ({"response": answer(0.95)}, {"response": answer(0.1)}),
    ],
    ids=["columns", "CSV", "data set", "answers", "answers below"],
)
def test_recorded_scores_are_read_in_every_form(scorer: Scorer, insult: dict[str, Any], praise: dict[str, Any]) -> None:
    rows = [{"text": INSULT, **insult}, {"text": PRAISE, **praise}, {"text": FRENCH, **praise}, {"text": "", **praise}]

    (found,), left_out = replay(scorer, rows)

    assert (found.comments, round(found.spearman or 0, 6), left_out) == (2, 1.0, 2)
    assert [(row.both, row.ours_only, row.theirs_only) for row in found.crossings] == [(1, 0, 0)] * 3


def test_who_crosses_alone_is_counted(scorer: Scorer) -> None:
    rows = [{"text": INSULT, "TOXICITY": 0.1}, {"text": PRAISE, "TOXICITY": 0.85}]

    (found,), _ = replay(scorer, rows)

    _, at_eight, at_nine = found.crossings
    assert (at_eight.both, at_eight.ours_only, at_eight.theirs_only) == (0, 1, 1)
    assert at_eight.keeps_rate is not None
    assert at_eight.keeps_rate > 0.9
    assert at_nine == Crossing(0.9, both=0, ours_only=1, theirs_only=0, keeps_rate=None)


@pytest.mark.parametrize(
    "row", [{"text": INSULT}, {"text": INSULT, "FLIRTATION": 0.5}, {"text": INSULT, "toxicity": 1}]
)
def test_a_file_without_a_score_that_is_modelled_is_told_so(scorer: Scorer, row: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="a recorded score for an attribute of this bundle"):
        replay(scorer, [row])


@pytest.mark.parametrize(
    "row",
    [
        {"TOXICITY": 0.95, "URL": "https://paper.example/1", "DATE": None},
        {"TOXICITY": 0.95, "INSULT": None},
        {"TOXICITY": 0.95, "INSULT": float("nan")},
        {"TOXICITY": 0.95, "response": "see the column"},
        {"TOXICITY": 0.95, "text": INSULT + " \ud83d"},
        {"attributeScores": {**answer(0.95)["attributeScores"], "FLIRTATION": None}},
        {"attributeScores": {**answer(0.95)["attributeScores"], "INSULT": None}},
    ],
    ids=["other columns", "empty", "not a number", "other response", "cut emoji", "not modelled", "no answer"],
)
def test_what_else_a_file_holds_does_no_harm(scorer: Scorer, row: dict[str, Any]) -> None:
    (found,), left_out = replay(scorer, [{"text": INSULT, **row}])

    assert (found.name, found.comments, found.crossings[0].both, left_out) == ("TOXICITY", 1, 1, 0)


@pytest.mark.parametrize("given", ["high", 85, -0.1, [0.5]])
@pytest.mark.parametrize("in_answer", [False, True], ids=["column", "answer"])
def test_a_score_that_is_none_is_told_with_its_place(scorer: Scorer, given: Any, in_answer: bool) -> None:  # noqa: FBT001
    rows = [{"text": PRAISE}, {"text": INSULT, **(answer(given) if in_answer else {"TOXICITY": given})}]

    with pytest.raises(InvalidInput, match=r"Comment 2: TOXICITY is .*: a recorded score is a number from 0 to 1\."):
        replay(scorer, rows)


def test_the_command_prints_a_table(tmp_path: Path) -> None:
    file = tmp_path / "recorded.jsonl"
    file.write_text(json.dumps({"text": INSULT, "TOXICITY": 0.95}) + "\n")

    result = CliRunner().invoke(main, ["replay", "--bundle", "fast", "--comments", str(file)])

    assert result.exit_code == 0
    assert "TOXICITY: 1 comments, Spearman unknown" in result.output
