"""The OpenAPI document is valid and complete."""

import pytest
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate


def test_the_document_is_valid_openapi(client: FlaskClient) -> None:
    validate(client.get("/openapi.json").get_json())


def test_each_operation_has_an_id_a_sentence_security_and_its_errors(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    operations = [
        (path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/v1/") or path == "/metrics"
    ]

    assert len({operation["operationId"] for _, operation in operations}) == len(operations)
    for path, operation in operations:
        assert operation["summary"], path
        assert operation["security"], path
        assert {"401", "403", "422", "429", "503"} <= operation["responses"].keys(), path
        if "requestBody" in operation:
            assert {"413", "415"} <= operation["responses"].keys(), path
            assert operation["requestBody"]["required"], path
            assert any("example" in content for content in operation["requestBody"]["content"].values()), path


@pytest.mark.parametrize(
    ("verdict", "undoes", "fits"),
    [("undo", 1, True), ("undo", None, True), ("undo", 1.0, True), ("keep", None, True), ("keep", 1, False)],
)
def test_the_document_says_that_only_undo_names_a_decision(
    client: FlaskClient,
    verdict: str,
    undoes: int | None,
    fits: bool,  # noqa: FBT001 - a table of cases
) -> None:
    schema = client.get("/openapi.json").get_json()["components"]["schemas"]["DecisionIn"]
    decision = {"verdict": verdict, "moderator": "anna", "undoes": undoes}

    assert OAS31Validator(schema).is_valid(decision) == fits
