"""What the three command lines share: commands that are imported when called, mistakes told in a sentence."""

import errno
from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Any

import click

from model.errors import BelowlineError

#: Of the commands that score.
BUNDLE = click.option(
    "--bundle", default="accurate", show_default=True, metavar="fast|accurate|PATH", help="Bundle to use."
)


class LazyGroup(click.Group):
    """Imports a command only when it is called, so that `--help` waits for no library.

    This is the pattern that click's documentation calls "Lazily Loading
    Subcommands". There, help imports every command to learn its first line;
    here, the line stands beside the command's place.

    Parameters
    ----------
    lazy
        For each command, where it is (`"service.cli.keys:create_key"`) and
        its line in the list of commands.
    renamed
        What commands that had another name are called now. The former name
        still works, with a warning.
    """

    def __init__(
        self,
        name: str | None = None,
        *,
        lazy: Mapping[str, tuple[str, str]],
        renamed: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        settings = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
        # What stands for the commands is enough for click to list, complete and suggest them.
        listed = {command: click.Command(command, short_help=line) for command, (_, line) in lazy.items()}
        super().__init__(name, commands=listed, context_settings=settings, **options)
        self._places = {command: place for command, (place, _) in lazy.items()}
        self._renamed = renamed or {}

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None if there is none of this name."""
        del ctx
        if cmd_name not in self._places:
            return None
        command: click.Command = resolve_name(self._places[cmd_name])
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, each with its line, without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.commands[name].short_help or "") for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is called, by its former name too."""
        given, *rest = args
        if now := self._renamed.get(given):
            click.echo(f"`{given}` is now called `{now}`: please use the new name.", err=True)
            given = now
        return super().resolve_command(ctx, [given, *rest])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; report a user's mistake, or what the system refuses, in one sentence."""
        try:
            return super().invoke(ctx)
        except BelowlineError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if error.errno == errno.EPIPE:
                # Whoever read the output has seen enough: click ends without a word.
                raise
            # A full disk or a folder that may not be written: a traceback explains nothing better.
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{where}{error.strerror or error}.") from error
