"""Tables of labels, as newsrooms and public data sets write them."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.attributes import ABUSE
from model.errors import InvalidInput
from model.tables import batch
from training.corpus.newsroom_labels import read_labels
from training.labels.columns import Hints
from training.labels.rows import read_label_rows

FERRY, CLOWN = "The ferry was late again.", "You clown. Learn to read."


def read(file: Path, table: str, columns: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Return what each row holds, without what it does not."""
    file.write_text(table)
    return [
        {name: cells[i] for name, cells in rows.columns.items() if cells[i] is not None and cells[i] is not False}
        for rows in read_label_rows(str(file), Hints(columns or {}))
        for i in range(len(rows))
    ]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        pytest.param(
            f"id,comment_text,toxic,severe_toxic,obscene,threat,insult,identity_hate\nx1,{FERRY},0,-1,0,0,1,0\n",
            {
                "comment_id": "x1",
                "text": FERRY,
                "toxicity": 0.0,
                "profanity": 0.0,
                "threat": 0.0,
                "insult": 1.0,
                "identity_attack": 0.0,
            },
            id="Jigsaw 2018",
        ),
        pytest.param(
            "id,target,comment_text,severe_toxicity,obscene,identity_attack,insult,threat,created_date,article_id,rating\n"
            f"59,0.25,{FERRY},0.0,0.1,0.0,0.5,0.0,2015-09-29 10:50:41.987077+00,2006,approved\n",
            {
                "comment_id": "59",
                "text": FERRY,
                "label": "kept",
                "article_id": "2006",
                "time": pd.Timestamp("2015-09-29T10:50:41.987077Z"),
                "toxicity": 0.25,
                "severe_toxicity": 0.0,
                "insult": 0.5,
                "profanity": 0.1,
                "threat": 0.0,
                "identity_attack": 0.0,
            },
            id="Civil Comments",
        ),
        pytest.param(
            f"Comment Text,TOXICITY,SEVERE_TOXICITY,PROFANITY\n{FERRY},0.1,0.01,\n",
            {"text": FERRY, "toxicity": 0.1, "severe_toxicity": 0.01},
            id="Perspective's names",
        ),
        pytest.param(
            f"comment_content;comment_approved;comment_author\n{FERRY};spam;ann\n",
            {"text": FERRY, "label": "removed", "author": "ann"},
            id="a spreadsheet with semicolons",
        ),
        pytest.param(f"\ufefftext\tis_spam\n{FERRY}\tno\n", {"text": FERRY, "label": "kept"}, id="tabs, from Excel"),
        pytest.param('text,label\n"Late,\nagain.",APPROVED\n', {"text": "Late,\nagain.", "label": "kept"}, id="quoted"),
    ],
)
def test_columns_are_known_by_the_names_that_others_give_them(
    tmp_path: Path, table: str, expected: dict[str, Any]
) -> None:
    assert read(tmp_path / "labels.csv", table) == [expected]


def test_perspectives_nested_scores_are_read(tmp_path: Path) -> None:
    row = {
        "comment": {"text": CLOWN},
        "attributeScores": {"INSULT": {"summaryScore": {"value": 0.9}}, "FLIRTATION": {"summaryScore": {"value": 1}}},
    }

    assert read(tmp_path / "scores.jsonl", json.dumps(row)) == [{"text": CLOWN, "insult": 0.9}]


@pytest.mark.parametrize(
    ("said", "label"),
    [
        *[(said, "removed") for said in ("removed", "Rejected", "REJECTED", "spam")],
        *[(said, "kept") for said in ("kept", "Approved", "ham", "published")],
        *[(said, None) for said in ("", "null", "pending", "NONE", "escalated", "On hold", "unapproved")],
    ],
)
def test_a_verdict_is_understood_and_never_reviewed_is_none(tmp_path: Path, said: str, label: str | None) -> None:
    (row,) = read(tmp_path / "labels.csv", f"text,verdict\n{FERRY},{said}\n")

    assert row.get("label") == label


def test_a_guess_can_be_overridden(tmp_path: Path) -> None:
    table = f"text,raw,status,toxicity\nshort,{CLOWN},7,0.5\n"

    assert read(tmp_path / "labels.csv", table, {"text": "raw", "label": ""}) == [{"text": CLOWN, "toxicity": 0.5}]


