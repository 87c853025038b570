"""`python -m model`: score comments, look at a bundle, check it, time it."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model.bundling.bundle import load_bundle
from model.bundling.manifest import SHIPPED, bundle_path, read_manifest, verify
from model.errors import BelowlineError, InvalidInput
from model.records import Article, Comment, Scores, Unscorable

if TYPE_CHECKING:
    from model.scorer import Scorer

_BUNDLE = click.option(
    "--bundle", default="accurate", show_default=True, metavar="fast|accurate|PATH", help="Which bundle scores."
)
_CHUNK = 2048


class _Commands(click.Group):
    """Tells a user's mistake in one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BelowlineError as error:
            raise click.ClickException(str(error)) from error
        except BrokenPipeError:
            sys.stderr.close()
            raise SystemExit(1) from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Score reader comments for abuse and for relevance to their article."""


@main.command()
@click.option(
    "--comments",
    required=True,
    metavar="FILE",
    help="Comments with a `text` each: .jsonl, .csv, .parquet, or - for JSON Lines on standard input. "
    "Used where known: `id`, `article_id`, `parent_text`.",
)
@click.option(
    "--article",
    metavar="FILE",
    help="The article that all of them stand below: .txt (the first line is the title), or a table of one row "
    "with `title` and/or `body`.",
)
@click.option(
    "--articles",
    metavar="FILE",
    help="Several articles, with `article_id`: a comment belongs to the one that its own `article_id` names.",
)
@_BUNDLE
@click.option("--spans", is_flag=True, help="Tell the words that made the scores too (slower).")
@click.option(
    "--out", metavar="FILE", help="Where the scores go: .jsonl, .csv or .parquet; standard output if left out."
)
def score(
    comments: str, article: str | None, articles: str | None, bundle: str, out: str | None, *, spans: bool
) -> None:
    """Score comments: one row each, in their order, a number from 0 to 1 per attribute.

    `off_topic` is there only where a comment's article is known. High always
    means "look".
    """
    from model.tables import read_article, read_articles, read_comments, write_rows  # noqa: PLC0415

    if article and articles:
        raise click.UsageError("Give --article or --articles, not both.")
    scorer = load_bundle(bundle)
    rows = read_comments(comments)
    below = read_article(article) if article else None
    known = read_articles(articles) if articles else {}
    used = {key: known[key] for key in dict.fromkeys(row.article_id for row in rows) if key in known}
    results = _score_all(scorer, rows, below, used, spans=spans)
    attributes = [name for name in scorer.manifest.attributes if name != "off_topic" or below or used]
    columns = ["id", *attributes, *(["spans"] if spans else [])]
    write_rows(
        [_row(comment, scores, spans=spans) for comment, scores in zip(rows, results, strict=True)], columns, out
    )
    failed = [str(i + 1) for i, scores in enumerate(results) if isinstance(scores, Unscorable)]
    if failed:
        click.echo(f"{len(failed)} comments hold no text and have no scores: rows {', '.join(failed[:20])}.", err=True)


@main.command()
@_BUNDLE
def info(bundle: str) -> None:
    """Print a bundle's manifest as JSON: version, thresholds, how it was made."""
    click.echo(json.dumps(asdict(read_manifest(bundle_path(bundle))), indent=1, ensure_ascii=False))


@main.command("verify")
@_BUNDLE
def verify_command(bundle: str) -> None:
    """Check that no file of a bundle was altered; opens none of them."""
    manifest = verify(bundle_path(bundle))
    click.echo(f"{bundle}: version {manifest.version}, {len(manifest.files)} files as listed.")


@main.command()
@click.option(
    "--bundle",
    "bundles",
    multiple=True,
    metavar="fast|accurate|PATH",
    help="What is timed; may be given several times. Both shipped bundles if left out.",
)
@click.option(
    "--comments",
    metavar="FILE",
    help="Where the comments' words come from: .jsonl, .csv or .parquet with `text`, and `toxicity` where known, "
    "which the peers that learn are fitted to. Made up if left out.",
)
@click.option(
    "--batch",
    "batches",
    multiple=True,
    type=click.IntRange(min=1),
    default=(1, 16, 256, 2048),
    show_default=True,
    help="Comments in one call.",
)
@click.option(
    "--length",
    "lengths",
    multiple=True,
    type=click.IntRange(min=10),
    default=(110, 300),
    show_default=True,
    help="Characters of a comment, about.",
)
@click.option(
    "--seconds", type=click.FloatRange(min=0), default=2.0, show_default=True, help="For each cell of the table, about."
)
@click.option("--peers/--no-peers", default=True, show_default=True, help="Time other programs too, if installed.")
@click.option("--out", metavar="FILE", help="Write the figures as JSON too.")
def bench(
    bundles: tuple[str, ...],
    comments: str | None,
    batches: tuple[int, ...],
    lengths: tuple[int, ...],
    seconds: float,
    out: str | None,
    *,
    peers: bool,
) -> None:
    """Time bundles: comments per second, latency, load time, memory.

    Other programs are timed in the same process on the same comments, where
    they are installed: alt-profanity-check, fasttext, a tf-idf pipeline of
    scikit-learn, and a BERT-base with random weights (needs `onnx`).
    """
    from model.bench.measure import bench as time_bundles  # noqa: PLC0415
    from model.bench.table import as_text  # noqa: PLC0415
    from model.tables import read_rows  # noqa: PLC0415

    names = bundles or tuple(name for name in ("fast", "accurate") if (SHIPPED / name / "manifest.json").is_file())
    rows = [row for row in read_rows(comments) if isinstance(row.get("text"), str)] if comments else []
    if comments and not any(row["text"].strip() for row in rows):
        raise InvalidInput(f"{comments!r} has no comment with a `text`.")
    labelled = bool(rows) and all("toxicity" in row for row in rows)
    found = time_bundles(
        names or ("fast",),
        texts=[row["text"] for row in rows],
        abusive=[_label(row["toxicity"], comments) for row in rows] if labelled else (),
        batches=batches,
        lengths=lengths,
        seconds=seconds,
        with_peers=peers,
        progress=lambda message: click.echo(message, err=True),
    )
    click.echo(as_text(found))
    if out:
        Path(out).write_text(json.dumps(asdict(found), indent=1) + "\n")


def _label(value: Any, source: str | None) -> bool:
    try:
        return float(value or 0) >= 0.5
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{source!r}: toxicity is {value!r}, not a number from 0 to 1.") from error


def _score_all(
    scorer: "Scorer", rows: list[Comment], below: Article | None, known: dict[str, Article], *, spans: bool
) -> list[Scores | Unscorable]:
    from tqdm import tqdm  # noqa: PLC0415

    found: list[Scores | Unscorable] = []
    for start in tqdm(range(0, len(rows), _CHUNK), disable=not sys.stderr.isatty(), unit=f"x{_CHUNK} comments"):
        found += scorer.score_each(rows[start : start + _CHUNK], below, articles=known, spans=spans)
    return found


def _row(comment: Comment, scores: Scores | Unscorable, *, spans: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"id": comment.id}
    if isinstance(scores, Scores):
        row |= {name: round(value, 6) for name, value in scores.values.items()}
        if spans:
            row["spans"] = [asdict(span) for span in scores.spans]
    return row


if __name__ == "__main__":
    main(prog_name="python -m model")
