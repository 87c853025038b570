"""Labelled comments in."""

from pathlib import Path

from model.labels import LabelRow
from training.corpus import read_labels


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
