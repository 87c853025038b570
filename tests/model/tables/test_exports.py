"""What labelling tools export is read as plain rows."""

from typing import Any

import pandas as pd
import pytest

from model.tables.exports import flat
from model.tables.table import read_rows


def label_studio(*choices: list[str], cancelled: int = 0) -> dict[str, Any]:
    def annotation(chosen: list[str], *, was_cancelled: bool = False) -> dict[str, Any]:
        result = [{"value": {"choices": chosen}, "from_name": "label", "to_name": "text", "type": "choices"}]
        return {"id": 1, "completed_by": 4, "was_cancelled": was_cancelled, "result": result}

    return {
        "id": 31,
        "data": {"text": "Fine.", "article_id": "a1"},
        "annotations": [*map(annotation, choices), *[annotation(["removed"], was_cancelled=True)] * cancelled],
        "predictions": [{"result": [{"from_name": "label", "value": {"choices": ["removed"]}}]}],
    }


@pytest.mark.parametrize(
    ("row", "label"),
    [
        (label_studio(["kept"]), "kept"),
        (label_studio(["kept"], ["removed"], ["kept"]), "kept"),
        (label_studio(["kept"], ["removed"]), None),
        (label_studio(["insult", "threat"]), ["insult", "threat"]),
        (label_studio(["kept"], cancelled=3), "kept"),
    ],
)
def test_label_studio_s_tasks_have_the_label_that_most_chose(row: dict[str, Any], label: object) -> None:
    assert flat(row) == {"id": 31, "text": "Fine.", "article_id": "a1", "label": label}


@pytest.mark.parametrize("cancelled", [0, 1])
def test_a_task_that_nobody_finished_has_no_label(cancelled: int) -> None:
    assert flat(label_studio(cancelled=cancelled)) == {"id": 31, "text": "Fine.", "article_id": "a1"}


def test_label_studio_s_short_form_is_plain() -> None:
    row = {"text": "Fine.", "id": 3, "label": {"choices": ["kept"]}, "annotator": 1}

    assert flat(row) == {"text": "Fine.", "id": 3, "label": "kept", "annotator": 1}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"id": 1, "text": "a", "label": ["kept"]}, {"id": 1, "text": "a", "label": "kept"}),
        ({"id": 1, "text": "a", "labels": ["kept"]}, {"id": 1, "text": "a", "label": "kept"}),
        ({"id": 1, "data": "a", "label": []}, {"id": 1, "text": "a", "label": None}),
        ({"id": 1, "text": "a", "label": ["b", "c"]}, {"id": 1, "text": "a", "label": ["b", "c"]}),
        ({"id": 1, "text": "a", "label": [[0, 1, "b"]]}, {"id": 1, "text": "a", "label": [[0, 1, "b"]]}),
        ({"text": "a", "label": "kept", "data": "b"}, {"text": "a", "label": "kept", "data": "b"}),
    ],
)
def test_doccano_s_lists_of_labels_are_one(row: dict[str, Any], expected: dict[str, Any]) -> None:
    assert flat(row) == expected


@pytest.mark.parametrize(
    "responses",
    [
        {"label": [{"value": "kept", "user_id": "u1"}, {"value": "removed", "user_id": "u2", "status": "draft"}]},
        [
            {"user_id": "u1", "values": {"label": {"value": "kept"}}, "status": "submitted"},
            {"user_id": "u2", "values": {"label": {"value": "removed"}}, "status": "discarded"},
            {"user_id": "u3", "values": None, "status": "submitted"},
        ],
    ],
    ids=["version 2", "version 1"],
)
def test_argilla_s_records_have_what_people_answered(responses: object) -> None:
    row = {
        "id": "r1",
        "fields": {"text": "Fine."},
        "responses": responses,
        "suggestions": {"label": {"value": "removed", "score": 0.9}},
        "metadata": {},
        "status": "completed",
    }

    assert flat(row) == {"id": "r1", "text": "Fine.", "label": "kept"}


def test_argilla_s_table_has_what_people_answered(tmp_path: Any) -> None:
    table = pd.DataFrame(
        {
            "id": ["r1", "r2"],
            "text": ["Fine.", "Fool."],
            "label.suggestion": ["removed", "removed"],
            "label.responses": [["kept", "removed"], None],
            "label.responses.users": [["u1", "u2"], None],
            "label.responses.status": [["submitted", "draft"], None],
        }
    )
    table.to_parquet(tmp_path / "a.parquet")

    assert list(read_rows(str(tmp_path / "a.parquet"))) == [
        (1, {"id": "r1", "text": "Fine.", "label": "kept"}),
        (2, {"id": "r2", "text": "Fool.", "label": None}),
    ]
