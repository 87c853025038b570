"""Recorded scores beside ours."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from model.errors import InvalidInput
from model.scoring.scorer import Scorer
from model.tables.table import read_rows
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
        ({"response": json.dumps(answer(0.95))}, {"response": json.dumps(answer(0.1))}),
        (
            {"attributeScores.TOXICITY.summaryScore.value": "0.95"},
            {"attributeScores.TOXICITY.summaryScore.value": "0.1"},
        ),
    ],
    ids=["columns", "CSV", "data set", "answers", "answers below", "answers as text", "names of pandas"],
)
def test_recorded_scores_are_read_in_every_form(scorer: Scorer, insult: dict[str, Any], praise: dict[str, Any]) -> None:
    rows = [{"text": INSULT, **insult}, {"text": PRAISE, **praise}, {"text": FRENCH, **praise}, {"text": "", **praise}]

    result = replay(scorer, rows)

    (found,) = result.comparisons
    assert (found.comments, round(found.spearman or 0, 6), result.left_out) == (2, 1.0, 2)
    assert [(row.both, row.ours_only, row.theirs_only) for row in found.crossings] == [(1, 0, 0)] * 3


def test_who_crosses_alone_is_counted(scorer: Scorer) -> None:
    rows = [{"text": INSULT, "TOXICITY": 0.1}, {"text": PRAISE, "TOXICITY": 0.85}]

    (found,) = replay(scorer, rows).comparisons

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
    result = replay(scorer, [{"text": INSULT, **row}])

    (found,) = result.comparisons
    assert (found.name, found.comments, found.crossings[0].both, result.left_out) == ("TOXICITY", 1, 1, 0)


@pytest.mark.parametrize("given", ["high", 85, -0.1, [0.5]])
@pytest.mark.parametrize("in_answer", [False, True], ids=["column", "answer"])
def test_a_score_that_is_none_is_told_with_its_place(scorer: Scorer, given: Any, in_answer: bool) -> None:  # noqa: FBT001
    rows = [{"text": PRAISE}, {"text": INSULT, **(answer(given) if in_answer else {"TOXICITY": given})}]

    with pytest.raises(InvalidInput, match=r"Comment 2: TOXICITY is .*: a recorded score is a number from 0 to 1\."):
        replay(scorer, rows)


def test_calls_with_their_answers_are_read(scorer: Scorer) -> None:
    rows: list[dict[str, Any]] = [
        {"request": {"comment": {"text": INSULT}, "requestedAttributes": {"TOXICITY": {}}}, "response": answer(0.95)},
        {"request": json.dumps({"comment": {"text": PRAISE}}), "response": json.dumps(answer(0.1))},
        {"request": {"comment": {"text": PRAISE}}, "response": {"error": {"code": 429}}},
        {"request": {"comment": {"type": "PLAIN_TEXT"}}, "response": answer(0.2), "text": PRAISE},
    ]

    result = replay(scorer, rows)

    assert [(one.name, one.comments) for one in result.comparisons] == [("TOXICITY", 3)]
    assert result.left_out == 1


def test_coral_s_own_export_is_read(scorer: Scorer) -> None:
    def comment(comment_id: str, body: str, score: float) -> dict[str, Any]:
        scored = {"perspective": {"score": score, "model": "TOXICITY"}}
        earlier = {"body": "<div>first try</div>", "metadata": {"perspective": {"score": 0.5, "model": "TOXICITY"}}}
        edited = {"body": "<div>not scored</div>", "metadata": {}}
        revisions = [earlier, {"body": f"<div>{body}</div>", "metadata": scored}, edited]
        return {"id": comment_id, "storyID": "s-1", "status": "NONE", "revisions": revisions}

    result = replay(scorer, [comment("c1", INSULT, 0.2), comment("c2", PRAISE, 0.1)], [0.8])

    assert [(row["id"], row["text"], row["theirs"]) for row in result.crossed] == [("c1", INSULT, 0.2)]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"request_id": "1", "response": answer(0.95)}, "No row has the comment's text"),
        ({"text": FRENCH, "TOXICITY": 0.9}, "None of the 1 comments can be compared"),
        ({"text": "", "comment": INSULT, "TOXICITY": ""}, "No comment has a recorded score"),
    ],
)
def test_what_would_be_a_table_of_zeros_is_refused(scorer: Scorer, row: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        replay(scorer, [row])


def test_a_threshold_of_one_s_own_comes_with_an_interval(scorer: Scorer) -> None:
    rows = [
        {"text": f"{text} {number}", "TOXICITY": score}
        for number in range(30)
        for text, score in ((INSULT, 0.9), (PRAISE, 0.1), ("The council is a joke.", 0.6))
    ]

    (found,) = replay(scorer, rows, [0.55]).comparisons

    (crossing,) = found.crossings
    assert (crossing.threshold, crossing.flags) == (0.55, 60)
    assert crossing.interval is not None
    assert crossing.keeps_rate is not None
    assert crossing.interval[0] <= crossing.keeps_rate <= crossing.interval[1]


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_the_command_reads_parquet_and_writes_who_crosses(tmp_path: Path, ending: str) -> None:
    file, out = tmp_path / "recorded.parquet", tmp_path / f"crossed.{ending}"
    pq.write_table(pa.Table.from_pylist([{"text": INSULT, **answer(0.1)}, {"text": PRAISE, **answer(0.85)}]), file)

    arguments = ["replay", "--bundle", "fast", "--comments", str(file), "--threshold", "0.8", "--out", str(out)]
    result = CliRunner().invoke(main, arguments)

    assert result.exit_code == 0, result.output
    assert "100.0%     100.0%" in result.output
    assert "from 1 flag" in result.output
    rows = [row for _, row in read_rows(str(out))]
    assert [(row["id"], row["text"], row["flagged_by"]) for row in rows] == [
        ("1", INSULT, "Belowline"),
        ("2", PRAISE, "Perspective"),
    ]


def test_the_command_says_where_it_cannot_write_before_it_scores(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["replay", "--comments", str(tmp_path / "none.csv"), "--out", "crossed.xlsx"])

    assert "'crossed.xlsx' is none of .jsonl, .csv, .parquet" in result.output


def test_the_command_prints_a_table(tmp_path: Path) -> None:
    file = tmp_path / "recorded.jsonl"
    file.write_text(json.dumps({"text": INSULT, "TOXICITY": 0.95}) + "\n")

    result = CliRunner().invoke(main, ["replay", "--bundle", "fast", "--comments", str(file)])

    assert result.exit_code == 0
    assert "TOXICITY: 1 comments, Spearman unknown" in result.output
