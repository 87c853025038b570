"""How fast the service answers, and what it does when too much comes in: `make bench-service`.

Starts the service as it is run in production, on a free port and with an
empty database, and calls it in an open loop: a call is due at its moment
whether or not the ones before it were answered, and its time counts from that
moment. So a service that stalls is not spared the calls that it would have
got meanwhile. Sockets and threads only, so that what measures
takes little of the machine that is measured.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
DEMO = json.loads((ROOT / "service" / "cli" / "demo.json").read_text(encoding="utf-8"))
#: Comment software waits this long for a score.
DEADLINE = 0.8
#: A refusal must be told within this time.
REFUSED_WITHIN = 0.1
_OVERLOAD_CONNECTIONS = 100
#: Requests that differ, at most: those of an hour's overload would not fit into memory.
_DIFFERENT = 20_000


@dataclass(frozen=True, slots=True)
class Goal:
    """What a tier is to reach: calls a second, kept connections, and seconds for the median and the slowest 1 %."""

    rate: float
    connections: int
    p50: float
    p99: float


GOALS = {"accurate": Goal(40, 20, 0.025, 0.25), "fast": Goal(200, 20, 0.04, 0.04)}


@dataclass(frozen=True, slots=True)
class Answer:
    """One call: its status (0 if the connection broke), whether it says when to try again, and its seconds."""

    status: int
    tells_when: bool
    seconds: float


class Connection:
    """A kept connection that speaks as much HTTP as is needed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def call(self, request: bytes) -> tuple[int, bool]:
        """Send a request; return the answer's status, and whether it has `Retry-After`."""
        try:
            if self._socket is None:
                self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=30)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.sendall(request)
            received = b""
            while b"\r\n\r\n" not in received:
                received += self._more()
            head, _, body = received.partition(b"\r\n\r\n")
            head = head.lower()
            length = int(head.split(b"\r\ncontent-length:")[1].split(b"\r\n")[0])
            missing = length - len(body)
            while missing > 0:
                missing -= len(self._more())
            if b"\r\nconnection: close" in head:
                self.close()
            return int(head[9:12]), b"\r\nretry-after:" in head
        except (OSError, IndexError, ValueError):
            self.close()
            return 0, False

    def close(self) -> None:
        """Close it; the next call opens it anew."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _more(self) -> bytes:
        received = self._socket.recv(65536) if self._socket else b""
        if not received:
            raise ConnectionError("the service closed the connection")
        return received


def comments(count: int, seed: int) -> list[str]:
    """Return comments of our own: most short, some of a paragraph, a few of a page."""
    draw = random.Random(seed)
    texts = [comment["text"] for comment in DEMO["comments"]]
    many = draw.choices([1, 3, 12], [80, 15, 5], k=count)
    return [" ".join(draw.choices(texts, k=pieces)) for pieces in many]


def requests_for(route: str, count: int, seed: int) -> list[bytes]:
    """Write down calls of a route, one comment each; of the native ones, half name the article."""
    found = []
    for place, text in enumerate(comments(count, seed)):
        if route == "/v1/scores":
            article = {"article_id": DEMO["article"]["id"]} if place % 2 else {}
            body: dict[str, object] = {"comments": [{"text": text}], **article}
        else:
            wanted: dict[str, object] = {"TOXICITY": {}, "SEVERE_TOXICITY": {}, "INSULT": {}}
            body = {"comment": {"text": text}, "requestedAttributes": wanted, "doNotStore": True}
        written = json.dumps(body).encode()
        head = f"POST {route} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        found.append(f"{head}Content-Length: {len(written)}\r\n\r\n".encode() + written)
    return found


def drive(port: int, requests: Sequence[bytes], due: Sequence[float], connections: int) -> list[Answer]:
    """Make each call at its moment (seconds from now), or as soon as a connection is free."""
    answers: list[Answer] = []
    places = iter(range(len(requests)))
    lock = threading.Lock()
    start = time.perf_counter() + 0.2

    def work() -> None:
        connection = Connection(port)
        while True:
            with lock:
                place = next(places, None)
            if place is None:
                connection.close()
                return
            moment = start + due[place]
            time.sleep(max(0.0, moment - time.perf_counter()))
            status, tells_when = connection.call(requests[place])
            answers.append(Answer(status, tells_when, time.perf_counter() - moment))

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def at_rate(rate: float, seconds: float, seed: int) -> list[float]:
    """Draw the moments of calls that come independently of each other, as readers do."""
    draw = random.Random(seed)
    return list(accumulate(draw.expovariate(rate) for _ in range(int(rate * seconds))))


@contextmanager
def service(tier: str, options: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Run the service; yield its port and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "service", "serve", "--port", str(port), *options],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "BELOWLINE_BUNDLE": tier, "BELOWLINE_DATABASE": ""},
            stdout=log,
            stderr=log,
        )
        try:
            _prepare(process, port, Path(folder) / "log")
            yield port, process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def _prepare(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Wait until the service answers, and store the article."""
    article = {name: DEMO["article"][name] for name in ("title", "body")}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/articles/{DEMO['article']['id']}",
        json.dumps(article).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(request, timeout=60).close()  # noqa: S310 - our own address
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit(f"The service did not start: {log.read_text()}")


def has_route(port: int, route: str) -> bool:
    """Return whether the service knows a route."""
    return Connection(port).call(requests_for(route, 1, 0)[0])[0] != 404


def percentile(seconds: Sequence[float], share: float) -> float:
    """Return the value that `share` of the sorted ones do not exceed."""
    return seconds[min(len(seconds) - 1, int(share * len(seconds)))] if seconds else float("nan")


