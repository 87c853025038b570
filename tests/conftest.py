"""What the tests share; see each file for what it tests."""

import random
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from sqlalchemy import insert, text
from werkzeug.routing import Rule
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from model import load_bundle
from model.records import Article, Comment, Scores, Span
from model.scoring.scorer import Scorer
from service import create_app
from service.accounts.api_keys import create_key
from service.accounts.users import create_user
from service.moderation.articles import save_article
from service.moderation.comments import save_comment
from service.storage.database import MIGRATIONS, Database
from service.storage.records import FlagReason, Judgement
from service.storage.tables.comments import ArticleRow, CommentRow, FlagRow, ReportRow, ScoreRow
from service.triage.order import flag_rank
from service.triage.position import settle
from tests import postgresql
from tests.served import PATIENCE

# The same examples in every run, however slow: what fails was broken by a change, not by chance or by the machine.
# `pytest --hypothesis-profile=default` looks for others.
settings.register_profile("belowline", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("belowline")

ARTICLE = {
    "title": "Council votes to close the high street to cars",
    "body": "The city council voted on Tuesday to close the high street to private cars from April. "
    "Buses, bicycles and deliveries before ten in the morning stay allowed. Shopkeepers fear for their trade.",
}

SCORED = ("threat", "severe_toxicity", "identity_attack", "toxicity", "insult", "profanity", "off_topic")


@pytest.fixture(scope="session", autouse=True)
def _no_chance() -> Iterator[None]:
    """Draw no comment at random and hide no scores, unless a test asks for it: in what it starts, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BELOWLINE_RANDOM_RATE", "0")
        patch.setenv("BELOWLINE_BLIND_SHARE", "0")
        yield


@pytest.fixture(scope="session", autouse=True)
def _prepared_once() -> Iterator[None]:
    """Read migrations and compile routes once, not for each of four thousand apps: it is most of building one."""
    migrations = ScriptDirectory(str(MIGRATIONS))
    compiled, compile_route = dict[Any, Any](), Rule._compile_builder  # noqa: SLF001 - werkzeug offers no cache

    def once(rule: Rule, append_unknown: bool = True) -> Any:  # noqa: FBT001, FBT002 - its signature
        key = (append_unknown, repr(rule.defaults), *rule._trace)  # noqa: SLF001 - all that the result depends on
        if key not in compiled:
            compiled[key] = compile_route(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScriptDirectory, "from_config", lambda _config: migrations)
        patch.setattr(Rule, "_compile_builder", once)
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what `make test-kill` sets."""
    parser.addoption("--kills", type=int, default=20, help="how many times tests/load/service_killed.py kills")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was not tried where there is no browser."""
    if not shutil.which("chromedriver"):
        terminalreporter.write_line(
            "There is no chromedriver here: the console was tried over HTTP alone "
            "(tests/service/console/test_moderator.py). "
            "`make test-browser` tries it in Chromium."
        )


@pytest.fixture(scope="session")
def scorer() -> Scorer:
    """Return a shipped bundle: what a test scores with is what a user scores with."""
    return load_bundle("fast")


@pytest.fixture(scope="session")
def new_postgresql() -> Iterator[Callable[[], str]]:
    """Yield what makes an empty database on a PostgreSQL server, which is started for it."""
    with postgresql.databases() as make:
        yield make


@pytest.fixture(scope="session")
def reused_postgresql(new_postgresql: Callable[[], str]) -> Callable[[], str]:
    """Return what empties one database again and again."""
    return postgresql.Reused(new_postgresql)


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an SQLite database with its tables, to be copied: to make them takes a fifth of a second."""
    file = tmp_path_factory.mktemp("sqlite") / "empty.db"
    db = Database(f"sqlite:///{file}")
    db.upgrade()
    db.close()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return an empty database with its tables: what uses it is tested on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        empty: Path = request.getfixturevalue("empty_file")
        return f"sqlite:///{shutil.copy(empty, tmp_path / 'belowline.db')}"
    emptied: Callable[[], str] = request.getfixturevalue("reused_postgresql")
    return emptied()


@pytest.fixture(scope="session")
def compiled_pages(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Keep the templates that one app has compiled for the next one: it takes longer than most tests."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("pages")))


@pytest.fixture
def app(
    database_url: str, scorer: Scorer, compiled_pages: BytecodeCache, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """Yield the service as it is on a loopback address, with an empty database."""
    # Several calls at once are refused where the first score took long, as it may on a busy machine.
    monkeypatch.setattr("service.scoring.admission._LONGEST_WAIT", PATIENCE)
    app = create_app(
        {
            "DATABASE": database_url,
            "SCORER": scorer,
            "SECRET_KEY": "only for tests",
            "KEYS_REQUIRED": False,
            # What a comment is compared with would depend on what was stored a moment ago.
            "RECENT_ARTICLES": 0,
            "TESTING": True,
        },
    )
    app.jinja_env.bytecode_cache = compiled_pages
    yield app
    for thread in threading.enumerate():
        if thread.name == "recent articles":
            # It still reads from the database.
            thread.join()
    app.extensions["belowline.database"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a program that calls the service without a key."""
    return app.test_client()


@contextmanager
def _served(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[[Flask], str]]:
    """Serve an application on a free port and yield its address, for clients that others wrote."""
    with ExitStack() as servers:
        yield lambda app: servers.enter_context(_served(app))


@pytest.fixture
def db(app: Flask) -> Database:
    """Return the service's database."""
    found: Database = app.extensions["belowline.database"]
    return found


@pytest.fixture
def reviewer(db: Database) -> dict[str, str]:
    """Return the headers of a program that may send decisions."""
    with db.write() as session:
        return {"Authorization": f"Bearer {create_key(session, 'review tool', ['review'])}"}


@pytest.fixture
def article(client: FlaskClient) -> str:
    """Store an article and return its id."""
    client.put("/v1/articles/a1", json=ARTICLE)
    return "a1"


class Person:
    """Somebody at the console, who reads pages and sends the forms that are on them."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def reads(self, path: str) -> TestResponse:
        """Return a page."""
        return self.client.get(path)

    def sends(self, path: str, form: str | None = None, **fields: Any) -> TestResponse:
        """Send a form to a path, with the token of the page that it stands on (the same path, if not told)."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.reads(form or path).text)
        assert found, f"{form or path} has no form"
        return self.client.post(path, data={"csrf_token": found[1], **fields})

    def opens(self, comment_id: str, query: str = "") -> dict[str, str]:
        """Open an item and return what its form would send, but for the button."""
        return self.form_of(self.reads(f"/review/comments/{comment_id}{query}"))

    def is_shown_next(self, query: str = "") -> str | None:
        """Ask for the next item and return which it is; None if there is none."""
        answer = self.reads(f"/review/next{query}")
        found = "/review/comments/" in answer.location
        return self.form_of(self.reads(answer.location))["comment_id"] if found else None

    def presses(self, form: Mapping[str, str], verdict: str, **more: Any) -> TestResponse:
        """Press a button of an item's form: `keep`, `escalate`, `skip`, or the number of a rule to remove it by."""
        if verdict == "skip":
            return self.client.post("/review/skip", data={**form, **more})
        if verdict == "escalate":
            more = {"to": "", "note": "Please look.", **more}
        button = {"verdict": verdict} if verdict in ("keep", "escalate") else {"remove": verdict}
        return self.client.post("/review/decisions", data={**form, **button, **more})

    def presses_in(self, page: TestResponse, path: str, **more: Any) -> TestResponse:
        """Send the form that a page decides by to a path."""
        return self.client.post(path, data={**self.form_of(page), **more})

    def decides(self, comment_id: str, verdict: str, **more: Any) -> TestResponse:
        """Open an item and press a button of its form."""
        return self.presses(self.opens(comment_id), verdict, **more)

    @staticmethod
    def form_of(page: TestResponse) -> dict[str, str]:
        """Return the fields of the form that decides on an item."""
        found = re.search(r'<form class="verdicts.*?</form>', page.text, re.DOTALL)
        assert found, page.text
        fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', found[0])
        claim = re.findall(r'name="(claim)" value="(\d+)"', found[0])
        return {name: unescape(value) for name, value in fields + claim}


@pytest.fixture
def flag(db: Database) -> Callable[..., None]:
    """Store comments that are flagged as asked, on an article about a bridge."""
    article = Article(
        id="bridge", title="Bridge to close to cars", body="The council will vote.", url="https://p.example/1"
    )
    with db.write() as session:
        save_article(session, article)

    def save(
        comment_id: str,
        *,
        text: str = "What a wanker.",
        score: float = 0.9,
        attribute: str = "insult",
        spans: tuple[Span, ...] = (Span(7, 13, "insult", 1.0),),
        stream: str = "safety",
        article_id: str = "bridge",
        **more: Any,
    ) -> None:
        reason = FlagReason("Reads as an insult.", attribute, score, 0.5, spans)
        known = {"id": comment_id, "article_id": article_id, "author": f"by {comment_id}", "text": text}
        comment = Comment(**{**known, **more})
        judgement = Judgement(
            "b1",
            Scores({attribute: score}, spans),
            (reason,) if stream == "safety" else (),
            reason if stream == "doubt" else None,
        )
        with db.write() as session:
            save_comment(session, comment, judgement, random_rate=float(stream == "random"))

    return save


@pytest.fixture
def many(db: Database) -> Callable[..., None]:
    """Store very many comments, of which one in `one_in` waits for a person: by SQL, since ingest takes its time."""

    def load(number: int, *, one_in: int, seed: int = 5) -> None:
        chance = random.Random(seed)
        now = datetime.now(UTC)
        comments, scores, flags, reports, waiting = [], [], [], [], []
        for n in range(number):
            name, at = f"c{n:06d}", now - timedelta(minutes=chance.randrange(30 * 24 * 60), seconds=n % 60)
            attribute, score = chance.choice(SCORED), round(chance.uniform(0.05, 0.99), 3)
            comments.append(
                {
                    "id": name,
                    "article_id": f"a{chance.randrange(200):03d}",
                    "parent_id": f"c{chance.randrange(number):06d}" if chance.random() < 0.5 else None,
                    "author": f"reader {chance.randrange(number // 10)}",
                    "text": f"Comment {n}. " + "What is said here has been said before, and will be again. " * (n % 9),
                    "revision": 1,
                    "received_at": at,
                    "posted_at": at,
                    "rank": 0.0,
                    "queue_position": 0.0,
                    "about": "",
                    "extreme": False,
                }
            )
            about = {"comment_id": name, "revision": 1, "bundle_version": "b1"}
            scores.append({**about, "scores": {attribute: score}, "spans": [], "subjects": None, "scored_at": at})
            if n % one_in:
                continue
            waiting.append(name)
            stream = chance.choices(("safety", "doubt", "random", "report"), (60, 20, 10, 10))[0]
            reason = {"attribute": attribute, "score": score, "threshold": 0.5, "sentence": "Reads so.", "spans": []}
            if stream == "report":
                for _ in range(chance.randrange(1, 8)):
                    # Strangers to each other: of those who act together, one counts.
                    reporter = f"r{chance.randrange(10**9)}"
                    report = {"comment_id": name, "reporter": reporter, "reason": "abuse", "created_at": at}
                    reports.append(report)
            else:
                rank = flag_rank([FlagReason("", attribute, score)]) if stream == "safety" else round(score, 6)
                reasons = [] if stream == "random" else [reason]
                flags.append(
                    {**about, "reasons": reasons, "stream": stream, "rank": rank, "probability": 1.0, "raised_at": at}
                )
        with db.write() as session:
            articles = [
                {"id": f"a{n:03d}", "title": f"Article {n}", "body": "It is so.", "section": f"Section {n % 8}"}
                for n in range(200)
            ]
            session.execute(insert(ArticleRow).values(received_at=now, watched=False, court_case=False), articles)
            for table, rows in ((CommentRow, comments), (ScoreRow, scores), (FlagRow, flags), (ReportRow, reports)):
                session.execute(insert(table), rows)
            for name in waiting:
                settle(session, session.get_one(CommentRow, name))
            if db.engine.dialect.name == "postgresql":
                # As autovacuum does, a minute after so many rows have come.
                session.execute(text("ANALYZE"))

    return load


@pytest.fixture
def person(app: Flask, db: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Person]:
    """Make a moderator with a role, and log them in."""
    # Slow by intent: here it would only be slow.
    monkeypatch.setattr("service.accounts.passwords._HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))

    def log_in(name: str, role: str = "moderator") -> Person:
        with db.write() as session:
            password = create_user(session, name, role)
        somebody = Person(app.test_client())
        assert somebody.sends("/review/login", name=name, password=password).status_code == 303
        return somebody

    return log_in
