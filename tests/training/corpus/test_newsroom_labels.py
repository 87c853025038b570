"""A newsroom's labels in."""

import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from model.labels import LabelRow, SeenBecause
from model.records import Article
from training.corpus.newsroom_labels import read_labels


def write(file: Path, *rows: LabelRow) -> str:
    file.write_text("".join(row.to_json() + "\n" for row in rows))
    return str(file)


def test_a_withdrawn_comment_is_left_out_of_every_export(tmp_path: Path) -> None:
    last_year = write(
        tmp_path / "2025.jsonl",
        LabelRow("c1", "You quokka of a councillor.", "removed"),
        LabelRow("c2", "Buses are never on time.", "kept"),
    )
    this_year = write(
        tmp_path / "2026.jsonl", LabelRow("c1", "", None, withdrawn=True), LabelRow("c3", "Well said.", "kept")
    )

    assert read_labels(last_year, this_year).texts == ["Buses are never on time.", "Well said."]
    assert read_labels(last_year).texts == ["You quokka of a councillor.", "Buses are never on time."]
    assert read_labels(this_year).texts == ["Well said."]


def test_what_is_appended_to_an_old_export_withdraws_too(tmp_path: Path) -> None:
    both = write(
        tmp_path / "all.jsonl",
        LabelRow("c1", "You quokka of a councillor.", "removed"),
        LabelRow("c2", "Buses are never on time.", "kept"),
        LabelRow("c1", "", None, withdrawn=True),
    )

    assert read_labels(both).texts == ["Buses are never on time."]


def test_flagged_comments_count_for_those_that_nobody_was_shown(tmp_path: Path) -> None:
    seen: list[tuple[SeenBecause, float | None]] = [
        ("flag", 1.0),
        ("flag", 0.5),
        ("flag", 0.01),
        ("random", 0.01),
        ("report", 1.0),
        ("other", None),
    ]
    rows = [
        LabelRow(f"c{i}", f"Comment number {i}.", "kept", seen_because=because, probability_seen=chance)
        for i, (because, chance) in enumerate(seen)
    ]
    together = LabelRow("c9", "Comment number 9.", "removed", seen_because="report", probability_seen=1.0, batch=True)

    corpus = read_labels(write(tmp_path / "labels.jsonl", *rows, together))

    # One in a hundred counts for ten and not for a hundred; flagged ones for 1 on average.
    assert corpus.weights.tolist() == pytest.approx([3 / 13, 6 / 13, 30 / 13, 1, 1, 1, 0.5])
    assert corpus.random.tolist() == [False, False, False, True, False, False, False]
    assert corpus.rows(corpus.random).texts == ["Comment number 3."]


def test_what_is_known_of_a_comment_comes_along(tmp_path: Path) -> None:
    article = Article("Ferries", "The ferries are late.", id="a1")
    decided = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    file = write(
        tmp_path / "labels.jsonl",
        LabelRow("c0", "Nobody has looked at this.", None),
        LabelRow("c1", "Late again.", "kept", article=article, verdict_at=decided, attributes={"insult": 1}),
    )

    corpus = read_labels(file)

    assert corpus.texts == ["Late again."]
    assert corpus.labels[0, :3].tolist() == pytest.approx([0, math.nan, 1], nan_ok=True)
    (known,) = corpus.known.to_dict("records")
    assert (known["comment_id"], known["article_id"], known["time"]) == ("c1", "a1", decided)
    assert (known["file"], known["row"], known["author"]) == (file, 2, None)
