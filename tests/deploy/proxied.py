"""docs/operations.md: Belowline below a path of a site, behind a real Caddy and a real nginx that speak TLS.

`make test-deploy` runs this, with the pieces of configuration as they stand in the documentation. It needs the
programs `caddy`, `nginx` and `openssl`, Debian's for instance, and no rights: both proxies run as whoever calls,
on free ports of 127.0.0.1.
"""

import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin

import pytest
import requests

from tests.served import PATIENCE, Service, command, free_port, running

OPERATIONS = Path(__file__).parents[2] / "docs/operations.md"
HALVES = (b"", b"POST /mod/v1/scores HTTP/1.1\r\nHost: localhost\r\n", b"\r\n".join((
    b"POST /mod/v1/scores HTTP/1.1", b"Host: localhost", b"Content-Type: application/json", b"Content-Length: 90",
    b"", b'{"comments": [',
)))  # fmt: skip
WITHIN = 10


class Site(NamedTuple):
    """A newspaper's site, as a browser or another program sees it."""

    address: str
    certificate: Path
    port: int

    def browser(self) -> requests.Session:
        """Open a browser that trusts the site's certificate."""
        session = requests.Session()
        # Else the environment's REQUESTS_CA_BUNDLE is trusted instead.
        session.trust_env = False
        session.verify = str(self.certificate)
        return session


def recipe(beginning: str, *changes: tuple[str, str]) -> str:
    """Return the block of docs/operations.md that begins so, with what differs here; all else is as it stands."""
    (found,) = re.findall(rf"^```\n({re.escape(beginning)}.*?)^```", OPERATIONS.read_text(), re.MULTILINE | re.DOTALL)
    block = str(found)
    for old, new in changes:
        assert block.count(old) == 1, old
        block = block.replace(old, new)
    return block


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("service")


@pytest.fixture(scope="module")
def key(folder: Path) -> str:
    """Make a program's key: with `--require-keys`, nothing is served before there is one."""
    return command(folder, "create-key", "cms", "--scope", "admin")


@pytest.fixture(scope="module")
def service(folder: Path, key: str) -> Iterator[Service]:
    """Serve the demo as behind a proxy, from a database of its own."""
    assert key.startswith("bl_")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BELOWLINE_PROXIES", "1")
        patch.delenv("BELOWLINE_PUBLIC_URL", raising=False)
        with running(folder, "demo", "--require-keys", bundle="fast") as service:
            yield service


@contextmanager
def started(call: list[str], site: Site, environment: dict[str, str]) -> Iterator[Site]:
    """Run a proxy until the test is over."""
    with subprocess.Popen(call, env={**os.environ, **environment}) as proxy:  # noqa: S603 - the machine's own
        try:
            end = time.monotonic() + PATIENCE
            while True:
                try:
                    site.browser().get(f"{site.address}/healthz", timeout=PATIENCE).raise_for_status()
                    break
                except (requests.RequestException, OSError):
                    assert proxy.poll() is None, "it ended"
                    assert time.monotonic() < end, "it does not answer"
                    time.sleep(0.2)
            yield site
        finally:
            proxy.terminate()


@contextmanager
def caddy(service: Service, place: Path, port: int) -> Iterator[Site]:
    """Run Caddy, which signs the certificate itself, since nobody can vouch for `localhost`."""
    block = recipe("redir /mod /mod/", ("127.0.0.1:8000", f"127.0.0.1:{service.port}"))
    (place / "Caddyfile").write_text(
        "{\nadmin off\nskip_install_trust\nauto_https disable_redirects\n}\n"
        f"https://localhost:{port} {{\nbind 127.0.0.1\ntls internal\n{block}}}\n"
    )
    call = ["caddy", "run", "--adapter", "caddyfile", "--config", str(place / "Caddyfile")]
    root = place / "data/caddy/pki/authorities/local/root.crt"
    homes = {"XDG_DATA_HOME": str(place / "data"), "XDG_CONFIG_HOME": str(place / "config")}
    with started(call, Site(f"https://localhost:{port}/mod", root, port), homes) as site:
        yield site