def test_what_columns_are_taken_for_is_said(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text(f"comment_text,text,approved,mood\nold,{FERRY},1,fine\n")
    said: list[str] = []
    list(read_label_rows(str(file), say=said.append))

    assert said == [
        f"{file}: columns",
        "  text             <- text (not comment_text)",
        "  label            <- approved; yes is kept",
        "  not used: comment_text, mood",
    ]


def lines(*rows: dict[str, Any]) -> str:
    """Return rows as JSON Lines."""
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.mark.parametrize(
    ("first", "late", "columns", "expected"),
    [
        ({"label": "kept"}, {"label": "removed", "insult": 1}, {}, {"label": "removed", "insult": 1.0}),
        ({}, {"verdict": "approved"}, {}, {"label": "kept"}),
        ({}, {"hidden": 1}, {"label": "hidden"}, {"label": "removed"}),
        ({}, {"gelo\u0308scht": "removed"}, {"label": "gel\u00f6scht"}, {"label": "removed"}),
        ({"threat": 0}, {"attributes": {"insult": 0.5}}, {}, {"insult": 0.5}),
        ({"threat": 0}, {"threat": 1, "article": {"id": "a7"}}, {}, {"threat": 1.0, "article_id": "a7"}),
        # What the first rows were read by stays: the others would not be of the same column.
        ({"status": "kept"}, {"label": "removed", "status": "kept"}, {}, {"label": "kept"}),
    ],
)
def test_a_column_that_first_appears_late_is_read(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    first: dict[str, Any],
    late: dict[str, Any],
    columns: dict[str, str],
    expected: dict[str, Any],
) -> None:
    monkeypatch.setattr(batch, "_AT_ONCE", 2)
    table = lines(*[{"text": FERRY, **first}] * 3, {"text": FERRY}, {"text": CLOWN, **late})

    assert read(tmp_path / "labels.jsonl", table, columns)[-1] == {"text": CLOWN, **expected}


def test_late_columns_are_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "_AT_ONCE", 1)
    file = tmp_path / "labels.jsonl"
    late = {"text": CLOWN, "label": "removed", "insult": 1, "mood": "bad"}
    file.write_text(lines({"text": FERRY, "label": "kept"}, late, late, {"text": FERRY}))
    said: list[str] = []
    list(read_label_rows(str(file), say=said.append))

    assert said == [
        f"{file}: columns",
        "  text             <- text",
        "  label            <- label",
        f"{file}: more columns",
        "  insult           <- insult",
        "  not used: mood",
    ]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({}, r"has no column of labels: .*; only text, mood: point to it with ingest --map label=COLUMN\."),
        ({"label": "zap"}, "has no column 'zap' for label; it has text, mood: --map applies to every SOURCE, so"),
    ],
)
def test_only_a_table_without_labels_anywhere_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: dict[str, str], message: str
) -> None:
    monkeypatch.setattr(batch, "_AT_ONCE", 1)
    with pytest.raises(InvalidInput, match=message):
        read(tmp_path / "labels.jsonl", lines({"text": FERRY}, {"text": CLOWN, "mood": "bad"}), columns)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"text,label\nFine,\nHm,deleted\n", "row 2, column 'label': 'deleted' is neither"),
        ("b.csv", b"text,toxic\nFine,maybe\n", "row 1, column 'toxic': 'maybe' is not a number from 0 to 1, nor yes"),
        ("c.csv", b"text,toxicity\nFine,-1\n", "row 1, column 'toxicity': '-1' is not a number from 0 to 1"),
        ("d.csv", b"text,label\nFine, very fine,kept\n", "row 1 (line 2), column 3: 'kept' is beyond the last column"),
        ("e.csv", b"text,label\nFine,kept\n\xe9t\xe9,kept\n", "row 2 (line 3), column 'text': byte 0xe9 is not UTF-8"),
        ("f.csv", b"text,text,label\na,b,kept\n", "has more than one column named 'text'"),
        ("g.csv", b'text,label\n"Fine' + b",kept\n" * 200_000, "row 1 (line 2), column 'text': a quote is never"),
        ("h.csv", b"text,label,date\nFine,kept,yesterday\n", "row 1, column 'date': 'yesterday' is not a time such as"),
        ("i.csv", b"You clown,removed\nFine,kept\n", "the first line names the columns"),
        ("j.jsonl", b'{"text": "Fine", "label": "kept"}\n{"text": \n', "row 2: not JSON"),
        ("k.jsonl", b'{"text": ["a"], "label": "kept"}\n', "row 1, column 'text': \"['a']\" is not a text"),
        ("l.jsonl", b'{"text": "a", "label": ["x", "z"]}\n', "row 1, column 'label': 'x' is neither"),
        ("m.jsonl", b'{"text": "a", "attributes": {"insult": 3}}\n', "column 'attributes.insult': '3' is not a number"),
        ("n.jsonl", b'["a"]\n', "is not an object: write one per line"),
        ("o.csv", b"text,probability_seen,label\nFine,0,kept\n", "'0' is not a number above 0"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_told_with_its_row(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInput, match=re.escape(message)) as told:
        read_labels(str(tmp_path / name))

    assert str(told.value).startswith(f"'{tmp_path / name}'")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1772328000", "2026-03-01T01:20:00Z"),
        ("1772328000.0", "2026-03-01T01:20:00Z"),
        ("1772328000.25", "2026-03-01T01:20:00.25Z"),
        ("20260301", "2026-03-01T00:00:00Z"),
        ("2026-03-01 09:30:00 UTC", "2026-03-01T09:30:00Z"),
    ],
)
def test_a_time_is_iso_8601_or_seconds_since_1970(tmp_path: Path, written: str, meant: str) -> None:
    (row,) = read(tmp_path / "labels.csv", f"text,label,time\n{FERRY},kept,{written}\n")

    assert row["time"] == pd.Timestamp(meant)


