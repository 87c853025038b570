"""How a bundle's scores read on the Perspective API's scale."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from model.bundling.manifest import FILES, Bundle, bundle_path, open_bundle
from model.errors import InvalidInput
from training.corpus.dev_sets import AGREEMENT
from training.fitting.scales import perspective_scores, with_scales

COMMENTS = [f"The bus was {n} minutes late again." for n in range(6)] + [
    f"You are {n} times the idiot that he is." for n in range(2, 8)
]


def _write(folder: Path, **columns: object) -> None:
    (folder / "abuse/dev").mkdir(parents=True)
    pd.DataFrame(columns).to_parquet(folder / "abuse/dev/perspective_scores.parquet")


def _theirs() -> dict[str, list[float]]:
    return {
        name: [0.05 * n for n in range(6)] + [0.7 + 0.05 * n for n in range(6)]
        for name in AGREEMENT["perspective_scores"]
    }


def test_a_bundle_that_was_only_made_gets_its_scale_and_keeps_all_else(tmp_path: Path) -> None:
    opened = open_bundle(bundle_path("fast"))
    made = Bundle(tmp_path / "made", replace(opened.manifest, scales={}), {n: opened.files[n] for n in FILES["fast"]})
    said: list[str] = []
    _write(tmp_path, text=COMMENTS, **_theirs())
    manifest = with_scales(made, perspective_scores(tmp_path), said.append)
    assert "toxicity" in manifest.scales["perspective"]
    assert manifest.scales != opened.manifest.scales
    assert replace(manifest, scales={}, training=made.manifest.training) == made.manifest
    assert said[0].startswith("scale of the Perspective API: toxicity")


def test_without_its_scores_a_bundle_gets_no_scale(tmp_path: Path) -> None:
    bundle = open_bundle(bundle_path("fast"))
    said: list[str] = []
    assert with_scales(bundle, perspective_scores(tmp_path), said.append) is bundle.manifest
    assert said == ["no perspective_scores: the bundle gets no scale for the Perspective API"]


def test_scores_that_lack_an_attribute_are_refused(tmp_path: Path) -> None:
    _write(tmp_path, text=COMMENTS, **{name: values for name, values in _theirs().items() if name != "persp_THREAT"})
    with pytest.raises(InvalidInput, match=r"^perspective_scores\.parquet lacks 'persp_THREAT'\.$"):
        perspective_scores(tmp_path)


def test_scores_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    _write(tmp_path, text=COMMENTS, **_theirs() | {"persp_THREAT": ["high"] * len(COMMENTS)})
    with pytest.raises(InvalidInput, match="has scores that are no numbers"):
        perspective_scores(tmp_path)
