"""`python -m service`: what a newcomer types, and what they get wrong."""

import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, inspect, text

from service.accounts.api_keys import find_key
from service.accounts.secret_key import kept_secret_key
from service.accounts.users import check_password
from service.cli.main import main
from service.storage.database import Database
from tests.served import free_port


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    for name in ("BELOWLINE_DATABASE", "BELOWLINE_BUNDLE", "BELOWLINE_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize("command", ["", *main.commands])
def test_help_explains_each_option(command: str) -> None:
    result = run(*command.split(), "--help")

    assert result.exit_code == 0
    for line in re.findall(r"^  (?:-\w, )?--\S+.*$", result.output, re.MULTILINE):
        assert len(line.split("  ")) > 1, line


def test_what_counts_and_what_scores_is_left_to_the_workers() -> None:
    # prometheus_client looks for the folder of several workers when it is imported; onnxruntime
    # must not be forked.
    late = {"prometheus_client", "onnxruntime"}
    code = f"import sys, service.cli.demo, service.cli.serve; print({late} & sys.modules.keys())"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603

    assert found.stdout.strip() == "set()"


def test_init_db_makes_the_tables_and_may_be_repeated(folder: Path) -> None:
    first, second = run("init-db"), run("init-db")

    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    assert second.output == "The database is up to date: sqlite:///var/belowline.db\n"
    tables = inspect(create_engine(f"sqlite:///{folder}/var/belowline.db")).get_table_names()
    assert {"article", "comment", "score", "flag", "report", "decision", "user_account", "api_key"} < set(tables)


def test_a_moderator_gets_a_password_once(folder: Path) -> None:
    result, again = run("create-user", "anna"), run("create-user", "anna")

    password = re.search(r"Password:  (\S+)", result.output)
    assert password is not None
    with Database(f"sqlite:///{folder}/var/belowline.db").read() as session:
        assert check_password(session, "anna", password[1])
    assert (again.exit_code, again.output) == (1, "Error: There is already a moderator 'anna'.\n")


def test_a_moderator_gets_a_role_another_one_and_a_new_password(folder: Path) -> None:
    first = run("create-user", "anna", "--role", "lead")
    changed, reset = run("set-role", "anna", "none"), run("reset-password", "anna")
    again, unknown = run("set-role", "anna", "admin"), run("set-role", "bert", "lead")

    old, new = (re.findall(r"Password:  (\S+)", result.output)[0] for result in (first, reset))
    with Database(f"sqlite:///{folder}/var/belowline.db").read() as session:
        assert check_password(session, "anna", old) is None
        anna = check_password(session, "anna", new)
    assert anna is not None
    assert anna.role == "admin"
    assert (changed.output, again.output) == ("anna now has the role none.\n", "anna now has the role admin.\n")
    assert (unknown.exit_code, unknown.output) == (1, "Error: There is no moderator 'bert'.\n")


def test_a_key_is_printed_once_and_has_its_scopes(folder: Path) -> None:
    result, again = run("create-key", "cms", "--scope", "score", "--scope", "review"), run("create-key", "cms")

    with Database(f"sqlite:///{folder}/var/belowline.db").read() as session:
        key = find_key(session, result.stdout.strip())
    assert key is not None
    assert (key.name, key.scopes) == ("cms", frozenset({"score", "review"}))
    assert "This key of cms (review, score) will not be shown again." in result.stderr
    assert (again.exit_code, again.output) == (1, "Error: There is already a key named 'cms'.\n")


def test_a_key_is_rotated_listed_and_revoked(folder: Path) -> None:
    former = run("create-key", "cms", "--scope", "score").stdout.strip()
    rotated = run("rotate-key", "cms", "--grace", "0")
    with Database(f"sqlite:///{folder}/var/belowline.db").read() as session:
        assert (find_key(session, former), rotated.stdout.strip() != former) == (None, True)
        assert find_key(session, rotated.stdout.strip()) is not None
    assert "the old one works for another 0 hours." in rotated.stderr

    header, line = run("list-keys").stdout.splitlines()
    assert header.split("\t") == ["name", "scopes", "made", "last used", "former key until"]
    assert re.fullmatch(r"cms\tscore\t2\d{3}-\d\d-\d\dT\d\d:\d\dZ\t-\t2\d{3}-.*Z", line)

    assert run("revoke-key", "cms").output == "The key of cms is revoked.\n"
    assert len(run("list-keys").stdout.splitlines()) == 1


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["serve", "--host", "192.0.2.1"], 1, "There is no key yet, and others can reach 192.0.2.1: create one"),
        (["serve", "--require-keys"], 1, "There is no key yet, and --require-keys asks for one: create one"),
        (["serve", "--port", "70000"], 2, "Invalid value for '--port'"),
        (
            ["serve", "--host", "no.such.host.invalid", "--require-keys"],
            1,
            "There is no key yet, and others can reach no.such.host.invalid",
        ),
        (["create-key", "cms", "--scope", "all"], 2, "'all' is not one of 'score', 'ingest', 'review', 'admin'"),
        (["create-key"], 2, "Missing argument 'NAME'"),
        (["create-user", " "], 2, "A name has 1 to 255 printable characters"),
        (["rotate-key", "cms"], 1, "There is no key named 'cms': `python -m service list-keys` lists them."),
        (["rotate-key", "cms", "--grace", "-1"], 2, "Invalid value for '--grace'"),
        (["revoke-key", "cms"], 1, "There is no key named 'cms'"),
        (["deploy"], 2, "No such command 'deploy'"),
    ],
)
def test_a_mistake_is_told_in_a_line(arguments: list[str], code: int, message: str) -> None:
    result = run(*arguments)

    assert result.exit_code == code, result.output
    assert message in result.output
    assert "Traceback" not in result.output


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("BELOWLINE_DATABASE", "nonsense", "BELOWLINE_DATABASE cannot be used"),
        ("BELOWLINE_DATABASE", "oracle3://x", "BELOWLINE_DATABASE cannot be used"),
        ("BELOWLINE_DATABASE", "sqlite:////proc/none/b.db", "BELOWLINE_DATABASE cannot be used"),
        ("BELOWLINE_BUNDLE", "nowhere", "There is no bundle at 'nowhere'"),
    ],
)
def test_a_wrong_setting_is_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(name, value)
    with free_port() as port:
        result = run("serve", "--port", str(port))

    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert message in result.output


def test_a_file_that_is_no_database_is_left_alone(folder: Path) -> None:
    file = folder / "letter.db"
    file.write_text("Dear editor, " * 100)
    result = CliRunner().invoke(main, ["init-db"], env={"BELOWLINE_DATABASE": f"sqlite:///{file}"})

    assert result.exit_code == 1
    assert "cannot be brought up to date" in result.output
    assert file.read_text().startswith("Dear editor")


def test_a_database_of_a_newer_version_is_left_alone(folder: Path) -> None:
    run("init-db")
    db = Database(f"sqlite:///{folder}/var/belowline.db")
    with db.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    db.close()
    result = run("init-db")

    assert result.exit_code == 1
    assert "Can't locate revision identified by 'later'" in result.output


def test_the_secret_key_is_made_once_for_its_owner_alone(folder: Path) -> None:
    first, second = kept_secret_key(), kept_secret_key()

    assert first == second
    assert len(first) >= 32
    assert stat.S_IMODE((folder / "var/secret-key").stat().st_mode) == 0o600
    assert [path.name for path in (folder / "var").iterdir()] == ["secret-key"]
