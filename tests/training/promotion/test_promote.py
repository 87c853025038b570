"""A person promotes a bundle, the gates may refuse it, and there is a way back."""

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from model.bundling.manifest import bundle_path, open_bundle, read_manifest, write_manifest
from model.bundling.shelf import Shelf
from model.heads import LinearHeads
from tests.bundles import let_score, make_bundle
from training.cli.main import main


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Return a shelf on which one bundle scores."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BELOWLINE_BUNDLE", raising=False)
    monkeypatch.delenv("BELOWLINE_DATA", raising=False)
    monkeypatch.setenv("BELOWLINE_BUNDLES", str(tmp_path / "bundles"))
    shelf = Shelf()
    let_score(shelf, shelf.put(open_bundle("fast")))
    return shelf


@pytest.fixture
def champion(shelf: Shelf) -> str:
    return shelf.current().name


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_a_bundle_that_no_gate_refuses_scores_and_one_goes_back_in_a_moment(
    shelf: Shelf, champion: str, tmp_path: Path
) -> None:
    made = make_bundle(tmp_path / "made", shift=0.01, insult=0.82).version
    promoted = run("promote", "made", "--by", "anna")
    scores = shelf.current().name
    back = run("rollback", "--by", "ben", "--why", "too many flags")

    assert promoted.exit_code == 0, promoted.output
    assert f"{made} (fast) would score in place of {champion} (fast)\n" in promoted.stdout
    assert "insult would be flagged from 0.82 instead of " in promoted.stdout
    assert promoted.stdout.endswith(
        f"Promoted: {made} now scores. `python -m training rollback` goes back to {champion}.\n"
    )
    assert scores == made
    assert back.stdout == f"Rolled back: {champion} now scores instead of {made}.\n"
    assert shelf.current().name == champion
    lines = [json.loads(line) for line in (shelf.folder / "history.jsonl").read_text().splitlines()]
    assert [(one["did"], one["before"], one["after"], one["by"], one["why"]) for one in lines[1:]] == [
        ("promote", champion, made, "anna", ""),
        ("rollback", made, champion, "ben", "too many flags"),
    ]
    assert any("PR AUC of toxicity" in sentence for sentence in lines[1]["gates"])


def test_a_bundle_that_a_gate_refuses_is_not_promoted(shelf: Shelf, champion: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(bundle_path("fast"), tmp_path / "worse"))
    heads = LinearHeads.load(folder / "heads.npz")
    # Whatever spoke for a threat speaks against it.
    heads.weights[:, heads.names.index("threat")] *= -1
    heads.save(folder / "heads.npz")
    write_manifest(folder, read_manifest(folder))
    result = run("promote", "worse")

    assert result.exit_code == 1, result.output
    assert "Error: Not promoted, " in result.stderr
    assert re.search(r"PR AUC of threat: 0\.\d+ → ", result.stderr)
    assert result.stderr.endswith("To promote it anyway: --despite 'REASON'.\n")
    assert shelf.current().name == champion
    assert len(shelf.history()) == 1


def test_a_reason_promotes_what_is_refused_and_stays_in_the_history(
    shelf: Shelf, champion: str, tmp_path: Path
) -> None:
    made = make_bundle(tmp_path / "made", insult=0.82).version
    # The bundle that scores was tampered with: nothing can be compared with it.
    (shelf.current() / "words.txt").write_text("the\n")
    refused = run("promote", "made")
    promoted = run("promote", "made", "--despite", "the disk is broken")

    assert refused.exit_code == 1
    assert "a gate refuses it: The champion cannot be compared with" in refused.stderr
    assert promoted.exit_code == 0, promoted.output
    latest = shelf.history()[-1]
    assert (latest.before, latest.after, latest.why, latest.refused) == (champion, made, "the disk is broken", True)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("id,text,label\n1,Well said.,\n", "  label            <- label\n"),
        (
            "text,label\n,kept\nWell said.,deleted\n",
            (
                "labels.csv: column 'label' says 'deleted' (1 rows), which is no verdict we know and so no label: "
                "--removed-value or --kept-value says what it means\n"
            ),
        ),
    ],
    ids=["nobody reviewed", "an unknown verdict"],
)
def test_labels_that_are_none_are_told_and_stop_a_promotion(
    shelf: Shelf, champion: str, tmp_path: Path, table: str, said: str
) -> None:
    make_bundle(tmp_path / "made", insult=0.82)
    (tmp_path / "labels.csv").write_text(table)
    result = run("promote", "made", "--labels", "labels.csv")

    assert result.exit_code == 1, result.output
    assert said in result.stderr
    assert result.stderr.endswith("Error: 'labels.csv': no comment here is labelled.\n")
    assert shelf.current().name == champion


@pytest.mark.usefixtures("shelf")
def test_a_bundle_that_was_tampered_with_is_refused(tmp_path: Path) -> None:
    make_bundle(tmp_path / "made", insult=0.82)
    (tmp_path / "made/heads.npz").write_bytes(b"something else")
    result = run("promote", "made", "--despite", "I know what I do")

    assert result.exit_code == 1
    assert "made/heads.npz is not the file that the manifest lists" in result.stderr
    assert len(Shelf().history()) == 1


@pytest.mark.usefixtures("shelf")
def test_with_a_signing_key_an_unsigned_bundle_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_bundle(tmp_path / "made", insult=0.82)
    monkeypatch.setenv("BELOWLINE_SIGNING_KEY", "of this newsroom")
    result = run("promote", "made", "--despite", "I know what I do")

    assert result.exit_code == 1
    assert "made is not signed with BELOWLINE_SIGNING_KEY" in result.stderr


def test_the_first_promotion_keeps_what_was_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BELOWLINE_BUNDLE", "fast")
    monkeypatch.setenv("BELOWLINE_BUNDLES", str(tmp_path / "bundles"))
    shipped, shelf = read_manifest(bundle_path("fast")).version, Shelf()
    make_bundle(tmp_path / "made", insult=0.82)
    promoted = run("promote", "made", "--despite", "asked in any case")
    back = run("rollback")

    assert promoted.exit_code == 0, promoted.output
    assert back.exit_code == 0, back.output
    assert shelf.current() == shelf.folder / shipped
    assert promoted.stderr.endswith("A service with BELOWLINE_BUNDLE=fast keeps scoring with that one.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["promote", "fast"], "already scores: there is nothing to promote."),
        (["promote", "nowhere"], "There is no bundle at 'nowhere'"),
        (["rollback"], "There is no version to go back to: nothing on the shelf scored before this one."),
        (["rollback", "--to", "2025.01.01-00000000"], "is not a version on the shelf that has scored before"),
    ],
)
@pytest.mark.usefixtures("shelf")
def test_what_cannot_be_done_is_told_in_a_line(arguments: list[str], message: str) -> None:
    result = run(*arguments)

    assert result.exit_code == 1
    assert message in result.output
    assert len(Shelf().history()) == 1
