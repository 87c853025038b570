"""`python -m model score`: comments in, their scores out."""

import sys
from dataclasses import asdict
from typing import Any

import click
from tqdm import tqdm

from model.bundling.bundle import load_bundle
from model.commands import BUNDLE
from model.records import Article, Comment, Scores, Unscorable
from model.scorer import Scorer
from model.tables.comments import read_article, read_articles, read_comments
from model.tables.writing import write_rows

_CHUNK = 2048


@click.command()
@click.option(
    "--comments",
    required=True,
    metavar="FILE",
    help="Comments with a `text` each: .csv, .tsv, .xlsx, .jsonl, .json or .parquet, or - for JSON Lines on "
    "standard input. Used where known: `id`, `article_id`, `parent_text`.",
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
@BUNDLE
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


def _score_all(
    scorer: Scorer, rows: list[Comment], below: Article | None, known: dict[str, Article], *, spans: bool
) -> list[Scores | Unscorable]:
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
