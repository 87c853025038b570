"""The shipped bundles score real sentences."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import Article, Comment, InvalidInput, UnknownAttribute, Unscorable, load_bundle, review_reasons
from model.records import Scores
from model.scoring.scorer import Scorer

HARBOUR = Article(
    title="Harbour pier to be rebuilt for larger ferries",
    body="The harbour board voted on Tuesday to rebuild the ferry pier and dredge the channel, so that the two larger "
    "ferries ordered last year can berth at low tide. The work is to cost nine million pounds and to begin in October. "
    "Fishermen fear for their moorings while the dredging lasts, and the pier is to close for two winters. Morag "
    "Sinclair, who chairs the board, said the present pier was built in 1931 for ships half as long. The ferry company "
    "said its timetable would be cut by a third until the pier opens again.",
)
ON_TOPIC = "The ferries have outgrown that pier for years, and dredging the harbour was overdue."
OFF_TOPIC = "My sourdough never rises since I bought the new oven, does anyone know which flour to use?"


@pytest.fixture(scope="module", params=["fast", "accurate"])
def scorer(request: pytest.FixtureRequest) -> Scorer:
    return load_bundle(request.param)


@pytest.mark.parametrize(
    ("abusive", "civil"),
    [
        ("You are a complete idiot.", "You are completely right."),
        ("Shut up, you stupid moron.", "Thank you, that is a good point."),
        ("I will find you and kill you.", "The shelling killed nine people in the city on Monday."),
        ("y0u 4r3 4n 1d10t", "The H1N1 ward is on the 2nd floor."),
        ("What an i d i o t you are", "J. R. R. Tolkien wrote it"),
    ],
)
def test_abuse_scores_above_its_civil_neighbour(scorer: Scorer, abusive: str, civil: str) -> None:
    worse, better = scorer.score_many([Comment(text=abusive), Comment(text=civil)])
    assert worse["toxicity"] > better["toxicity"] + 0.1


def test_a_civil_comment_on_a_war_is_not_flagged(scorer: Scorer) -> None:
    text = "Bombs fall on hospitals, children are killed under siege, and the talks end without a ceasefire."
    scores = scorer.score(Comment(text=text))
    assert review_reasons(scores, scorer.manifest.thresholds) == ()


def test_off_topic_is_scored_against_the_article(scorer: Scorer) -> None:
    on, off = scorer.score_many([Comment(text=ON_TOPIC), Comment(text=OFF_TOPIC)], HARBOUR)
    assert off["off_topic"] > 4 * on["off_topic"]


def test_without_an_article_there_is_no_off_topic(scorer: Scorer) -> None:
    assert "off_topic" not in scorer.score(Comment(text=OFF_TOPIC)).values


def test_of_an_endless_article_the_beginning_is_read(scorer: Scorer) -> None:
    beginning = f"{HARBOUR.body} " * 300
    endless = Article(title=HARBOUR.title, body="\u200b" * 60_000 + beginning + "Sourdough needs flour. " * 40_000)

    found = scorer.score(Comment(text=ON_TOPIC), endless)

    assert found == scorer.score(Comment(text=ON_TOPIC), Article(title=HARBOUR.title, body=beginning[:50_000]))


def test_general_praise_belongs_to_every_article(scorer: Scorer) -> None:
    praise, off = scorer.score_many([Comment(text="Well said."), Comment(text=OFF_TOPIC)], HARBOUR)
    assert praise["off_topic"] < off["off_topic"]
    assert praise["off_topic"] < scorer.manifest.thresholds["off_topic"]


@pytest.mark.parametrize("article", [HARBOUR, Article(title=HARBOUR.title), Article(body=HARBOUR.body)])
def test_a_title_or_a_body_is_enough(scorer: Scorer, article: Article) -> None:
    on, off = scorer.score_many([Comment(text=ON_TOPIC), Comment(text=OFF_TOPIC)], article)
    assert off["off_topic"] > on["off_topic"]
    assert on["off_topic"] < scorer.manifest.thresholds["off_topic"]


def test_what_a_comment_is_scored_with_changes_no_bit(scorer: Scorer) -> None:
    comments = [
        Comment(text=text, parent_text=parent)
        for text in (ON_TOPIC, OFF_TOPIC, "lol", "Who pays for it? Not CalMac, in 2031!")
        for parent in (None, ON_TOPIC, OFF_TOPIC)
    ]
    assert scorer.score_many(comments, HARBOUR) == [scorer.score(comment, HARBOUR) for comment in comments]


def test_a_reply_has_its_parents_subject(scorer: Scorer) -> None:
    to_what_is_on_topic, to_what_is_not = scorer.score_many(
        [Comment(text="It will cost twice as much.", parent_text=parent) for parent in (ON_TOPIC, OFF_TOPIC)], HARBOUR
    )
    assert to_what_is_on_topic["off_topic"] < to_what_is_not["off_topic"]
    assert to_what_is_on_topic["off_topic"] < scorer.manifest.thresholds["off_topic"]


def test_comments_stand_below_the_articles_that_they_name(scorer: Scorer) -> None:
    bread = Article(title="How to bake sourdough", body="Flour, water, salt and a hot oven.", id="bread")
    found = scorer.score_many(
        [Comment(text=OFF_TOPIC, article_id="harbour"), Comment(text=OFF_TOPIC, article_id="bread")],
        articles={"harbour": HARBOUR, "bread": bread},
    )
    assert found[0]["off_topic"] > found[1]["off_topic"]


def test_only_what_is_asked_for_is_scored(scorer: Scorer) -> None:
    scores = scorer.score_many([Comment(text=ON_TOPIC)], HARBOUR, attributes=["insult"])[0]
    assert list(scores.values) == ["insult"]


def test_an_unknown_attribute_is_named(scorer: Scorer) -> None:
    with pytest.raises(UnknownAttribute, match="'happiness'; it scores toxicity"):
        scorer.score_many([Comment(text=ON_TOPIC)], attributes=["happiness"])


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\u200b", "\u202e", "\x00"], ids=repr)
def test_a_comment_without_text_is_refused(scorer: Scorer, text: str) -> None:
    with pytest.raises(InvalidInput, match="has no text to score"):
        scorer.score(Comment(text=text))


def test_an_article_without_text_is_refused(scorer: Scorer) -> None:
    with pytest.raises(InvalidInput, match="neither a title nor a body"):
        scorer.score(Comment(text=ON_TOPIC), Article(title=" ", body=""))


def test_what_cannot_be_read_is_stepped_over(scorer: Scorer) -> None:
    idiot, kind = Comment(text="You idiot!"), Comment(text="You are kind.")

    found = scorer.score_each([Comment(text=""), idiot, Comment(text="\u200b"), kind, idiot], HARBOUR)

    empty = Unscorable("The comment has no text to score.")
    first, second = scorer.score_many([idiot, kind], HARBOUR)
    assert found == [empty, first, empty, second, first]
    assert scorer.score_each([]) == []
    assert scorer.score_each([Comment(text=" ")]) == [empty]


def test_an_article_that_cannot_be_read_is_stepped_over(scorer: Scorer) -> None:
    comments = [Comment(text=ON_TOPIC, article_id="blank"), Comment(text=ON_TOPIC, article_id="harbour")]

    found = scorer.score_each(comments, articles={"harbour": HARBOUR, "blank": Article(title="\u200b", body=" ")})

    assert [isinstance(one, Scores) and "off_topic" in one.values for one in found] == [False, True]


@pytest.mark.parametrize(
    "text",
    ["😀" * 10_000, "a" * 100_000, "שלום עולם, איך אתם?", "\ud800 half a pair", "e\u0301" * 500, "!" * 500, "好的"],
    ids=["10,000 emoji", "100,000 letters", "Hebrew", "lone surrogate", "combining marks", "signs", "Chinese"],
)
def test_odd_texts_are_scored(scorer: Scorer, text: str) -> None:
    scores = scorer.score_many([Comment(text=text)], HARBOUR, spans=True)[0]
    assert all(0.0 <= value <= 1.0 for value in scores.values.values())
    assert all(0 <= span.start < span.end <= len(text) for span in scores.spans)


@pytest.mark.parametrize("tier", ["fast", "accurate"])
def test_a_score_is_the_same_to_the_last_bit_whatever_it_is_scored_with(tier: str) -> None:
    scorer = load_bundle(tier, threads=1)
    short = [ON_TOPIC, OFF_TOPIC, "You idiot!", "Well said.", "Aye, haud yer wheesht."]
    long = "The ferry was late, and the next one did not come at all. " * 20
    meals = Article(title="School meals to cost more", body="Parents are to pay more for lunch from May.")
    papers = {"harbour": HARBOUR, "meals": meals, "again": meals}
    texts = (*short, long, *(f"{text} Really!" for text in short))
    comments = [Comment(text=text, article_id=("harbour", "meals", "again")[i % 3]) for i, text in enumerate(texts)]
    together = scorer.score_many(comments, articles=papers)

    assert together == [scorer.score_many([comment], articles=papers)[0] for comment in comments]
    assert together[::-1] == scorer.score_many(comments[::-1], articles=papers)
    assert together[:5] == scorer.score_many(comments[:5], articles=papers)
    assert together == load_bundle(tier, threads=2).score_many(comments, articles=papers)


def test_the_words_of_an_insult_are_found(scorer: Scorer) -> None:
    text = "I read the plan twice, and you are a stupid idiot."
    found = [text[s.start : s.end] for s in scorer.score(Comment(text=text), spans=True).spans]
    assert any("idiot" in words for words in found)
    assert not any("plan" in words for words in found)


def test_removing_the_words_lowers_the_score(scorer: Scorer) -> None:
    text = "The council met on Monday, and the provost is a pathetic moron."
    scores = scorer.score(Comment(text=text), spans=True)
    rest = text
    for span in sorted((s for s in scores.spans if s.attribute == "toxicity"), key=lambda s: -s.start):
        rest = rest[: span.start] + rest[span.end :]
    assert scorer.score(Comment(text=rest))["toxicity"] < 0.5 * scores["toxicity"]


@settings(max_examples=40)
@given(st.text(min_size=1, max_size=200))
def test_spans_lie_in_the_comment_as_written(text: str) -> None:
    scorer = _fast()
    try:
        scores = scorer.score(Comment(text=text), spans=True)
    except InvalidInput:
        return
    assert all(0 <= span.start < span.end <= len(text) for span in scores.spans)


_loaded: list[Scorer] = []


def _fast() -> Scorer:
    if not _loaded:
        _loaded.append(load_bundle("fast"))
    return _loaded[0]


@pytest.mark.parametrize(
    ("score", "said"), [(0.0047, "1 in 100"), (0.5, "50 in 100"), (0.994, "99 in 100"), (0.9999, "99 in 100")]
)
def test_no_reason_is_quite_certain(score: float, said: str) -> None:
    (reason,) = review_reasons(Scores({"insult": score}), {"insult": 0.004})
    assert reason.sentence == f"Reads as an insult: {said} comments that score like this one are."


CIVIL = (
    "The council met on Tuesday and heard from nine residents about the bridge. I live two streets away and take the "
    "bus to work, so I have watched this for some years. The figures in the report look right to me. "
)


@pytest.mark.parametrize("place", ["beginning", "middle", "end"])
@pytest.mark.parametrize(
    "abuse", ["You are a stupid wanker.", "Shut up, you pathetic moron.", "You are a vile, stupid cow."]
)
def test_an_abusive_sentence_is_flagged_wherever_it_stands_in_a_long_comment(
    scorer: Scorer, abuse: str, place: str
) -> None:
    before = {"beginning": 0, "middle": 20, "end": 40}[place]
    comment = Comment(text=CIVIL * before + abuse + " " + CIVIL * (40 - before))
    found = scorer.score(comment, spans=True)
    assert found.values["toxicity"] >= scorer.manifest.thresholds["toxicity"]
    at = len(CIVIL) * before
    assert all(at <= span.start < span.end <= at + len(abuse) for span in found.spans if span.attribute == "toxicity")


def test_a_long_civil_comment_is_no_more_abusive_than_a_short_one(scorer: Scorer) -> None:
    short, long = (scorer.score(Comment(text=CIVIL * times)).values["toxicity"] for times in (1, 80))
    assert long < 0.5 * scorer.manifest.thresholds["toxicity"]
    assert long < short + 0.01


def test_in_a_very_long_comment_the_worst_words_are_marked(scorer: Scorer) -> None:
    text = "The pier was built in 1931 for ships half as long, and nobody has mended it since. " * 220 + ON_TOPIC
    text = f"{text} You stupid fucking idiot. {text[:1000]}"
    (scores,) = scorer.score_many([Comment(text=text)], spans=True)

    assert scores["toxicity"] >= scorer.manifest.thresholds["toxicity"]
    assert "idiot" in {text[span.start : span.end].split()[-1] for span in scores.spans}
