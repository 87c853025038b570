"""The documentation is complete, and what it shows is so."""

import ast
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest
from flask import Flask
from sybil.document import Document
from sybil.parsers.markdown import PythonCodeBlockParser

import model.cli.main
import service.cli.main
import training.cli.main
from service.settings import Settings

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
PROGRAMS: dict[str, click.Group] = {
    "model": model.cli.main.main,
    "training": training.cli.main.main,
    "service": service.cli.main.main,
}
CALL = re.compile(r"python -m (?:model|training|service)(?: |$)[^`\n|>;)]*")


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command as it is typed, the three programs themselves included."""
    for module, program in PROGRAMS.items():
        yield from below(f"python -m {module}", program)


def below(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """Yield a command and those below it."""
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for word in command.list_commands(context):
            further = command.get_command(context, word)
            assert further is not None
            yield from below(f"{name} {word}", further)


COMMANDS = dict(commands())


def option_names(command: click.Command) -> set[str]:
    """Return what a command's options are called, `--help` included."""
    return {
        name for option in command.get_params(click.Context(command)) for name in [*option.opts, *option.secondary_opts]
    }


def help_of(name: str) -> str:
    """Return what a command prints when asked for help."""
    return COMMANDS[name].get_help(click.Context(COMMANDS[name], info_name=name))


def section(page: str, title: str) -> str:
    """Return what stands in a page below a heading."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", page, re.MULTILINE | re.DOTALL)
    assert found is not None, f"there is no section {title!r}"
    return found[1]


def calls(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the calls of our programs in a page or a Makefile: the command, and the words after it."""
    text = (
        re.sub(r"\[\[\[cog.*?\]\]\]", "", page.read_text(), flags=re.DOTALL).replace("\\\n", " ").replace("$(BIN)/", "")
    )
    for call in CALL.findall(text):
        words = shlex.split(call.partition("[")[0].replace("...", " "))
        command = next(" ".join(words[:n]) for n in (5, 4, 3) if " ".join(words[:n]) in COMMANDS)
        yield command, words[len(command.split()) :]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_and_is_in_the_reference(name: str) -> None:
    command = COMMANDS[name]
    described = section((ROOT / "docs/cli.md").read_text(), name)

    assert command.help
    assert f"Usage: {name} " in described
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.opts[0]} has no help"
            assert re.search(rf"^  .*{re.escape(option.opts[-1])}\b", described, re.MULTILINE), option.opts


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "Makefile", *(ROOT / "docs/deploy").iterdir()], ids=lambda page: page.name
)
def test_each_call_names_a_command_and_options_that_exist(page: Path) -> None:
    for command, words in calls(page):
        known = COMMANDS[command]
        assert not isinstance(known, click.Group) or not words or words[0].startswith("-"), f"{command} {words[0]}"
        unknown = {word.partition("=")[0] for word in words if word.startswith("-") and word != "-"} - option_names(
            known
        )
        assert not unknown, f"{command} has no {unknown}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_relative_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, heading = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if heading:
            titles = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
            assert heading in anchors, link


def test_each_address_is_in_the_api_reference(app: Flask) -> None:
    described = (ROOT / "docs/api.md").read_text()
    paths = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.endswith("static")
    }

    assert {path for path in paths if f"{path}`" not in described} == set()
    assert "/v1/scores" in paths


def test_each_setting_that_is_read_is_listed() -> None:
    listed = {setting.name for setting in Settings.describe()}
    read = {
        name
        for folder in PROGRAMS
        for file in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"BELOWLINE_[A-Z_]+", file.read_text())
    }

    assert read <= listed
    assert set(re.findall(r"^\| `(BELOWLINE_[A-Z_]+)`", (ROOT / "docs/cli.md").read_text(), re.MULTILINE)) == listed
    assert set(re.findall(r"^  (BELOWLINE_[A-Z_]+)", help_of("python -m service"), re.MULTILINE)) == listed


def test_the_readme_counts_the_demo_s_comments() -> None:
    demo = json.loads((ROOT / "service/cli/demo.json").read_text())

    assert f"Demo: {len(demo['comments'])} comments added." in (ROOT / "README.md").read_text()


def test_python_in_the_readme_answers_as_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    document = Document.parse(str(ROOT / "README.md"), PythonCodeBlockParser())
    examples = list(document.examples())

    for example in examples:
        example.evaluate()
    assert len(examples) >= 2


def test_python_in_the_readme_says_what_the_package_offers() -> None:
    readme = (ROOT / "README.md").read_text()
    shown = {
        name.name
        for line in re.findall(r"^>>> (from model import .*)$", readme, re.MULTILINE)
        for name in ast.parse(line).body[0].names  # type: ignore[attr-defined]
    }

    assert {"Article", "Comment", "load_bundle"} <= shown <= set(model.__all__)


def test_every_picture_is_shown_with_words_for_whoever_does_not_see_it_and_together_they_are_small() -> None:
    shown = [
        (page.parent / address, words)
        for page in PAGES
        for words, address in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", page.read_text())
    ]
    files = set((ROOT / "docs/pictures").iterdir())

    assert {picture.resolve() for picture, _ in shown} == files
    assert min(len(words) for _, words in shown) > 40
    assert len(files) == 12
    assert sum(picture.stat().st_size for picture in files) < 1_500_000
