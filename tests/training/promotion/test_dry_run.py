"""A dry run: what moderators would have been shown, had the challenger scored what came in."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from model.labels import Label, LabelRow
from model.records import Article
from tests.bundles import make_bundle
from training.cli.main import main

BRIDGE = Article(id="bridge", title="Harbour bridge to close to cars", body="The council will vote on Tuesday.")


def row(comment_id: str, text: str, label: Label | None, seen: float | None = None) -> LabelRow:
    return LabelRow(comment_id, text, label, article=BRIDGE, probability_seen=seen)


QUEUE = (
    row("grave", "You are a stupid idiot, and the bridge should stay open.", "removed", 1.0),
    row("mild", "The council's bridge plan is stupid.", "kept", 1.0),
    row("milder", "It is a silly idea to close the bridge to cars.", "removed", 0.005),
    row("fine", "The bridge should stay open to buses, I think.", None),
    row("empty", "\u200b", None),
    LabelRow("gone", "", None, withdrawn=True),
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return the command, in a folder with a queue."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BELOWLINE_BUNDLE", "fast")
    (tmp_path / "queue.jsonl").write_text("".join(one.to_json() + "\n" for one in QUEUE))

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["dry-run", *arguments])

    return call


def test_flags_that_flip_are_told_with_minutes_and_breaches(run: Callable[..., Result], tmp_path: Path) -> None:
    make_bundle(tmp_path / "made", shift=6.0)
    result = run("made", "--queue", "queue.jsonl", "--minutes", "2", "--out", "flips.jsonl")

    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("4 comments, ")
    flips = [json.loads(line) for line in Path("flips.jsonl").read_text().splitlines()]
    assert {flip["change"] for flip in flips} == {"no longer flagged"}
    assert flips[0]["comment_id"] == "grave"
    assert lines[2] == f"{2 * len(flips)} minutes saved, at 2 an item"
    missed = [flip for flip in flips if flip["label"] == "removed"]
    stands = sum(flip["weight"] for flip in missed)
    assert (
        f"of these {len(missed)} that a person removed (breaches missed, standing for about {stands:.0f})" in lines[3]
    )
    assert lines[4] == (
        "newly flagged: 0; of these 0 that a person removed (breaches newly found), 0 kept, 0 that nobody saw"
    )
    assert not Path("bundles").exists()


def test_breaches_that_are_newly_found_stand_for_those_that_nobody_saw(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    make_bundle(tmp_path / "made", shift=-2.0)
    result = run("made", "--queue", "queue.jsonl")

    assert result.exit_code == 0, result.output
    assert "minutes more, at 1 an item" in result.stdout
    assert "1 that a person removed (breaches newly found, standing for about 200)" in result.stdout
    assert "newly flagged\tremoved\tmilder\t" in result.stdout


def test_its_former_name_works_with_a_line_of_warning(run: Callable[..., Result]) -> None:
    Path("queue.jsonl").write_text("")
    now = run("accurate", "--queue", "queue.jsonl")
    former = CliRunner().invoke(main, ["replay", "accurate", "--queue", "queue.jsonl"])

    assert (former.exit_code, former.stdout) == (now.exit_code, now.stdout)
    assert former.stderr == f"`replay` is now called `dry-run`: please use the new name.\n{now.stderr}"
    assert "replay" not in CliRunner().invoke(main, ["--help"]).output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "queue.jsonl holds no comment: fetch it from /v1/labels?unreviewed=true."),
        ('{"comment_id": "c"}\n', "queue.jsonl, line 1: A label row needs 'text'"),
    ],
)
def test_a_file_that_is_no_queue_is_told_in_a_line(run: Callable[..., Result], content: str, message: str) -> None:
    Path("queue.jsonl").write_text(content)
    result = run("accurate", "--queue", "queue.jsonl")

    assert result.exit_code == 1
    assert message in result.output
