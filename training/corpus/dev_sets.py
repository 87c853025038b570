"""The labelled sets that a bundle is measured on: what they are called and what they hold."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.errors import InvalidInput
from model.records import Article, Comment
from training.corpus.data_folder import COLUMNS, read_table
from training.corpus.relabelled import unseen_new_york_comments
from training.corpus.relevance_rows import WRITTEN, newspaper_articles

#: Each set's columns of labels, and the attribute that should find them.
LABELS: Mapping[str, Mapping[str, str]] = {
    "wiki_test": COLUMNS,
    "wiki_balanced": {"toxicity": "toxicity"},
    "civil_val": {
        "toxicity": "toxicity",
        "insult": "insult",
        "obscene": "profanity",
        "identity_attack": "identity_attack",
    },
    "impermium_test": {"insult": "insult"},
    "ucc_val": {"hostile_label": "toxicity", "antagonize_label": "toxicity"},
    "cad_val": {"toxicity": "toxicity", "identity_attack": "identity_attack"},
    "olid_test": {"toxicity": "toxicity"},
    "hatemojicheck": {"identity_attack": "identity_attack"},
    "wiki_context_small": {"toxicity": "toxicity"},
    "openai_moderation": {"identity_attack": "identity_attack"},
    "identity_madlibs": {"toxicity": "toxicity"},
}
#: Sets of comments as they come in, abusive ones not looked for.
NATURAL = ("wiki_test", "ucc_val")
#: Sets that name identities often enough for unintended bias to be measured.
BIAS = ("identity_madlibs", "cad_val")
#: The sets whose abusive comments are attacked: in nature each has few.
ATTACKED = ("wiki_test", "civil_val", "wiki_context_small", "olid_test")
SPANS = "civil_spans_trial"
#: Columns of another scorer's scores, and ours.
AGREEMENT: Mapping[str, Mapping[str, str]] = {
    "perspective_scores": {
        "persp_TOXICITY@6": "toxicity",
        "persp_SEVERE_TOXICITY@2": "severe_toxicity",
        "persp_INSULT": "insult",
        "persp_PROFANITY": "profanity",
        "persp_THREAT": "threat",
        "persp_IDENTITY_ATTACK": "identity_attack",
    }
}


@dataclass(frozen=True, slots=True)
class JudgedFile:
    """Where to find comments that were labelled with care.

    Attributes
    ----------
    comments, articles
        Files of the data folder.
    relevance
        Up to the first number a comment is clearly off topic, from the second
        on it clearly is not; None where nobody judged it.
    abuse
        Whether abuse is measured.
    """

    comments: str
    articles: str | None = None
    relevance: tuple[float, float] | None = None
    abuse: bool = True

    def missing(self, folder: Path) -> list[str]:
        """Name the files that a data folder lacks, as older ones do."""
        return [file for file in (self.comments, self.articles) if file and not (folder / file).is_file()]


#: Sets that were labelled with one guide, by what they are called in figures.
JUDGED: Mapping[str, JudgedFile] = {
    "house_dev": JudgedFile("house/dev.parquet", "house/articles.parquet", relevance=(0.2, 0.6)),
    "civil_dev": JudgedFile("annotated/civil_dev.parquet"),
    "nyt_dev": JudgedFile("annotated/nyt_dev.parquet", "relevance/articles.parquet", relevance=(0.3, 0.7), abuse=False),
}
#: Of ten readers, how many say yes: up to the first number a comment is clearly civil, from the second on abusive.
_ABUSE = (0.2, 0.5)


@dataclass(frozen=True, slots=True)
class Sides:
    """Which of N comments clearly are positive, and which clearly are not; the doubtful ones are left out."""

    yes: NDArray[np.bool_]
    no: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class JudgedComments:
    """N comments that were labelled with care.

    Attributes
    ----------
    name
        As in `JUDGED`, `newspaper_articles`, or `new_york`.
    comments
        With what they answer, where it is known.
    articles
        The articles that they name, by id.
    table
        Their labels.
    sides
        Attribute to the comments that are clear about it.
    """

    name: str
    comments: Sequence[Comment]
    articles: Mapping[str, Article]
    table: pd.DataFrame
    sides: Mapping[str, Sides]


@dataclass(frozen=True, slots=True)
class RelevancePairs:
    """Comments of one source against articles: their own, random and similar ones."""

    source: str
    table: pd.DataFrame
    articles: Mapping[str, Article]


def read_dev_set(folder: Path, name: str, limit: int) -> pd.DataFrame | None:
    """Read up to `limit` rows, always the same; None where the set is not there.

    Larger sets are cut by the seed that the project's ruler uses, so that
    both measure the same rows.
    """
    file = folder / "abuse/dev" / f"{name}.parquet"
    if not file.is_file():
        return None
    return _sample(read_table(file), limit)


def read_judged(folder: Path, name: str, limit: int) -> JudgedComments | None:
    """Read up to `limit` comments that were labelled with care; None where they or their articles are not there."""
    about = JUDGED[name]
    if about.missing(folder):
        return None
    table = _sample(read_table(folder / about.comments), limit)
    articles = _named(read_table(folder / about.articles), table["article_id"]) if about.articles else {}
    sides = {"toxicity": _abuse_sides(table)} if about.abuse else {}
    if about.relevance:
        sides["off_topic"] = _relevance_sides(table, about.relevance)
    return _judged(name, table, sides, articles)


def judged_sets(folder: Path, limit: int, told: Callable[[str], None]) -> Iterator[JudgedComments]:
    """Read up to `limit` comments of each set that was labelled with care, and tell which sets are not there."""
    for name, about in JUDGED.items():
        judged = read_judged(folder, name, limit)
        if judged is None:
            told(f"{name} is skipped: the data lacks {' and '.join(about.missing(folder))}")
        else:
            yield judged
    yield read_written(limit)


def read_written(limit: int) -> JudgedComments:
    """Read up to `limit` comments below our own articles that nothing learns from: the first for relevance alone."""
    written = newspaper_articles("dev")
    table = _sample(pd.concat([comments for _, comments in written.values()]), limit)
    sides = {"toxicity": _abuse_sides(table), "off_topic": _relevance_sides(table, (0.2, 0.6))}
    return _judged(WRITTEN, table, sides, {key: article for key, (article, _) in written.items()})


def _judged(
    name: str, table: pd.DataFrame, sides: Mapping[str, Sides], articles: Mapping[str, Article]
) -> JudgedComments:
    """Make comments of a table's rows."""
    texts, *others = (
        table[column].astype(object).where(table[column].notna(), None) if column in table else [None] * len(table)
        for column in ("text", "article_id", "parent_text")
    )
    comments = [
        Comment(text, article_id=article, parent_text=parent)
        for text, article, parent in zip(texts, *others, strict=True)
    ]
    return JudgedComments(name, comments, articles, table, sides)


