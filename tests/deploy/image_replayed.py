"""docs/deploy: each step of the Containerfile replayed, and what it makes run behind the proxy of compose.yaml.

`make test-image` runs this, as root and in mount and process namespaces of its own. There is no container
engine in it: the steps run in a chroot. Its tree is this machine's own with a layer in memory above it, which
takes all changes and is thrown away; so this machine stands for the base image, and has to be the same Debian.
"""

import os
import re
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from service.settings import Settings
from tests.deploy.containerfile import Image
from tests.served import PATIENCE, free_port

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs/deploy"
_NETWORK = re.compile(r"(?i)(pip_.*|.*_proxy|ssl_cert_.*|requests_ca_bundle)")


def run(*command: str, **more: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, check=True, text=True, capture_output=True, timeout=600, **more)  # noqa: S603


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """Replay the Containerfile."""
    layers = tmp_path_factory.mktemp("image")
    run("mount", "-t", "tmpfs", "tmpfs", str(layers))
    upper, work, tree = (layers / name for name in ("upper", "work", "tree"))
    for folder in (upper, work, tree):
        folder.mkdir()
    run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir=/,upperdir={upper},workdir={work}", str(tree))
    for name in ("dev", "proc"):
        run("mount", "--rbind", f"/{name}", str(tree / name))
    image = Image(tree, ROOT, {name: value for name, value in os.environ.items() if _NETWORK.fullmatch(name)})
    image.replay(DEPLOY / "Containerfile")
    yield image
    run("umount", "--recursive", "--lazy", str(layers))


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[str, str]]:
    """Yield free ports for the service and the proxy: those of the files may be taken here."""
    with free_port() as one, free_port() as other:
        yield str(one), str(other)


@pytest.fixture(scope="module")
def key(image: Image) -> str:
    """Make a key, as compose.yaml says, before anything is served."""
    return run(*image.call("python", "-m", "service", "create-key", "cms", "--scope", "score")).stdout.strip()


@pytest.fixture
def served(image: Image, key: str, ports: tuple[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run what CMD says."""
    assert key.startswith("bl_")
    command = image.call(*image.command, "--threads", "2", "--port", ports[0], environment={"BELOWLINE_BUNDLE": "fast"})
    process = subprocess.Popen(command)  # noqa: S603 - the image's own
    try:
        end = time.monotonic() + 300
        while subprocess.run(health(image, ports[0]), check=False, capture_output=True).returncode:  # noqa: S603
            assert process.poll() is None, "it ended"
            assert time.monotonic() < end, "it is not healthy after five minutes"
            time.sleep(1)
        yield process
    finally:
        process.kill()
        process.wait()


def health(image: Image, port: str) -> list[str]:
    """Return what HEALTHCHECK runs."""
    return image.call(*(word.replace(str(image.port), port) for word in image.health))


def begin_to_send(port: int) -> ssl.SSLSocket:
    """Begin a request through the proxy and leave it there."""
    trusting = ssl._create_unverified_context()  # noqa: S323, SLF001 - our own
    connection = trusting.wrap_socket(
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE), server_hostname="localhost"
    )
    head = (
        "POST /v1/scores HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
    )
    connection.sendall(f'{head}{{"comments": ['.encode())
    return connection


def test_the_base_is_the_debian_of_this_machine(image: Image) -> None:
    release = run(*image.call("/bin/sh", "-c", ". /etc/os-release; echo $ID:$VERSION_ID-slim")).stdout.strip()

    assert image.base == f"docker.io/library/{release}"


def test_its_user_owns_the_volume_and_may_write_nothing_else(image: Image) -> None:
    assert run(*image.call("id", "-un")).stdout.strip() == "belowline"
    assert image.volumes == ["/var/lib/belowline"]
    assert run(*image.call("stat", "-c", "%U %a", *image.volumes)).stdout.split() == ["belowline", "700"]
    # Of what it may not even read, find complains.
    look = "find /opt/belowline /etc -xdev -writable -not -type l 2>/dev/null || true"
    found = run(*image.call("/bin/sh", "-c", look)).stdout
    assert found == ""


def test_it_serves_scores_and_stops_when_told(image: Image, served: Any, key: str, ports: tuple[str, str]) -> None:
    body = {"comments": [{"id": "c1", "text": "You are a stupid, worthless liar."}]}
    address = f"http://127.0.0.1:{ports[0]}/v1/scores"

    assert requests.post(address, json=body, timeout=PATIENCE).status_code == 401
    scored = requests.post(address, json=body, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE)
    assert scored.json()["results"][0]["scores"]["toxicity"] > 0.5
    served.send_signal(signal.Signals[image.stop_signal])
    assert served.wait(75) == 0
    assert subprocess.run(health(image, ports[0]), check=False, capture_output=True).returncode == 1  # noqa: S603


def test_it_can_speak_to_the_database_of_compose(image: Image) -> None:
    address = re.search(r"BELOWLINE_DATABASE: (\S+)", (DEPLOY / "compose.yaml").read_text())
    assert address

    made = f"import sqlalchemy; print(sqlalchemy.create_engine({address[1]!r}).dialect.driver)"
    assert run(*image.call("python", "-c", made)).stdout.strip() == "psycopg"


def test_the_proxy_of_compose_serves_it(image: Image, served: Any, ports: tuple[str, str]) -> None:
    image.user, user = "root", image.user
    try:
        image._run("apt-get update && apt-get install -y --no-install-recommends caddy")  # noqa: SLF001
        written = (DEPLOY / "Caddyfile").read_text()
        # Of a name that nobody can vouch for, Caddy signs the certificate itself.
        for old, new in (
            ("belowline:8000", f"127.0.0.1:{ports[0]}"),
            ("{\n\tservers", "{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n\tservers"),
        ):
            assert written.count(old) == 1
            written = written.replace(old, new)
        (image.tree / "etc/caddy/Caddyfile").write_text(written)
        named = {"XDG_DATA_HOME": "/data", "BELOWLINE_PUBLIC_URL": f"https://localhost:{ports[1]}"}
        # As the image of Caddy runs it.
        command = ("caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile")
        proxy = subprocess.Popen(image.call(*command, environment=named))  # noqa: S603 - the image's own
    finally:
        image.user = user
    try:
        address = named["BELOWLINE_PUBLIC_URL"]
        trusting = requests.Session()
        trusting.trust_env = False
        trusting.verify = str(image.tree / "data/caddy/pki/authorities/local/root.crt")
        end = time.monotonic() + PATIENCE
        while True:
            try:
                answer = trusting.get(f"{address}/review", timeout=PATIENCE)
                break
            except (requests.ConnectionError, OSError):
                assert proxy.poll() is None
                assert time.monotonic() < end
                time.sleep(0.2)
        assert answer.url == f"{address}/review/login?next=/review"
        assert "; Secure" in answer.headers["Set-Cookie"]
        # Twice as many as Belowline has threads, each in the middle of what it sends.
        slow = [begin_to_send(int(ports[1])) for _ in range(4)]
        assert trusting.get(f"{address}/readyz", timeout=10).json()["status"] == "ready"
        for connection in slow:
            connection.close()
        assert served.poll() is None
    finally:
        proxy.terminate()
        proxy.wait()


def test_compose_names_settings_and_files_that_exist() -> None:
    written = (DEPLOY / "compose.yaml").read_text()

    assert set(re.findall(r"^ +(BELOWLINE_\w+):", written, re.MULTILINE)) < {one.name for one in Settings.describe()}
    assert "context: ../.., dockerfile: docs/deploy/Containerfile" in written
    assert "./Caddyfile:/etc/caddy/Caddyfile:ro" in written
