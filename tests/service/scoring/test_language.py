"""The language of a comment: whatever the text, there is an answer."""

from hypothesis import given, settings

from service.compat.perspective.spans import sentences, utf16_offsets
from service.scoring.language import detect
from tests.texts import ANY


@settings(max_examples=300)
@given(ANY)
def test_every_text_has_a_language(text: str) -> None:
    assert detect(text).isalnum()


@settings(max_examples=300)
@given(ANY)
def test_every_text_is_cut_into_sentences(text: str) -> None:
    pieces = sentences(text)

    assert all(text[start:end].strip() == text[start:end] != "" for start, end in pieces)
    assert utf16_offsets(text, [place for piece in pieces for place in piece]) == [
        len(text[:place].encode("utf-16-le", "surrogatepass")) // 2 for piece in pieces for place in piece
    ]
