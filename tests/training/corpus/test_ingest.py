"""`python -m training ingest`: labels of any origin into one file, with what is to be known of them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from model.attributes import ABUSE
from model.tables import batch
from training.cli.main import main
from training.corpus.newsroom_labels import read_labels

RETOLD = "The ferry was late again this morning, and nobody told us why."


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["ingest", *map(str, arguments)])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return somebody's own table, with a word of theirs for each thing."""
    file = tmp_path / "verdicts.csv"
    rows = [
        ("You are a waste of the air you breathe.", "rejected"),
        ("The new timetable suits me well.", "approved"),
        (RETOLD, "approved"),
        (f"{RETOLD} ", "rejected"),
        ("Nobody has looked at this one yet.", ""),
        ("  ", "approved"),
    ]
    file.write_text("comment_text,verdict\n" + "".join(f'"{text}",{verdict}\n' for text, verdict in rows))
    return file


@pytest.mark.parametrize("ending", ["parquet", "jsonl"])
def test_the_file_holds_what_fit_would_read_from_the_table(table: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"labels.{ending}"
    assert run(table, "--map", "label=verdict", "--out", out).exit_code == 0
    found = read_labels(str(out))
    assert found.removed.tolist() == [1.0, 0.0, 0.0, 1.0]


def test_both_formats_have_one_fingerprint(table: Path, tmp_path: Path) -> None:
    outs = [tmp_path / "labels.parquet", tmp_path / "labels.jsonl"]
    for out in outs:
        run(table, "--map", "label=verdict", "--out", out)
    first, second = (read_labels(str(out)).fingerprint for out in outs)
    assert first == second


def test_both_formats_have_the_attributes_of_a_later_source(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "_AT_ONCE", 4)
    more, outs = tmp_path / "attributes.csv", [tmp_path / "labels.parquet", tmp_path / "labels.jsonl"]
    more.write_text("text,label,insult\nYou brainless clown.,removed,1\nThe pool reopens in May.,kept,0\n")
    for out in outs:
        assert "insult 1 of 2" in run(table, more, "--out", out).output
    first, second = (read_labels(str(out)) for out in outs)
    assert first.fingerprint == second.fingerprint
    assert second.labels[-2:, ABUSE.index("insult")].tolist() == [1.0, 0.0]


@pytest.mark.parametrize("ending", ["parquet", "jsonl"])
def test_what_nobody_reviewed_has_columns_of_labels_and_no_label(tmp_path: Path, ending: str) -> None:
    file, out = tmp_path / "labels.csv", tmp_path / f"labels.{ending}"
    file.write_text("text,label\nThe pool reopens in May.,\n")
    assert run(file, "--out", out).exit_code == 0
    assert len(read_labels(str(out))) == 0


def test_never_reviewed_is_not_kept_and_what_is_left_out_is_told(table: Path, tmp_path: Path) -> None:
    told = run(table, "--map", "label=verdict", "--out", tmp_path / "labels.jsonl").output
    assert "2 removed, 2 kept, 1 never reviewed" in told
    assert "hold no comment: 1 (row 6)" in told


def test_labels_that_contradict_each_other_are_told_with_their_rows(table: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    run(table, "--map", "label=verdict", "--out", tmp_path / "labels.jsonl", "--report", report)
    (conflict,) = json.loads(report.read_text())["repeats"]["first"]
    assert (conflict["of"], conflict["yes"]["row"], conflict["no"]["row"]) == ("removed", 4, 3)


def test_texts_that_are_also_measured_on_are_told(table: Path, tmp_path: Path) -> None:
    other = tmp_path / "held-back.csv"
    other.write_text(f'text,label\n"{RETOLD}",kept\n"Another comment altogether.",kept\n')
    told = run(table, "--map", "label=verdict", "--out", tmp_path / "labels.jsonl", "--against", other).output
    assert "held-back.csv: 2; nearly so: 0 more." in told


@pytest.mark.parametrize(
    ("content", "more", "message"),
    [
        ("text,label\nHello,maybe\n", (), "row 1"),
        ("text,toxicity\nHello,1.7\n", (), "1.7"),
        ("text,label\nHello,kept\n", ("--map", "text=body"), "body"),
    ],
    ids=["an unknown verdict", "no probability", "no such column"],
)
def test_what_is_not_understood_is_named_and_nothing_is_written(
    tmp_path: Path, content: str, more: tuple[str, ...], message: str
) -> None:
    file, out = tmp_path / "labels.csv", tmp_path / "out.jsonl"
    file.write_text(content)
    result = run(file, "--out", out, *more)
    assert (result.exit_code, out.exists()) == (1, False)
    assert message in result.output
