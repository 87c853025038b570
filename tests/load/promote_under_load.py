"""Does a promotion or a rollback under load fail a request? `python -m tests.load.promote_under_load`."""

import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from model.bundling.manifest import bundle_path, open_bundle, read_manifest, write_manifest
from model.bundling.shelf import Move, Shelf
from tests.load.bench_service import DEADLINE, at_rate, drive, memory, percentile, requests_for, service

RATE = 40


def shelf_of(tier: str, folder: Path) -> tuple[Shelf, str]:
    """Return a shelf with the shipped bundle, which scores, and the version of one that flags other comments."""
    shelf = Shelf(folder / "shelf")
    shelf.point(Move("promote", None, shelf.put(open_bundle(tier)), "load", datetime.now(UTC)))
    copy = Path(shutil.copytree(bundle_path(tier), folder / "copy"))
    manifest = read_manifest(copy)
    halved = {
        name: replace(point, thresholds={one: threshold / 2 for one, threshold in point.thresholds.items()})
        for name, point in manifest.operating_points.items()
    }
    write_manifest(copy, replace(manifest, operating_points=halved).at("balanced"))
    return shelf, shelf.put(open_bundle(copy))


@contextmanager
def changing(shelf: Shelf, other: str, every: float) -> Iterator[list[Move]]:
    """Promote the other bundle and roll back, in turns; yield what was done."""
    over = threading.Event()
    done: list[Move] = []

    def change() -> None:
        first = shelf.current().name
        while not over.wait(every):
            now = datetime.now(UTC)
            back = len(done) % 2
            move = Move("rollback", other, first, "load", now) if back else Move("promote", first, other, "load", now)
            shelf.point(move)
            done.append(move)

    thread = threading.Thread(target=change)
    thread.start()
    yield done
    over.set()
    thread.join()


def call(tier: str, seconds: float, every: float, options: tuple[str, ...]) -> bool:
    """Call one tier while bundles change; print what came of it, and return whether every call was answered."""
    with tempfile.TemporaryDirectory() as folder:
        shelf, other = shelf_of(tier, Path(folder))
        os.environ["BELOWLINE_BUNDLES"] = str(shelf.folder)
        with service("", options) as (port, pid):
            drive(port, requests_for("/v1/scores", 50, seed=0), [0.0] * 50, 4)  # to warm up
            before = memory(pid)
            due = at_rate(RATE, seconds, seed=1)
            with changing(shelf, other, every) as done:
                answers = drive(port, requests_for("/v1/scores", len(due), seed=2), due, 20)
            time.sleep(5)
            after = memory(pid)
    good = sorted(answer.seconds for answer in answers if answer.status == 200)
    refused = sum(answer.status == 503 for answer in answers)
    click.echo(
        f"{tier}: {len(answers)} requests, {len(done)} promotions and rollbacks, {refused} refused for want of time, "
        f"{len(answers) - len(good) - refused} broken, {sum(answer.seconds > DEADLINE for answer in answers)} slower "
        f"than {DEADLINE:g} s; p50 {percentile(good, 0.5) * 1000:.0f} ms, p99 {percentile(good, 0.99) * 1000:.0f} ms, "
        f"slowest {percentile(good, 1) * 1000:.0f} ms\n  before: {before}\n  after:  {after}"
    )
    return len(good) == len(answers)


@click.command()
@click.option("--tier", "tiers", type=click.Choice(["fast", "accurate"]), multiple=True, help="Only this one.")
@click.option("--seconds", type=float, default=30, show_default=True, help="How long each is called.")
@click.option("--every", type=float, default=5, show_default=True, help="Seconds from one change to the next.")
@click.argument("options", nargs=-1)
def main(tiers: tuple[str, ...], seconds: float, every: float, options: tuple[str, ...]) -> None:
    """Call the service 40 times a second while bundles change; OPTIONS, after `--`, are those of `serve`."""
    answered = [call(tier, seconds, every, options) for tier in tiers or ("fast", "accurate")]
    sys.exit(not all(answered))


if __name__ == "__main__":
    main()
