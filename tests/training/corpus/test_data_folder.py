"""The folder of the public training data."""

from pathlib import Path

import pandas as pd
import pytest

from model.errors import InvalidInput
from training.corpus.data_folder import data_folder, read_table, read_train_pairs


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    table = pd.DataFrame({"text": ["Late again.", None], "toxicity": [0.0, None]})
    table.to_parquet(tmp_path / "train.parquet")

    pd.testing.assert_frame_equal(read_table(tmp_path / "train.parquet"), table)


@pytest.mark.parametrize(("content", "message"), [(None, "There is no file"), (b"PAR1\x15\x04", "cannot be read")])
def test_what_is_no_table_is_told(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "train.parquet").write_bytes(content)

    with pytest.raises(InvalidInput, match=message):
        read_table(tmp_path / "train.parquet")


def test_a_folder_without_the_training_table_is_not_the_data(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"lacks abuse/train\.parquet"):
        data_folder(str(tmp_path))


def test_what_relevance_is_measured_on_is_no_pair_to_learn_from(tmp_path: Path) -> None:
    pairs = pd.DataFrame(
        {"comment_id": ["1", "1", "2", "2"], "article_id": ["a", "b", "a", "a"], "label": [1, 0, 1, 1]}
    )
    (tmp_path / "relevance").mkdir()
    pairs.to_parquet(tmp_path / "relevance/train_pairs.parquet")
    (tmp_path / "annotated").mkdir()
    pd.DataFrame({"comment_id": ["1"]}).to_parquet(tmp_path / "annotated/nyt_dev.parquet")

    assert read_train_pairs(tmp_path)[["comment_id", "article_id"]].to_numpy().tolist() == [["2", "a"]]
