"""A bundle's heads go to programs that know scikit-learn, and give the same scores there."""

from pathlib import Path

import joblib
import numpy as np
import pytest
from click.testing import CliRunner

from model import Comment
from model.abuse import NgramWeights
from model.bundling.manifest import open_bundle
from model.reading.text import TextNormaliser
from model.scoring.scorer import Scorer
from training.cli.main import main
from training.fitting.features import abuse_features

TEXTS = ["You stupid idiot, go away.", "The bridge should stay open to buses.", "Somebody should burn the place down."]


def test_exported_heads_give_the_scores_of_the_bundle(tmp_path: Path, scorer: Scorer) -> None:
    result = CliRunner().invoke(main, ["export", "--bundle", "fast", "--out", str(tmp_path / "heads.joblib")])
    heads = joblib.load(tmp_path / "heads.joblib")

    assert result.exit_code == 0, result.output
    assert result.output.endswith("heads.joblib: " + ", ".join(heads) + ", 6 features each.\n")
    bundle = open_bundle("fast")
    texts = TextNormaliser(bundle.file("words.txt").read().decode().split()).normalise_many(TEXTS)
    seen = abuse_features([text.text for text in texts], NgramWeights.load(bundle.file("ngrams.npz")), None)
    for name, head in heads.items():
        expected = [scorer.score(Comment(text=text))[name] for text in TEXTS]
        assert head.predict_proba(seen)[:, 1] == pytest.approx(expected, abs=1e-6)
        assert head.predict(seen).dtype == np.bool_


def test_a_bundle_that_was_tampered_with_is_not_exported(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    result = CliRunner().invoke(main, ["export", "--bundle", str(tmp_path), "--out", str(tmp_path / "heads.joblib")])

    assert result.exit_code == 1
    assert not (tmp_path / "heads.joblib").exists()
