"""The labelled sets that a bundle is measured on: what they are called and what they hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from model.errors import InvalidInput
from model.records import Article
from training.corpus.data_folder import read_table

#: Each set's columns of labels, and the attribute that should find them.
LABELS: Mapping[str, Mapping[str, str]] = {
    "wiki_test": {
        "toxicity": "toxicity",
        "severe_toxicity": "severe_toxicity",
        "obscene": "profanity",
        "threat": "threat",
        "insult": "insult",
        "identity_attack": "identity_attack",
    },
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
    table = read_table(file)
    return (table.sample(limit, random_state=0) if len(table) > limit else table).reset_index(drop=True)


def read_relevance(folder: Path, comments: int) -> list[RelevancePairs]:
    """Read each source's pairs of up to `comments` comments."""
    file = folder / "relevance/dev_pairs.parquet"
    if not file.is_file():
        return []
    pairs = read_table(file)
    known = {
        row.article_id: Article(title=row.title or "", body=row.text or "", id=row.article_id)
        for row in read_table(folder / "relevance/articles.parquet").itertuples()
    }
    found = []
    for source, group in pairs.groupby("source"):
        ids = group["comment_id"].drop_duplicates()
        chosen = set(ids.sample(min(comments, len(ids)), random_state=0))
        table = group[group["comment_id"].isin(chosen)].reset_index(drop=True)
        articles = {key: known[key] for key in dict.fromkeys(table["article_id"])}
        found.append(RelevancePairs(str(source), table, articles))
    return found


def dev_folder(given: Path) -> Path:
    """Check that there is anything to measure on."""
    if not any((given / "abuse/dev" / f"{name}.parquet").is_file() for name in (*LABELS, SPANS, *AGREEMENT)):
        raise InvalidInput(
            f"There are no labelled sets in {str(given)!r} (it lacks abuse/dev/*.parquet): "
            "give their folder with --data or BELOWLINE_DATA, or a file of your own with --labels."
        )
    return given


def off_topic_labels(pairs: RelevancePairs, kind: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Label comments with another article as off topic; NaN where the other one is not of this kind."""
    kinds = pairs.table["neg_type"]
    return np.where(kinds == "pos", 0.0, np.where(kinds == kind, 1.0, np.nan))
