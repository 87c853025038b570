"""What the off-topic head learns from: comments below articles, judged or paired."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.records import Article
from training.corpus.data_folder import read_table, read_train_pairs
from training.corpus.relabelled import new_relevance

#: Comments with their own and other articles: who belongs to whom is assumed.
PAIRS = "pairs"
#: Articles of our own with what was written below them, in `data/newspaper_articles.json`.
WRITTEN = "newspaper_articles"
PARTS = ("train", "dev")
HOUSE, NYT, REMARKS = "house", "nyt", "remarks"
#: What a row counts for. Nobody has judged the pairs.
_WEIGHTS = {HOUSE: 1.0, WRITTEN: 1.0, NYT: 1.0, PAIRS: 0.2, REMARKS: 0.3}
#: Comments with their own and other articles that are learnt from, beside judged ones.
_PAIRED = 2500
#: Relevance up to which a comment is wholly off topic, and from which it is not at all.
_OFF, _ON = 0.2, 0.55
_FILE = "data/newspaper_articles.json"


@dataclass(frozen=True)
class RelevanceRows:
    """N comments below articles.

    Attributes
    ----------
    texts, parents
        What was written, and what it answers, or an empty text.
    articles
        What each stands below; the same article is the same object.
    target
        From 0, on topic, to 1, off topic.
    weight
        What each counts for.
    source
        Where each is from.
    natural
        Which were judged as a newspaper would have them: they calibrate.
    """

    texts: list[str]
    parents: list[str]
    articles: list[Article]
    target: NDArray[np.float32]
    weight: NDArray[np.float32]
    source: NDArray[np.str_]
    natural: NDArray[np.bool_]

    def at(self, rows: NDArray[np.int64]) -> "RelevanceRows":
        """Return the rows with these numbers, as often as each comes."""
        return RelevanceRows(
            texts=[self.texts[i] for i in rows],
            parents=[self.parents[i] for i in rows],
            articles=[self.articles[i] for i in rows],
            target=self.target[rows],
            weight=self.weight[rows],
            source=self.source[rows],
            natural=self.natural[rows],
        )


def read_relevance_rows(folder: Path, remarks: Sequence[str], seed: int) -> RelevanceRows:
    """Read judged comments, ours and those that the folder has, pairs, and remarks that belong to every article."""
    judged = [table for table in (_house(folder, "train"), _nyt(folder, "train"), _ours(folder)) if table is not None]
    pairs = _pairs(folder, _PAIRED, seed)
    rng = np.random.default_rng(seed)
    general = pd.DataFrame({"text": np.repeat(remarks, 4), "target": 0.0, "source": REMARKS})
    general["article_id"] = rng.choice(sorted(set(pairs.article_id)), len(general))
    return _as_rows(folder, [*judged, pairs, general, _written("train")])


def read_unseen_rows(folder: Path) -> RelevanceRows:
    """Read judged comments that nothing learns from: the threshold is chosen on them."""
    judged = [table for table in (_house(folder, "dev"), _nyt(folder, "dev")) if table is not None]
    return _as_rows(folder, [*judged, _written("dev")])


def _as_rows(folder: Path, tables: Sequence[pd.DataFrame]) -> RelevanceRows:
    """Put comments with their articles and targets into arrays."""
    table = pd.concat(tables, ignore_index=True)
    articles = {
        row.article_id: Article(title=row.title, body=row.text, id=row.article_id)
        for name in ("relevance", "house")
        if (folder / name / "articles.parquet").is_file()
        for row in read_table(folder / name / "articles.parquet").fillna({"title": "", "text": ""}).itertuples()
    }
    articles |= {key: article for part in PARTS for key, (article, _) in newspaper_articles(part).items()}
    return RelevanceRows(
        texts=table.text.tolist(),
        parents=(table.parent_text if "parent_text" in table else pd.Series("", table.index)).fillna("").tolist(),
        articles=[articles[key] for key in table.article_id],
        target=table.target.to_numpy(np.float32),
        weight=table.source.map(_WEIGHTS).to_numpy(np.float32),
        source=table.source.to_numpy(str),
        natural=table.natural.fillna(value=False).to_numpy(bool) if "natural" in table else np.zeros(len(table), bool),
    )


@cache
def newspaper_articles(part: str) -> Mapping[str, tuple[Article, pd.DataFrame]]:
    """Read our own articles, with what was written below each.

    Parameters
    ----------
    part
        One of `PARTS`: nothing learns from `dev`, but for general remarks that stand anywhere.

    Returns
    -------
    By its id, in the order of the file, to which new ones are added at its end, each article and a table of its
    comments: `text`, `parent_text` (what it answers; missing where it answers nothing), `relevance` in [0, 1],
    `generic`, `article_id` and the columns of `COLUMN_OF`, missing below the first articles: nobody judged abuse there.
    """
    stored = json.loads(resources.files("training").joinpath(_FILE).read_text(encoding="utf-8"))[part]
    found = {}
    for number, one in enumerate(stored):
        comments = one["comments"]
        answered = [None if c["parent"] is None else comments[c["parent"]]["text"] for c in comments]
        name = f"{WRITTEN}-{part}-{number}"
        table = pd.DataFrame(comments).drop(columns="parent")
        table = table.assign(parent_text=answered, relevance=table.relevance / 10, article_id=name)
        found[name] = (Article(title=one["title"], body=one["text"], id=name), table)
    return found


def general_remarks() -> list[str]:
    """Return remarks that could stand below every article."""
    content = resources.files("training").joinpath("data/general_remarks.json").read_text()
    remarks: list[str] = json.loads(content)
    return remarks


def hash_share(key: str) -> float:
    """Place a key in [0, 1), always at the same point."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) / 2**32


