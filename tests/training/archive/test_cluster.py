"""What runs on a cluster gives the numbers that one process gives."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from dask.distributed import LocalCluster
from joblib import Parallel, delayed

from model.abuse import NgramWeights
from model.bundling.manifest import SHIPPED
from model.errors import BundleError, InvalidInput
from tests.served import PATIENCE, free_port
from training.cluster import cluster, joblib_on
from training.fitting import features
from training.fitting.features import EncoderStates, abuse_features

TEXTS = [f"{text} {n}" for n in range(20) for text in ("The ferry was late.", "You stupid idiot!", "Well said.")]


def test_features_are_the_same_from_a_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "_CHUNK", 15)
    monkeypatch.chdir(tmp_path)
    weights = NgramWeights.load(SHIPPED / "accurate/ngrams.npz")
    alone = abuse_features(TEXTS, weights, EncoderStates(SHIPPED / "accurate", print).odds(TEXTS))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    told: list[str] = []
    with cluster(workers=2):
        together = abuse_features(TEXTS, weights, EncoderStates(SHIPPED / "accurate", told.append).odds(TEXTS))
        processes = set(Parallel()(delayed(os.getpid)() for _ in range(8)))
        again = EncoderStates(SHIPPED / "accurate", told.append).odds(TEXTS)

    assert together.tobytes() == alone.tobytes()
    assert os.getpid() not in processes
    # What a worker has read is in the cache of this machine.
    assert again.tobytes() == together[:, 6:].tobytes()
    from_workers = [line for line in told if "from the workers" in line]
    assert from_workers == [f"encoder: {n} of 4 pieces from the workers" for n in (1, 2, 3, 4)]


def test_without_a_scheduler_joblib_is_left_alone() -> None:
    with joblib_on(None):
        assert Parallel()(delayed(os.getpid)() for _ in range(2)) == [os.getpid()] * 2


def test_a_worker_with_another_encoder_is_told() -> None:
    with pytest.raises(BundleError, match=r"The worker on .* has a different encoder at 'accurate'"):
        features._read("accurate", "0123", ["Well said."])  # noqa: SLF001


def test_a_cluster_without_workers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.cluster.PATIENCE", PATIENCE)
    monkeypatch.setattr("training.cluster.FIRST_WORKER", 1)
    with (
        LocalCluster(n_workers=0, dashboard_address=None, processes=False, protocol="tcp") as empty,
        pytest.raises(
            InvalidInput, match=r"The scheduler at tcp://.* has no workers: start some with `python -m dask worker"
        ),
        joblib_on(empty.scheduler_address),
    ):
        pass


def test_a_scheduler_that_was_started_elsewhere_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.cluster.PATIENCE", PATIENCE)
    with free_port() as port:
        words = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
        command = [sys.executable, "-m", "dask", "scheduler", *words]
        with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as scheduler:  # noqa: S603 - our own command
            address = f"tcp://127.0.0.1:{port}"
            with pytest.raises(InvalidInput, match=f"Belowline was not found at {address}"), joblib_on(address):
                pass
            scheduler.terminate()


def test_the_shape_is_that_of_both_kinds_of_features() -> None:
    weights = NgramWeights.load(SHIPPED / "fast/ngrams.npz")

    np.testing.assert_array_equal(abuse_features(TEXTS, weights, None), weights.score(weights.ngrams(TEXTS)))
