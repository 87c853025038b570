"""What labelling tools export, as plain rows: a column for each question, with the answer people agreed on."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_LABELS = ("label", "labels")
_ANSWERS = ".responses"


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """Take a row of JSON apart if Label Studio, Doccano or Argilla wrote it; another one stays as it is.

    What a program suggested is no answer, and nor is what people disagree on.
    """
    if isinstance(row.get("data"), dict) and isinstance(row.get("annotations"), list):
        return _label_studio(row)
    if isinstance(row.get("fields"), dict) and "responses" in row:
        return _argilla(row)
    if any(name.endswith(_ANSWERS) for name in row):
        return _argilla_columns(row)
    return _doccano(row)


def _label_studio(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a Label Studio task as a flat row."""
    answers: dict[str, list[Any]] = {}
    for annotation in row["annotations"]:
        if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
            continue
        for result in _dicts(annotation.get("result")):
            value = result.get("value")
            if isinstance(value, dict):
                said = [value[kind] for kind in ("choices", "rating", "number") if kind in value]
                answers.setdefault(str(result.get("from_name")), []).extend(said)
    return {"id": row.get("id"), **row["data"], **_agreed(answers)}


def _argilla(row: Mapping[str, Any]) -> dict[str, Any]:
    """Read a record as it is stored; version 1 lists who answered, version 2 what was asked."""
    answers: dict[str, list[Any]] = {}
    responses = row["responses"]
    if isinstance(responses, dict):
        asked = [(name, answer) for name, given in responses.items() for answer in _dicts(given)]
    else:
        asked = [
            (name, {**answer, "status": response.get("status")})
            for response in _dicts(responses)
            for name, answer in _items(response.get("values"))
            if isinstance(answer, dict)
        ]
    for name, answer in asked:
        if answer.get("status") in (None, "submitted"):
            answers.setdefault(name, []).append(answer.get("value"))
    about = {name: row[name] for name in ("id", "external_id") if row.get(name) is not None}
    return {**about, **row["fields"], **_agreed(answers)}


def _argilla_columns(row: Mapping[str, Any]) -> dict[str, Any]:
    """Read a row of the table that Argilla makes of its records."""
    asked = {name.removesuffix(_ANSWERS): name for name in row if name.endswith(_ANSWERS)}
    answers = {}
    for question, name in asked.items():
        given = row[name] if isinstance(row[name], list) else []
        status = row.get(f"{name}.status")
        status = status if isinstance(status, list) else ["submitted"] * len(given)
        answers[question] = [value for value, was in zip(given, status, strict=False) if was == "submitted"]
    parts = tuple(f"{question}." for question in asked)
    return {**{name: cell for name, cell in row.items() if not name.startswith(parts)}, **_agreed(answers)}


def _doccano(row: dict[str, Any]) -> dict[str, Any]:
    """Return a doccano record as a flat row."""
    found = {"label" if name == "labels" else name: cell for name, cell in row.items()} if "label" not in row else row
    label = found.get("label")
    if isinstance(label, list) and all(isinstance(one, str) for one in label):
        found = {**found, "label": _one(label)}
        if isinstance(found.get("data"), str) and "text" not in found:
            found["text"] = found.pop("data")
    elif isinstance(label, dict) and isinstance(label.get("choices"), list):
        # Label Studio's short form, where several could be chosen.
        found = {**found, "label": _one(label["choices"])}
    return found


def _agreed(answers: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Return what more than half of the people say of each question."""
    found = {}
    for question, given in answers.items():
        said = [_one(answer) if isinstance(answer, list) else answer for answer in given]
        counts = Counter(map(repr, said))
        most, votes = counts.most_common(1)[0] if counts else ("", 0)
        found[question] = next(one for one in said if repr(one) == most) if 2 * votes > len(said) else None
    return found


def _one(choices: Sequence[Any]) -> Any:
    """Return the one choice of a list of choices; several stay a list."""
    if len(choices) > 1:
        return list(choices)
    return choices[0] if choices else None


def _dicts(value: Any) -> Iterable[dict[str, Any]]:
    """Return the objects in a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _items(value: Any) -> Iterable[tuple[str, Any]]:
    """Return an object's fields; none if it is no object."""
    return value.items() if isinstance(value, dict) else ()
