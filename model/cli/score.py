"""`python -m model score`: comments in, their scores out."""

import gc
import sys
from dataclasses import asdict
from typing import Any

import click
from tqdm import tqdm

from model.commands import BUNDLE
from model.records import Article, Comment, Scores, Unscorable
from model.scoring.loading import load_bundle
from model.scoring.scorer import Scorer
from model.tables.comments import read_article, read_articles, read_comments
from model.tables.writing import write_rows
from model.wording import counted

_CHUNK = 2048


@click.command()
@click.option(
    "--comments",
    required=True,
    metavar="FILE",
    help="Comments with a `text` each: .csv, .tsv, .xlsx, .jsonl, .json or .parquet, or - for JSON Lines on "
    "standard input. `id`, `article_id` and `parent_text` are used if present.",
)
@click.option(
    "--article",
    metavar="FILE",
    help="The article they all belong to: a .txt file whose first line is the title, or a table of one row with "
    "`title` and/or `body`.",
)
@click.option(
    "--articles",
    metavar="FILE",
    help="Several articles, each with the `article_id` that its comments name.",
)
@BUNDLE
@click.option("--spans", is_flag=True, help="Also name the words behind each score (slower).")
@click.option(
    "--out", metavar="FILE", help="File for the scores: .jsonl, .csv or .parquet; standard output if left out."
)
def score(
    comments: str, article: str | None, articles: str | None, bundle: str, out: str | None, *, spans: bool
) -> None:
    """Score comments: one row each, in their order, a number from 0 to 1 per attribute.

    `off_topic` appears only where a comment's article is known. High always
    means "look".
    """
    if article and articles:
        raise click.UsageError("Use --article or --articles, not both.")
    scorer = load_bundle(bundle)
    rows = read_comments(comments)
    below = read_article(article) if article else None
    known = read_articles(articles) if articles else {}
    used = {key: known[key] for key in dict.fromkeys(row.article_id for row in rows) if key in known}
    # What was read stays to the end: to look through it for garbage would take a fifth of the time.
    gc.freeze()
    results = _score_all(scorer, rows, below, used, spans=spans)
    attributes = [name for name in scorer.manifest.attributes if name != "off_topic" or below or used]
    columns = ["id", *attributes, *(["spans"] if spans else [])]
    write_rows(
        [_row(comment, scores, spans=spans) for comment, scores in zip(rows, results, strict=True)], columns, out
    )
    failed = [str(i + 1) for i, scores in enumerate(results) if isinstance(scores, Unscorable)]
    if failed:
        shown = f"{'row' if len(failed) == 1 else 'rows'} {', '.join(failed[:20])}"
        more = " and more" if len(failed) > 20 else ""
        click.echo(f"No scores for {counted(len(failed), 'comment')} without text: {shown}{more}.", err=True)


def _score_all(
    scorer: Scorer, rows: list[Comment], below: Article | None, known: dict[str, Article], *, spans: bool
) -> list[Scores | Unscorable]:
    """Score a file's comments, with a progress bar."""
    found: list[Scores | Unscorable] = []
    for start in tqdm(range(0, len(rows), _CHUNK), disable=not sys.stderr.isatty(), unit=f"x{_CHUNK} comments"):
        found += scorer.score_each(rows[start : start + _CHUNK], below, articles=known, spans=spans)
    return found


def _row(comment: Comment, scores: Scores | Unscorable, *, spans: bool) -> dict[str, Any]:
    """Return one comment's scores as a row of the output."""
    row: dict[str, Any] = {"id": comment.id}
    if isinstance(scores, Scores):
        row |= {name: round(value, 6) for name, value in scores.values.items()}
        if spans:
            row["spans"] = [asdict(span) for span in scores.spans]
    return row
