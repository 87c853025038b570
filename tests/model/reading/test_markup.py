"""Tags and addresses: a comment is read as its page shows it."""

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
        *(
            "<b>",
            "</b>",
            "<b",
            ">",
            "<",
            "/",
            "<br/>",
            "<p>",
            "</p>",
            '<a href="http://x/idiot">',
            "</a>",
            "<q>",
            "</q>",
        ),
        *("<blockquote>", "</blockquote>", "[quote]", '[quote="Ann, post:3"]', "[/quote]", "<idiot>", "<b you idiot>"),
        *("http://a.example/fool", "www.b.example/x?y=fool", "c.com/fool.", "and/or", "\n", " ", "idiot", "st*pid"),
        *("i d i o t", "é", "🖕", "👍🏽", "\u200b", "ѕ", "“"),
    ]
)
TEXTS = st.one_of(st.text("<>/[]ab =\"'quote\n."), st.lists(PIECES).map("".join), st.lists(PIECES).map(" ".join))


def read(text: str) -> str:
    return NORMALISER.normalise(text).text


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ('<a href="http://x/idiot" class="moron">the report</a>', "the report"),
        ("<a href=http://x.example/idiot target=_blank rel='nofollow noopener'>the report</a>", "the report"),
        ('<img src="idiot.png" alt="moron"/> A map', "\n A map"),
        ('<div class="stupid">Nice day</div>', "\nNice day\n"),
        ("<b>stu</b>pid", "stupid"),
        ("One.<br>Two.<BR />Three.", "One.\nTwo.\nThree."),
        ("<b<i>>Nice</b>", "Nice"),
        ("＜b＞Nice＜/b＞", "Nice"),
        (
            "<blockquote><p>You fool.</p>\n<p>Really.</p></blockquote>I disagree.",
            "\n>  You fool.   Really. \nI disagree.",
        ),
        ('[quote="Idiot, post:3, topic:4"]You fool.[/quote] I disagree.', "\n> You fool.\n I disagree."),
        ("Source: https://paper.example/uk-news/stupid-pig.", "Source: https://paper.example."),
        ("See https://en.wikipedia.org/wiki/Bitch_(song)", "See https://en.wikipedia.org"),
        ("www.shop.example/fool?q=idiot#moron, really", "www.shop.example, really"),
        ("at bbc.co.uk/news/idiots today", "at bbc.co.uk today"),
        ("[the report](http://x.example/idiot)", "[the report](http://x.example"),
    ],
)
def test_what_a_page_does_not_show_is_not_read(written: str, read_as: str) -> None:
    assert read(written) == read_as


@pytest.mark.parametrize(
    "text",
    [
        "<idiot>",
        "a < b and c > d",
        "I <3 this",
        "</rant>",
        "<b you stupid moron>",
        '<a title="what a stupid moron he is">',
        '<a href="you-moron">',
        "<a class=kys>",
        "<br",
        "[quote] with no end",
        "[quote=you moron]x[/quote",
        "and/or, he/she, 24/7, km/h",
        "http://you/stupid/moron",
        "https://paper.example/you-are-a-moron",
        "https://paper.example/",
        "Mr.Smith/Jones",
        "<script>moron</script>",
    ],
)
def test_what_a_reader_wrote_is_read(text: str) -> None:
    assert read(text) == text


@pytest.mark.parametrize("text", ["<br>", '<img src="x.png">', "<p></p>"])
def test_a_comment_of_nothing_but_tags_is_read_as_written(scorer: Scorer, text: str) -> None:
    assert read(text) == text
    assert scorer.score(Comment(text=text)).values


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


def test_one_text_is_read_as_it_is_among_others() -> None:
    texts = ["<b>Nice</b> day", "and/or", "plain words", "www.b.example/x"]
    assert [found.text for found in NORMALISER.normalise_many(texts)] == [read(text) for text in texts]


@pytest.mark.parametrize(
    "piece", ["<a ", "<b", "<b>", "[quote=", "[quote]", "www.", "a.", "a-", "http://a.", "<a b=", "/"]
)
def test_hostile_markup_is_read_in_time(piece: str) -> None:
    started = time.process_time()
    NORMALISER.normalise(piece * (20_000 // len(piece)))
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "text",
    [
        '<a href="http://x/idiot" class="moron">the report</a>',
        "Source: https://paper.example/uk-news/man-called-police-officer-stupid-pig",
        "See https://en.wikipedia.org/wiki/Bitch_(song)",
        '<div class="stupid">Nice day</div>',
        '<a href="https://ex.example/fuck">lovely</a>',
    ],
)
def test_nobody_is_flagged_for_a_link(scorer: Scorer, text: str) -> None:
    scores = scorer.score(Comment(text=text))
    assert all(value < scorer.manifest.thresholds[name] for name, value in scores.values.items())


def test_abuse_between_tags_is_marked_where_it_was_written(scorer: Scorer) -> None:
    text = '<p>You <b class="x">stu</b>pid <a href="http://a.example/nice">moron</a>.</p>'
    spans = scorer.score(Comment(text=text), spans=True).spans
    assert "moron" in " ".join(text[span.start : span.end] for span in spans)
