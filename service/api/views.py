"""The native API: scores, articles, comments, flags, decisions, reports, labels."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain, islice

from apiflask import APIBlueprint
from flask import Response, current_app, g
from sqlalchemy.orm import Session

from model.errors import InvalidInput
from model.labels import LabelRow
from model.records import Article, Comment
from service.api.requests import (
    ArticleIn,
    CommentIn,
    CommentToScore,
    DecisionIn,
    FlagsQuery,
    LabelsQuery,
    ReportIn,
    RulesQuery,
    ScoresIn,
    SecondLooksIn,
)
from service.api.responses import (
    ArticleOut,
    CommentOut,
    DecisionOut,
    FlagsOut,
    LeftOut,
    ModelOut,
    ReportOut,
    RuleOut,
    RulesOut,
    ScoredOut,
    ScoresOut,
    SecondLooksOut,
    UnscoredOut,
    comment_out,
    decision_out,
    flags_out,
    reasons_out,
    report_out,
    spans_out,
)
from service.learning.labels import label_rows
from service.learning.second_looks import Doubted, ask
from service.learning.suggestions import suggested_rows
from service.moderation.articles import get_article, save_article
from service.moderation.comments import get_item
from service.moderation.decisions import NewDecision, add_decision
from service.moderation.ingest import ingest
from service.moderation.reports import add_report
from service.moderation.rules import current_rules, get_rules
from service.storage.cursors import read_cursor, write_cursor
from service.storage.database import Database
from service.storage.records import Conflict, Judgement
from service.triage.listing import ItemFilter, count, list_items
from service.web.auth import needs
from service.web.current import current_judge, current_scorer, database
from service.web.fields import MOST_NAME, id_problem, text_problem
from service.web.idempotency import once
from service.web.json import demand_json

bp = APIBlueprint("api", __name__, url_prefix="/v1", tag="Native API")
bp.before_request(demand_json)


@bp.post("/scores")
@needs("score")
@bp.input(ScoresIn)
@bp.output(ScoresOut)
def post_scores(json_data: ScoresIn) -> ScoresOut:
    """Score comments without storing them.

    The results come in the order of the comments. One that cannot be scored has
    an `error` in place of scores; the others are scored as usual.
    """
    article = None
    if json_data.article is not None:
        article = Article(title=json_data.article.title, body=json_data.article.body)
    elif json_data.article_id is not None:
        with database().read() as session:
            article = get_article(session, json_data.article_id)
    problems = [_problem(comment) for comment in json_data.comments]
    sound = [
        Comment(id=comment.id, text=comment.text, parent_text=comment.parent_text)
        for comment, problem in zip(json_data.comments, problems, strict=True)
        if problem is None
    ]
    names = [comment.id or str(place) for place, comment in enumerate(json_data.comments)]
    judged = iter(current_judge().judge(sound, article, attributes=json_data.attributes))
    manifest = current_scorer().manifest
    return ScoresOut(
        model=ModelOut(tier=manifest.tier, version=manifest.version),
        results=[
            UnscoredOut(id=name, error=problem) if problem else _result(name, next(judged))
            for name, problem in zip(names, problems, strict=True)
        ],
    )


@bp.put("/articles/<id:article_id>")
@needs("ingest")
@bp.input(ArticleIn)
@bp.output(ArticleOut)
@bp.doc(responses={201: "Created"})
def put_article(article_id: str, json_data: ArticleIn) -> tuple[ArticleOut, int]:
    """Create or replace an article."""
    _check_id(article_id)
    if problem := id_problem(article_id):
        raise InvalidInput(f"An article's id {problem}.")
    if json_data.id not in (None, article_id):
        raise Conflict(f"The id in the body, {json_data.id!r}, is not the one in the address, {article_id!r}.")
    article = Article(**{**json_data.model_dump(), "id": article_id})
    with database().write() as session:
        new = save_article(session, article)
    return _article_out(article), 201 if new else 200


@bp.get("/articles/<id:article_id>")
@needs("ingest")
@bp.output(ArticleOut)
def read_article(article_id: str) -> ArticleOut:
    """Return an article."""
    _check_id(article_id)
    with database().read() as session:
        return _article_out(get_article(session, article_id))


@bp.post("/comments")
@needs("ingest")
@bp.input(CommentIn)
@bp.output(CommentOut, 201)
@bp.doc(responses={200: "Already known: left as it was, or edited and scored again"})
def post_comment(json_data: CommentIn) -> tuple[CommentOut, int]:
    """Store and score a comment, and flag it if a person should look at it.

    Sending the same comment again changes nothing. A known id with a new text is
    an edit; the earlier text and its scores are kept.
    """
    item, new = ingest(database(), current_judge(), Comment(**json_data.model_dump()))
    return comment_out(item), 201 if new else 200


@bp.get("/comments/<comment:comment_id>")
@needs("review")
@bp.output(CommentOut)
def read_comment(comment_id: str) -> CommentOut:
    """Return a comment with its scores and flag."""
    _check_id(comment_id)
    with database().read() as session:
        return comment_out(get_item(session, comment_id))


@bp.get("/flags")
@needs("review")
@bp.input(FlagsQuery, location="query")
@bp.output(FlagsOut)
def read_flags(query_data: FlagsQuery) -> FlagsOut:
    """List the comments waiting for a person, in the console's order."""
    wanted = ItemFilter(query_data.state, article_id=query_data.article_id, erased=True)
    with database().read() as session:
        page = list_items(session, wanted, cursor=query_data.cursor, limit=query_data.limit)
        return flags_out(page, count(session, wanted))


