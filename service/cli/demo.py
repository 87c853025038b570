"""`python -m service demo`: an article with comments of every kind, and a moderator to look at them."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy.orm import Session

from model.bundling.shelf import Shelf, champion
from model.errors import UnknownRecord
from model.records import Article, Comment
from model.scoring.loading import load_bundle
from service.accounts.users import create_user, find_user
from service.cli.database import open_database, stored_choices
from service.cli.serve import serving
from service.cli.server import ServeOptions, run
from service.moderation.articles import get_article, save_article
from service.moderation.comments import get_item
from service.moderation.ingest import ingest
from service.moderation.judge import Judge
from service.moderation.reports import add_report
from service.settings import Settings
from service.storage.database import Database

if TYPE_CHECKING:
    from model.scoring.scorer import Scorer

DEMO = Path(__file__).with_name("demo.json")
MODERATOR = "demo"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading the demo added.

    Attributes
    ----------
    comments
        How many comments are new.
    moderator
        The name to log in with.
    password
        Of the moderator, if it was made just now; nobody can look it up later.
    """

    comments: int
    moderator: str
    password: str | None


@click.command()
@serving(access_log="off")
@click.option("--load-only", is_flag=True, help="Load the demo without serving it.")
def demo(*, load_only: bool, **options: Any) -> None:
    """Load a demo article with comments and a moderator, then serve.

    The moderator's password is printed the first time only. Running the demo
    again changes nothing.
    """
    if load_only:
        found = Settings.read()
        path = champion(found.bundle, Shelf(Path(found.bundles)))
        db = open_database()
        _load_and_tell(db, load_bundle(path, operating_point=stored_choices(db).operating_point))
    else:
        run(ServeOptions(**options), _load_and_tell)


def _load_and_tell(db: Database, scorer: "Scorer") -> None:
    """Load the demo's comments, and print its moderator's password if it is new."""
    loaded = load_demo(db, scorer)
    if loaded.comments:
        click.echo(f"Demo: {loaded.comments} comments added.")
    if loaded.password is not None:
        click.echo(f"Moderator: {loaded.moderator}\nPassword:  {loaded.password} (shown only once)")


def load_demo(db: Database, scorer: "Scorer") -> Loaded:
    """Load whatever part of the demo is not there yet.

    Whatever is stored stays as it is, edits, reports and decisions included:
    a second run adds nothing and loses nothing.
    """
    demo = json.loads(DEMO.read_text(encoding="utf-8"))
    article = _article(demo["article"])
    with db.write() as session:
        if not _has_article(session, str(article.id)):
            save_article(session, article)
        known = {fields["id"] for fields in demo["comments"] if _has_comment(session, fields["id"])}
    new = [_comment(fields, article) for fields in demo["comments"] if fields["id"] not in known]
    for comment in new:
        ingest(db, Judge(scorer), comment)
    with db.write() as session:
        for report in demo["reports"]:
            reported = get_item(session, report["comment_id"]).reports
            if not any(earlier.reporter == report["reporter"] for earlier in reported):
                add_report(session, **report)
        user = find_user(session, name=MODERATOR)
        password = create_user(session, MODERATOR, "admin") if user is None else None
    return Loaded(len(new), MODERATOR, password)


def _has_article(session: Session, article_id: str) -> bool:
    """Return whether the demo's article is stored."""
    try:
        get_article(session, article_id)
    except UnknownRecord:
        return False
    return True


def _has_comment(session: Session, comment_id: str) -> bool:
    """Return whether one of the demo's comments is stored."""
    try:
        get_item(session, comment_id)
    except UnknownRecord:
        return False
    return True


def _article(fields: dict[str, Any]) -> Article:
    """Read the demo's article."""
    return Article(**{**fields, "published_at": datetime.fromisoformat(fields["published_at"])})


def _comment(fields: dict[str, Any], article: Article) -> Comment:
    """Read one of the demo's comments."""
    return Comment(
        id=fields["id"],
        article_id=article.id,
        parent_id=fields.get("parent_id"),
        author=fields["author"],
        text=fields["text"],
        posted_at=datetime.fromisoformat(fields["posted_at"]),
    )
