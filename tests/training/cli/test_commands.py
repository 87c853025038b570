"""`python -m training`: what it explains, what it measures, and how it tells mistakes."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from training.cli.main import main
from training.corpus.relevance_rows import WRITTEN

ABUSE = ("You are a stupid idiot and everybody knows it.", "Shut up, you pathetic moron.", "What a disgusting scumbag.")
BENIGN = ("Thank you for this article.", "The ferry was late again today.", "I think the minister is wrong on this.")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Return a newsroom's labels: what was removed and what was kept."""
    file = tmp_path / "labels.csv"
    rows = [(text, "removed", 1) for text in ABUSE] + [(text, "kept", 0) for text in BENIGN]
    pd.DataFrame([*rows, ("Nobody saw this.", None, None)], columns=["text", "label", "toxicity"]).to_csv(
        file, index=False
    )
    return file


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data folder with a little of three sets."""
    folder = tmp_path / "data"
    (folder / "abuse/dev").mkdir(parents=True)
    (folder / "relevance").mkdir()
    texts = [f"{text} {i}" for i in range(4) for text in (*ABUSE, *BENIGN)]
    toxicity = [float(i % 6 < 3) for i in range(len(texts))]
    pd.DataFrame({"text": texts, "toxicity": toxicity, "threat": None}).to_parquet(
        folder / "abuse/dev/wiki_test.parquet"
    )
    pd.DataFrame({"text": [ABUSE[0], BENIGN[0]], "spans": ["[10, 11, 12, 13, 14, 15]", "[]"]}).to_parquet(
        folder / "abuse/dev/civil_spans_trial.parquet"
    )
    pd.DataFrame(
        {"article_id": ["a", "b", "c"], "title": ["Ferry timetable", "Budget vote", "School meals"], "text": [""] * 3}
    ).to_parquet(folder / "relevance/articles.parquet")
    pairs = [
        ("1", "The ferry was late again.", "a", "pos"),
        ("1", "The ferry was late again.", "b", "easy"),
        ("1", "The ferry was late again.", "c", "hard"),
        ("2", "My children like the meals at school.", "c", "pos"),
        ("2", "My children like the meals at school.", "a", "easy"),
        ("2", "My children like the meals at school.", "b", "hard"),
    ]
    pd.DataFrame(pairs, columns=["comment_id", "text", "article_id", "neg_type"]).assign(source="paper").to_parquet(
        folder / "relevance/dev_pairs.parquet"
    )
    return folder


@pytest.mark.parametrize("command", ["", "fit", "evaluate", "compare", "encoder"])
def test_help_explains_each_option(command: str) -> None:
    result = run(*command.split(), "--help")

    assert result.exit_code == 0
    for line in re.findall(r"^  (?:-\w, )?--\S+.*$", result.output, re.MULTILINE):
        assert len(line.split("  ")) > 1, line


def test_evaluate_measures_what_the_folder_holds(data: Path, tmp_path: Path) -> None:
    out, report, card = tmp_path / "metrics.json", tmp_path / "report", tmp_path / "MODEL_CARD.md"
    arguments = ["--bundle", "fast", "--data", data, "--n", 50, "--out", out, "--report", report, "--card", card]
    result = run("evaluate", *arguments)

    assert result.exit_code == 0, result.output
    measured = json.loads(out.read_text())["fast"]
    toxicity, off_topic = (d for d in measured["detections"] if d["dataset"] != WRITTEN)
    assert (toxicity["dataset"], toxicity["column"], toxicity["rows"], toxicity["positives"]) == (
        "wiki_test",
        "toxicity",
        24,
        12,
    )
    assert toxicity["roc_auc"] > 0.9
    assert (off_topic["dataset"], off_topic["attribute"]) == ("paper", "off_topic")
    assert [(r["source"], r["comments"]) for r in measured["relevance"]] == [("paper", 2)]
    assert [s["rows"] for s in measured["spans"]] == [2]
    assert {r["attack"] for r in measured["robustness"]} >= {"leet", "homoglyph", "zero_width", "spacing"}
    assert (measured["agreement"], measured["bias"]) == ([], [])
    assert f"{toxicity['roc_auc']:.4f}" in result.stdout
    assert "<svg" in (report / "report.html").read_text()
    assert card.read_text().startswith("---\nlicense: apache-2.0\n")


def test_evaluate_measures_a_newsrooms_own_labels(labels: Path, tmp_path: Path) -> None:
    out = tmp_path / "metrics.json"
    result = run("evaluate", "--bundle", "fast", "--labels", labels, "--out", out)

    assert result.exit_code == 0, result.output
    measured = json.loads(out.read_text())["fast"]
    assert (measured["data"], measured["relevance"], measured["spans"]) == ("labels.csv", [], [])
    assert [(d["column"], d["rows"], d["prevalence"]) for d in measured["detections"]] == [
        ("toxicity", 6, 0.05),
        ("removed", 6, 0.5),
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.csv", None, "There is no file"),
        ("empty.csv", b"", "is empty"),
        ("other.csv", b"comment_id,label\n1,kept\n", "has no column of comments, only comment_id, label"),
        ("bare.csv", b"text\nHello there\n", "has no column of labels"),
        (
            "wrong.csv",
            b"text,label\nHello,deleted\n",
            "row 1, column 'label': 'deleted' is neither",
        ),
        ("range.csv", b"text,toxicity\nHello,7\n", "not a number from 0 to 1"),
        ("unseen.jsonl", b'{"text": "Hello", "label": null, "toxicity": null}\n', "no comment here is labelled"),
        ("cut.parquet", b"PAR1\x15\x04", "cannot be read"),
        ("letter.docx", b"Dear editor", "is none of"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
@pytest.mark.parametrize("command", ["evaluate", "fit"])
def test_a_file_that_cannot_be_used_is_told_in_a_line(
    tmp_path: Path, command: str, name: str, content: bytes | None, message: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    more = ["--bundle", "fast"] if command == "evaluate" else ["--out", tmp_path / "bundle"]
    result = run(command, "--labels", file, *more)

    assert result.exit_code == 1, result.output
    assert result.output.splitlines()[-1].startswith("Error: ")
    assert message in result.output
    assert str(name) in result.output
    assert not (tmp_path / "bundle").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["evaluate", "--bundle", "nowhere"], 1, "There is no bundle at 'nowhere'"),
        (["evaluate", "--bundle", "fast", "--data", "nowhere"], 1, "There are no labelled sets in 'nowhere'"),
        (["evaluate", "--data", "a", "--labels", "b.csv"], 2, "Use --data or --labels, not both"),
        (["evaluate", "--bundle", "fast", "--out", "no/where.json"], 1, "There is no folder 'no'"),
        (["evaluate", "--n", "0"], 2, "Invalid value for '--n'"),
        (["fit", "--data", "nowhere", "--out", "bundle"], 1, "There is no training data in 'nowhere'"),
        (["fit", "--tier", "slow", "--out", "bundle"], 2, "'slow' is not one of 'fast', 'accurate'"),
        (["fit"], 2, "Missing option '--out'"),
        (["encoder", "--data", "nowhere", "--work", "w", "--out", "o"], 1, "no training data"),
        (["judge"], 2, "No such command 'judge'"),
    ],
)
def test_a_mistake_is_told_in_a_line(
    arguments: list[str], code: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)

    assert result.exit_code == code, result.output
    assert message in result.output
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


def test_evaluate_measures_all_the_labels_it_is_given_together(labels: Path, tmp_path: Path) -> None:
    more, out = tmp_path / "more.csv", tmp_path / "metrics.json"
    more.write_text("text,label\nThe pool reopens in May.,kept\nYou brainless clown.,removed\n")
    result = run("evaluate", "--bundle", "fast", "--labels", labels, "--labels", more, "--out", out)

    assert result.exit_code == 0, result.output
    measured = json.loads(out.read_text())["fast"]
    assert measured["data"] == "labels.csv, more.csv"
    assert [(d["column"], d["rows"]) for d in measured["detections"]] == [("toxicity", 7), ("removed", 8)]


def test_the_encoder_says_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "abuse").mkdir()
    (tmp_path / "abuse/train.parquet").write_bytes(b"")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    result = run(
        "encoder", "--data", tmp_path, "--teacher", tmp_path, "--work", tmp_path / "w", "--out", tmp_path / "o"
    )

    assert result.exit_code == 1
    assert result.output == (
        "Error: Training the encoder needs torch and transformers and onnx: `pip install -e '.[encoder]'`.\n"
    )


def test_drift_tells_what_changed_and_what_to_do(tmp_path: Path) -> None:
    april, may, june = (tmp_path / f"{month}.csv" for month in ("april", "may", "june"))
    # Those of May alone would be too few to compare with.
    for file, texts, label, times in (
        (april, BENIGN, "kept", 197),
        (may, BENIGN, "kept", 3),
        (june, ABUSE, "removed", 200),
    ):
        rows = [(f"{text} {i}", label) for i in range(times) for text in texts]
        pd.DataFrame(rows, columns=["text", "label"]).to_csv(file, index=False)
    periods = ["--drift", april, "--drift", may, "--labels", june]
    result = run("evaluate", "--bundle", "fast", *periods, "--out", tmp_path / "drift.json")

    assert result.exit_code == 0, result.output
    signals = json.loads((tmp_path / "drift.json").read_text())["fast"]
    assert {s["attribute"]: s["level"] for s in signals if s["attribute"] == "toxicity"} == {"toxicity": "act"}
    assert "act: toxicity. Look at twenty of the latest comments" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "--drift", "may.csv"], "--drift needs --labels to compare with"),
        (["compare", "fast", "nowhere"], "There is no bundle at 'nowhere'"),
        (["compare", "fast", "fast", "--out", "nowhere/compare.json"], "There is no folder 'nowhere'"),
    ],
)
def test_a_mistake_is_told_before_anything_is_scored(arguments: list[str], message: str) -> None:
    result = run(*arguments)

    assert result.exit_code != 0
    assert message in result.output


@pytest.mark.parametrize(("drawn", "rows", "prevalence"), [(240, 240, 0.25), (100, 340, 0.5)])
def test_verdicts_are_measured_on_what_was_drawn_at_random(
    tmp_path: Path, drawn: int, rows: int, prevalence: float
) -> None:
    # Of what was flagged, nearly all was removed; of what was drawn, one in four.
    table = [(f"{ABUSE[0] if i % 4 == 0 else BENIGN[0]} {i}", i % 4 == 0, "random") for i in range(drawn)]
    flagged = 340 - drawn
    table += [(f"{ABUSE[1]} {i}", i % 10 < 6 if drawn == 100 else True, "flag") for i in range(flagged)]
    texts, removed, seen = zip(*table, strict=True)
    file = tmp_path / "labels.csv"
    labels = ["removed" if yes else "kept" for yes in removed]
    pd.DataFrame({"text": texts, "label": labels, "seen_because": seen}).to_csv(file, index=False)
    result = run("evaluate", "--bundle", "fast", "--labels", file, "--out", tmp_path / "metrics.json")

    assert result.exit_code == 0, result.output
    verdict = json.loads((tmp_path / "metrics.json").read_text())["fast"]["detections"][-1]
    assert (verdict["column"], verdict["rows"], verdict["natural"]) == ("removed", rows, drawn == 240)
    assert verdict["prevalence"] == pytest.approx(prevalence, abs=0.01)
