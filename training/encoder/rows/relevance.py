"""What the encoder must not unlearn: the untrained encoder's view of articles and what is said below them."""

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from transformers import AutoModel, AutoTokenizer

from model.relevance import passages
from training.corpus.data_folder import read_train_pairs
from training.encoder.network import fast_arithmetic
from training.encoder.rows.abuse import read_as


@dataclass(frozen=True)
class RelevanceTexts:
    """Texts, the untrained encoder's embeddings of them, and which belong together.

    Attributes
    ----------
    texts
        N texts as the encoder reads them.
    anchor
        N x D, unit length: what the encoder made of them untrained.
    groups
        Row numbers by article: its title, lead, passages and comments.
    """

    texts: list[str]
    anchor: NDArray[np.float32]
    groups: list[list[int]]

    def batch(self, rng: random.Random, size: int) -> list[int]:
        """Draw rows: several articles, up to five texts of each."""
        rows: list[int] = []
        while len(rows) < size:
            group = rng.choice(self.groups)
            rows += rng.sample(group, min(5, len(group)))
        return list(dict.fromkeys(rows))[:size]


def relevance_texts(data: Path, base: Path, cache: Path, seed: int) -> RelevanceTexts:
    """Gather the texts and embed them with the untrained encoder, once."""
    table = _gather(data, seed)
    texts = [read_as(text)[0] for text in table.text]
    file = cache / "anchor.npy"
    if not file.exists():
        np.save(file, _embed(texts, base))
    anchor = np.load(file).astype(np.float32)
    if len(anchor) != len(texts):
        raise ValueError(f"{file} holds {len(anchor)} rows for {len(texts)} texts: delete it")
    by_article = table[table.kind != "civil"].groupby("group").indices
    groups = [list(rows) for rows in by_article.values() if len(rows) > 1]
    loose = table.index[table.kind == "civil"].tolist()
    groups += [loose[i : i + 5] for i in range(0, len(loose), 5)]
    return RelevanceTexts(texts, anchor, groups)


def _gather(data: Path, seed: int) -> pd.DataFrame:
    """Collect the pairs of comments and articles that the encoder learns relevance from."""
    folder = data / "relevance"
    pairs = read_train_pairs(data).query("label == 1")
    articles = pd.read_parquet(folder / "articles.parquet")
    articles = articles[articles.article_id.isin(set(pairs.article_id))]
    bodies = pd.read_parquet(folder / "fnc1_bodies.parquet")
    headlines = pd.read_parquet(folder / "fnc1_headline_pairs.parquet").query("label == 1")
    civil = pd.read_parquet(data / "abuse/train.parquet").query("source == 'civil_weak_aayan'")
    civil = civil.sample(4000, random_state=seed)
    rows = [(t, a, "title") for t, a in zip(articles.title, articles.article_id, strict=True)]
    rows += [(t, a, "lead") for t, a in zip(articles.text, articles.article_id, strict=True) if t]
    rows += [(t, a, "comment") for t, a in zip(pairs.text, pairs.article_id, strict=True)]
    for body, number in zip(bodies.article_text, bodies.body_id, strict=True):
        rows += [(p, f"fnc:{number}", "passage") for p in passages(body)[:4]]
    rows += [(t, f"fnc:{b}", "headline") for t, b in zip(headlines.headline, headlines.body_id, strict=True)]
    rows += [(t, "", "civil") for t in civil.text]
    if (data / "house/train.parquet").is_file():
        ours = pd.read_parquet(data / "house/articles.parquet")
        rows += [(t, f"house:{a}", "title") for t, a in zip(ours.title, ours.article_id, strict=True)]
        rows += [
            (p, f"house:{a}", "passage")
            for t, a in zip(ours.text, ours.article_id, strict=True)
            for p in passages(t)[:4]
        ]
        below = pd.read_parquet(data / "house/train.parquet")
        rows += [(t, f"house:{a}", "comment") for t, a in zip(below.text, below.article_id, strict=True)]
    table = pd.DataFrame(rows, columns=["text", "group", "kind"])
    return table.drop_duplicates("text").reset_index(drop=True)


def _embed(texts: list[str], path: Path) -> NDArray[np.float16]:
    """Embed texts with the untrained encoder, near which the trained one has to stay."""
    tokenizer, body = AutoTokenizer.from_pretrained(path), AutoModel.from_pretrained(path).eval()
    order = np.argsort([-len(text) for text in texts])
    found = np.zeros((len(texts), body.config.hidden_size), dtype=np.float16)
    for start in range(0, len(texts), 32):
        rows = order[start : start + 32]
        batch = tokenizer([texts[i] for i in rows], padding=True, truncation=True, max_length=128, return_tensors="pt")
        with torch.no_grad(), fast_arithmetic():
            hidden = body(**batch).last_hidden_state.float()
        mask = batch["attention_mask"].unsqueeze(-1).float()
        found[rows] = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1).numpy()
    return found
