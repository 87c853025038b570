"""Readers' reports as moderators see them."""

from collections.abc import Callable

import pytest

from service.console.reports import in_words, reader
from service.moderation.reports import add_report
from service.storage.database import Database
from service.triage.reweighing import reweigh
from tests.conftest import Person

FORM = "web-0a1b2c3d-00112233445566ef"


@pytest.mark.parametrize(
    ("reporter", "shown"),
    [
        (FORM, "anonymous reader 66ef"),
        ("erased-00112233445566ef", "erased reader"),
        ("3f2a91c0-5d1e-4f6a-9b7c-2d8e0f1a3b4c", "reader 3f2a91c0…"),
        ("4711", "reader 4711"),
        ("Jean Grant", "Jean Grant"),
        ("reader-4", "reader-4"),
        ("deadbeefcafe", "deadbeefcafe"),
    ],
)
def test_an_id_is_not_shown_as_a_name(reporter: str, shown: str) -> None:
    assert reader(reporter) == shown


@pytest.mark.parametrize(
    ("reason", "words"),
    [("hate", "It attacks a group of people"), ("rude", "rude"), ("", "")],
)
def test_a_reason_is_shown_in_words(reason: str, words: str) -> None:
    assert in_words(reason) == words


def test_an_item_and_the_reporters_page_say_who_and_why(
    flag: Callable[..., None], db: Database, person: Callable[..., Person]
) -> None:
    flag("c1")
    with db.write() as session:
        add_report(session, "c1", reporter=FORM, reason="private")
    lead = person("ada", "lead")
    item = lead.reads("/review/comments/c1").text
    # Reporters are listed once something is known of them.
    lead.decides("c1", "keep")
    for _ in reweigh(db):
        pass
    reporters = lead.reads("/review/reporters").text

    for page in (item, reporters):
        assert "It reveals something private, or names someone who must not be named" in page
        assert "anonymous reader 66ef" in page
        assert "web-0a1b2c3d" not in page
