"""`python -m training archive`: the same scores whatever happens on the way."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import fsspec
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import model.cli.main
from model.bundling.manifest import SHIPPED, read_manifest, write_manifest
from model.errors import BundleError, InvalidInput
from tests.served import PATIENCE
from training.archive.part import Job, score_part
from training.archive.plan import Plan, sources_of
from training.cli.main import main

SAYINGS = (
    "The ferry was late again, and nobody said why.",
    "You are a stupid idiot and everybody knows it.",
    "Well said.",
    "I bake my own bread on Sundays.",
    "  ",
)
ARTICLES = (
    {"article_id": "harbour", "title": "New ferry harbour approved", "body": "Ferries will berth at a longer pier."},
    {"article_id": "schools", "title": "School meals to cost more", "body": "Parents pay more for lunch from May."},
)


def run(*arguments: object, command: Any = main) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def write(file: Path, rows: int, *, first: int = 0, **options: Any) -> Path:
    numbers = range(first, first + rows)
    columns = {
        "id": [f"c{n}" for n in numbers],
        "article_id": [("harbour", "schools", None)[n % 3] for n in numbers],
        "text": [f"{SAYINGS[n % 5]} {n}" if SAYINGS[n % 5].strip() else " " for n in numbers],
        "parent_text": ["The pier is too short." if n % 4 == 0 else None for n in numbers],
    }
    file.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), file, **options)
    return file


@pytest.fixture
def comments(tmp_path: Path) -> Path:
    """Return a folder with 40 files of 60 comments: as many parts."""
    for i in range(40):
        write(tmp_path / f"comments/{i:02}.parquet", 60, first=60 * i)
    return tmp_path / "comments"


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    file = tmp_path / "articles.jsonl"
    file.write_text("".join(json.dumps(article) + "\n" for article in ARTICLES))
    return file


def parts(folder: Path) -> dict[str, str]:
    """Return each part's SHA-256, and that of the plan."""
    files = [*folder.glob("*.parquet"), folder / "_plan.json"]
    return {file.name: sha256(file.read_bytes()).hexdigest() for file in files}


