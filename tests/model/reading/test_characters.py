"""What one character is read as."""

import sys
import unicodedata

import pytest

from model.reading.characters import reading


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Plain, as it is: 100% (yes)!", "Plain, as it is: 100% (yes)!"),
        ("іdіоt", "idiot"),  # Cyrillic
        ("ΗΑΤΕ ΜΥ ΤΟΝ", "HATE MY TON"),  # Greek capitals differ from their small letters
        ("ｉｄｉｏｔ", "idiot"),
        ("𝕚𝖉𝓲𝑜𝐭", "idiot"),
        ("ⓘⓓⓘⓞⓣ", "idiot"),
        ("ᎢᎻᎬ", "THE"),
        ("ƀᵻțȼħ", "bitch"),
        ("ɪᴅɪᴏᴛ", "idiot"),
        ("café, naïve, Ångström", "cafe, naive, Angstrom"),
        ("i\u0336d\u0336i\u0336o\u0336t\u0336", "idiot"),
        ("id\u200bi\u00ado\u2060t\ufeff", "idiot"),
        ("\u202eidiot\u202c", "idiot"),
        ("it’s “fine” – really…", 'it\'s "fine" - really...'),
        ("one\u00a0two\u2003three", "one two three"),
        ("½ of £3", "1/2 of £3"),
        ("🤡", " clown "),
        ("🇬🇧", "gb"),
        ("👍🏽", " thumbs up "),
        ("\U0001faff", " emoji "),  # not assigned yet
        ("\ud800", ""),
        ("\x07", ""),
        ("\x85", " "),
    ],
)
def test_text_is_read(written: str, read: str) -> None:
    assert "".join(map(reading, written)) == read


@pytest.mark.parametrize("character", ["£", "€", "漢", "ع", "한"])
def test_what_no_latin_letter_resembles_stays(character: str) -> None:
    assert reading(character) == character


def test_every_reading_is_read_as_itself() -> None:
    readings = {c for code in range(sys.maxunicode + 1) for c in reading(chr(code))}

    assert [c for c in readings if reading(c) != c] == []


def test_no_reading_has_marks_or_unseen_characters() -> None:
    readings = {c for code in range(sys.maxunicode + 1) for c in reading(chr(code))}

    assert [c for c in readings if unicodedata.category(c) in {"Mn", "Me", "Cf", "Cc", "Cs"}] == []
