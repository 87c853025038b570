"""Other programs that score comments, where they are installed, to time ours against."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

Score = Callable[[Sequence[str]], Any]


@dataclass(frozen=True, slots=True)
class Peer:
    """A program that scores texts; `missing` tells why it cannot, where it cannot."""

    name: str
    score: Score | None = None
    missing: str = ""


def peers(texts: Sequence[str], abusive: Sequence[bool], tokenizer_file: Path) -> Iterator[Peer]:
    """Prepare every peer that can be prepared, one after the other.

    Parameters
    ----------
    texts, abusive
        What the peers that learn are fitted to; both kinds must be there.
    tokenizer_file
        For the BERT.
    """

    def bert() -> Score:
        from model.bench.bert import RandomBert  # noqa: PLC0415 - it needs the extra `encoder`, and may be missing - it needs the extra `encoder`, and may be missing

        return RandomBert(tokenizer_file).score

    makers: tuple[tuple[str, Callable[[], Score]], ...] = (
        ("alt-profanity-check", lambda: import_module("profanity_check").predict_prob),
        ("scikit-learn tf-idf", lambda: _tfidf(texts, abusive)),
        ("fasttext", lambda: _fasttext(texts, abusive)),
        ("BERT-base, random", bert),
    )
    for name, make in makers:
        try:
            yield Peer(name, make())
        except ImportError as error:
            yield Peer(name, missing=f"{error.name or error} is not installed")


def _tfidf(texts: Sequence[str], abusive: Sequence[bool]) -> Score:
    """Fit a TF-IDF logistic regression."""
    pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(max_iter=200))
    score: Score = pipeline.fit(texts, abusive).predict_proba
    return score


def _fasttext(texts: Sequence[str], abusive: Sequence[bool]) -> Score:
    """Fit a fastText classifier."""
    library = import_module("fasttext")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "labelled.txt"
        lines = (
            f"__label__{int(label)} {' '.join(text.split())}\n" for text, label in zip(texts, abusive, strict=True)
        )
        file.write_text("".join(lines), errors="replace")
        trained = library.train_supervised(str(file), epoch=5, wordNgrams=2, minn=2, maxn=5, bucket=200_000, verbose=0)
    # It takes a line break for the end of the text, and refuses it.
    return lambda batch: trained.predict([text.replace("\n", " ") for text in batch], k=-1)
