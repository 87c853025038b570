"""What nobody sees: hidden characters in texts and names, names that look like another one, and great heights."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.console.disguise import hidden_in, lookalikes, shown

Flag = Callable[..., None]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Zoë said so.", ()),
        ("T\u202emaT", ("right-to-left override",)),
        ("you id\u200diot\u200b\u200b", ("zero width space (2)", "zero width joiner")),
        ("soft\u00adhyphen", ("soft hyphen",)),
        ("a\u2800b", ("braille pattern blank",)),
        # At home where they stand.
        ("👩\u200d👩\u200d👧 at the 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f match", ()),
        ("سلام\u200f!", ()),
        ("می\u200cخواهم", ()),
    ],
)
def test_hidden_characters_are_named(text: str, hidden: tuple[str, ...]) -> None:
    assert hidden_in(text) == hidden


@pytest.mark.parametrize(
    ("name", "seen", "taken_for"),
    [
        ("Tam", "Tam", ()),
        ("Zoë", "Zoë", ()),
        ("T\u202emaT", "TmaT", ("TmaT",)),
        ("Tam\u200b", "Tam", ("Tam",)),
        ("Tаm", "Tаm", ("Tam",)),
        ("Ｔａｍ", "Ｔａｍ", ("Tam",)),
        ("Nguyễn", "Nguyễn", ()),
    ],
)
def test_a_name_is_shown_as_it_reads_and_what_it_may_be_taken_for(
    name: str, seen: str, taken_for: tuple[str, ...]
) -> None:
    assert (shown(name), lookalikes(name)) == (seen, taken_for)


@pytest.fixture
def isla(person: Callable[..., Any]) -> Any:
    """Log isla in."""
    return person("isla")


def test_a_page_tells_of_hidden_characters_and_turns_no_name_round(isla: Any, flag: Flag) -> None:
    flag("c1", author="T\u202emaT", text="You id\u200biot.")
    for path in ("/review", "/review/comments/c1"):
        page = isla.reads(path).text
        assert "Hidden characters" in page
        assert "<bdi>TmaT</bdi>" in page
        assert "T\u202emaT" not in re.sub(r'(value|href|title)="[^"]*"', "", page)
    assert "Hidden in the text: zero width space. Hidden in the name: right-to-left override." in page


def test_a_page_tells_whom_a_name_may_be_taken_for(isla: Any, flag: Flag) -> None:
    flag("c1", author="Tam")
    flag("c2", author="Tаm")
    flag("c3", author="Uпa")
    assert "Not the author <bdi>Tam</bdi>" in isla.reads("/review/comments/c2").text
    assert "The name mixes alphabets." in isla.reads("/review/comments/c3").text
    assert "Not the author" not in isla.reads("/review/comments/c1").text


def test_a_name_written_in_two_ways_is_one_author(isla: Any, client: FlaskClient) -> None:
    client.put("/v1/articles/a1", json={"title": "Buses", "body": "Fares rise in April."})
    for number, name in enumerate(("Zo\u00eb", "Zoe\u0308")):
        comment = {"id": f"c{number}", "article_id": "a1", "text": "You are a stupid fucking idiot.", "author": name}
        assert client.post("/v1/comments", json=comment).status_code == 201
    assert "Zo\u00eb</bdi></a>: 2 comments here" in isla.reads("/review/comments/c1").text
    for written in ("Zo%C3%AB", "Zoe%CC%88"):
        assert len(re.findall('name="pick"', isla.reads(f"/review/batch?author={written}").text)) == 2


def test_a_tall_text_is_folded_and_can_be_shown_in_full(isla: Any, flag: Flag) -> None:
    flag("tall", text="What\n" * 500 + "a wanker.", spans=())
    flag("short", text="What\na wanker.", spans=())
    assert "Show all" in isla.reads("/review/comments/tall").text
    assert "Show all" not in isla.reads("/review/comments/short").text