@contextmanager
def nginx(service: Service, place: Path, port: int) -> Iterator[Site]:
    """Run nginx; what its recipe says of a whole site holds below a path."""
    key, certificate = place / "privkey.pem", place / "fullchain.pem"
    signed = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(  # noqa: S603 - the machine's own
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *signed, *made],  # noqa: S607
        check=True,
        capture_output=True,
    )
    location = recipe(
        "location / {",
        ("location / {", "location /mod/ {"),
        ("127.0.0.1:8000", f"127.0.0.1:{service.port}"),
        ('X-Forwarded-Prefix ""', "X-Forwarded-Prefix /mod"),
        # A port of its own, which the name alone does not tell.
        ("X-Forwarded-Host $host", "X-Forwarded-Host $http_host"),
    )
    listening = f"listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};"
    kept = "".join(f"{name}_temp_path {place}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (place / "nginx.conf").write_text(
        f"pid {place}/pid; error_log {place}/error.log; events {{ worker_connections 1024; }}\n"
        f"http {{ {kept} access_log off; server {{ {listening}\n{location}}} }}\n"
    )
    call = ["nginx", "-p", str(place), "-c", str(place / "nginx.conf"), "-g", "daemon off; master_process off;"]
    with started(call, Site(f"https://localhost:{port}/mod", certificate, port), {}) as found:
        yield found


