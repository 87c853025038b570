"""What stops a challenger: each gate refuses by name, and lets through what is no worse."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from click.testing import CliRunner

from model.abuse import NgramWeights
from model.bundling.manifest import Bundle, bundle_path, open_bundle, read_manifest, write_manifest
from model.features.ngrams import LENGTHS
from training.cli.main import main
from training.corpus.newsroom_labels import read_labels
from training.promotion.gates import GateResult, judge
from training.promotion.samples import Evidence


def altered(folder: Path, *, words: tuple[str, ...] = (), by: float = 0.0, **training: object) -> Bundle:
    """Copy the fast bundle, change what some words add to every score, and what it says of its training."""
    shutil.copytree(bundle_path("fast"), folder)
    weights = NgramWeights.load(folder / "ngrams.npz")
    for word in words:
        runs, whole = weights.ngrams([word]).columns
        # Runs of four bytes and more; the shorter ones are in every word.
        columns = np.concatenate([runs.reshape(-1, len(LENGTHS))[:, 1:].ravel(), whole])
        weights.margins[columns[columns > 0]] += by
    weights.save(folder / "ngrams.npz")
    manifest = read_manifest(folder)
    write_manifest(folder, replace(manifest, training={**manifest.training, **training}))
    return open_bundle(folder)


def verdicts(judgement: GateResult) -> set[str]:
    return {gate.name for gate in judgement.refused}


def test_a_bundle_is_no_worse_than_itself(tmp_path: Path) -> None:
    out, pages = tmp_path / "compare.json", tmp_path / "pages"
    result = CliRunner().invoke(main, ["compare", "fast", "fast", "--out", str(out), "--report", str(pages)])

    assert result.exit_code == 0, result.output
    found = json.loads(out.read_text())
    assert (found["passed"], {gate["verdict"] for gate in found["gates"]}) == (True, {"passed"})
    assert {d["difference"] for d in found["comparison"]["differences"]} == {0.0}
    assert "## Gates: passed" in result.stdout
    assert "<svg" in (pages / "compare.html").read_text()


def test_a_bundle_that_loses_on_one_group_is_refused_by_its_name(tmp_path: Path) -> None:
    judgement = judge(
        open_bundle("fast"), altered(tmp_path / "biased", words=("muslim", "muslims"), by=3.0), Evidence()
    )

    assert not judgement.passed
    assert [name for name in verdicts(judgement) if name.startswith("identity")] == ["identity: Muslims"]


def test_labels_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    judgement = judge(open_bundle("fast"), altered(tmp_path / "poisoned", label_noise=0.3), Evidence())

    assert [gate.sentence for gate in judgement.refused] == [
        "About 30 % of the labels contradict what the others teach; 25 % are allowed."
    ]


def test_labels_that_a_bundle_has_learnt_from_are_told(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    rows = [{"text": "You utter fool.", "label": "removed"}, {"text": "A fine piece.", "label": "kept"}]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    labels = read_labels(str(file))
    told: list[str] = []

    judge(
        open_bundle("fast"),
        altered(tmp_path / "taught", labels=labels.fingerprint),
        Evidence(labels=labels),
        progress=told.append,
    )
    judge(
        open_bundle("fast"),
        altered(tmp_path / "untaught", labels="another one"),
        Evidence(labels=labels),
        progress=told.append,
    )

    version = read_manifest(tmp_path / "taught").version
    assert [line for line in told if "learnt" in line] == [
        f"Note: {version} has learnt from these very labels and will look better than it is."
    ]


def test_a_bundle_that_loses_below_newspapers_is_refused_for_it(tmp_path: Path) -> None:
    (tmp_path / "house").mkdir()
    article = {"article_id": "a", "title": "Ferry timetable", "text": "The ferry to the harbour runs less often."}
    pd.DataFrame([article]).to_parquet(tmp_path / "house/articles.parquet")
    names = [f"{first} {last}" for first in ("Ann", "Bert", "Cal", "Dora", "Eve") for last in map(chr, range(65, 91))]
    rows = [(f"{name} is a pathetic moron.", 1.0) for name in names]
    rows += [(f"{name} was at the harbour and saw the pathetic ferry.", 0.0) for name in names]
    table = pd.DataFrame(rows, columns=["text", "toxicity"])
    table.assign(article_id="a", parent_text=None, relevance=0.9, generic=False).to_parquet(
        tmp_path / "house/dev.parquet"
    )

    judgement = judge(
        open_bundle("fast"), altered(tmp_path / "kind", words=("moron",), by=-5.0), Evidence(data=tmp_path)
    )

    assert "quality: PR AUC of toxicity below newspapers' articles" in verdicts(judgement)
    quality = {d.sample: d for d in judgement.comparison.of("news") if (d.metric, d.subject) == ("pr_auc", "toxicity")}
    house = quality["house_dev"]
    assert (house.rows, house.positives, house.verdict) == (260, 130, "worse")
