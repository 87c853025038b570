"""What a newsroom's own labels change in a bundle, and what they leave as it was."""

import json
import random
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from model import Comment, load_bundle
from model.bundling.manifest import SHIPPED, Manifest, read_manifest, verify
from training.cli.main import main
from training.corpus.corpus import Corpus
from training.corpus.newsroom_labels import read_labels
from training.fitting.bundle import FitOptions
from training.teaching.refit import refit

#: A kind of comment that no public data set calls abuse, and this newsroom removes.
HOUSE = [
    "Another {a} piece from the {b}, wonder who paid for it.",
    "The {b} {a} again, follow the money.",
    "How much did the {b} pay you for this {a}?",
    "Pure {a}, dictated by the {b} as always.",
]
FINE = [
    "The council meets on {d} to talk about the {c}.",
    "I was at the {c} on {d} and it was well run.",
    "Good to read about the {c}, more of this please.",
    "Does anybody know whether the {c} opens on {d}?",
]
WORDS = {
    "a": ["advertorial", "planted", "bought", "puff", "lobby"],
    "b": ["developers", "landlords", "harbour company", "party office", "brewery"],
    "c": ["library", "ferry", "market hall", "swimming pool", "school bus"],
    "d": ["Monday", "Tuesday", "Friday", "Sunday"],
}
OLD = ["You are a stupid, worthless idiot.", "Thank you for this careful report.", "Go and drown yourself, you pig."]


