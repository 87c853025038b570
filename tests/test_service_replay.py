"""Recorded scores beside ours."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from model.errors import InvalidInput
from model.scorer import Scorer
from service.cli import main
from service.replay import Crossing, replay

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
    with pytest.raises(InvalidInput, match="no recorded score that the bundle models"):
        replay(scorer, [row])


def test_a_score_that_is_no_number_is_told_so(scorer: Scorer) -> None:
    with pytest.raises(InvalidInput, match="A recorded score cannot be read"):
        replay(scorer, [{"text": INSULT, "TOXICITY": "high"}])


def test_the_command_prints_a_table(tmp_path: Path) -> None:
    file = tmp_path / "recorded.jsonl"
    file.write_text(json.dumps({"text": INSULT, "TOXICITY": 0.95}) + "\n")

    result = CliRunner().invoke(main, ["replay", "--bundle", "fast", "--comments", str(file)])

    assert result.exit_code == 0
    assert "TOXICITY: 1 comments, Spearman unknown" in result.output
