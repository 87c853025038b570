"""`python -m model bench`: it times what is there, and says what is not."""

import json
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from model.bench.text import comments
from model.cli.main import main

TEXTS = [f"Reader number {i} thinks that the ferry should not be late on day {i * 7}." for i in range(20)]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["bench", *map(str, arguments)])


@pytest.mark.parametrize("length", [110, 300])
@pytest.mark.parametrize("texts", [[], TEXTS], ids=["made up", "given"])
def test_comments_are_new_and_of_the_length_asked_for(length: int, texts: list[str]) -> None:
    found = list(islice(comments(length, texts), 60))

    assert len(set(found)) == len(found)
    assert all(length - 20 < len(text) <= length for text in found)


def test_the_same_comments_come_again_for_the_next_program() -> None:
    assert list(islice(comments(110), 9)) == list(islice(comments(110), 9))


def test_twenty_comments_of_a_file_are_timed(tmp_path: Path) -> None:
    file, out = tmp_path / "comments.jsonl", tmp_path / "bench.json"
    rows = ({"text": text, "toxicity": i % 2} for i, text in enumerate(TEXTS))
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    arguments = ["--bundle", "fast", "--comments", file, "--batch", 1, "--batch", 20, "--length", 110, "--seconds", 0.1]
    result = run(*arguments, "--out", out)

    assert result.exit_code == 0, result.output
    found = json.loads(out.read_text())
    timed = [(t["scorer"], t["length"], t["batch"]) for t in found["timings"]]
    for scorer in ("fast", "scikit-learn tf-idf"):
        assert {row for row in timed if row[0] == scorer} >= {(scorer, 110, 1)}
    assert all(t["comments_per_second"] > 0 and t["p50_ms"] <= t["p95_ms"] for t in found["timings"])
    (footprint,) = found["footprints"]
    assert footprint["scorer"] == "fast"
    assert footprint["load_seconds"] > 0
    assert 50 < footprint["resident_mb"] < 1000
    assert 1 < footprint["disk_mb"] < 30
    timed_or_missing = {t["scorer"] for t in found["timings"]} | {m.partition(":")[0] for m in found["missing"]}
    assert timed_or_missing == {
        "fast",
        "scikit-learn tf-idf",
        "alt-profanity-check",
        "fasttext",
        "BERT-base, random",
    }
    assert "comments/s" in result.stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        ("id\n1\n", "has no comment with a `text`"),
        ("text,toxicity\nHello,very\n", "toxicity is 'very', not a number from 0 to 1"),
    ],
    ids=["missing", "no text", "no number"],
)
def test_a_mistake_is_told_in_a_line(tmp_path: Path, content: str | None, message: str) -> None:
    file = tmp_path / "comments.csv"
    if content is not None:
        file.write_text(content)
    result = run("--bundle", "fast", "--comments", file)

    assert result.exit_code == 1, result.output
    assert message in result.output
    assert result.output.startswith("Error: ")


def test_an_unknown_bundle_is_told_in_a_line() -> None:
    result = run("--bundle", "nowhere")

    assert result.exit_code == 1
    assert "There is no bundle at 'nowhere'" in result.output