@pytest.fixture(params=[caddy, nginx], scope="module")
def site(request: pytest.FixtureRequest, service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve Belowline below /mod of the newspaper's site."""
    with free_port() as port, request.param(service, tmp_path_factory.mktemp("proxy"), port) as found:
        yield found


@pytest.fixture(scope="module")
def moderator(service: Service, site: Site) -> requests.Session:
    """Log in through the proxy, as the demo's moderator."""
    password = re.search(r"Password:\s+(\S+)", service.stdout)
    assert password
    browser = site.browser()
    page = browser.get(f"{site.address}/review", timeout=PATIENCE)
    answer = send(browser, page, name="demo", password=password[1])
    assert answer.url == f"{site.address}/review"
    return browser


def send(browser: requests.Session, page: requests.Response, **fields: str) -> requests.Response:
    """Fill in the page's last form and send it."""
    form = re.findall(r"<form\b.*?</form>", page.text, re.DOTALL)[-1]
    action = re.search(r'<form[^>]* action="([^"]+)"', form)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    address = urljoin(page.url, action[1] if action else page.url)
    return browser.post(address, data={**hidden, **fields}, headers={"Referer": page.url}, timeout=PATIENCE)


def links(page: requests.Response) -> set[str]:
    """Return all that a page leads to or loads, as whole addresses."""
    found = re.findall(r'\b(?:href|src|action)="([^"#]+)', page.text)
    return {urljoin(page.url, link.replace("&amp;", "&")) for link in found}


def test_a_stranger_is_led_to_the_log_in_below_the_path(site: Site) -> None:
    answer = site.browser().get(f"{site.address}/", timeout=PATIENCE)

    assert answer.url.startswith(f"{site.address}/review/login?next=")
    assert [step.headers["Location"].startswith(("/mod/", f"{site.address}/")) for step in answer.history] == [
        True
    ] * len(answer.history)
    cookies = answer.headers["Set-Cookie"]
    assert "; Secure" in cookies
    assert "; HttpOnly" in cookies
    assert "; Path=/mod" in cookies


def test_each_page_keeps_to_the_path_and_loads_what_it_names(site: Site, moderator: requests.Session) -> None:
    queue = moderator.get(f"{site.address}/review", timeout=PATIENCE)
    item = moderator.get(f"{site.address}/review/next", timeout=PATIENCE)

    assert item.url.startswith(f"{site.address}/review/comments/")
    for page in (queue, item):
        found = {link for link in links(page) if link.startswith("https://localhost")}
        assert found
        assert {link for link in found if not link.startswith(f"{site.address}/")} == set()
        for link in sorted(found):
            if "/static/" in link:
                assert moderator.get(link, timeout=PATIENCE).status_code == 200, link


def test_a_decision_and_a_report_go_through(site: Site, moderator: requests.Session, key: str) -> None:
    bearer = {"Authorization": f"Bearer {key}"}
    name = f"through-{site.port}"
    article = {"title": "Harbour bridge could close to cars", "body": "Councillors will vote in three weeks."}
    reader = site.browser()
    reader.put(f"{site.address}/v1/articles/bridge", json=article, headers=bearer, timeout=PATIENCE).raise_for_status()
    comment = {"id": name, "article_id": "bridge", "text": "I read the plan twice and still prefer the old bridge."}
    reader.post(f"{site.address}/v1/comments", json=comment, headers=bearer, timeout=PATIENCE).raise_for_status()

    form = reader.get(f"{site.address}/report/{name}", timeout=PATIENCE)
    assert {link for link in links(form) if not link.startswith(f"{site.address}/")} == set()
    told = send(reader, form, reason="spam", note="Twice today.")
    assert told.status_code == 201
    item = moderator.get(f"{site.address}/review/comments/{name}", timeout=PATIENCE)
    assert "Twice today." in item.text
    stored = reader.get(f"{site.address}/v1/comments/{name}", headers=bearer, timeout=PATIENCE).json()
    assert stored["state"] == "open"


def test_the_api_describes_itself_by_its_outer_address(site: Site, key: str) -> None:
    program = site.browser()
    document = program.get(f"{site.address}/openapi.json", timeout=PATIENCE).json()
    server = urljoin(f"{site.address}/openapi.json", document["servers"][0]["url"]).rstrip("/")

    assert server == site.address
    body = {"comments": [{"id": "c1", "text": "You are a stupid, worthless liar."}]}
    # 429 while the test below has used up this address's calls without a key.
    assert program.post(f"{server}/v1/scores", json=body, timeout=PATIENCE).status_code in {401, 429}
    scored = program.post(
        f"{server}/v1/scores", json=body, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE
    )
    assert scored.json()["results"][0]["scores"]["toxicity"] > 0.5
    page = program.get(f"{site.address}/docs", timeout=PATIENCE)
    for link in links(page):
        assert link.startswith(f"{site.address}/")
        assert program.get(link, timeout=PATIENCE).status_code == 200, link


def test_what_a_stranger_forwards_is_not_believed(site: Site) -> None:
    told = {
        "X-Forwarded-For": "192.0.2.7",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Prefix": "/evil",
    }
    answer = site.browser().get(f"{site.address}/review", headers=told, timeout=PATIENCE)

    assert answer.url == f"{site.address}/review/login?next=/mod/review"
    assert "evil" not in answer.text
    # Each wrong key counts against whoever connects to the proxy, whatever address they claim.
    program = site.browser()
    statuses = set()
    for number in range(150):
        claimed = {"X-API-Key": "bl_wrong", "X-Forwarded-For": f"192.0.2.{number}"}
        statuses.add(program.get(f"{site.address}/v1/rules", headers=claimed, timeout=PATIENCE).status_code)
    assert statuses in ({401, 429}, {429})


def test_nobody_waits_for_500_slow_clients(site: Site) -> None:
    trusting = ssl.create_default_context(cafile=str(site.certificate))
    browser = site.browser()
    slowest = 0.0
    with ExitStack() as stack:
        for number in range(500):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", site.port), timeout=PATIENCE))
            wrapped = stack.enter_context(trusting.wrap_socket(connection, server_hostname="localhost"))
            wrapped.sendall(HALVES[number % len(HALVES)])
        for path in ("/healthz", "/readyz", "/review/login", "/openapi.json") * 5:
            began = time.monotonic()
            assert browser.get(site.address + path, timeout=PATIENCE).status_code == 200
            slowest = max(slowest, time.monotonic() - began)
    print(f"slowest of 20: {1000 * slowest:.0f} ms")  # noqa: T201 - a figure for whoever runs it
    assert slowest < WITHIN
