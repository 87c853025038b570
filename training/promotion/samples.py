"""The comments that two bundles are compared on: the same for both, drawn by a seed.

Some are sentences of our own, which are there on every machine; some are
from the labelled sets of the training data, and some the newsroom's labels.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.attributes import ABUSE, REJECT
from model.records import Article, Comment
from training.corpus.corpus import Corpus
from training.corpus.counterfactuals import LabelledSentence, counterfactuals, identity_terms
from training.corpus.data_folder import COLUMN_OF
from training.corpus.dev_sets import (
    ATTACKED,
    BIAS,
    LABELS,
    NATURAL,
    judged_sets,
    off_topic_labels,
    read_dev_set,
    read_relevance,
)
from training.corpus.newsroom_labels import representative_decisions
from training.evaluation.fairness import LEAST, TERMS, mentions
from training.evaluation.metrics import Floats, Truth
from training.evaluation.sentences.benign import benign_sentences
from training.fitting.heads import PREVALENCE, natural_weights
from training.progress import silent

OURS = "our sentences"
_FILE = Path(__file__).parents[1] / "data" / "gate_sentences.json"
#: `fit` draws its sentences by 0: these have other words in the same places.
_SEED = 2026
#: Comments of a sample on either side: two encoders must read all of them in minutes.
_MOST = 300
_NATURAL_ROWS = 800
_ATTACKED = 150
_PAIRED = 60
#: A newsroom's labels, at most.
_LABELS = 4000
#: Rude words that insult nobody: a flag for profanity is right.
_FLAGGED_RIGHTLY = ("untargeted_profanity", "mild_tease")


@dataclass(frozen=True)
class Evidence:
    """What two bundles are compared on besides sentences of our own.

    Attributes
    ----------
    data
        A folder with `abuse/dev` and `relevance`, where there is one.
    labels
        The newsroom's own, ideally labels that neither bundle has learnt from.
    """

    data: Path | None = None
    labels: Corpus | None = None

    @property
    def name(self) -> str:
        """What the bundles are compared on, as a person would say it."""
        others = {"the dev sets": self.data, "your labels": self.labels}
        return ", ".join(["sentences of our own", *(name for name, given in others.items() if given is not None)])


@dataclass(frozen=True)
class Sample:
    """N comments, and whether each is what an attribute means.

    Attributes
    ----------
    name
        Where they are from.
    attribute
        What should find them; `likely_to_reject` stands for the verdict.
    texts, truth
        N.
    weights
        N, in sum 1: the share of comments as they come in that each stands for.
    natural
        Whether they were taken as they come in, so that scores should be frequencies.
    comments, articles
        For `off_topic`: the N comments as they stand below articles, and those by id.
    """

    name: str
    attribute: str
    texts: Sequence[str]
    truth: Truth
    weights: Floats
    natural: bool = False
    comments: Sequence[Comment] = ()
    articles: Mapping[str, Article] = field(default_factory=dict)


@dataclass(frozen=True)
class Groups:
    """N comments that may name groups of people, whether each is abusive, and a mask for each group."""

    name: str
    texts: Sequence[str]
    truth: Truth
    members: Mapping[str, Truth]


@dataclass(frozen=True)
class ComparisonData:
    """Everything that both bundles score.

    Attributes
    ----------
    quality
        Labelled comments.
    news
        Comments below newspapers' articles, labelled with care.
    labels
        The newsroom's.
    groups
        Comments that name people.
    harmless
        Kind to sentences that nobody should be shown.
    abusive
        Abusive comments, to be disguised.
    """

    quality: tuple[Sample, ...]
    news: tuple[Sample, ...]
    labels: tuple[Sample, ...]
    groups: tuple[Groups, ...]
    harmless: Mapping[str, Sequence[str]]
    abusive: Sequence[str]

    @property
    def texts(self) -> list[str]:
        """Every comment that is scored without an article, once."""
        parts = [s.texts for s in (*self.quality, *self.news, *self.labels) if not s.comments]
        parts += [*(group.texts for group in self.groups), *self.harmless.values(), self.abusive]
        return list(dict.fromkeys(text for part in parts for text in part))


def comparison_data(evidence: Evidence) -> ComparisonData:
    """Gather what there is: always our own sentences, and whatever else is at hand."""
    data, labels = evidence.data, evidence.labels
    ours = counterfactuals(_SEED)
    harmless: dict[str, list[str]] = {kind: list(sentences) for kind, sentences in benign_sentences().items()}
    for sentence in ours:
        if (sentence.toxicity or 0.0) < 0.25 and sentence.group not in _FLAGGED_RIGHTLY:
            kind = harmless.setdefault(sentence.group.replace("_", " "), [])
            if len(kind) < 40:
                kind.append(sentence.text)
    abusive = [s.text for s in ours if (s.toxicity or 0.0) >= 0.9][:_ATTACKED]
    quality, groups, news = list(_own_samples(ours)), [_own_groups()], list[Sample]()
    if data is not None:
        quality += [*_dev_samples(data), *_off_topic_samples(data)]
        groups += _dev_groups(data)
        news += _news_samples(data)
        abusive = [*abusive[: _ATTACKED // 2], *_dev_abusive(data, _ATTACKED // 2)]
    own = tuple(label_samples(labels)) if labels is not None else ()
    return ComparisonData(tuple(quality), tuple(news), own, tuple(groups), harmless, abusive)


def label_samples(corpus: Corpus) -> Iterator[Sample]:
    """Yield a newsroom's labels by attribute, and its verdicts; no more than can be scored in time."""
    if len(corpus) > _LABELS:
        corpus = corpus.rows(np.sort(np.random.default_rng(_SEED).choice(len(corpus), _LABELS, replace=False)))
    decided, seen = representative_decisions(corpus)
    columns: list[tuple[str, Floats, Truth]] = [
        (name, corpus.labels[:, i], np.isfinite(corpus.labels[:, i])) for i, name in enumerate(ABUSE)
    ]
    columns.append((REJECT, corpus.removed, decided))
    for attribute, column, mask in columns:
        known = np.flatnonzero(mask)
        truth = column[known] >= 0.5
        if not len(known) or truth.all() or not truth.any():
            continue
        texts = [corpus.texts[i] for i in known]
        if attribute != REJECT:
            yield Sample("your labels", attribute, texts, truth, natural_weights(truth, PREVALENCE[attribute]))
        elif seen is None:
            # What moderators decided on is what they saw: its share is theirs, not nature's.
            yield Sample("your labels", attribute, texts, truth, np.full(len(known), 1 / len(known)))
        else:
            weights = 1 / seen[known]
            yield Sample("your labels", attribute, texts, truth, weights / weights.sum(), natural=True)


