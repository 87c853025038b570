"""Comments as they are meant to be read, and where each part was written."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from model.reading.text import NormalisedText, TextNormaliser

COMMON = (Path(__file__).parents[2] / "data" / "common_words.txt").read_text(encoding="utf-8").splitlines()[1:]
NORMALISER = TextNormaliser(COMMON)
#: Texts with all that the normaliser acts on, side by side.
PIECES = st.sampled_from(
    [
        *(
            "idiot",
            "stupid",
            "shit",
            "the",
            "you",
            "a",
            "I",
            "fuck",
            "id",
            "iot",
            "sh1t",
            "$hit",
            "@ss",
            "y0u",
            "4",
            "1",
        ),
        *("—", "–"),
        *("i.d.i.o.t", "i-d", "st*pid", "f**", "f***", "stuuupid", "ssttuuppiidd", "i", "d", "o", "t", "U.S.A.", "2nd"),
        *(".", "-", "_", "*", "!", "'", "(", ")", ",", "\u200b", "\u0301", "\u202e", "\ud800", "\x07", "\x0b", "\r\n"),
        *("£5", "½", "é", "ѕ", "υ", "ß", "ｆ", "…", "🤡", "👍🏽", "👩\u200d🍳", "🇬🇧"),
    ]
)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.text("idotshuyf10$@!*.-_ '\u0301\u200b\u0456"),
    st.lists(PIECES).map("".join),
    st.lists(PIECES).map(" ".join),
)


def normalised(text: str) -> str:
    return NORMALISER.normalise(text).text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("You are an i d i o t, sir", "You are an idiot, sir"),
        ("i.d.i.o.t", "idiot"),
        ("i-d-i-o-t!", "idiot!"),
        ("what an i_d_i_o_t", "what an idiot"),
        ("i*d*i*o*t", "idiot"),
        ("i . d . i . o . t", "idiot"),
        ("y o u  a r e  a n  i d i o t", "you  are  an  idiot"),
        ("y o u a r e a n i d i o t", "you are an idiot"),
        ("Y o u A r e A n I d i o t", "You Are An Idiot"),
        ("y.o.u a.r.e a.n i.d.i.o.t", "you are an idiot"),
        ("such a b i t c h", "such a bitch"),
        ("I f u c k i n g hate it", "I fucking hate it"),
        ("i d 1 0 t", "idiot"),
        ("F U C K Y O U", "FUCK YOU"),
    ],
)
def test_letters_apart_are_joined(written: str, read: str) -> None:
    assert normalised(written) == read


@pytest.mark.parametrize(
    "text",
    [
        "The U.S.A. and the U.K. disagree",
        "J. R. R. Tolkien wrote it, e.g. at 10 a.m. or 5 p.m.",
        "She holds a Ph.D. from M.I.T. in D.C.",
        "1 2 3 go",
        "plan A or plan B and C",
        "I am a man",
        "options a, b, c and d",
        "either/or and/or 24/7",
    ],
)
def test_letters_that_stand_alone_stay(text: str) -> None:
    assert normalised(text) == text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("what an id iot", "what an idiot"),
        ("stu pid fu ck ass hole", "stupid fuck ass hole"),  # both halves are words
        ("you are stu.pid", "you are stupid"),
        ("an idi_ot", "an idiot"),
        ("st*pid b*tch", "stupid bitch"),
        ("f*ck this sh*t", "fuck this shit"),
        ("f*** you, a** and s***", "fuck you, ass and shit"),
        ("f#ck f@ck f--k", "fuck fuck fuck"),
    ],
)
def test_cut_words_are_joined(written: str, read: str) -> None:
    assert normalised(written) == read


@pytest.mark.parametrize(
    "text",
    [
        "a well-known anti-war e-mail",
        "Kim Jong un just said so",
        "Ha ha ha, Le Pen and De Niro",
        "The council's car and the mayor's",
        "He said so.Then he left",
        "AT&T and R&D and Q&A",
        "2*3 and footnote*",
        "in formation over the town",
        "an F-150, a T-shirt and an x-ray",
    ],
)
def test_words_side_by_side_stay(text: str) -> None:
    assert normalised(text) == text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("You 1diot and sh1t", "You idiot and shit"),
        ("SH1T and B1TCH", "SHIT and BITCH"),
        ("a$$ @ss a$$hole bu11shit", "ass ass asshole bullshit"),
        ("sh!t! b!tch? $hit.", "shit! bitch? shit."),
        ("y0u 4r3 4n 1d10t", "you are an idiot"),
        ("7h3 5h17", "the shit"),
        ("wh0re m0r0n", "whore moron"),
        ("+h3y @r3 $+up!d", "they are stupid"),
    ],
)
def test_signs_for_letters_are_read(written: str, read: str) -> None:
    assert normalised(written) == read


@pytest.mark.parametrize(
    "text",
    [
        "covid19 and h1n1 on the 2nd and 4th of 2021",
        "a b52, an mp3, $5m, £3bn and 100% of 3,000",
        "my iphone5s at the G20, the F1 and the M8 motorway or the A77",
        "at 10am on 5g with H2O and CO2",
        "oh shit!",
        "write to b0b@mail.com or http://sh1t.example",
        "#1diot @us3r42 and JohnSmith1984",
        "18+ and A+ and LGBT+",
    ],
)
def test_digits_and_signs_stay(text: str) -> None:
    assert normalised(text) == text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("sttuuupid", "stupid"),
        ("Fuuuuck", "Fuck"),
        ("sooooo coooool", "so cool"),
        ("way tooo gooood", "way too good"),
        ("NOOOO", "NO"),
        ("iiddiioott", "idiot"),
        ("that idiottttt!!!!", "that idiot!!!!"),
    ],
)
def test_stretched_words_are_read(written: str, read: str) -> None:
    assert normalised(written) == read


@pytest.mark.parametrize(
    "text",
    ["the KKK", "Louis XVIII", "www", "1000000 times!!!!", "hmm...", "a steep street", "too good to see", "WWIII"],
)
def test_repetition_that_is_meant_stays(text: str) -> None:
    assert normalised(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "The council voted on Tuesday to close the high street to private cars from April.",
        "I've lived in Scunthorpe and Penistone for 40 years; Mr. Shital is my neighbour.",
        'He said: "That is stupid", and then apologised (twice).',
        "Ah dinnae ken whit yer oan aboot, but it's braw.",
        "They was finna leave at 7:30pm - I ain't mad.",
        "See https://www.a-example.co.uk.\nThanks!",
        "",
        " ",
        "\n\r\n\t",
    ],
)
def test_ordinary_prose_stays(text: str) -> None:
    assert NORMALISER.normalise(text) == NormalisedText(text)


def test_case_and_line_breaks_are_kept() -> None:
    assert normalised("You\nABSOLUTE Sh1t\r\n") == "You\nABSOLUTE Shit\r\n"


@pytest.mark.parametrize(
    ("written", "read", "slices"),
    [
        ("an i d i o t!", "idiot", "i d i o t"),
        ("an id\u200biot!", "idiot", "id\u200biot"),
        ("a stuuuupid man", "stupid", "stuuuupid"),
        ("so i\u0301d\u0336iot\u0301\u0336 it is", "idiot", "i\u0301d\u0336iot\u0301\u0336"),
        ("a 👍🏽 b", "thumbs", "👍🏽"),
        ("a 👩\u200d🍳 b", "cooking", "👩\u200d🍳"),
        ("a 🇬🇧 b", "gb", "🇬🇧"),
        ("a 🇬🇧 b", "g", "🇬🇧"),
        ("\u202eіdіоt\u202c you", "idiot", "іdіоt\u202c"),
        ("… 1d10t", "idiot", "1d10t"),
        ("so f u c k i n g bad", "fucking", "f u c k i n g"),
    ],
)
def test_words_are_found_where_they_were_written(written: str, read: str, slices: str) -> None:
    result = NORMALISER.normalise(written)
    place = result.text.index(read)
    start, end = result.original(place, place + len(read))

    assert written[start:end].lstrip("\u202e") == slices


@given(TEXTS)
@example("1 a.i.d.s")
@example("f.*k s t")
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalised(text)

    assert NORMALISER.normalise(once) == NormalisedText(once)


@given(TEXTS)
def test_map_is_monotone_and_within_bounds(text: str) -> None:
    result = NORMALISER.normalise(text)
    if result.starts is None or result.ends is None:
        assert len(result.text) == len(text)
        return
    assert len(result.starts) == len(result.ends) == len(result.text)
    assert (np.diff(result.starts) >= 0).all()
    assert (np.diff(result.ends) >= 0).all()
    assert (result.starts < result.ends).all()
    assert (result.starts >= 0).all()
    assert (result.ends <= len(text)).all()


@given(TEXTS)
def test_no_mark_is_cut_off(text: str) -> None:
    result = NORMALISER.normalise(text)
    for i in range(len(result.text)):
        start, end = result.original(i, i + 1)
        following = text[end : end + 1]
        assert not re.match("[\u0301\u200d\U0001f3fd]", following) or start == end


@given(st.lists(TEXTS))
def test_batch_gives_what_each_text_gives(texts: list[str]) -> None:
    batch = NORMALISER.normalise_many(texts)
    single = [NORMALISER.normalise(text) for text in texts]

    assert [r.text for r in batch] == [r.text for r in single]
    assert [None if r.starts is None else r.starts.tolist() for r in batch] == [
        None if r.starts is None else r.starts.tolist() for r in single
    ]


@given(st.lists(TEXTS, max_size=5))
def test_what_was_seen_before_makes_no_difference(texts: list[str]) -> None:
    fresh = TextNormaliser(COMMON[:300])
    seasoned = TextNormaliser(COMMON[:300])
    for text in texts:
        seasoned.normalise(text)

    assert [fresh.normalise(t).text for t in reversed(texts)] == [seasoned.normalise(t).text for t in reversed(texts)]


def test_thousands_of_emoji_do_not_make_a_comment_ten_times_as_long() -> None:
    found = NORMALISER.normalise("🖕" * 16_000 + " you idiot")

    assert found.text.startswith(" fuck you  fuck you ")
    assert found.text.endswith(" you idiot")
    assert len(found.text) < 40_000
    assert found.original(len(found.text) - 5, len(found.text)) == (16_005, 16_010)
