"""What the cog blocks of README.md and docs/ call: run an example, print it with its answer.

`make docs` writes the answers anew, `make check` compares them. Everything
runs in this process, with the fast bundle. What differs from run to run
(times, a request's id) is replaced, and numbers are rounded to two places, so
that the comparison fails for a reason only.
"""

import ast
import contextlib
import io
import json
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import click
import cog
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import model.cli.main
import service.cli.main
import training.cli.main
from model import load_bundle
from service import create_app
from service.accounts.api_keys import create_key
from service.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SITE = "http://127.0.0.1:8000"
WIDTH = 80
_ROUNDED = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?|-?\d+(?:\.\d+)?e-\d+")
_TIMES = ("received_at", "raised_at", "decided_at", "created_at", "verdict_at")
_NOW = "2026-11-23T09:30:00Z"
_CHANGING = {"request_id": "4f0c4a1be1a94b5c8e4f3b2f4d1a7c90"} | dict.fromkeys(_TIMES, _NOW)


@cache
def programs() -> dict[str, click.Group]:
    """Return the three command lines."""
    return {"model": model.cli.main.main, "training": training.cli.main.main, "service": service.cli.main.main}


def walk(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield a command and all below it, each with the words that call it."""
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            if below := command.get_command(context, name):
                yield from walk(below, (*words, name))


def reference() -> None:
    """Print the help of every command."""
    for module, program in programs().items():
        for words, _ in walk(program, (module,)):
            arguments = [*words[1:], "--help"]
            result = CliRunner().invoke(
                program, arguments, prog_name=f"python -m {module}", terminal_width=WIDTH, max_content_width=WIDTH
            )
            cog.out(f"\n{'##' if len(words) == 1 else '###'} python -m {' '.join(words)}\n\n")
            cog.out(f"```text\n{result.output.rstrip()}\n```\n")


def settings() -> None:
    """Print every setting as a row of a table."""
    cog.outl("\n| variable | is | if not set |\n|---|---|---|")
    for one in Settings.describe():
        cog.outl(f"| `{one.name}` | {one.meaning} | {one.default} |")
    cog.outl()


def shell(line: str) -> None:
    """Run `python -m ...` or `cat`, and print it with its output."""
    words = shlex.split(line.replace("\\\n", " "))
    cog.outl("```console")
    cog.outl(f"$ {line}")
    if words[0] == "cat":
        output = (ROOT / words[1]).read_text()
    else:
        with contextlib.chdir(ROOT):
            program = programs()[words[2]]
            result = CliRunner().invoke(program, words[3:], prog_name=" ".join(words[:3]), terminal_width=WIDTH)
        output = rounded(result.output)
    cog.outl(output.rstrip())
    cog.outl("```\n")


def python(code: str) -> None:
    """Run Python as if it were typed in, and print it with what it answers."""
    names: dict[str, Any] = {}
    cog.outl("```python")
    for statement in ast.parse(code).body:
        first, *more = ast.get_source_segment(code, statement, padded=False).splitlines()
        cog.outl("\n".join([f">>> {first}", *(f"... {line}" for line in more)]))
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.chdir(ROOT):
            exec(compile(ast.Interactive([statement]), "README.md", "single"), names)  # noqa: S102 - our own page
        cog.out(printed.getvalue())
    cog.outl("```\n")


class Conversation:
    """Calls of one newly made service, one after the other, as `curl` would make them."""

    def __init__(self, **settings: Any) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.app = create_app(
            {
                "DATABASE": f"sqlite:///{self._folder.name}/belowline.db",
                "SCORER": load_bundle("fast"),
                "SECRET_KEY": "only for examples",
                "KEYS_REQUIRED": False,
                # Found beside the calls: an answer would depend on the moment.
                "RECENT_ARTICLES": 0,
                "RANDOM_RATE": 0.0,
                **settings,
            },
        )
        with self.app.extensions["belowline.database"].write() as session:
            self._key = create_key(session, "examples", ["review"])
        self._client = self.app.test_client()

    def lines(self, path: str, text: str) -> None:
        """Send lines of JSON, and print them with their answer."""
        cog.outl(
            f"```console\n$ curl -s {SITE + path} \\\n  -H 'Content-Type: application/x-ndjson' --data-binary @- <<END"
        )
        cog.outl(f"{text}\nEND\n```\n\nAnswer:\n\n```json")
        answer = self._client.post(path, data=text, content_type="application/x-ndjson")
        for line in answer.text.splitlines():
            cog.outl(laid_out(steady(json.loads(line))))
        cog.outl("```\n")

    def send(self, method: str, path: str, body: Any = None, *, key: bool = False) -> Any:
        """Make a call and print nothing."""
        headers = {"Authorization": f"Bearer {self._key}"} if key else {}
        return self._client.open(path, method=method, json=body, headers=headers)

    def call(self, method: str, path: str, body: Any = None, *, key: bool = False, status: bool = True) -> None:
        """Make a call, and print it with its answer (`status`: with the answer's status too)."""
        cog.outl("```console")
        cog.outl("$ " + curl(method, path, body, key=key))
        cog.outl("```\n")
        answer = self.send(method, path, body, key=key)
        if status:
            cog.outl(f"Answer: `{answer.status_code} {HTTPStatus(answer.status_code).phrase}`\n")
        cog.outl("```json")
        lines = [json.loads(line) for line in answer.text.splitlines()] if "ndjson" in answer.content_type else None
        for content in lines or [answer.json]:
            cog.outl(laid_out(steady(content)))
        cog.outl("```\n")


def curl(method: str, path: str, body: Any, *, key: bool) -> str:
    """Write a call for a shell."""
    parts = ["curl -s" if method in {"GET", "POST"} else f"curl -s -X {method}"]
    parts[0] += f" {shlex.quote(SITE + path)}"
    if key:
        parts.append('-H "Authorization: Bearer $KEY"')
    if body is not None:
        parts += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(laid_out(body))}"]
    return " \\\n  ".join(parts)


def routes(app: Any) -> Iterator[tuple[str, str, str]]:
    """Yield each route's method, its path as OpenAPI writes paths, and what its view says of itself."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if not rule.endpoint.endswith("static"):
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                about = str(app.view_functions[rule.endpoint].__doc__).splitlines()[0]
                yield method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), about


def steady(content: Any) -> Any:
    """Replace what differs from run to run, and round numbers."""
    if isinstance(content, dict):
        return {key: _CHANGING[key] if value and key in _CHANGING else steady(value) for key, value in content.items()}
    if isinstance(content, list):
        return [steady(value) for value in content]
    if isinstance(content, str) and content.startswith("modr-"):
        return "modr-4f0c4a1be1a94b5c8e4f3b2f"
    return round(content, 2) if isinstance(content, float) else content


def laid_out(content: Any, indent: int = 0) -> str:
    """Write JSON with what fits on a line on one line."""
    flat = json.dumps(content, ensure_ascii=False)
    if len(flat) + indent <= 100 or not isinstance(content, dict | list) or not content:
        return flat
    inner = " " * (indent + 2)
    if isinstance(content, dict):
        parts = [f"{inner}{json.dumps(key)}: {laid_out(value, indent + 2)}" for key, value in content.items()]
    else:
        parts = [inner + laid_out(value, indent + 2) for value in content]
    opening, closing = "{}" if isinstance(content, dict) else "[]"
    return opening + "\n" + ",\n".join(parts) + "\n" + " " * indent + closing


def rounded(text: str) -> str:
    """Round the numbers of a text to two places."""
    return _ROUNDED.sub(lambda number: str(round(float(number[0]), 2)), text)


os.environ.pop("BELOWLINE_BUNDLE", None)