def _own_samples(sentences: Sequence[LabelledSentence]) -> Iterator[Sample]:
    for attribute in ABUSE:
        column = COLUMN_OF[attribute]
        known = [s for s in sentences if getattr(s, column) is not None]
        truth = np.array([getattr(s, column) >= 0.5 for s in known])
        yield _sample(OURS, attribute, [s.text for s in known], truth)


def _dev_samples(data: Path) -> Iterator[Sample]:
    for name, columns in LABELS.items():
        # What names groups of people is measured by group; the emoji of one set are its attack.
        table = read_dev_set(data, name, 10**9) if name != "identity_madlibs" else None
        if table is None:
            continue
        if name in NATURAL:
            table = table.sample(min(len(table), _NATURAL_ROWS), random_state=0).reset_index(drop=True)
        for column, attribute in columns.items():
            known = table[table[column].notna()] if column in table else table[:0]
            truth = (known[column] >= 0.5).to_numpy(dtype=np.bool_)
            if len(known) and truth.any() and not truth.all():
                yield _sample(name, attribute, known["text"].tolist(), truth, natural=name in NATURAL)


def _sample(name: str, attribute: str, texts: Sequence[str], truth: Truth, *, natural: bool = False) -> Sample:
    chosen = np.arange(len(texts)) if natural else _drawn((truth, ~truth), _MOST)
    weights = natural_weights(truth[chosen], PREVALENCE[attribute])
    return Sample(name, attribute, [texts[i] for i in chosen.tolist()], truth[chosen], weights, natural)


def _drawn(sides: Sequence[Truth], most: int) -> NDArray[np.int64]:
    """Draw the same comments of each side, `most` of them at most."""
    rng = np.random.default_rng(_SEED)
    return np.sort(np.concatenate([rng.permutation(np.flatnonzero(side))[:most] for side in sides]))


def _news_samples(data: Path) -> Iterator[Sample]:
    for judged in judged_sets(data, 10**9, silent):
        for attribute, sides in judged.sides.items():
            below = attribute == "off_topic"
            chosen = _drawn((sides.yes, sides.no), _MOST // 2 if below else _MOST)
            truth = sides.yes[chosen]
            if not truth.any() or truth.all():
                continue
            comments = [judged.comments[i] for i in chosen.tolist()]
            texts, weights = [one.text for one in comments], natural_weights(truth, PREVALENCE[attribute])
            stand = comments if below else ()
            yield Sample(judged.name, attribute, texts, truth, weights, comments=stand, articles=judged.articles)


def _off_topic_samples(data: Path) -> Iterator[Sample]:
    for pairs in read_relevance(data, _PAIRED):
        labels = off_topic_labels(pairs, "easy")
        known = np.flatnonzero(np.isfinite(labels))
        truth = labels[known] >= 0.5
        comments = [Comment(row.text, article_id=row.article_id) for row in pairs.table.iloc[known].itertuples()]
        weights = natural_weights(truth, PREVALENCE["off_topic"])
        texts = [comment.text for comment in comments]
        yield Sample(pairs.source, "off_topic", texts, truth, weights, comments=comments, articles=pairs.articles)


def _own_groups() -> Groups:
    templates = json.loads(_FILE.read_text())
    texts: list[str] = []
    truth: list[bool] = []
    owners: list[str] = []
    for term in identity_terms():
        for kind in ("harmless", "hateful"):
            for template in templates[kind]:
                text = template.format(**term.fillers())
                texts.append(text[0].upper() + text[1:])
                truth.append(kind == "hateful")
                owners.append(term.plural)
    owner = np.array(owners)
    return Groups(OURS, texts, np.array(truth), {name: owner == name for name in dict.fromkeys(owners)})


def _dev_groups(data: Path) -> Iterator[Groups]:
    for name in BIAS:
        table = read_dev_set(data, name, 3000)
        if table is None:
            continue
        texts = table["text"].tolist()
        truth = (table["toxicity"] >= 0.5).to_numpy(dtype=np.bool_)
        members = {term: mentions(term, texts) for term in TERMS}
        yield Groups(
            name,
            texts,
            truth,
            {t: m for t, m in members.items() if min((m & truth).sum(), (m & ~truth).sum()) >= LEAST},
        )


def _dev_abusive(data: Path, count: int) -> list[str]:
    tables = [table for name in ATTACKED if (table := read_dev_set(data, name, 10**9)) is not None]
    found = [table["text"][table["toxicity"] >= 0.5] for table in tables]
    if not found:
        return []
    abusive: pd.Series[str] = pd.concat(found)
    # A disguised comment is many tokens long.
    short = abusive[abusive.str.len() < 300]
    chosen: list[str] = short.sample(min(len(short), count), random_state=0).tolist()
    return chosen