def test_an_archive_is_scored_as_a_file_is(comments: Path, articles: Path, tmp_path: Path) -> None:
    more = ["--articles", articles, "--bundle", "fast"]
    result = run("archive", "--in", comments, "--out", tmp_path / "a", "--workers", 1, *more)
    alone = run(
        "score",
        "--comments",
        comments / "07.parquet",
        "--out",
        tmp_path / "b.parquet",
        *more,
        command=model.cli.main.main,
    )

    assert (result.exit_code, alone.exit_code) == (0, 0), result.output + alone.output
    assert (tmp_path / "a/part-000007.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    found = pd.read_parquet(tmp_path / "a")
    assert found.id.tolist() == [f"c{n}" for n in range(2400)]
    assert found.toxicity.isna().tolist() == [n % 5 == 4 for n in range(2400)]
    assert found.off_topic.notna().tolist() == [n % 5 != 4 and n % 3 != 2 for n in range(2400)]
    assert json.loads((tmp_path / "a/_SUCCESS").read_text())["rows"] == 2400
    assert "2,400 comments in 40 parts" in result.output


def test_two_workers_killed_three_times_write_the_bytes_of_one_that_was_not(
    comments: Path, articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ["archive", "--in", comments, "--articles", articles, "--bundle", "fast"]
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert run(*options, "--out", whole, "--workers", 1).exit_code == 0

    held = Held(tmp_path, monkeypatch)
    held.at(3)
    two = Watched(*options, "--out", killed, "--workers", 2).until(3)
    two.kill_worker()
    held.at(8)
    first = two.until(8).kill()
    held.at(len(first) + 4)
    second = Watched(*options, "--out", killed, "--workers", 1).until(len(first) + 4).kill()
    held.at(40)
    result = run(*options, "--out", killed, "--workers", 1)

    assert 8 <= len(first) < len(second) < 40
    assert result.exit_code == 0, result.output
    assert f"This run: {2400 - 60 * len(second):,} " in result.output
    assert parts(killed) == parts(whole)
    # What was finished was not scored again, and nothing half-written stays.
    assert {name: (killed / name).stat().st_mtime_ns for name in second} == second
    assert {file.name for file in killed.glob("[._]*")} == {".lock", "_SUCCESS", "_plan.json"}
    assert "All of them were there before" in run(*options, "--out", killed).output


class Held:
    """Holds the processes that are started while so many parts are there, however late the test looks at them."""

    _CODE = """
import sys
from pathlib import Path
from time import sleep

def hold(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith(".parquet"):
        while len(list(Path(arguments[1]).parent.glob("part-*"))) >= int(Path(__file__).with_name("most").read_text()):
            sleep(0.01)

sys.addaudithook(hold)
"""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._most = folder / "held/most"
        self._most.parent.mkdir()
        # What every Python reads as it starts.
        self._most.with_name("sitecustomize.py").write_text(self._CODE)
        monkeypatch.setenv("PYTHONPATH", str(self._most.parent), prepend=os.pathsep)

    def at(self, number: int) -> None:
        """Let so many parts be written, and one more by each other worker."""
        part = self._most.with_name("part")
        part.write_text(str(number))
        part.replace(self._most)


class Watched:
    """The command as a process of its own."""

    def __init__(self, *arguments: object) -> None:
        command = [sys.executable, "-m", "training", *map(str, arguments)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
        self._out = Path(command[command.index("--out") + 1])

    def until(self, number: int) -> "Watched":
        """Wait until so many parts are there."""
        while len(list(self._out.glob("*.parquet"))) < number:
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.002)
        return self

    def kill(self) -> dict[str, int]:
        """Kill the command, wait for its workers' end, and return when the parts that are there were written."""
        workers = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.communicate()
        _, alive = psutil.wait_procs(workers, timeout=PATIENCE)
        assert not alive
        return {file.name: file.stat().st_mtime_ns for file in self._out.glob("*.parquet")}

    def kill_worker(self) -> None:
        """Kill one of the workers."""
        workers = psutil.Process(self.process.pid).children(recursive=True)
        next(worker for worker in workers if "--multiprocessing-fork" in worker.cmdline()).kill()


def test_what_is_stopped_by_hand_says_how_to_go_on(tmp_path: Path) -> None:
    comments = write(tmp_path / "comments/all.parquet", 60_000)
    # A suite that runs in the background may have been told to ignore it, and so would what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    command = Watched("archive", "--in", comments, "--out", tmp_path / "a", "--bundle", "fast", "--workers", 1)
    command.until(1).process.send_signal(signal.SIGINT)
    _, told = command.process.communicate()

    assert command.process.returncode == 130
    assert told.endswith(f"Stopped. Run the same command again to resume; what is finished is in '{tmp_path / 'a'}'.\n")


@pytest.mark.parametrize("group", [7, 1000, 5000], ids=lambda rows: f"row groups of {rows}")
def test_parts_are_runs_of_rows_whatever_the_row_groups(group: int, tmp_path: Path) -> None:
    file = write(tmp_path / "comments/all.parquet", 5000, row_group_size=group)
    version = read_manifest(SHIPPED / "fast").version
    plan = Plan(version, ("id", "insult"), None, sources_of(str(file)), part_rows=1500)
    job = Job("fast", version, plan.columns, str(tmp_path))
    order = [2, 0, 1, 3]
    for number in order:
        score_part(job, plan.parts[number])

    assert [(part.skip, part.rows, part.first) for part in plan.parts] == [
        (0, 1500, 0),
        (1500, 1500, 1500),
        (3000, 1500, 3000),
        (4500, 500, 4500),
    ]
    written = pd.concat([pd.read_parquet(tmp_path / part.name) for part in plan.parts])
    assert written.id.tolist() == [f"c{n}" for n in range(5000)]
    assert (written.insult[written.id == "c1"] > 0.5).all()


def test_comments_without_an_id_are_numbered_through_all_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        pd.DataFrame({"text": [f"Well said, {name}.", "Quite."]}).to_parquet(tmp_path / f"{name}.parquet")
    words = ["--in", tmp_path / "*.parquet", "--out", tmp_path / "out", "--bundle", "fast", "--workers", 1]
    result = run("archive", *words)

    assert result.exit_code == 0, result.output
    assert pd.read_parquet(tmp_path / "out").id.tolist() == ["0", "1", "2", "3"]


@pytest.mark.parametrize("protocol", ["file", "memory"])
def test_files_behind_a_url_are_read(protocol: str, tmp_path: Path) -> None:
    url = f"{protocol}://{tmp_path}/comments"
    fsspec.filesystem(protocol).makedirs(url)
    fsspec.filesystem(protocol).put(str(write(tmp_path / "made/a.parquet", 5)), f"{url}/a.parquet")
    words = ["archive", "--in", url, "--out", tmp_path / "out", "--bundle", "fast", "--workers", 1]
    result = run(*words)

    assert result.exit_code == 0, result.output
    assert len(pd.read_parquet(tmp_path / "out")) == 5
    assert "All of them were there before" in run(*words).output


@pytest.fixture
def begun(tmp_path: Path, articles: Path) -> list[object]:
    """Return the words of a command that was run before."""
    write(tmp_path / "comments/a.parquet", 5)
    write(tmp_path / "comments/b.parquet", 5)
    words = ["archive", "--in", tmp_path / "comments", "--out", tmp_path / "out", "--articles", articles]
    words += ["--workers", 1]
    assert run(*words, "--bundle", "fast").exit_code == 0
    return words


def another_bundle(folder: Path) -> list[object]:
    shutil.copytree(SHIPPED / "fast", folder / "bundle")
    words = folder / "bundle/words.txt"
    words.write_text(words.read_text() + "ferryman\n")
    write_manifest(folder / "bundle", read_manifest(folder / "bundle"))
    return ["--bundle", folder / "bundle"]


def another_file(folder: Path) -> list[object]:
    write(folder / "comments/c.parquet", 5)
    return []


def one_file_less(folder: Path) -> list[object]:
    (folder / "comments/a.parquet").unlink()
    return []


def another_content(folder: Path) -> list[object]:
    write(folder / "comments/b.parquet", 6)
    return []


def another_article(folder: Path) -> list[object]:
    (folder / "articles.jsonl").write_text('{"article_id": "harbour", "title": "No harbour"}\n')
    return []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (another_bundle, "was begun with bundle 20"),
        (another_file, "comments/c.parquet', which is among the files now"),
        (one_file_less, "comments/a.parquet' too, which is not among the files now"),
        (another_content, "comments/b.parquet' was changed"),
        (another_article, "was begun with articles of SHA-256"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_was_begun_otherwise_is_refused(
    begun: list[object], change: Callable[[Path], list[object]], message: str, tmp_path: Path
) -> None:
    before = parts(tmp_path / "out")
    result = run(*begun, *(change(tmp_path) or ["--bundle", "fast"]))

    assert result.exit_code == 1, result.output
    assert message in result.output
    assert result.output.startswith("Error: ")
    assert result.output.endswith(": choose another --out, or repeat what it was begun with.\n")
    assert parts(tmp_path / "out") == before


def test_a_part_that_was_damaged_is_scored_again(begun: list[object], tmp_path: Path) -> None:
    before = parts(tmp_path / "out")
    (tmp_path / "out/part-000001.parquet").write_bytes(b"PAR1")
    result = run(*begun, "--bundle", "fast")

    assert "This run: 5 in" in result.output
    assert parts(tmp_path / "out") == before


def test_two_runs_do_not_write_into_one_folder(tmp_path: Path) -> None:
    comments = write(tmp_path / "comments/all.parquet", 40_000)
    words = ["archive", "--in", comments, "--out", tmp_path / "a", "--bundle", "fast", "--workers", 1]
    first = Watched(*words).until(1)
    result = run(*words)
    first.kill()

    assert result.output.startswith("Error: Another run is writing to")


def test_a_worker_with_another_bundle_is_told(tmp_path: Path) -> None:
    file = write(tmp_path / "comments/all.parquet", 5)
    (part,) = Plan("9.9", ("id", "insult"), None, sources_of(str(file))).parts

    with pytest.raises(BundleError, match=r"The worker on .* has bundle 20.* scored with 9\.9: put the same bundle"):
        score_part(Job("fast", "9.9", ("id", "insult"), str(tmp_path)), part)


def test_a_worker_that_cannot_write_is_told(begun: list[object], tmp_path: Path) -> None:
    for part in tmp_path.glob("out/part*"):
        part.unlink()
        # Whoever runs the tests may write everywhere: a folder where a part goes stops even them.
        part.mkdir()
    result = run(*begun, "--bundle", "fast", "--workers", 2)

    assert result.exit_code == 1, result.output
    assert re.search(r"^Error: .*part-00000\d\.parquet.*: Is a directory\.$", result.output, re.MULTILINE)


def test_a_file_that_changes_meanwhile_is_told(tmp_path: Path) -> None:
    file = write(tmp_path / "comments/all.parquet", 5)
    version = read_manifest(SHIPPED / "fast").version
    (part,) = Plan(version, ("id", "insult"), None, sources_of(str(file))).parts
    write(file, 9)

    with pytest.raises(InvalidInput, match=r"all\.parquet' was changed after the archive was begun"):
        score_part(Job("fast", version, ("id", "insult"), str(tmp_path)), part)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"remark": ["Well said."]}, "has no column 'text'; it has remark"),
        ({"text": [7]}, "the column 'text' holds int64, not text"),
        ({"text": pa.array([], pa.string())}, "there is no comment in 1 files"),
        (
            {"text": pa.array([b"Well said, \xff"], pa.binary()).view(pa.string())},
            "rows 1 to 1: one of them is not UTF-8",
        ),
        (None, "cannot be read: "),
    ],
    ids=["no text", "numbers", "empty", "not UTF-8", "not Parquet"],
)
def test_a_file_that_cannot_be_scored_is_told_in_a_line(columns: Any, message: str, tmp_path: Path) -> None:
    file = tmp_path / "comments.parquet"
    if columns is None:
        file.write_bytes(b"PAR1 and nothing else")
    else:
        pq.write_table(pa.table(columns), file)
    result = run("archive", "--in", file, "--out", tmp_path / "out", "--bundle", "fast")

    assert result.exit_code == 1, result.output
    assert message in result.output
    assert "comments.parquet'" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--in", "nowhere", "--out", "o"], 1, "'nowhere' names no Parquet file"),
        (["--in", "*.parquet", "--out", "o"], 1, "'*.parquet' names no Parquet file"),
        (["--in", "there-is-no://x", "--out", "o"], 1, "'there-is-no://x' cannot be read: Protocol not known"),
        (["--in", "c", "--out", "o", "--bundle", "no"], 1, "There is no bundle at 'no'"),
        (["--in", "c", "--out", "o", "--articles", "no.csv"], 2, "File 'no.csv' does not exist"),
        (["--in", "c", "--out", "c"], 1, "'c' holds the comments"),
        (["--in", "c", "--out", "taken"], 1, "holds files that are not an archive"),
        (["--in", "c", "--out", "o", "--workers", "2", "--scheduler", "tcp://a:1"], 2, "not both"),
        (["--in", "c", "--out", "o", "--scheduler", "nowhere"], 1, "No Dask scheduler answers at 'nowhere'"),
    ],
)
def test_a_mistake_is_told_in_a_line(
    arguments: list[str], code: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("training.cluster.PATIENCE", 1)
    write(tmp_path / "c/a.parquet", 5)
    write(tmp_path / "taken/other.parquet", 5)
    result = run("archive", "--bundle", "fast", *arguments)

    assert result.exit_code == code, result.output
    assert message in result.output
    assert "Traceback" not in result.output


def test_no_copy_of_the_comments_stays_behind_and_a_second_run_finds_all_done(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,text\nc1,Well said.\nc2,You are an idiot.\n")
    command = ("archive", "--bundle", "fast", "--in", tmp_path / "c.csv", "--out", tmp_path / "o", "--workers", 1)

    first, second = run(*command), run(*command)

    assert (first.exit_code, second.exit_code) == (0, 0), second.output
    assert "All of them were there before" in second.output
    assert not list((tmp_path / "o").glob("_input*"))
    assert pd.read_parquet(tmp_path / "o/part-000000.parquet").id.tolist() == ["c1", "c2"]
