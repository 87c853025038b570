"""A promoted bundle is taken over while the service runs, and no request notices."""

import gc
import json
import logging
import shutil
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from model import Comment, load_bundle
from model.bundling.manifest import POINTS, bundle_path, open_bundle, read_manifest, write_manifest
from model.bundling.shelf import Shelf
from service import create_app
from service.scoring.takeover import Takeover, takeover_of
from tests.bundles import let_score, make_bundle
from tests.served import PATIENCE, running

TEXT = "You are a stupid idiot and everybody knows it."
BODY = {"comments": [{"text": TEXT}]}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Return a shelf with two bundles, of which the first one scores."""
    shelf = Shelf(tmp_path / "bundles")
    make_bundle(tmp_path / "first", shift=0.1, insult=0.2)
    make_bundle(tmp_path / "second", shift=0.5, insult=0.3)
    let_score(shelf, shelf.put(open_bundle(tmp_path / "first")))
    shelf.put(open_bundle(tmp_path / "second"))
    return shelf


@pytest.fixture
def versions(tmp_path: Path, shelf: Shelf) -> tuple[str, str]:
    return shelf.put(open_bundle(tmp_path / "first")), shelf.put(open_bundle(tmp_path / "second"))


@pytest.fixture
def new_app(tmp_path: Path, shelf: Shelf) -> Iterator[Callable[[], Flask]]:
    """Yield what starts a service that follows the shelf."""
    apps = []

    def start() -> Flask:
        settings = {"BUNDLE": "", "BUNDLES": str(shelf.folder), "DATABASE": f"sqlite:///{tmp_path / 'b.db'}"}
        apps.append(create_app({**settings, "SECRET_KEY": "only for tests", "KEYS_REQUIRED": False, "TESTING": True}))
        return apps[-1]

    yield start
    for app in apps:
        app.extensions["belowline.database"].close()


@pytest.fixture
def app(new_app: Callable[[], Flask]) -> Flask:
    return new_app()


@pytest.fixture
def takeover(app: Flask) -> Takeover:
    found = takeover_of(app)
    assert found is not None
    return found


def scored_by(client: FlaskClient) -> str:
    answer = client.post("/v1/scores", json=BODY)
    assert answer.json is not None
    assert answer.headers["X-Belowline-Model"] == f"fast/{answer.json['model']['version']}"
    return str(answer.json["model"]["version"])


def metric(client: FlaskClient, name: str) -> str:
    return next(line for line in client.get("/metrics").text.splitlines() if line.startswith(name))


def test_what_is_promoted_scores_from_the_next_look_on(
    client: FlaskClient, shelf: Shelf, versions: tuple[str, str], takeover: Takeover
) -> None:
    first, second = versions
    assert scored_by(client) == first
    let_score(shelf, second)
    assert scored_by(client) == first
    takeover.look()
    assert scored_by(client) == second
    client.put("/v1/articles/a", json={"title": "Bridge to close"})
    stored = client.post("/v1/comments", json={"id": "c", "article_id": "a", "text": TEXT}).get_json()
    line = client.post(
        "/v1/scores:batch", data=json.dumps({"text": TEXT}), content_type="application/x-ndjson"
    ).get_json(force=True)

    assert (stored["bundle_version"], line["bundle_version"]) == (second, second)
    assert f'version="{second}"' in metric(client, "belowline_bundle_info")
    assert client.get("/readyz").get_json() == {"status": "ready", "tier": "fast", "bundle": second}


def test_a_request_is_answered_by_the_bundle_with_which_it_began(
    app: Flask, client: FlaskClient, shelf: Shelf, versions: tuple[str, str], takeover: Takeover
) -> None:
    # The second part of a batch is worked on while its first part is read.
    lines = (json.dumps({"id": str(i), "text": f"{TEXT} {i}"}) + "\n" for i in range(100))
    answer = client.post("/v1/scores:batch", data="".join(lines), content_type="application/x-ndjson", buffered=False)
    parts = answer.iter_encoded()
    found = [next(parts)]
    let_score(shelf, versions[1])
    takeover.look()
    found += list(parts)

    rows = [json.loads(line) for line in b"".join(found).splitlines()]
    assert [row["id"] for row in rows] == [str(i) for i in range(100)]
    assert {row["bundle_version"] for row in rows} == {versions[0]}
    assert app.extensions["belowline.scorer"].manifest.version == versions[1]


def test_a_bundle_that_was_tampered_with_does_not_score_and_is_told(
    client: FlaskClient,
    shelf: Shelf,
    versions: tuple[str, str],
    takeover: Takeover,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = versions
    (shelf.folder / second / "heads.npz").write_bytes(b"something else")
    let_score(shelf, second)
    with caplog.at_level(logging.ERROR):
        takeover.look()
    ready = client.get("/readyz")

    assert scored_by(client) == first
    assert "heads.npz is not the file that the manifest lists" in caplog.text
    assert (ready.status_code, ready.get_json()["bundle"]) == (200, first)
    assert "heads.npz is not the file" in ready.get_json()["refused"]
    assert metric(client, "belowline_bundle_refused") == "belowline_bundle_refused 1.0"
    let_score(shelf, first)
    takeover.look()
    assert client.get("/readyz").get_json() == {"status": "ready", "tier": "fast", "bundle": first}
    assert metric(client, "belowline_bundle_refused") == "belowline_bundle_refused 0.0"


def test_at_a_start_the_latest_bundle_that_can_be_loaded_scores(
    new_app: Callable[[], Flask], shelf: Shelf, versions: tuple[str, str]
) -> None:
    first, second = versions
    let_score(shelf, second)
    (shelf.folder / second / "words.txt").unlink()
    client = new_app().test_client()

    assert scored_by(client) == first
    assert "words.txt is missing" in client.get("/readyz").get_json()["refused"]


def test_a_promoted_bundle_that_fails_in_any_way_leaves_the_start_to_the_one_before(
    new_app: Callable[[], Flask], shelf: Shelf, versions: tuple[str, str]
) -> None:
    first, second = versions
    let_score(shelf, second)
    # Listed with its digest, and yet nothing that a tokeniser or a table can be read from.
    for file in (shelf.folder / second).glob("*.n*"):
        file.write_bytes(b"\x93 not what it was")
    manifest = read_manifest(shelf.folder / second)
    write_manifest(shelf.folder / second, manifest)
    client = new_app().test_client()

    assert scored_by(client) == first
    assert client.get("/readyz").get_json()["refused"]


def test_the_former_bundle_s_memory_is_freed(
    app: Flask, client: FlaskClient, shelf: Shelf, versions: tuple[str, str], takeover: Takeover
) -> None:
    scored_by(client)
    former = weakref.ref(app.extensions["belowline.scorer"])
    let_score(shelf, versions[1])
    takeover.look()
    takeover.look()
    gc.collect()

    assert former() is None


def test_another_bundle_s_attributes_are_described(
    client: FlaskClient, shelf: Shelf, tmp_path: Path, takeover: Takeover
) -> None:
    def described() -> list[str]:
        spec = client.get("/openapi.json").get_json()
        choices = spec["components"]["schemas"]["ScoresIn"]["properties"]["attributes"]["anyOf"]
        return next(choice["items"]["enum"] for choice in choices if "items" in choice)

    assert "threat" in described()
    folder = tmp_path / "third"
    shutil.copytree(bundle_path("fast"), folder)
    manifest = read_manifest(folder)
    attributes = tuple(name for name in manifest.attributes if name != "off_topic")
    write_manifest(folder, replace(manifest, attributes=attributes, created="2026-11-25"))
    let_score(shelf, shelf.put(open_bundle(folder)))
    takeover.look()

    assert "off_topic" not in described()


def test_a_pinned_bundle_is_not_exchanged(tmp_path: Path, shelf: Shelf) -> None:
    settings = {"BUNDLE": "fast", "BUNDLES": str(shelf.folder), "DATABASE": f"sqlite:///{tmp_path / 'b.db'}"}
    app = create_app({**settings, "SECRET_KEY": "only for tests", "KEYS_REQUIRED": False})

    assert takeover_of(app) is None
    assert scored_by(app.test_client()) == load_bundle("fast").manifest.version
    app.extensions["belowline.database"].close()


@pytest.mark.parametrize("point", POINTS)
def test_the_operating_point_of_the_settings_decides_what_is_flagged(
    new_app: Callable[[], Flask], point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELOWLINE_OPERATING_POINT", point)
    manifest = new_app().extensions["belowline.scorer"].manifest
    assert manifest.thresholds == manifest.operating_points[point].thresholds


def wait_until_only(version: str, answers: list[tuple[int, Any]]) -> None:
    """Wait until every worker has taken a bundle over: thirty answers in a row are of it."""
    seen, deadline = len(answers), time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        latest = answers[seen:][-30:]
        if len(latest) == 30 and {body["model"]["version"] for _, body in latest} == {version}:
            return
        time.sleep(0.05)
    pytest.fail(f"{version} was not taken over")


def test_under_load_promotions_and_rollbacks_fail_no_request(
    tmp_path: Path, shelf: Shelf, versions: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = {
        version: pytest.approx(dict(load_bundle(shelf.folder / version).score(Comment(text=TEXT)).values), abs=1e-5)
        for version in versions
    }
    thresholds = {version: load_bundle(shelf.folder / version).manifest.thresholds["insult"] for version in versions}
    answers: list[tuple[int, Any]] = []
    over = threading.Event()
    monkeypatch.setenv("BELOWLINE_BUNDLES", str(shelf.folder))

    def ask(address: str) -> None:
        with requests.Session() as session:
            while not over.is_set():
                answer = session.post(f"{address}/v1/scores", json=BODY, timeout=PATIENCE)
                if answer.status_code == 503 and "Retry-After" in answer.headers:
                    # Too busy, as a machine that runs other tests may be: a client asks again.
                    time.sleep(float(answer.headers["Retry-After"]))
                    continue
                answers.append((answer.status_code, answer.json()))
                time.sleep(0.02)

    with running(tmp_path, "serve", "--workers", "2", bundle="") as service:
        threads = [threading.Thread(target=ask, args=[service.address]) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            for version in (versions[1], versions[0], versions[1]):
                let_score(shelf, version)
                wait_until_only(version, answers)
        finally:
            over.set()
            for thread in threads:
                thread.join()

    assert {status for status, _ in answers} == {200}
    assert {body["model"]["version"] for _, body in answers} == set(versions)
    for _, body in answers:
        version, (result,) = body["model"]["version"], body["results"]
        assert result["scores"] == expected[version]
        assert {one["attribute"]: one["threshold"] for one in result["reasons"]}["insult"] == thresholds[version]
