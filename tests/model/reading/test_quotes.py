"""A comment is judged by its writer's words, not by those that it quotes and answers."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import Article, Comment, load_bundle
from model.reading.quotes import Sources, own_words
from model.reading.rewriting import NormalisedText
from model.scoring.scorer import Scorer


@pytest.fixture(scope="module", params=["fast", "accurate"])
def scorer(request: pytest.FixtureRequest) -> Scorer:
    return load_bundle(request.param)


PARENT = "You are an idiot. You know nothing of boats, and neither do the clowns on the harbour board."
ARTICLE = Article(
    title="Skipper fined for abuse",
    body="The court heard that he had shouted “you stupid fat cow” at the harbour master, and then drove away.",
)
PIECES = st.sampled_from(
    [">", "> ", "&gt; ", "\n", '"', "You are an idiot.", "know nothing of boats", "I disagree", " ", "...", "no", "é"]
)


def own(text: str, parent: str = "", *, abusive: bool = True) -> str:
    (found,) = own_words([NormalisedText(text)], {0: Sources(text, parent)}, lambda texts: [abusive] * len(texts))
    return found.text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("> You are an idiot.\n\nThe pier was built in 1931.", "\nThe pier was built in 1931."),
        ("> you are an idiot\nThe pier was built in 1931.", "The pier was built in 1931."),
        ("> You are an idiot ... the clowns on the harbour board\nThe pier was built.", "The pier was built."),
        (">You are an idiot.\n>You know nothing of boats\nI have sailed since 1971.", "I have sailed since 1971."),
        ("&gt; You are an idiot.\nI have sailed since 1971.", "I have sailed since 1971."),
        ('You say "you are an idiot". The pier was built in 1931.', 'You say "". The pier was built in 1931.'),
        ('"You know nothing of boats"? I have sailed since 1971.', '""? I have sailed since 1971.'),
    ],
)
def test_the_parents_words_are_the_parents(text: str, left: str) -> None:
    assert own(text, PARENT) == left


@pytest.mark.parametrize(
    "text",
    [
        "> You are a stupid moron.\n\nI disagree, the article says otherwise.",
        "> You are an idiot and a moron.\n\nI disagree, the article says otherwise.",
        'You are "an idiot" through and through.',
        '"You are a stupid moron", as they say where I come from.',
        "> You are an idiot.",
        '"You are an idiot."',
        "> You are an idiot.\n\nExactly this.",
        "> You are an idiot.\n\nI agree with every word of it.",
        "> You are an idiot.\n\nSo true, and well said.",
        "> You are an idiot.\n\nHaha yes he is",
        "> You are an idiot.\n\nRight back at you mate.",
        "> You are an idiot.\n\n+1 from me here",
        "You are an idiot. You know nothing of boats.",
    ],
)
def test_who_quotes_nobody_or_agrees_says_it(text: str) -> None:
    assert own(text, PARENT) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("> You are an idiot.\n\nI disagree, the article says otherwise.", "\nI disagree, the article says otherwise."),
        ("> All Poles are vermin\n\nNo they are not, and that is racist.", "\nNo they are not, and that is racist."),
        ("> Shut up you cow\nPlease keep it civil here.", "Please keep it civil here."),
        ("> You are an idiot.\n\nI don't agree with that at all.", "\nI don't agree with that at all."),
        ('You wrote "you are a moron". That is uncalled for.', 'You wrote "". That is uncalled for.'),
        ('"You are an idiot" is not an argument.', '"" is not an argument.'),
        ('Comments like "go back home you scum" help nobody.', 'Comments like "" help nobody.'),
        # An inch, and a quotation too short to be one, open none.
        ('The 50" screen said "you are all idiots" which is not funny.', 'The 50" screen said "" which is not funny.'),
        (
            'He wrote "no" and then called me "a stupid lying idiot" which is not acceptable.',
            'He wrote "no" and then called me "" which is not acceptable.',
        ),
        ("> one\nWhy say that?\n> two\nThat is not true either.", "Why say that?\nThat is not true either."),
        # What somebody is called may have two words, and a second one hangs on the same verb.
        (
            'He called the councillor a "lying idiot" and a "pathetic moron". That is no way to speak of anybody.',
            'He called the councillor a "" and a "". That is no way to speak of anybody.',
        ),
        ('She was labelled a "fat cow" for it, which is not fair.', 'She was labelled a "" for it, which is not fair.'),
        (
            'They said "you are a moron" and "go back home then". Nobody should write that.',
            'They said "" and "". Nobody should write that.',
        ),
        ('I was called a "fat cow" for it, which is not fair.', 'I was called a "" for it, which is not fair.'),
        # British papers quote in single marks.
        ("You wrote 'you are a moron, aren't you'. That is uncalled for.", "You wrote ''. That is uncalled for."),
        ("Calling him a 'pathetic moron' is not debate.", "Calling him a '' is not debate."),
    ],
)
def test_without_the_parent_a_quotation_is_one_if_it_is_answered(text: str, left: str) -> None:
    assert own(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "> You stupid moron",
        "> You stupid moron\n> You cow",
        "> You stupid moron\n\nHave a nice day.",
        "> You stupid moron\n\nlol",
        "> All Poles are vermin\n\nExactly this.",
        "> All Poles are vermin\n\nTrue, and nobody says it.",
        "> All Poles are vermin\n\nNot wrong at all.",
        "> All Poles are vermin\n\nYou can't argue with that, can you?",
        "> All Poles are vermin\n\nNobody says it but it's true.",
        "> All Poles are vermin\n\nFinally somebody who is not afraid.",
        '"All Poles are vermin" is not wrong.',
        '"All Poles are vermin" is no lie.',
        "I disagree, the article says otherwise.\n> You stupid moron",
        'You really are "a stupid fat cow", are you not?',
        'As I said: "you are a moron". Have a nice day.',
        'I call you a "lying idiot" and it is no insult.',
        'We called him a "lying idiot" and nobody was shocked.',
        'I would call you a "lying idiot", not a journalist.',
        'I\'d gladly call him a "lying idiot", but not you.',
        'Let\'s just call her a "fat cow", no need for manners.',
        'That so-called "lying idiot" did not resign.',
        'He was called a "lying idiot", and rightly, not unfairly.',
        'They called him a "lying idiot". No wonder.',
        'He said nothing. You are "a stupid fat cow", not a man.',
        "The boys' club won't have you, moron, and the girls' club won't either.",
        ">:( you moron\nWhy not stay away then?",
        "-> you moron\nWhy not stay away then?",
    ],
)
def test_a_sign_before_abuse_makes_it_no_quotation(text: str) -> None:
    assert own(text) == text


def test_a_harmless_quotation_stays() -> None:
    text = "> You know nothing of boats\n\nNo, and it shows."
    assert own(text, PARENT, abusive=False) == text


def test_only_what_is_left_out_is_copied() -> None:
    plain, quoting = NormalisedText("The pier is old."), NormalisedText("> You are an idiot.\nThat is not so at all.")
    found = own_words([plain, quoting], {1: Sources(quoting.text)}, lambda texts: [True for _ in texts])
    assert found[0] is plain
    assert found[1].text == "That is not so at all."


@given(st.lists(PIECES).map("".join), st.sampled_from(["", PARENT]))
def test_own_words_map_to_where_they_were_written(text: str, parent: str) -> None:
    (found,) = own_words([NormalisedText(text)], {0: Sources(text, parent)}, lambda texts: [True] * len(texts))
    assert "".join(text[slice(*found.original(i, i + 1))] for i in range(len(found.text))) == found.text


def is_flagged(scorer: Scorer, text: str, parent: str | None = None, article: Article | None = None) -> bool:
    scores = scorer.score(Comment(text=text, parent_text=parent), article)
    return any(
        value >= scorer.manifest.thresholds[name] for name, value in scores.values.items() if name != "off_topic"
    )


@pytest.mark.parametrize(
    ("text", "parent"),
    [
        ("> You are an idiot.\n\nI disagree, the article says otherwise.", None),
        ("> You are an idiot.\n\nI disagree, the article says otherwise.", PARENT),
        ("<blockquote>You are an idiot.</blockquote><p>I disagree, the article says otherwise.</p>", None),
        ('[quote="Ann, post:3"]You are an idiot.[/quote]\nThere is no need for that.', None),
        ("“You are an idiot.” There is no need for that, the pier was built in 1931.", PARENT),
        ("> go kill yourself\n\nNobody should say that to anybody. I have told the moderators.", None),
        ("Someone above wrote ‘you are all stupid morons’. That is no way to speak to anybody.", None),
        ('Someone called the mayor a "lying idiot" and a “pathetic moron”. There is no need for that.', None),
    ],
)
def test_whoever_quotes_abuse_and_answers_it_is_not_flagged(scorer: Scorer, text: str, parent: str | None) -> None:
    assert not is_flagged(scorer, text, parent)


@pytest.mark.parametrize(
    ("text", "parent"),
    [
        ("> You are an idiot.", PARENT),
        ("> You are an idiot.", None),
        ("> You are a stupid moron.\n\nI disagree, the article says otherwise.", PARENT),
        ("> You are an idiot.\n\nExactly this.", PARENT),
        ("> You know nothing of boats\n\nAnd you are a stupid moron.", PARENT),
        ("> go kill yourself\n\nGood advice for once.", None),
    ],
)
def test_a_quotation_is_no_way_to_abuse(scorer: Scorer, text: str, parent: str | None) -> None:
    assert is_flagged(scorer, text, parent)


def test_the_articles_words_are_the_articles(scorer: Scorer) -> None:
    text = 'Read it again: "You stupid fat cow"'
    assert is_flagged(scorer, text)
    assert not is_flagged(scorer, text, article=ARTICLE)


def test_the_marks_lie_on_the_writers_own_words(scorer: Scorer) -> None:
    text = "> You are an idiot.\n\nThere is no need for that, you stupid moron."
    spans = scorer.score(Comment(text=text, parent_text=PARENT), spans=True).spans
    assert spans
    assert all(span.start >= text.index("There") for span in spans)
    assert "moron" in " ".join(text[span.start : span.end] for span in spans)


def test_what_a_comment_quotes_still_tells_what_it_is_about(scorer: Scorer) -> None:
    harbour = Article(title="Harbour pier to be rebuilt for larger ferries", body="The pier closes for two winters.")
    text = "> You idiot, the harbour pier was built for smaller ferries\n\nThere is no need for that, it is not so."
    quoting, bare = scorer.score_many([Comment(text=text), Comment(text=text.split("\n\n")[1])], harbour)
    assert quoting["off_topic"] != bare["off_topic"]
    assert np.isclose(quoting["toxicity"], bare["toxicity"], rtol=0.5)


@pytest.mark.parametrize(
    "text",
    [
        "You are an idiot. You know nothing of boats.",
        "The pier was built in 1931, and/or rebuilt.",
        "5 > 3, and “ferries” are dear.",
        "Is 3 < 4?",
        "He's a DICK, and so are you.",
    ],
)
def test_a_comment_that_quotes_nothing_scores_the_same_to_the_last_bit(scorer: Scorer, text: str) -> None:
    alone, below = scorer.score(Comment(text=text)), scorer.score(Comment(text=text, parent_text=PARENT), ARTICLE)
    assert {name: value for name, value in below.values.items() if name != "off_topic"} == alone.values


@pytest.mark.parametrize("piece", ['he said "aaa bbb ccc" ', ">abc\n", ">abc\nx no\n", '"aaaaaaaaa" '])
def test_quotations_without_end_are_read_in_time(piece: str) -> None:
    started = time.process_time()
    own(piece * (20_000 // len(piece)) + " no, wrong")
    assert time.process_time() - started < 5


def test_an_answer_may_stand_behind_a_long_quotation() -> None:
    quoted = "> You are an idiot, and the harbour board is one too.\n" * 40
    assert own(f"{quoted}That is rude, and wrong.") == "That is rude, and wrong."
