"""What our own guide labelled: read as far as it is there."""

from pathlib import Path

import pandas as pd
import pytest

from model.attributes import ABUSE
from model.errors import InvalidInput
from training.corpus.data_folder import COLUMN_OF, read_marked
from training.corpus.guide import ANNOTATED, HOUSE, NEW_YORK, RELABELLED, SENTENCES, guide_corpus, unseen_comments
from training.corpus.relabelled import new_labels, unseen_new_york_comments
from training.corpus.relevance_rows import WRITTEN
from training.corpus.training_table import read_training_table

SIX = {"severe_toxicity": 0.0, "obscene": 0.1, "threat": 0.0, "insult": 0.7, "identity_attack": 0.0}


def _write(file: Path, **columns: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(
        {"text": ["Sit down, you clown.", "I take the bus."], "toxicity": [0.8, 0.0], **SIX, **columns}
    ).to_parquet(file)


def test_what_we_wrote_needs_no_training_data(tmp_path: Path) -> None:
    corpus = guide_corpus(tmp_path)
    assert set(corpus.sources) == {SENTENCES, WRITTEN}
    assert len(corpus) > 1000


def test_labels_stand_in_the_order_of_the_attributes(tmp_path: Path) -> None:
    _write(tmp_path / "house/train.parquet")
    corpus = guide_corpus(tmp_path)
    (first,) = corpus.rows(corpus.sources == HOUSE).labels[:1].tolist()
    assert dict(zip(ABUSE, first, strict=True)) == pytest.approx(
        {
            "toxicity": 0.8,
            "severe_toxicity": 0.0,
            "insult": 0.7,
            "profanity": 0.1,
            "threat": 0.0,
            "identity_attack": 0.0,
        }
    )


def test_what_was_labelled_anew_has_its_new_labels_and_no_old_ones(tmp_path: Path) -> None:
    comment, labels = next(new_labels().iterrows())
    _write(tmp_path / "abuse/train.parquet", id=[comment, "another"], tier="open", source="civil_weak_aayan")
    corpus = guide_corpus(tmp_path)
    (anew,) = corpus.rows(corpus.sources == RELABELLED).labels.tolist()
    assert anew == pytest.approx([labels[COLUMN_OF[name]] for name in ABUSE])
    assert read_training_table(tmp_path, seed=0).texts == ["I take the bus."]


@pytest.mark.parametrize(("pairs", "learnt", "unseen"), [("train_pairs", 1, 0), ("dev_pairs", 0, 1)])
def test_what_is_said_below_the_new_york_times_is_learnt_where_its_pairs_are(
    tmp_path: Path, pairs: str, learnt: int, unseen: int
) -> None:
    comment = next(name for name in new_labels().index if name.startswith("nyt_"))
    _write(tmp_path / f"relevance/{pairs}.parquet", comment_id=[comment, "another"], article_id="a")
    assert (guide_corpus(tmp_path).sources == NEW_YORK).sum() == learnt
    assert len(unseen_new_york_comments(tmp_path)) == unseen


def test_a_forums_comment_that_was_labelled_anew_is_learnt_as_one_of_those(tmp_path: Path) -> None:
    comment = next(name for name in new_labels().index if name.startswith("semeval"))
    _write(tmp_path / "relevance/train_pairs.parquet", comment_id=[comment, "another"], article_id="a")
    assert set(guide_corpus(tmp_path).sources) == {RELABELLED, SENTENCES, WRITTEN}


def test_new_labels_are_tenths_of_readers() -> None:
    labels = new_labels()
    assert labels.index.is_unique
    assert set(labels.to_numpy().ravel().tolist()) <= {number / 10 for number in range(11)}
    of_new_york = labels.index.str.startswith("nyt_")
    abusive = labels.toxicity >= 0.5
    assert abusive[~of_new_york].mean() == pytest.approx(0.27, abs=0.02)
    assert abusive[of_new_york].mean() == pytest.approx(0.016, abs=0.002)


def test_comments_that_came_as_they_came_count_as_drawn_at_random(tmp_path: Path) -> None:
    _write(tmp_path / "annotated/civil_dev.parquet", source=["civil_toxic_spans_raw", "civil_weak_aayan"])
    _write(tmp_path / "house/dev.parquet")
    corpus = unseen_comments(tmp_path)
    assert corpus.sources.tolist() == [ANNOTATED, ANNOTATED, HOUSE, HOUSE]
    assert corpus.random.tolist() == [False, True, False, False]


def test_thresholds_are_not_chosen_on_nothing(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidInput, match=r"There is no annotated/civil_dev\.parquet in '.*': thresholds are chosen on it\."
    ):
        unseen_comments(tmp_path)


def test_posts_that_are_measured_on_are_left_out_of_the_marked_ones(tmp_path: Path) -> None:
    for file, texts in {
        "abuse/train_spans": ["What a clown.", "You idiot. ", "Total rot."],
        "annotated/civil_dev": ["You idiot."],
        "abuse/dev/civil_val": ["Total rot."],
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame({"text": texts, "spans": "[0]"}).to_parquet(tmp_path / f"{file}.parquet")
    assert read_marked(tmp_path).text.tolist() == ["What a clown."]
