"""Layout: entities and signs of stress are read as a page shows them, and what they surround is found where it was."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import Comment
from model.reading.text import TextNormaliser
from model.scoring.scorer import Scorer

COMMON = (Path(__file__).parents[2] / "data" / "common_words.txt").read_text(encoding="utf-8").splitlines()[1:]
NORMALISER = TextNormaliser(COMMON)
PIECES = st.sampled_from(
    [
        *("*", "**", "***", "_", "__", "&amp;", "&lt;", "&gt;", "&nbsp;", "&#39;", "&rsquo;", "&#x2014;", "&", "amp;"),
        *("idiot", "i", "d", "a b", "f**k", "s***", "b*tch", "<b>", " ", "\n", ".", "(", '"', "é", "—", "\u200b"),
    ]
)
TEXTS = st.one_of(st.text("*_&;lgtamp ab\n<>"), st.lists(PIECES).map("".join), st.lists(PIECES).map(" ".join))


def read(text: str) -> str:
    return NORMALISER.normalise(text).text


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("You are an *idiot*", "You are an idiot"),
        ("Typical ***moron***.", "Typical moron."),
        ("**kill** yourself", "kill yourself"),
        ("_kill_ yourself", "kill yourself"),
        ("That is *really not* good, (*truly*).", "That is really not good, (truly)."),
        ("**A *very* bad** idea", "A very bad idea"),
        ("*I* never said so", "I never said so"),
        ("*f**k* this", "fuck this"),
        ("kill&nbsp;yourself", "kill yourself"),
        ("you &lt;idiot&gt;", "you <idiot>"),
        ("Fish &amp; chips, isn&#39;t it? It&rsquo;s &quot;fine&quot;", "Fish & chips, isn't it? It's \"fine\""),
        ("&amp;lt;b&amp;gt;Nice&amp;lt;/b&amp;gt;", "Nice"),
        ("&gt; You fool.\nI disagree.", "> You fool.\nI disagree."),
    ],
)
def test_layout_is_read_as_a_page_shows_it(written: str, read_as: str) -> None:
    assert read(written) == read_as


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("f**k you and your s***", "fuck you and your shit"),
        ("b*tch, c*nt and a**", "bitch, cunt and ass"),
        ("f*ck *this* sh*t", "fuck this shit"),
        ("***ing s***", "***ing shit"),
        ("**** you", "**** you"),
    ],
)
def test_masked_words_are_read_as_before(written: str, read_as: str) -> None:
    assert read(written) == read_as


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2*3*4 is 24",
            "* one\n* two",
            "5* hotels and 4* inns",
            "*Terms apply",
            "snake_case_name",
            "*_* and >_<",
            "AT&T",
        ),
        *("&nosuch;", "&nbsp;", "Two  blanks.  Then\none line."),
    ],
)
def test_other_signs_stay(text: str) -> None:
    assert read(text) == text


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("You idiot—do you read?", "You idiot- do you read?"),
        ("You idiot&mdash;do you read?", "You idiot- do you read?"),
        ("You idiot&#8212;do you read?", "You idiot- do you read?"),
        ("A liar—always was–and I—well", "A liar- always was- and I- well"),
        ("pages 10–12, s—it, fu—ck and i—d—i—o—t", "pages 10-12, shit, fuck and idiot"),
        ("a half-wit of a mother-in-law – really", "a half-wit of a mother-in-law - really"),
    ],
)
def test_dashes_part_words_and_hyphens_do_not(written: str, read_as: str) -> None:
    assert read(written) == read_as
    assert read(read_as) == read_as


@given(TEXTS)
def test_what_is_read_maps_to_where_it_was_written(text: str) -> None:
    found = NORMALISER.normalise(text)
    places = [found.original(i, i + 1) for i in range(len(found.text))]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert [start for start, _ in places] == sorted(start for start, _ in places)


@given(TEXTS)
def test_reading_twice_changes_nothing(text: str) -> None:
    once = read(text)
    assert read(once) == once


@pytest.mark.parametrize("piece", ["*a ", "_a ", "*a*b", "&amp;", "&lt;", "&", "**", "*"])
def test_hostile_layout_is_read_in_time(piece: str) -> None:
    started = time.process_time()
    NORMALISER.normalise(piece * (20_000 // len(piece)))
    assert time.process_time() - started < 5


def test_stressed_abuse_is_marked_without_its_stars(scorer: Scorer) -> None:
    text = "You are an *idiot*, and he is the &lt;moron&gt; of the town"
    spans = scorer.score(Comment(text=text), spans=True).spans
    assert {text[span.start : span.end] for span in spans} <= {"idiot", "moron"}


def test_thousands_of_encoded_emoji_do_not_make_a_comment_ten_times_as_long() -> None:
    text = "You idiot " + "&#x1f970;" * 4_000
    assert len(read(text)) < 2 * len(text)