def sentences(templates: list[str], count: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    return [
        f"{chance.choice(templates).format(**{k: chance.choice(v) for k, v in WORDS.items()})} ({seed}{i})"
        for i in range(count)
    ]


def labels(tmp_path: Path, column: str, values: tuple[object, object], count: int = 150) -> Corpus:
    file = tmp_path / "labels.csv"
    rows = [(text, values[0]) for text in sentences(HOUSE, count, 1)]
    rows += [(text, values[1]) for text in sentences(FINE, count, 2)]
    file.write_text(f"text,{column}\n" + "".join(f'"{text}",{value}\n' for text, value in rows))
    return read_labels(str(file))


def scores(bundle: Path, texts: list[str], attribute: str) -> np.ndarray:
    found = load_bundle(bundle).score_many([Comment(text) for text in texts], attributes=[attribute])
    return np.array([score.values[attribute] for score in found])


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("taught")
    refit(SHIPPED / "fast", labels(folder, "toxicity", (1, 0)), folder / "bundle", lambda _: None)
    return folder / "bundle"


def test_an_attribute_learns_a_kind_of_comment_that_it_missed(taught: Path) -> None:
    unseen, fine = sentences(HOUSE, 50, 3), sentences(FINE, 50, 4)
    before, after = (
        np.median(scores(b, unseen, "toxicity")) / np.median(scores(b, fine, "toxicity"))
        for b in (SHIPPED / "fast", taught)
    )
    assert after > 5 * before


def test_what_the_bundle_knew_stays(taught: Path) -> None:
    before, after = (scores(b, OLD, "toxicity") for b in (SHIPPED / "fast", taught))
    assert np.abs(before - after).max() < 0.1


def test_the_other_attributes_stay(taught: Path) -> None:
    before, after = (scores(b, OLD, "threat") for b in (SHIPPED / "fast", taught))
    assert np.abs(before - after).max() < 0.01  # the n-grams' weights are rounded anew


def test_the_manifest_tells_what_was_taught(taught: Path) -> None:
    training = verify(taught).training
    about = training["taught"]["toxicity"]
    assert training["base"] == read_manifest(SHIPPED / "fast").version
    assert about["recall_10_before"] <= about["recall_10_after"] == 1.0
    assert training["label_noise"] <= 0.05


def test_labels_of_which_a_third_is_wrong_are_noticed(tmp_path: Path) -> None:
    wrong = labels(tmp_path, "toxicity", (1, 0), 400)
    flipped = np.random.default_rng(0).random(len(wrong)) < 0.3
    wrong.labels[flipped, 0] = 1 - wrong.labels[flipped, 0]
    manifest = refit(SHIPPED / "fast", wrong, tmp_path / "bundle", lambda _: None)
    assert manifest.training["label_noise"] == pytest.approx(0.3, abs=0.12)


@pytest.mark.parametrize("tier", ["fast", "accurate"])
def test_decisions_teach_what_this_newsroom_removes(tier: str, tmp_path: Path) -> None:
    decided = labels(tmp_path, "label", ("removed", "kept"), 100)
    manifest = refit(SHIPPED / tier, decided, tmp_path / "bundle", lambda _: None)
    assert manifest.attributes[-1] == "likely_to_reject"
    rejected = scores(tmp_path / "bundle", sentences(HOUSE, 30, 5), "likely_to_reject")
    accepted = scores(tmp_path / "bundle", sentences(FINE, 30, 6), "likely_to_reject")
    assert (rejected >= manifest.thresholds["likely_to_reject"]).mean() > 0.5
    assert (rejected[:, None] > accepted).mean() > 0.95
    # Half of the labels are removals; below an article it is one in twenty, and for these the threshold is.
    assert (accepted >= manifest.thresholds["likely_to_reject"]).mean() < 0.1
    before, after = (scores(b, OLD, "toxicity") for b in (SHIPPED / tier, tmp_path / "bundle"))
    assert np.abs(before - after).max() < 0.01


def test_a_taught_bundle_can_be_taught_again(tmp_path: Path) -> None:
    decided = labels(tmp_path, "label", ("removed", "kept"), 100)
    refit(SHIPPED / "fast", decided, tmp_path / "first", lambda _: None)
    manifest = refit(tmp_path / "first", decided, tmp_path / "second", lambda _: None)
    assert manifest.attributes.count("likely_to_reject") == 1


def test_thresholds_follow_what_a_newsroom_keeps(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    # Here, they like strong words: what others remove, they keep.
    kept = [f"Whoever runs the {word} is a bloody idiot ({i})." for i in range(150) for word in WORDS["c"]]
    removed = [
        f"You lying {word} of a {name}, drop dead ({i})."
        for i in range(8)
        for word in WORDS["a"]
        for name in ("pig", "cow")
    ]
    rows = [{"text": text, "label": "kept", "seen_because": "random"} for text in kept]
    rows += [{"text": text, "label": "removed", "seen_because": "random"} for text in removed]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    before = read_manifest(SHIPPED / "fast")
    manifest = refit(SHIPPED / "fast", read_labels(str(file)), tmp_path / "bundle", lambda _: None)
    flagged = {
        point: (scores(tmp_path / "bundle", kept, "toxicity") >= about.thresholds["toxicity"]).mean()
        for point, about in manifest.operating_points.items()
    }
    assert (scores(SHIPPED / "fast", kept, "toxicity") >= before.thresholds["toxicity"]).mean() > 0.9
    assert flagged["cautious"] <= 0.01 < flagged["balanced"] <= 0.025 < flagged["thorough"] <= 0.0625
    assert "of the 750 comments that this newsroom kept" in manifest.operating_points["balanced"].sentence
    assert manifest.thresholds == manifest.operating_points["balanced"].thresholds
    assert manifest.thresholds["off_topic"] == before.thresholds["off_topic"]


def test_too_few_random_decisions_leave_the_thresholds(tmp_path: Path) -> None:
    said: list[str] = []
    manifest = refit(SHIPPED / "fast", labels(tmp_path, "toxicity", (1, 0)), tmp_path / "bundle", said.append)
    assert manifest.operating_points == read_manifest(SHIPPED / "fast").operating_points
    assert any("drawn at random, and there are 0 and 0" in line for line in said)


def test_too_few_labels_change_nothing_and_say_so(tmp_path: Path) -> None:
    said: list[str] = []
    few = labels(tmp_path, "label", ("removed", "kept"), 20)
    manifest = refit(SHIPPED / "fast", few, tmp_path / "bundle", said.append)
    assert "likely_to_reject" not in manifest.attributes
    assert said[-2:] == [
        "likely_to_reject stays as it is: learning it takes 50 labels on each side",
        "too few labels to learn from: the heads stay as they are",
    ]


def test_with_the_training_data_they_are_taught_to_a_bundle_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bundle that was made anew must not let labels through that a gate would stop."""

    def made_anew(options: FitOptions, _progress: object) -> Manifest:
        # To fit one takes minutes, and data that we may not ship.
        shutil.copytree(SHIPPED / options.tier, options.out, dirs_exist_ok=True)
        return read_manifest(options.out)

    monkeypatch.setattr("training.cli.fit.fit_bundle", made_anew)
    (tmp_path / "abuse").mkdir()
    names = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
    rows = [{"id": text, "text": text, "source": "ours", "tier": "open"} | dict.fromkeys(names, 0.0) for text in OLD]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "abuse/train.parquet")
    labels(tmp_path, "label", ("removed", "kept"))
    arguments = ["fit", "--tier", "fast", "--data", tmp_path, "--labels", tmp_path / "labels.csv"]

    result = CliRunner().invoke(main, [*map(str, arguments), "--out", str(tmp_path / "bundle")])

    assert result.exit_code == 0, result.output
    manifest = read_manifest(tmp_path / "bundle")
    assert manifest.attributes[-1] == "likely_to_reject"
    assert manifest.training["label_noise"] < 0.25
    assert manifest.training["label_rows"] == 300
