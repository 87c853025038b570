"""A comment is read as its readers see it, whether a program sends HTML or text."""

import time

import pytest
from hypothesis import given, settings

from service.compat.bodies import sound
from service.compat.html_text import text_of
from tests.texts import ANY, HTML


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Well said.", "Well said."),
        ("<div>Well said.</div><div>Thanks.</div>", "Well said.\n\nThanks."),
        ('one<br>two<br class="x">three', "one\ntwo\nthree"),
        ("an id<b>i</b>ot", "an idiot"),
        ("<blockquote>You idiot.</blockquote><p>I disagree.</p>", "> You idiot.\n\nI disagree."),
        (
            "Hm.<blockquote><p>One\ntwo</p><blockquote>three</blockquote></blockquote>No.",
            "Hm.\n>  One two  three \nNo.",
        ),
        ('<a href="https://paper.example/?a=1&amp;b=2" rel="nofollow">the report</a>', "the report"),
        ("5 &gt; 3 &amp; 2 &lt; 3", "5 > 3 & 2 < 3"),
        ("&lt;rant&gt;", "<rant>"),
        ("&#73;diot &#x49;diot &#00000000000073;diot", "Idiot Idiot Idiot"),
        (f"idiot &#{'1' * 4301};", "idiot \ufffd"),
        (f"&#{'0' * 5000}73;diot", "Idiot"),
        (f'<a href="&#{"1" * 4301}">idiot</a>', "idiot"),
    ],
)
def test_html_becomes_text(body: str, text: str) -> None:
    assert text_of(body) == text


@pytest.mark.parametrize(
    "body",
    [
        "if a < b and c > d",
        "I <3 this town",
        "<rant>They never listen.</rant>",
        "<you stupid idiot>",
        "<b you stupid idiot>",
        "<a href='you stupid idiot'>.</a>",
        "<!-- you stupid idiot -->",
        "<script>you stupid idiot</script>",
        "it ends <b",
        "<>",
    ],
)
def test_what_no_comment_software_sends_is_what_the_reader_wrote(body: str) -> None:
    assert text_of(body) == body


@pytest.mark.parametrize("piece", ["<", "<a", "<a b='", "<b>", "</b", "<!--", "&", "&#", "<a href=x>'\""])
def test_no_text_keeps_the_parser_busy(piece: str) -> None:
    # The standard library's parser by itself takes minutes over some of these.
    start = time.process_time()
    text_of((piece * 65_536)[:65_536] + ">")

    assert time.process_time() - start < 5


@settings(max_examples=300)
@given(HTML | ANY)
def test_every_text_is_read_and_can_be_encoded(body: str) -> None:
    sound(text_of(body)).encode()