@bp.post("/comments/<comment:comment_id>/decisions")
@needs("review", always=True)
@bp.input(DecisionIn)
@bp.output(DecisionOut, 201)
def post_decision(comment_id: str, json_data: DecisionIn) -> DecisionOut:
    """Record a person's verdict. Nothing happens to the comment itself.

    `undo` reverses the decision named in `undoes`, or else the one in force.
    """
    _check_id(comment_id)
    given = NewDecision(**json_data.model_dump())
    return once(database(), DecisionOut, lambda session: decision_out(add_decision(session, comment_id, given)))


@bp.post("/reports")
@needs("ingest")
@bp.input(ReportIn)
@bp.output(ReportOut, 201)
def post_report(json_data: ReportIn) -> ReportOut:
    """Record a reader's report: a person will look, whatever the score."""
    fields = json_data.model_dump()
    return once(database(), ReportOut, lambda session: report_out(add_report(session, **fields)))


@bp.post("/second-looks")
@needs("review", always=True)
@bp.input(SecondLooksIn)
@bp.output(SecondLooksOut)
def post_second_looks(json_data: SecondLooksIn) -> SecondLooksOut:
    """Ask for a second look at decisions that are probably wrong.

    They wait in the doubt stream. No decision is undone, and each gets one second look.
    """
    doubted = {look.comment_id: Doubted(**look.model_dump()) for look in json_data.looks}

    def asked(session: Session) -> SecondLooksOut:
        left = ask(session, list(doubted.values()), who=g.key_name)
        rows = [LeftOut(comment_id=name, why=why) for name, why in left.items()]
        return SecondLooksOut(waiting=len(doubted) - len(left), left=rows)

    return once(database(), SecondLooksOut, asked)


@bp.get("/rules")
@needs("review")
@bp.input(RulesQuery, location="query")
@bp.output(RulesOut)
def read_rules(query_data: RulesQuery) -> RulesOut:
    """Return the newspaper's rules; a decision cites one by its number."""
    with database().read() as session:
        book = current_rules(session) if query_data.version is None else get_rules(session, query_data.version)
    return RulesOut(version=book.version, made_at=book.made_at, rules=[RuleOut(**asdict(rule)) for rule in book.rules])


@bp.get("/labels")
@needs("review")
@bp.input(LabelsQuery, location="query")
@bp.doc(responses={200: "One label row per line (application/x-ndjson)"})
def read_labels(query_data: LabelsQuery) -> Response:
    """Stream people's decisions, one JSON object per line, for `training fit` to learn from.

    With `limit`, return one page; its `Next-Cursor` header says where the next one begins.
    """
    rows = _labels(database(), current_app.config["SECRET_KEY"], query_data)
    if query_data.limit is None:
        # The first one now: if the database does not answer, the answer can still say so.
        first = list(islice(rows, 1))
        lines = (row.to_json() + "\n" for _, row in chain(first, rows))
        return Response(lines, content_type="application/x-ndjson")
    page = list(islice(rows, query_data.limit + 1))
    text = "".join(row.to_json() + "\n" for _, row in page[: query_data.limit])
    response = Response(text, content_type="application/x-ndjson")
    if len(page) > query_data.limit:
        response.headers["Next-Cursor"] = page[-2][0]
    return response


def _labels(db: Database, secret: str, query: LabelsQuery) -> Iterator[tuple[str, LabelRow]]:
    """Yield decisions, then what other programs suggested; each with the cursor that comes after it."""
    part, place = (0.0, "") if query.cursor is None else read_cursor(query.cursor)
    if part == 0:
        for row in label_rows(db, secret, unreviewed=query.unreviewed, after=place):
            yield write_cursor(0, row.comment_id), row
    # Numbers of ours fit into 64 bits.
    after = int(place) if part and re.fullmatch(r"[0-9]{1,18}", place) else 0
    for number, row in suggested_rows(db, after):
        yield write_cursor(1, str(number)), row


def _check_id(given: str) -> None:
    """Refuse an id in an address that could not be stored."""
    # Werkzeug puts U+FFFD where an address is not UTF-8.
    if len(given) > MOST_NAME or "\0" in given or "\ufffd" in given:
        raise InvalidInput(f"An id should be UTF-8 of at most {MOST_NAME} characters, without NUL.")


def _problem(comment: CommentToScore) -> str | None:
    """Return what keeps a comment from being scored; None if nothing does."""
    if problem := text_problem(comment.text):
        return problem
    # A parent's emptiness says nothing; what cannot be encoded would fail the batch.
    if comment.parent_text and comment.parent_text.strip() and (problem := text_problem(comment.parent_text)):
        return f"parent_text: {problem}"
    return None


def _result(comment_id: str, found: Judgement) -> ScoredOut | UnscoredOut:
    """Return one comment's scores, or why it has none, as the API shows it."""
    if found.scores is None:
        return UnscoredOut(id=comment_id, error=found.error)
    return ScoredOut(
        id=comment_id,
        scores=dict(found.scores.values),
        spans=spans_out(found.scores.spans),
        reasons=reasons_out(found.reasons),
    )


def _article_out(article: Article) -> ArticleOut:
    """Return an article as the API shows it."""
    return ArticleOut(**{name: getattr(article, name) for name in ArticleOut.model_fields})
