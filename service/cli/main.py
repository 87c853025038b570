"""The commands of `python -m service`."""

import click

from model.commands import LazyGroup
from service.settings import Settings

_COMMANDS = {
    "serve": ("serve:serve", "Serve the API and the moderators' console until Ctrl-C."),
    "demo": ("demo:demo", "Load a demo article with comments and a moderator, then serve."),
    "replay": ("replay:replay", "Score recorded comments again, and say how far both scores agree."),
    "init-db": ("database:init_db", "Create the tables, or upgrade those of an older version."),
    "backup": ("database:backup", "Copy the SQLite database to the new file FILE, even while it is in use."),
    "create-key": ("keys:create_key", "Create a key for the program NAME and print it, once."),
    "rotate-key": ("keys:rotate_key", "Replace the key of the program NAME and print the new one, once."),
    "list-keys": ("keys:list_keys", "List programs' keys: scopes, created, last used, and when a replaced key ends."),
    "revoke-key": ("keys:revoke_key", "Delete the key of the program NAME, which is refused from now on."),
    "create-user": ("users:create_user", "Create the moderator NAME and print the password, once."),
    "set-role": ("users:set_role", "Change the role of the moderator NAME."),
    "reset-password": ("users:reset_password", "Set a new password for the moderator NAME and print it, once."),
    "audit": ("audit:audit", "Check or export the audit: who did what, when and why."),
    "purge": ("retention:purge", "Erase the comments that came in more than a number of days ago."),
    "erase-author": ("retention:erase_author", "Erase everything AUTHOR wrote."),
    "shadow": ("shadow:shadow", "Score new comments with CHALLENGER too, beside the bundle in charge."),
    "add-webhook": ("webhooks:add_webhook", "Send events to URL from now on, and print the secret that signs them."),
    "rotate-webhook": ("webhooks:rotate_webhook", "Replace the secret of webhook NUMBER and print the new one, once."),
    "list-webhooks": ("webhooks:list_webhooks", "List the webhooks, with the number of events waiting or given up."),
    "webhook": ("webhooks:webhook", "Try out a webhook."),
    "remove-webhook": ("webhooks:remove_webhook", "Remove webhook NUMBER and the events not yet delivered."),
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
