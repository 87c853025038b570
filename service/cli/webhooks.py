"""`python -m service add-webhook` and its like: who is told of events."""

import click

from service.cli.database import open_database
from service.webhooks import endpoints

_EVENTS = ("comment.flagged", "comment.reported", "comment.decided")


@click.command("add-webhook")
@click.argument("url")
@click.option(
    "--event",
    "events",
    multiple=True,
    type=click.Choice(_EVENTS),
    default=_EVENTS,
    show_default="all",
    help="What to tell URL of; may be given several times.",
)
@click.option(
    "--internal",
    is_flag=True,
    help="Let URL be plain http, or on a network of your own: else only https to the public net is called.",
)
def add_webhook(url: str, events: tuple[str, ...], *, internal: bool) -> None:
    """Tell URL of events from now on, and print the secret that signs them.

    The secret is printed once. Each event is a POST after the rules of Standard Webhooks, repeated for
    three days until it is answered with a status of 200 to 299. It holds ids,
    scores and the verdict, and never a comment's text.
    """
    with open_database().write() as session:
        number, secret = endpoints.add_endpoint(session, url, events, internal=internal)
    click.echo(secret)
    click.echo(f"Webhook {number} is told of {', '.join(events)}. The secret is not shown again.", err=True)


@click.command("rotate-webhook")
@click.argument("number", type=int)
def rotate_webhook(number: int) -> None:
    """Give webhook NUMBER a new secret and print it, once.

    For a day both secrets sign, so that the receiver can change over at leisure.
    """
    with open_database().write() as session:
        secret = endpoints.rotate_secret(session, number)
    click.echo(secret)
    click.echo(f"The former secret of webhook {number} signs too for a day.", err=True)


@click.command("list-webhooks")
def list_webhooks() -> None:
    """List the webhooks, with how many events wait or were given up."""
    with open_database().read() as session:
        found = endpoints.list_endpoints(session)
    for one in found:
        state = "" if one.enabled else "disabled (it answered 410)  "
        click.echo(f"{one.id}  {one.url}  {', '.join(one.events)}  {state}{one.waiting} wait, {one.given_up} given up")
    if not found:
        click.echo("There are no webhooks: `python -m service add-webhook URL` adds one.", err=True)


@click.command("remove-webhook")
@click.argument("number", type=int)
def remove_webhook(number: int) -> None:
    """Remove webhook NUMBER, with the events still to be delivered."""
    with open_database().write() as session:
        waiting = endpoints.remove_endpoint(session, number)
    click.echo(f"Webhook {number} is removed, with {waiting} events that were still to be delivered.")