def off_topic_of(relevance: pd.Series, generic: pd.Series) -> NDArray[np.float32]:
    """Turn judged relevance into a target: a general remark fits everywhere."""
    off = ((_ON - relevance) / (_ON - _OFF)).clip(0, 1)
    target: NDArray[np.float32] = off.where(~generic, 0.0).to_numpy(np.float32)
    return target


def _written(part: str) -> pd.DataFrame:
    """Make rows of what stands below our own articles."""
    table = pd.concat([comments for _, comments in newspaper_articles(part).values()], ignore_index=True)
    return table.assign(target=off_topic_of(table.relevance, table.generic), source=WRITTEN, natural=True)


def _house(folder: Path, part: str) -> pd.DataFrame | None:
    """Read a part of our own newspaper comments for relevance; None if it is not there."""
    file = folder / f"house/{part}.parquet"
    if not file.is_file():
        return None
    table = read_table(file)[["text", "parent_text", "article_id", "relevance", "generic"]]
    return table.assign(target=off_topic_of(table.relevance, table.generic), source=HOUSE, natural=True)


def _nyt(folder: Path, part: str) -> pd.DataFrame | None:
    """Read a part of the annotated New York Times comments for relevance; None if it is not there."""
    file = folder / f"annotated/nyt_{part}.parquet"
    return _of_nyt(read_table(file)) if file.is_file() else None


def _ours(folder: Path) -> pd.DataFrame | None:
    """Read the pairs of comments and articles that we judged; None if the folder has none of them."""
    table = read_train_pairs(folder).merge(new_relevance(), on=["comment_id", "article_id"])
    return _of_nyt(table) if len(table) else None


def _of_nyt(table: pd.DataFrame) -> pd.DataFrame:
    """Make rows of judged comments of the New York Times."""
    return pd.DataFrame(
        {
            "text": table.text,
            "article_id": table.article_id,
            "target": off_topic_of(table.relevance, table.generic),
            "source": NYT,
            "natural": table.neg_type == "pos",
        }
    )


def _pairs(folder: Path, comments: int, seed: int) -> pd.DataFrame:
    """Read pairs of comments and articles for relevance, all pairs of so many comments."""
    table = read_train_pairs(folder)
    ours = new_relevance()[["comment_id", "article_id"]].assign(judged=True)
    table = table.merge(ours, how="left", on=["comment_id", "article_id"])
    table = table[table.judged.isna()]
    known = table.comment_id.drop_duplicates()
    table = table[table.comment_id.isin(set(known.sample(min(comments, len(known)), random_state=seed)))]
    return pd.DataFrame(
        {
            "text": table.text,
            "article_id": table.article_id,
            "target": 1.0 - table.label,
            "source": PAIRS,
        }
    )
