"""`python -m service audit`: check it, and export it."""

from datetime import UTC, datetime
from pathlib import Path

import click

from service.cli.database import open_database
from service.storage import audit as audits
from service.webhooks import outbox


@click.group()
def audit() -> None:
    """Check or export the audit: who did what, when and why.

    Each entry is chained by SHA-256 to the one before. What is chained is not
    secret: who can write the database can also chain anew. Hence the head,
    the last entry's number and digest: keep it elsewhere, and `verify --head`
    shows later that nothing before it was changed or cut off.
    """


@audit.command()
@click.option("--head", metavar="NUMBER:DIGEST", help="A head that an earlier run printed, which must still be there.")
def verify(head: str | None) -> None:
    """Check the whole chain, and print its head.

    The exit code is 1 if an entry was changed, taken out, added or cut off.
    Without --head, this shows that the chain fits together, and not that it
    is the one that was written.
    """
    checkpoint = None if head is None else audits.Head.parse(head)
    with open_database().read() as session:
        found = audits.verify(session, checkpoint)
    click.echo(found)
    if checkpoint is not None:
        said = f"The audit is intact: {found.number:,} entries, and entry {checkpoint.number:,} is as it was."
    else:
        said = (
            f"The chain fits together: {found.number:,} entries. Only a head kept elsewhere shows whether somebody who "
            "can write to the database has rebuilt the chain or cut off its end: --head NUMBER:DIGEST."
        )
    click.echo(said, err=True)


@audit.command("keep-head")
@click.option("--to", "file", metavar="FILE", help="Add it, with the time, to FILE, whose last head is checked first.")
@click.option("--webhooks", is_flag=True, help="Send it to the webhooks that are told of audit.head.")
def keep_head(file: str | None, *, webhooks: bool) -> None:
    """Check the whole chain, and send its head elsewhere.

    Run it each night (cron, a systemd timer), with a FILE or a webhook that
    whoever can write the database cannot. If the last head of FILE is not in
    the audit any longer, nothing is kept and the exit code is 1.
    """
    if not file and not webhooks:
        raise click.UsageError("Say where the head goes: --to FILE, --webhooks, or both.")
    kept = Path(file).read_text().split() if file and Path(file).exists() else []
    db = open_database()
    with db.read() as session:
        head = audits.verify(session, audits.Head.parse(kept[-1]) if kept else None)
    if file:
        with Path(file).open("a") as opened:
            opened.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {head}\n")
    if webhooks:
        with db.write() as session:
            outbox.tell_head(session, head)
    click.echo(head)


@audit.command()
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "jsonl"]),
    default="jsonl",
    show_default=True,
    help="Format of the file.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, allow_dash=True),
    default="-",
    help="File for the audit; standard output if left out.",
)
def export(kind: str, out: str) -> None:
    """Check the whole audit, then write it as JSON Lines or CSV.

    It holds no comment's text. The head goes to standard error: keep it with
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
