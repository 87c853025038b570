"""How answers travel: compressed, to pages of other origins, page by page, and as a page to read."""

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from model.scoring.scorer import Scorer
from service import create_app
from service.settings import SettingError

ABUSE = "You stupid fucking idiot, shut your filthy mouth, you worthless piece of shit."
GZIP = {"Accept-Encoding": "gzip"}
ORIGIN = {"Origin": "https://paper.example"}


def app_with(folder: Path, scorer: Scorer, origins: str) -> Flask:
    return create_app(
        {
            "DATABASE": f"sqlite:///{folder / 'b.db'}",
            "SCORER": scorer,
            "SECRET_KEY": "only for tests",
            "KEYS_REQUIRED": False,
            "CORS_ORIGINS": origins,
        },
    )


def test_a_large_answer_is_compressed_for_who_accepts_it(client: FlaskClient) -> None:
    plain = client.get("/openapi.json")
    packed = client.get("/openapi.json", headers=GZIP)

    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 4
    assert plain.vary.find("Accept-Encoding") >= 0
    assert packed.vary.find("Accept-Encoding") >= 0


@pytest.mark.parametrize("headers", [{"Accept-Encoding": "gzip;q=0"}, {"Accept-Encoding": "br"}])
def test_it_is_not_compressed_for_who_does_not(client: FlaskClient, headers: dict[str, str]) -> None:
    assert "Content-Encoding" not in client.get("/openapi.json", headers=headers).headers


@pytest.mark.parametrize("route", ["/healthz", "/review/login", "/docs/assets/swagger-ui.css"])
def test_small_answers_and_pages_are_left_alone(client: FlaskClient, route: str) -> None:
    answer = client.get(route, headers=GZIP)

    assert (answer.status_code, answer.headers.get("Content-Encoding")) == (200, None)
    answer.close()


def test_a_compressed_body_is_refused(client: FlaskClient) -> None:
    answer = client.post(
        "/v1/scores",
        data=gzip.compress(b"{}"),
        content_type="application/json",
        headers={"Content-Encoding": "gzip"},
    )

    assert (answer.status_code, "Content-Encoding" in answer.get_json()["detail"]) == (415, True)


def test_pages_of_other_origins_get_nothing_unless_they_are_named(client: FlaskClient) -> None:
    answer = client.post("/v1/scores", json={"comments": []}, headers=ORIGIN)

    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_a_named_origin_may_call_the_api_and_not_the_console(tmp_path: Path, scorer: Scorer) -> None:
    client = app_with(tmp_path, scorer, "https://paper.example http://localhost:3000").test_client()

    answer = client.post("/v1/scores", json={"comments": []}, headers=ORIGIN)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://paper.example"
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    preflight = client.options("/v1/scores", headers=ORIGIN | {"Access-Control-Request-Method": "POST"})
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
    for route, origin in (("/v1/flags", "https://evil.example"), ("/review/login", "https://paper.example")):
        assert "Access-Control-Allow-Origin" not in client.get(route, headers={"Origin": origin}).headers


@pytest.mark.parametrize("origins", ["*", "paper.example", "https://paper.example/comments"])
def test_an_origin_that_is_none_is_told_in_a_line(tmp_path: Path, scorer: Scorer, origins: str) -> None:
    with pytest.raises(SettingError, match=r"^BELOWLINE_CORS_ORIGINS is .* is not an origin; write each as"):
        app_with(tmp_path, scorer, origins)


def test_the_docs_page_loads_nothing_from_elsewhere_and_has_no_inline_script(client: FlaskClient) -> None:
    page = client.get("/docs")

    assert page.status_code == 200
    assert "script-src 'self'; style-src 'self'; img-src 'self' data:;" in page.headers["Content-Security-Policy"]
    assert not re.search(r"<script>|<style|\bon\w+=|style=|https?://", page.text)
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(addresses) == 4
    for address in addresses:
        answer = client.get(address)
        assert (answer.status_code, len(answer.data) > 50) == (200, True), address
        answer.close()


def test_labels_come_page_by_page(client: FlaskClient, article: str, reviewer: dict[str, str]) -> None:
    for number in range(5):
        comment = {"id": f"ü/{number}", "article_id": article, "text": f"{ABUSE} {number}"}
        assert client.post("/v1/comments", json=comment).status_code == 201
        client.post(
            f"/v1/comments/ü/{number}/decisions", json={"verdict": "remove", "moderator": "m"}, headers=reviewer
        )
    whole = client.get("/v1/labels").text

    pages: list[str] = []
    cursor = ""
    while len(pages) < 9:
        answer = client.get(f"/v1/labels?limit=2{cursor}")
        pages.append(answer.text)
        if "Next-Cursor" not in answer.headers:
            break
        cursor = f"&cursor={answer.headers['Next-Cursor']}"
    assert [page.count("\n") for page in pages] == [2, 2, 1]
    assert "".join(pages) == whole


@pytest.mark.parametrize("route", ["/v1/labels", "/v1/flags"])
@pytest.mark.parametrize("cursor", ["x", "0", "WzFd", "1.000000-zz", "1.000000-abc", "nan-61", "-1.000000-61"])
def test_a_cursor_that_is_none_is_refused(client: FlaskClient, route: str, cursor: str) -> None:
    answer = client.get(f"{route}?cursor={cursor}")

    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/cursor")
