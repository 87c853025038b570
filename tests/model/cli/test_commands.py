"""`python -m model`, as its users type it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROWS = '{"id": "a", "text": "You idiot!"}\n{"id": "b", "text": "A fair point, thank you."}\n'


def run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "model", *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=False)  # noqa: S603 - our own command


def test_rows_come_out_in_order_with_their_ids(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text(ROWS)
    (tmp_path / "a.txt").write_text("A bridge for the harbour\nIt is to be built in spring.")
    done = run(
        "score", "--bundle", "fast", "--comments", str(tmp_path / "c.jsonl"), "--article", str(tmp_path / "a.txt")
    )
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["id"], second["id"]) == ("a", "b")
    assert first["toxicity"] > second["toxicity"]
    assert 0 <= first["off_topic"] <= 1


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_each_format_is_written_and_read_again(tmp_path: Path, ending: str) -> None:
    table = str(tmp_path / f"out.{ending}")
    assert (
        run("score", "--bundle", "fast", "--comments", "-", "--spans", "--out", table, given=ROWS.encode()).returncode
        == 0
    )
    done = run("score", "--bundle", "fast", "--comments", table)
    assert b"has no 'text'; it has id, toxicity" in done.stderr


def test_a_comment_without_text_costs_the_others_nothing() -> None:
    done = run("score", "--bundle", "fast", "--comments", "-", given=b'{"text": ""}\n{"text": "Aye."}\n')
    empty, civil = map(json.loads, done.stdout.splitlines())
    assert empty == {"id": "0"}
    assert civil["toxicity"] < 0.1
    assert b"No scores for 1 comment without text: row 1." in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("c.csv", b"remark,author\nhello,me\n", b"row 1 has no 'text'; it has remark, author"),
        ("c.jsonl", b'{"text": "a"}\n{"text": \n', b"row 2: not JSON"),
        ("c.jsonl", b'"just a string"\n', b"is not an object: write one per line"),
        ("c.jsonl", b'{"text": 5}\n', b"text is 5, not a text"),
        ("c.jsonl", b'{"text": "caf\xe9"}\n', b"byte 0xe9 is not UTF-8"),
        ("c.parquet", b"PAR1 cut off", b"cannot be read"),
        ("c.docx", b"Dear editor", b"is none of .csv, .tsv, .jsonl"),
    ],
)
def test_a_bad_table_is_told_in_one_line(tmp_path: Path, name: str, content: bytes, sentence: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    done = run("score", "--bundle", "fast", "--comments", str(tmp_path / name))
    assert done.returncode == 1
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_missing_file_is_named() -> None:
    done = run("score", "--bundle", "fast", "--comments", "nowhere.jsonl")
    assert done.returncode == 1
    assert done.stderr == b"Error: 'nowhere.jsonl' cannot be read: No such file or directory.\n"


def test_info_has_the_version_and_the_thresholds() -> None:
    about = json.loads(run("info", "--bundle", "fast").stdout)
    assert about["version"]
    assert set(about["thresholds"]) == set(about["attributes"])
    assert all(0 < threshold < 1 for threshold in about["thresholds"].values())
