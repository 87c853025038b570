"""`python -m service audit`: is it whole, and out with it."""

import click

from service.cli.database import open_database
from service.storage import audit as audits


@click.group()
def audit() -> None:
    """Check or export the audit: who did what, when and why.

    Each entry is chained by SHA-256 to the one before. What is chained is not
    secret: who can write the database can also chain anew. Hence the head,
    the last entry's number and digest: keep it elsewhere, and `verify --head`
    shows later that nothing before it was changed or cut off.
    """


@audit.command()
@click.option("--head", metavar="NUMBER:DIGEST", help="A head that an earlier run printed: it must still be there.")
def verify(head: str | None) -> None:
    """Check the whole chain, and print its head.

    The exit code is 1 if an entry was changed, taken out, added or cut off.
    """
    checkpoint = None if head is None else audits.Head.parse(head)
    with open_database().read() as session:
        found = audits.verify(session, checkpoint)
    click.echo(found)
    click.echo(f"The audit is whole: {found.number:,} entries.", err=True)


@audit.command()
@click.option(
    "--format", "kind", type=click.Choice(["csv", "jsonl"]), default="jsonl", show_default=True, help="How to write it."
)
@click.option(
    "--out", type=click.Path(dir_okay=False, allow_dash=True), default="-", help="File; standard output if not given."
)
def export(kind: str, out: str) -> None:
    """Write the whole audit, after checking it, as JSON Lines or CSV.

    No comment's text is in it. The head goes to standard error: keep it with
    the file.
    """
    db = open_database()
    with db.write() as session:
        audits.record(session, "audit.export", about=kind)
    with db.read() as session:
        head = audits.verify(session)
        found = audits.entries(session)
        with click.open_file(out, "w", encoding="utf-8") as file:
            file.writelines(audits.to_csv(found) if kind == "csv" else audits.to_lines(found))
    click.echo(f"{head.number:,} entries. Head: {head}", err=True)
