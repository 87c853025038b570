"""What the three command lines have in common."""

import subprocess
import sys

import click
import pytest

import model.cli.main
import service.cli.main
import training.cli.main
from model.commands import LazyGroup

PROGRAMS: dict[str, click.Group] = {
    "model": model.cli.main.main,
    "service": service.cli.main.main,
    "training": training.cli.main.main,
}
SLOW = {"datasets", "flask", "gunicorn", "numpy", "onnxruntime", "pandas", "pyarrow", "sklearn", "sqlalchemy", "torch"}


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_does_not_wait_for_the_libraries(program: str) -> None:
    # What counts is what is imported; a clock would measure the machine.
    code = (
        "import runpy, sys; sys.argv[1:] = ['--help']\n"
        f"try: runpy.run_module('{program}', run_name='__main__')\n"
        f"finally: print('imported:', sorted({SLOW} & sys.modules.keys()))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603

    assert found.stdout.startswith("Usage: ")
    assert found.stdout.endswith("imported: []\n")


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_command_is_where_the_list_says_and_begins_its_help_with_the_same_line(program: str) -> None:
    group = PROGRAMS[program]
    context = click.Context(group)
    assert isinstance(group, LazyGroup)

    listed = {name: command.short_help for name, command in group.commands.items()}
    loaded = {name: group.get_command(context, name) for name in listed}
    assert listed == {
        command.name: " ".join((command.help or "").split("\n\n")[0].split()) for command in loaded.values() if command
    }


def test_an_unknown_command_is_told_with_the_likeliest_one() -> None:
    found = subprocess.run([sys.executable, "-m", "model", "scor"], capture_output=True, text=True, check=False)

    assert (found.returncode, found.stdout) == (2, "")
    assert "No such command 'scor'. Did you mean 'score'?" in found.stderr


def test_what_the_system_refuses_is_told_in_a_line() -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - no file, a device
        found = subprocess.run(
            [sys.executable, "-m", "model", "info"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )

    assert (found.returncode, found.stderr) == (1, "Error: No space left on device.\n")


def test_a_reader_who_has_seen_enough_ends_it_without_a_word() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "model", "info"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()
        assert run.stderr.read() == b""