@pytest.mark.parametrize("days", ["46082", "46082.08", "46082.0843333", "46082.0"])
def test_days_as_excel_counts_them_are_no_seconds(tmp_path: Path, days: str) -> None:
    message = (
        f"row 1, column 'date': '{days}' is not a time such as 2026-11-25T09:30:00Z: write it so, or leave the column "
        "out with ingest --map time=."
    )
    with pytest.raises(InvalidInput, match=re.escape(message)):
        read(tmp_path / "labels.csv", f"text,label,date\n{FERRY},kept,{days}\n")


def test_a_column_that_is_left_out_is_not_read(tmp_path: Path) -> None:
    table = f"text,label,time\n{FERRY},kept,46082.0843333\n"

    assert read(tmp_path / "labels.csv", table, {"time": ""}) == [{"text": FERRY, "label": "kept"}]


def test_the_cells_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("text,insult\n" + f"{FERRY},0\nYou clown,zapped\n" * 40)
    with pytest.raises(InvalidInput, match=r"row 2, .*; row 10, .* \(40 cells cannot be read; these are the first 5\)"):
        read_labels(str(file))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"text": "comment"},
            (
                "has no column 'comment' for text; it has words, label: --map applies to every SOURCE, so ingest files "
                r"with other columns one by one\."
            ),
        ),
        ({"mood": "label"}, "A table of labels has no 'mood': it has text, label"),
        ({}, "has no column of comments, only words, label"),
    ],
)
def test_a_mapping_that_cannot_be_is_told(tmp_path: Path, given: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read(tmp_path / "labels.csv", "words,label\nFine,kept\n", given)


def test_the_same_rows_have_the_same_fingerprint_in_every_format(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "text": [FERRY, CLOWN, "Well, “said”,\r\nthat is."],
            "label": ["kept", None, "removed"],
            "toxicity": [None, 0.7, 1 / 3],
        }
    )
    table.to_csv(tmp_path / "labels.csv", index=False)
    table.to_json(tmp_path / "labels.jsonl", orient="records", lines=True)
    table.to_parquet(tmp_path / "labels.parquet")
    folder = tmp_path / "data_set"
    folder.mkdir()
    table.to_parquet(folder / "train.parquet")
    read = [read_labels(str(tmp_path / name)) for name in ("labels.csv", "labels.jsonl", "labels.parquet", "data_set")]

    assert {corpus.fingerprint for corpus in read} == {read[0].fingerprint}
    assert all(corpus.texts == table.text.tolist() for corpus in read)
    assert read[0].labels[:, ABUSE.index("toxicity")].tolist() == pytest.approx([0, 0.7, 1 / 3])
    assert read_labels(str(tmp_path / "labels.csv")).rows(np.arange(2)).fingerprint != read[0].fingerprint
