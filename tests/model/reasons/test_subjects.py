"""What a comment and its article are about, in words that a moderator can use."""

from model.reasons.subjects import Subjector
from model.records import Article, Subjects

WORDS = [*(f"common{i}" for i in range(1500)), "sourdough", "flour", "ferry", "harbour", "pattern", "braille", "blank"]
SUBJECTOR = Subjector(WORDS)
ARTICLE = Article(title="New ferry harbour", body="The ferry needs a harbour. Flour is carried too.")


def test_both_are_named_by_their_rare_words() -> None:
    text = "my sourdough likes Doves"
    assert SUBJECTOR.subjects(text, text, ARTICLE) == Subjects(("Doves", "sourdough"), ("harbour", "ferry", "Flour"))


def test_the_name_of_a_sign_is_no_subject() -> None:
    assert SUBJECTOR.subjects("braille pattern blank", "\u2800", ARTICLE).comment == ()


def test_what_the_article_speaks_of_too_is_nothing_else() -> None:
    text = "flour for the sourdough on the ferry"
    assert SUBJECTOR.subjects(text, text, ARTICLE).comment == ("sourdough",)


def test_what_is_no_word_names_no_subject() -> None:
    assert SUBJECTOR.subjects("asdfgh qwertz", "asdfgh qwertz", ARTICLE).comment == ()
