"""The commands of `python -m service`."""

import click

from model.commands import LazyGroup
from service.settings import Settings

_COMMANDS = {
    "serve": ("serve:serve", "Serve the API and the moderators' console until Ctrl-C."),
    "demo": ("demo:demo", "Load a demo article with comments and a moderator, then serve."),
    "replay": ("replay:replay", "Score recorded comments anew, and tell how far both agree."),
    "init-db": ("database:init_db", "Create the tables, or bring those of an older version up to date."),
    "backup": ("database:backup", "Copy the SQLite database into the new file FILE, also while it is in use."),
    "create-key": ("keys:create_key", "Create a key for the program NAME and print it, once."),
    "rotate-key": ("keys:rotate_key", "Replace the key of the program NAME and print the new one, once."),
    "list-keys": ("keys:list_keys", "List programs' keys: scopes, when made, last used, and a former key's end."),
    "revoke-key": ("keys:revoke_key", "Delete the key of the program NAME: from now on it is refused."),
    "create-user": ("users:create_user", "Create the moderator NAME and print the password, once."),
    "set-role": ("users:set_role", "Give the moderator NAME another ROLE."),
    "reset-password": ("users:reset_password", "Make a new password for the moderator NAME and print it, once."),
    "audit": ("audit:audit", "Check or export the audit: who did what, when and why."),
    "purge": ("retention:purge", "Forget the comments that came in longer ago than this."),
    "erase-author": ("retention:erase_author", "Forget all that AUTHOR wrote."),
    "shadow": ("shadow:shadow", "Let CHALLENGER score what comes in, beside the bundle that scores."),
    "add-webhook": ("webhooks:add_webhook", "Tell URL of events from now on, and print the secret that signs them."),
    "rotate-webhook": ("webhooks:rotate_webhook", "Give webhook NUMBER a new secret and print it, once."),
    "list-webhooks": ("webhooks:list_webhooks", "List the webhooks, with how many events wait or were given up."),
    "remove-webhook": ("webhooks:remove_webhook", "Remove webhook NUMBER, with the events still to be delivered."),
}


class _Program(LazyGroup):
    """The commands, and below them the settings."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the settings."""
        super().format_epilog(ctx, formatter)
        with formatter.section("Settings, from the environment"):
            formatter.write_dl([(one.name, one.sentence()) for one in Settings.describe()])


@click.group(cls=_Program, lazy={name: (f"service.cli.{place}", line) for name, (place, line) in _COMMANDS.items()})
def main() -> None:
    """Score readers' comments over HTTP, and let moderators decide."""
