"""Which value means removed is known, said by the user, or asked for: never guessed."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from model.errors import InvalidInput
from training.cli.main import main
from training.labels.columns import Hints
from training.labels.rows import read_label_rows
from training.labels.verdicts import yes_no_of

TEXT = "Close the bridge at night."


def labels(file: Path, header: str, values: list[str], hints: Hints | None = None) -> list[str | None]:
    """Write a table with a comment and a value in each row, and return the labels that are read from it."""
    file.write_text(f"{header}\n" + "".join(f"{TEXT},{value}\n" for value in values))
    return [label for rows in read_label_rows(str(file), hints or Hints()) for label in rows.columns["label"]]


@pytest.mark.parametrize(
    ("header", "meanings"),
    [
        (
            "comment_content,comment_approved",
            {"1": "kept", "0": None, "spam": "removed", "trash": "removed", "post-trashed": "removed", "hold": None},
        ),
        ("comment_body,status,cid,subject", {"1,5,Hm": "kept", "0,6,Hm": "removed"}),
        ("text,is_approved", {"true": "kept", "false": "removed", "": None}),
        ("text,spam", {"1": "removed", "0": "kept", "ham": "kept"}),
        ("text,is_removed", {"yes": "removed", "No": "kept"}),
        ("text,approved,spam", {"0,0": "removed", "1,0": "kept"}),
        ("text,comment_approved,is_spam", {"0,0": None, "1,0": "kept"}),
    ],
    ids=["WordPress", "Drupal", "approved", "spam", "removed", "approved beside spam", "WordPress beside spam"],
)
def test_a_column_that_says_what_its_yes_means_is_believed(
    tmp_path: Path, header: str, meanings: dict[str, str | None]
) -> None:
    assert labels(tmp_path / "a.csv", header, list(meanings)) == list(meanings.values())


@pytest.mark.parametrize(
    ("column", "yes"),
    [
        *[(name, "kept") for name in ("published", "is_published", "visible", "is_public", "was_approved", "live")],
        *[(name, "removed") for name in ("hidden", "is_deleted", "isspam", "rejected_by_us")],
        *[(name, None) for name in ("status", "label", "flag", "not_published", "approved_or_rejected")],
    ],
)
def test_a_column_that_the_user_names_is_read_by_its_name(column: str, yes: str | None) -> None:
    found = yes_no_of(column, {column})

    assert (found and found.yes) == yes


def test_a_mapped_column_of_what_was_published_is_not_turned_round(tmp_path: Path) -> None:
    hints = Hints({"label": "published"})

    assert labels(tmp_path / "a.csv", "text,published", ["1", "0"], hints) == ["kept", "removed"]


@pytest.mark.parametrize(
    ("header", "value", "removed", "kept"),
    [
        ("text,label", "1", "1", "0"),
        ("text,status", "0", "1", "0"),
        ("text,verdict", "True", "true", "false"),
        ("text,action", "no", "yes", "no"),
        ("text,not_approved", "y", "y", "n"),
    ],
)
def test_a_bare_yes_or_no_is_asked_about(tmp_path: Path, header: str, value: str, removed: str, kept: str) -> None:
    message = (
        f"row 2, column {header[5:]!r}: {value.lower()!r} does not say whether the comment was removed or kept: "
        f"add --removed-value {removed} --kept-value {kept}, or --removed-value {kept} "
        f"--kept-value {removed}"
    )
    hints = Hints({"label": header[5:]})

    with pytest.raises(InvalidInput, match=re.escape(message)):
        labels(tmp_path / "a.csv", header, ["", value], hints)


def test_a_user_s_word_counts(tmp_path: Path) -> None:
    hints = Hints(removed=frozenset({"1", "Deleted"}), kept=frozenset({"0"}))

    found = labels(tmp_path / "a.csv", "text,status", ["1", "0", "deleted", "1.5", "pending", "approved"], hints)
    assert found == ["removed", "kept", "removed", None, None, "kept"]


@pytest.mark.parametrize(
    ("removed", "kept", "values"),
    [
        ("1", "0", ["1.0", "0.0"]),
        ("1.0", "0.0", ["1", "0"]),
        ("10", "-2", ["10.0", "-2.0"]),
        ("gel\u00f6scht", "o\u0308ffentlich", ["gelo\u0308scht", "\u00d6ffentlich"]),
    ],
    ids=["a column with gaps", "its values typed in", "other codes", "umlauts in two parts"],
)
def test_what_is_the_same_to_the_user_is_the_same_value(
    tmp_path: Path, removed: str, kept: str, values: list[str]
) -> None:
    hints = Hints(removed=frozenset({removed}), kept=frozenset({kept}))

    assert labels(tmp_path / "a.csv", "text,status", values, hints) == ["removed", "kept"]


@pytest.mark.parametrize(
    ("removed", "kept", "said"),
    [("1", " 1", "1"), ("1", "1.0", "1"), ("gelo\u0308scht", "Gel\u00f6scht", "gel\u00f6scht")],
)
def test_a_value_cannot_mean_both(removed: str, kept: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=f"'{said}' cannot mean both removed and kept"):
        Hints(removed=frozenset({removed}), kept=frozenset({kept}))


def test_an_unknown_word_is_no_label_and_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("text,label\n" + "".join(f"{TEXT},{word}\n" for word in ("kept", "odd", "zapped", "odd")))
    told: list[str] = []

    found = [label for rows in read_label_rows(str(file), say=told.append) for label in rows.columns["label"]]

    assert found == ["kept", None, None, None]
    assert told[-1] == (
        f"{file}: column 'label' says 'odd' (2 rows), 'zapped' (1 rows), which is no verdict we know and so no label: "
        "--removed-value or --kept-value says what it means"
    )


def test_a_column_that_says_nothing_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="row 2, column 'status': 'b' is neither 'removed', 'kept' nor empty, and"):
        labels(tmp_path / "a.csv", "text,status", ["A", "B", "B"])


def test_of_several_labels_the_one_that_is_known_counts(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(
        '{"text": "a", "label": ["removed", "insult"]}\n{"text": "b", "label": ["removed", "kept"]}\n'
        '{"text": "c", "label": ["insult", "threat"]}\n'
    )

    assert [label for rows in read_label_rows(str(file)) for label in rows.columns["label"]] == ["removed", None, None]


@pytest.mark.parametrize("command", ["ingest", "fit", "evaluate", "compare", "second-look"])
def test_commands_that_read_labels_take_the_user_s_word(tmp_path: Path, command: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"text,label\n{TEXT},1\n")
    arguments = {
        "ingest": [str(file), "--out", str(tmp_path / "o.jsonl")],
        "fit": ["--labels", str(file), "--out", str(tmp_path / "o")],
        "evaluate": ["--labels", str(file)],
        "compare": ["fast", "fast", "--labels", str(file)],
        "second-look": ["--labels", str(file)],
    }[command]

    result = CliRunner().invoke(main, [command, *arguments])
    both = CliRunner().invoke(main, [command, *arguments, "--removed-value", "1", "--kept-value", "1"])

    assert (result.exit_code, both.exit_code) == (1, 1)
    assert "add --removed-value 1 --kept-value 0" in result.output
    assert "'1' cannot mean both removed and kept" in both.output


def test_ingest_writes_what_the_user_said(tmp_path: Path) -> None:
    file, out = tmp_path / "a.csv", tmp_path / "o.jsonl"
    file.write_text(f"text,label\n{TEXT},1\nYou fool.,0\n")

    result = CliRunner().invoke(
        main, ["ingest", str(file), "--out", str(out), "--removed-value", "0", "--kept-value", "1"]
    )

    assert result.exit_code == 0, result.output
    assert [re.findall('"label": "(.*?)"', line) for line in out.read_text().splitlines()] == [["kept"], ["removed"]]