def read_new_york(folder: Path, limit: int) -> JudgedComments | None:
    """Read up to `limit` comments below the New York Times as they came: many are long, nearly all civil."""
    table = _sample(unseen_new_york_comments(folder), limit)
    comments = [Comment(text) for text in table["text"]]
    return JudgedComments("new_york", comments, {}, table, {"toxicity": _abuse_sides(table)}) if comments else None


def read_relevance(folder: Path, comments: int) -> list[RelevancePairs]:
    """Read each source's pairs of up to `comments` comments."""
    file = folder / "relevance/dev_pairs.parquet"
    if not file.is_file():
        return []
    pairs = read_table(file)
    articles = read_table(folder / "relevance/articles.parquet")
    found = []
    for source, group in pairs.groupby("source"):
        ids = group["comment_id"].drop_duplicates()
        chosen = set(ids.sample(min(comments, len(ids)), random_state=0))
        table = group[group["comment_id"].isin(chosen)].reset_index(drop=True)
        found.append(RelevancePairs(str(source), table, _named(articles, table["article_id"])))
    return found


def dev_folder(given: Path) -> Path:
    """Return the folder, if there is anything in it to measure on."""
    files = [f"abuse/dev/{name}.parquet" for name in (*LABELS, SPANS, *AGREEMENT)]
    files += [about.comments for about in JUDGED.values()]
    if not any((given / file).is_file() for file in files):
        raise InvalidInput(
            f"There are no labelled sets in {str(given)!r} (it lacks abuse/dev/*.parquet): "
            "name their folder with --data or BELOWLINE_DATA, or a file of your own with --labels."
        )
    return given


def off_topic_labels(pairs: RelevancePairs, kind: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Label comments with another article as off topic; NaN where the other one is not of this kind."""
    kinds = pairs.table["neg_type"]
    return np.where(kinds == "pos", 0.0, np.where(kinds == kind, 1.0, np.nan))


def _sample(table: pd.DataFrame, limit: int) -> pd.DataFrame:
    """Return so many rows of a dev set at most, always the same."""
    return (table.sample(limit, random_state=0) if len(table) > limit else table).reset_index(drop=True)


def _named(articles: pd.DataFrame, ids: Iterable[str]) -> dict[str, Article]:
    """Choose the articles that comments name, in the comments' order: each comment is compared with all of them."""
    known = {row.article_id: row for row in articles.itertuples()}
    return {
        key: Article(title=known[key].title or "", body=known[key].text or "", id=key)
        for key in dict.fromkeys(ids)
        if key in known
    }


def _abuse_sides(table: pd.DataFrame) -> Sides:
    """Return which comments clearly are abusive, and which are civil."""
    return Sides(_mask(table["toxicity"] >= _ABUSE[1]), _mask(table["toxicity"] <= _ABUSE[0]))


def _relevance_sides(table: pd.DataFrame, limits: tuple[float, float]) -> Sides:
    """Return which comments clearly are off topic, and which are not: what fits anywhere fits below its own."""
    off, on = limits
    relevance, generic = table["relevance"], table["generic"]
    return Sides(_mask((relevance <= off) & ~generic), _mask((relevance >= on) | generic))


def _mask(column: "pd.Series[bool]") -> NDArray[np.bool_]:
    """Return a column of truth values as an array."""
    mask: NDArray[np.bool_] = column.to_numpy(dtype=np.bool_)
    return mask
