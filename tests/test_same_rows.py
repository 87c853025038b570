"""The same file gives the same rows to every command that reads one."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

import model.cli.main
import service.cli.main
import training.cli.main

TEXTS = ("The ferry; late again, they say.", "You lying\r\nidiot!", "“Łódź”", " ", "Aye.")
TABLE = pd.DataFrame(
    {
        "comment_id": ["a1", "a2", "a3", "a4", "a5"],
        "text": TEXTS,
        "label": ["approved", "rejected", "approved", "approved", None],
        "TOXICITY": ["0.1", "0.9", "0.2", "0.3", ""],
    }
)


def excel(file: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    # As Excel writes a carriage return.
    cells = TABLE.where(TABLE.notna(), None).replace("\r", "_x000D_", regex=True)
    for row in ([], list(TABLE.columns), *cells.to_numpy().tolist()):
        book.active.append(row)
    book.save(file)


SAVE: dict[str, Any] = {
    "semicolons.csv": lambda file: file.write_bytes(b"sep=;\r\n" + TABLE.to_csv(sep=";", index=False).encode()),
    "tabs.csv": lambda file: TABLE.to_csv(file, sep="\t", index=False, encoding="utf-16"),
    "packed.csv.gz": lambda file: TABLE.to_csv(file, encoding="utf-8-sig"),
    "book.xlsx": excel,
    "lines.jsonl": lambda file: TABLE.to_json(file, orient="records", lines=True),
    "list.json": lambda file: TABLE.to_json(file, orient="records", indent=1),
    "columns.parquet": TABLE.to_parquet,
}


def run(command: Any, *arguments: object) -> str:
    result = CliRunner().invoke(command, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("name", SAVE)
def test_every_command_reads_the_same_rows(tmp_path: Path, name: str) -> None:
    file, out = tmp_path / name, tmp_path / "out"
    SAVE[name](file)

    run(model.cli.main.main, "score", "--bundle", "fast", "--comments", file, "--out", tmp_path / "scores.jsonl")
    run(training.cli.main.main, "ingest", file, "--out", tmp_path / "labels.jsonl")
    run(training.cli.main.main, "archive", "--bundle", "fast", "--in", file, "--out", out, "--workers", 1)
    agreement = run(service.cli.main.main, "replay", "--bundle", "fast", "--comments", file)

    scores = [json.loads(line) for line in (tmp_path / "scores.jsonl").read_text().splitlines()]
    labels = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text().splitlines()]
    archived = pd.read_parquet(out / "part-000000.parquet")
    assert [row["id"] for row in scores] == list(TABLE.comment_id)
    assert archived.id.tolist() == list(TABLE.comment_id)
    assert [row.get("insult", -1) for row in scores] == archived.insult.fillna(-1).tolist()
    assert [row["text"] for row in labels] == [text for text in TEXTS if text.strip()]
    assert [row.get("label") for row in labels] == ["kept", "removed", "kept", None]
    assert "TOXICITY: 3 comments" in agreement
    assert agreement.endswith("Left out, without text or score or not in English: 2\n")


@pytest.mark.parametrize(
    "command",
    [
        (model.cli.main.main, "score", "--bundle", "fast", "--comments"),
        (service.cli.main.main, "replay", "--bundle", "fast", "--comments"),
        (training.cli.main.main, "ingest", "--out", "out.jsonl"),
        (training.cli.main.main, "fit", "--out", "made", "--labels"),
        (training.cli.main.main, "evaluate", "--labels"),
        (training.cli.main.main, "archive", "--bundle", "fast", "--out", "out", "--in"),
    ],
    ids=lambda command: command[1],
)
def test_every_command_tells_the_row_that_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[Any, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text(
        'id,text,label\n1,Aye.,kept\n2,"Where is the other half?,removed\n3,You lying idiot,removed\n'
    )

    result = CliRunner().invoke(command[0], [*command[1:], "a.csv"])

    assert result.exit_code == 1, result.output
    assert "Error: 'a.csv', row 2 (line 3), column 'text': a quote is never closed" in result.output