def steady(port: int, route: str, goal: Goal, seconds: float) -> bool:
    """Call a route at a tier's rate; print a row, and return whether the goal was reached."""
    due = at_rate(goal.rate, seconds, seed=1)
    answers = drive(port, requests_for(route, len(due), seed=2), due, goal.connections)
    good = sorted(answer.seconds for answer in answers if answer.status == 200)
    late = sum(answer.seconds > DEADLINE for answer in answers)
    p50, p99 = percentile(good, 0.5), percentile(good, 0.99)
    reached = len(good) == len(answers) and not late and p50 <= goal.p50 and p99 <= goal.p99
    figures = [p50, percentile(good, 0.95), p99, good[-1] if good else float("nan")]
    row = [f"{goal.rate:.0f}/s", *(f"{figure * 1000:.1f}" for figure in figures)]
    click.echo(f"| {route} | " + " | ".join(row) + f" | {len(answers) - len(good)} | {late} | {_verdict(reached)} |")
    return reached


def capacity(port: int, seconds: float) -> float:
    """Measure how many calls a second are answered if each of eight connections always has one."""
    requests = requests_for("/v1/scores", 100_000, seed=3)
    stop = time.perf_counter() + seconds
    counts: list[int] = []

    def work(share: Sequence[bytes]) -> None:
        connection, count = Connection(port), 0
        for request in share:
            if time.perf_counter() > stop:
                break
            count += connection.call(request)[0] == 200
        connection.close()
        counts.append(count)

    threads = [threading.Thread(target=work, args=(requests[place::8],)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def overload(port: int, seconds: float, times: float) -> bool:
    """Call so many times as often as can be answered; print what came of it, and return whether that is right."""
    most = capacity(port, seconds / 2)
    due = at_rate(times * most, seconds, seed=4)
    requests = requests_for("/v1/scores", min(len(due), _DIFFERENT), seed=5)
    repeated = (requests * (len(due) // len(requests) + 1))[: len(due)]
    answers = drive(port, repeated, due, _OVERLOAD_CONNECTIONS)
    refused = sorted(answer.seconds for answer in answers if answer.status in {429, 503} and answer.tells_when)
    accepted = sorted(answer.seconds for answer in answers if answer.status == 200)
    broken = len(answers) - len(refused) - len(accepted)
    if not refused or not accepted:
        click.echo(f"Overload: {len(accepted)} answered, {len(refused)} refused, {broken} broken: not as it should be.")
        return False
    reached = not broken and refused[-1] <= REFUSED_WITHIN and accepted[-1] <= DEADLINE
    click.echo(
        f"Overload: {times:g} x {most:.0f} calls/s, {_OVERLOAD_CONNECTIONS} connections: "
        f"{len(refused) / len(answers):.0%} refused (p50 {percentile(refused, 0.5) * 1000:.1f} ms, "
        f"p99 {percentile(refused, 0.99) * 1000:.1f}, slowest {refused[-1] * 1000:.1f}), "
        f"{len(accepted) / seconds:.0f}/s answered (p50 {percentile(accepted, 0.5) * 1000:.1f} ms, "
        f"p99 {percentile(accepted, 0.99) * 1000:.1f}, slowest {accepted[-1] * 1000:.1f}), "
        f"{broken} broken: {_verdict(reached)}"
    )
    return reached


def memory(pid: int) -> str:
    """Return how much memory the service takes, where the system says."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        pages = [int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in [str(pid), *children]]
    except OSError:
        return "Memory: not told by this system."
    sizes = [page * os.sysconf("SC_PAGE_SIZE") / 2**20 for page in pages]
    return f"Memory: {sizes[0]:.0f} MiB, and {' + '.join(f'{size:.0f}' for size in sizes[1:])} MiB for the workers."


def _verdict(reached: bool) -> str:  # noqa: FBT001 - the only thing there is to tell
    return "reached" if reached else "NOT REACHED"


@click.command()
@click.option("--tier", "tiers", type=click.Choice(list(GOALS)), multiple=True, help="Measure only this one.")
@click.option("--seconds", type=float, default=30, show_default=True, help="How long each part takes.")
@click.option("--times", type=float, default=3, show_default=True, help="Overload, in times of what can be answered.")
@click.argument("options", nargs=-1)
def main(tiers: tuple[str, ...], seconds: float, times: float, options: tuple[str, ...]) -> None:
    """Measure both tiers; OPTIONS, after `--`, are those of `serve`.

    The exit code is 1 if a goal was not reached.
    """
    reached = True
    for tier in tiers or GOALS:
        goal = GOALS[tier]
        click.echo(
            f"\n{tier}: {os.cpu_count()} cores, {goal.connections} connections, times in ms; goal: "
            f"p50 <= {goal.p50 * 1000:.0f}, p99 <= {goal.p99 * 1000:.0f}, none above {DEADLINE * 1000:.0f}\n"
        )
        click.echo("| route | rate | p50 | p95 | p99 | slowest | errors | late | goal |")
        click.echo("|---|---|---|---|---|---|---|---|---|")
        with service(tier, options) as (port, pid):
            for route in ("/v1/scores", "/v1alpha1/comments:analyze"):
                if has_route(port, route):
                    drive(port, requests_for(route, 50, seed=0), [0.0] * 50, 4)  # to warm up
                    reached &= steady(port, route, goal, seconds)
            click.echo(f"\n{memory(pid)}")
            reached &= overload(port, seconds / 2, times)
            click.echo(memory(pid))
    sys.exit(not reached)


if __name__ == "__main__":
    main()
