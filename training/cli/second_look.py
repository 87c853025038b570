"""`python -m training second-look`: labels that deserve another look."""

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPException
from typing import Any

import click

from model.attributes import REJECT
from model.bundling.manifest import bundle_path
from model.errors import InvalidInput
from training.cli.options import LABELS_HELP, own_labels, say, value_hints, writable, write_lines
from training.teaching import second_look as looking

#: Doubts that are printed.
_SHOWN = 20
#: And that are sent in one call: on SQLite, whoever decides meanwhile waits until all of them are stored.
_AT_ONCE = 100
_SECONDS = 60


@click.command("second-look")
@click.option("--labels", multiple=True, required=True, metavar="FILE", help=f"A newsroom's own {LABELS_HELP}.")
@value_hints
@click.option(
    "--tier",
    type=click.Choice(["fast", "accurate"]),
    default="accurate",
    show_default=True,
    help="The shipped bundle that is taught some of the labels, and judges the others.",
)
@click.option(
    "--most",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="List at most this many, the likeliest mistakes first.",
)
@click.option("--out", metavar="FILE", help="Write them, with their texts, as JSON Lines.")
@click.option(
    "--to",
    "address",
    metavar="URL",
    help="Send the decisions among them back to the queue of the service at this address. BELOWLINE_KEY must be "
    "a key with the scope review.",
)
def second_look(labels: tuple[str, ...], tier: str, most: int, out: str | None, address: str | None) -> None:
    """List the labels that are probably wrong, judged by the others.

    These are candidates only: a person decides. No comment's text is printed.
    """
    writable(out)
    if address and urllib.parse.urlsplit(address).scheme not in ("http", "https"):
        raise InvalidInput(f"{address!r} is not the address of a service, such as http://127.0.0.1:8000.")
    key = os.environ.get("BELOWLINE_KEY", "")
    if address and not key:
        raise InvalidInput("BELOWLINE_KEY is not set: `python -m service create-key NAME --scope review` makes one.")

    corpus = own_labels(labels)
    suspects, shares = looking.second_look(bundle_path(tier), corpus, say)
    for name, share in shares.items():
        click.echo(f"{name}: about {share:.0%} of the labels are wrong")
    click.echo(f"{len(suspects)} deserve a second look{f'; the likeliest {most}:' if len(suspects) > most else ':'}")
    rows = list(looking.as_rows(suspects[:most], corpus))
    for row in rows[:_SHOWN]:
        click.echo(f"  {row['probability']:.2f}\t{row['attribute']} {row['label']}\t{_where(row)}")
    if len(rows) > _SHOWN:
        click.echo(f"  and {len(rows) - _SHOWN} more: --out FILE writes them all.")
    if out:
        write_lines(out, rows)
    if address:
        _send(address, key, rows)


def _where(row: Mapping[str, Any]) -> str:
    """Write where a suspect label is from: its comment, or its file and row."""
    return str(row["comment_id"] or f"{row['file']}, row {row['row']}")


def _send(address: str, key: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Ask the service to put suspect decisions back into the queue, and print what it answers."""
    decisions = [row for row in rows if row["attribute"] == REJECT and row["comment_id"]]
    waiting, left = 0, Counter[str]()
    for more, whys in _answers(address, key, decisions):
        waiting += more
        left.update(whys)
    click.echo(f"{waiting} are back in the queue.")
    for why, count in left.most_common():
        click.echo(f"  {count} not: {why}")


def _answers(address: str, key: str, decisions: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, list[str]]]:
    """Yield of each call for second looks how many wait now, and why the others do not."""
    for start in range(0, len(decisions), _AT_ONCE):
        looks = [
            {name: row[name] for name in ("comment_id", "label", "probability")}
            for row in decisions[start : start + _AT_ONCE]
        ]
        request = urllib.request.Request(  # noqa: S310 - the scheme has been looked at
            f"{address.rstrip('/')}/v1/second-looks",
            data=json.dumps({"looks": looks}).encode(),
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
                found = json.load(answer)
                yield found["waiting"], [one["why"] for one in found["left"]]
        except urllib.error.HTTPError as error:
            detail = json.load(error).get("detail", "") if error.headers.get_content_subtype() == "problem+json" else ""
            raise InvalidInput(f"{address} answered {error.code} {error.reason}. {detail}".rstrip()) from error
        except urllib.error.URLError as error:
            raise InvalidInput(f"{address!r} cannot be reached: {error.reason}.") from error
        except (OSError, HTTPException, ValueError, LookupError, TypeError) as error:
            raise InvalidInput(f"{address!r} does not answer like Belowline ({type(error).__name__}).") from error
