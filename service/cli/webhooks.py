"""`python -m service add-webhook` and the like: who is told of events."""

from datetime import UTC, datetime

import click

from model.errors import BelowlineError
from model.wording import counted
from service.cli.database import open_database
from service.webhooks import endpoints
from service.webhooks.delivery import try_out


@click.command("add-webhook")
@click.argument("url")
@click.option(
    "--event",
    "events",
    multiple=True,
    type=click.Choice(endpoints.EVENTS),
    default=endpoints.EVENTS,
    show_default="all",
    help="Event to send; repeatable.",
)
@click.option(
    "--internal",
    is_flag=True,
    help="Allow plain http, or an address on your own network; otherwise URL must be https and public.",
)
def add_webhook(url: str, events: tuple[str, ...], *, internal: bool) -> None:
    """Send events to URL from now on, and print the secret that signs them.

    The secret is printed once. Each event is a POST as Standard Webhooks
    defines it, retried for three days until the answer is 200 to 299. It holds
    ids, scores and the verdict, and no comment's text but an amended one.
    """
    with open_database().write() as session:
        number, secret = endpoints.add_endpoint(session, url, events, internal=internal)
    click.echo(secret)
    click.echo(f"Webhook {number} gets {', '.join(events)}. The secret will not be shown again.", err=True)


@click.command("rotate-webhook")
@click.argument("number", type=int)
def rotate_webhook(number: int) -> None:
    """Replace the secret of webhook NUMBER and print the new one, once.

    Both secrets sign for a day, so the receiver has time to switch.
    """
    with open_database().write() as session:
        secret = endpoints.rotate_secret(session, number)
    click.echo(secret)
    click.echo(f"The old secret of webhook {number} also signs for a day.", err=True)


@click.command("list-webhooks")
def list_webhooks() -> None:
    """List the webhooks, with the number of events waiting or given up."""
    with open_database().read() as session:
        found = endpoints.list_endpoints(session)
    for one in found:
        state = "" if one.enabled else "disabled (it answered 410)  "
        click.echo(f"{one.id}  {one.url}  {', '.join(one.events)}  {state}{one.waiting} wait, {one.given_up} given up")
    if not found:
        click.echo("There are no webhooks: `python -m service add-webhook URL` adds one.", err=True)


class NotTaken(BelowlineError):
    """A webhook did not take the event that tries it out."""


@click.group()
def webhook() -> None:
    """Try out a webhook."""


@webhook.command("test")
@click.argument("number", type=int)
def test(number: int) -> None:
    """Send webhook NUMBER a signed test event.

    It is sent now, once, and prints what came back; its type is webhook.test. A receiver with another secret
    answers 401 or the like.
    """
    taken, outcome = try_out(open_database(), number, datetime.now(UTC))
    if not taken:
        raise NotTaken(f"Webhook {number} did not take the event: {outcome}. Only a status of 200 to 299 counts.")
    click.echo(f"Webhook {number} took the event: {outcome}.")


@click.command("remove-webhook")
@click.argument("number", type=int)
def remove_webhook(number: int) -> None:
    """Remove webhook NUMBER and the events not yet delivered."""
    with open_database().write() as session:
        waiting = endpoints.remove_endpoint(session, number)
    click.echo(f"Webhook {number} is removed, with {counted(waiting, 'event')} not yet delivered.")
