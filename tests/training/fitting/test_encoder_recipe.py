"""What a bundle says of its encoder's training, whoever fits it anew."""

import json
from dataclasses import replace
from pathlib import Path

from model.bundling.manifest import bundle_path, read_manifest, to_bytes
from training.corpus.guide import SENTENCES
from training.encoder.rounds import read_by
from training.fitting.bundle import encoder_recipe

SHIPPED = read_manifest(bundle_path("fast"))


def test_a_recipe_is_told_as_it_was_recorded(tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text(json.dumps({"sentences": 9}))
    assert encoder_recipe(tmp_path) == {"sentences": 9}


def test_an_encoder_without_one_tells_nothing(tmp_path: Path) -> None:
    assert encoder_recipe(tmp_path) is None


def test_a_bundle_fitted_to_more_sentences_does_not_say_that_its_encoder_has_read_them(tmp_path: Path) -> None:
    """Older recipes did not tell how many were read: it had read what its bundle was fitted to."""
    training = {"rows": {SENTENCES: 14_464}, "encoder": {"since": "2026.11.29-ca8ab184"}}
    (tmp_path / "manifest.json").write_bytes(to_bytes(replace(SHIPPED, training=training)))
    recipe = encoder_recipe(tmp_path)
    assert recipe == {"sentences": 14_464, "since": "2026.11.29-ca8ab184"}
    refitted = replace(SHIPPED, training={"rows": {SENTENCES: 21_639}, "encoder": recipe})
    assert read_by(refitted).sentences == 14_464
