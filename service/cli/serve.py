"""`python -m service serve`, and the options of every command that serves."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from service.cli.server import ServeOptions, run

F = TypeVar("F", bound=Callable[..., Any])


def serving(access_log: str) -> Callable[[F], F]:
    """Add the options of the commands that serve; they differ in where requests are logged."""
    options = [
        click.option(
            "--host",
            default="127.0.0.1",
            show_default=True,
            # An IPv6 address may come as a browser writes it.
            callback=lambda _context, _option, host: host.removeprefix("[").removesuffix("]"),
            help="Address to listen on. The default can be reached only from this machine and needs no key to "
            "score; on any other address every program needs one (create-key).",
        ),
        click.option(
            "--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on."
        ),
        click.option(
            "--workers",
            type=click.IntRange(1, 64),
            help="Processes, each with the bundle in its own memory. If left out: one for the accurate tier, "
            "which keeps all cores busy by itself, and one per core for the fast tier.",
        ),
        click.option(
            "--threads",
            type=click.IntRange(1, 256),
            default=32,
            show_default=True,
            help="Requests one process handles at a time. Most of them may be waiting to be scored; any more "
            "are refused at once.",
        ),
        click.option(
            "--require-keys",
            is_flag=True,
            help="Require keys on this machine's own address too: a must behind a proxy that makes it public.",
        ),
        click.option(
            "--access-log",
            type=click.Choice(["stdout", "stderr", "off"]),
            default=access_log,
            show_default=True,
            help="Where to log a line of JSON per request: what was asked, the outcome and how long it took, "
            "never a comment's text. Errors go to stderr.",
        ),
    ]

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@click.command()
@serving(access_log="stdout")
def serve(**options: Any) -> None:
    """Serve the API and the moderators' console until Ctrl-C."""
    run(ServeOptions(**options))
