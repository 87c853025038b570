"""The folder of the public training data."""

from pathlib import Path

import pandas as pd
import pytest

from model.errors import InvalidInput
from training.corpus.data_folder import data_folder, read_table


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
