"""Both tiers' encoders read texts in the same way."""

import subprocess
import sys

import numpy as np
import pytest

from model.bundling.manifest import open_bundle
from model.features.encoder import Encoder
from model.features.loading import load_encoder

TEXTS = ("The ferry was late again.", "You complete idiot.", "Well said.")


@pytest.fixture(scope="module", params=["fast", "accurate"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return load_encoder(request.param, open_bundle(request.param).file, threads=1)


def test_only_what_is_asked_for_is_embedded(encoder: Encoder) -> None:
    everything, some = encoder.encode(TEXTS), encoder.encode(TEXTS, [2, 0])

    assert some.embedding.tobytes() == everything.embedding[[2, 0]].tobytes()
    assert some.odds.tobytes() == everything.odds.tobytes()
    assert encoder.encode(TEXTS, []).embedding.shape == (0, everything.embedding.shape[1])
    assert np.linalg.norm(everything.embedding, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_the_fast_tier_needs_no_onnxruntime() -> None:
    found = "from model import load_bundle; import sys; load_bundle('fast'); print('onnxruntime' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", found], capture_output=True, text=True, check=True)  # noqa: S603 - our own command

    assert said.stdout == "False\n"
