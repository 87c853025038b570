"""Three streams, claims, and what a decision tells of how it was made.

Revision 0009.
"""

from datetime import UTC, datetime
from math import log2

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns and the table, and put what waits into the queue."""
    # No batch mode: SQLite adds a column in place, and copying a table that others point to would be refused.
    op.add_column("article", _no("watched"))
    op.add_column("article", _no("court_case"))
    op.add_column("comment", sa.Column("stream", sa.String(length=16), nullable=True))
    op.add_column("comment", sa.Column("place", sa.Double(), nullable=False, server_default="0"))
    op.add_column("comment", sa.Column("since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("comment", sa.Column("about", sa.String(length=255), nullable=False, server_default=""))
    op.add_column("comment", _no("extreme"))
    columns = ["state", "stream", "place", "id", "extreme", "since", "article_id", "about"]
    op.create_index("ix_comment_next", "comment", columns)
    op.add_column("decision", sa.Column("stream", sa.String(length=16), nullable=True))
    op.add_column("decision", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("decision", sa.Column("batch", sa.String(length=32), nullable=True))
    op.add_column("decision", _no("blind"))
    op.create_index("ix_decision_moderator", "decision", ["moderator", "id"])
    op.create_index("ix_decision_batch", "decision", ["batch"])
    op.add_column("user_account", _no("words_shown"))
    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.String(length=255), nullable=False),
        sa.Column("moderator", sa.String(length=255), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name="fk_claim_comment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_claim"),
    )
    op.create_index("ix_claim_comment_id", "claim", ["comment_id"])
    op.create_index("ix_claim_turn", "claim", ["turn"])
    op.create_index("ix_claim_moderator", "claim", ["moderator", "id"])
    open_ended = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_claim_held", "claim", ["comment_id"], unique=True, sqlite_where=open_ended, postgresql_where=open_ended
    )
    _fill()


def _no(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _fill() -> None:
    """Return what was flagged or reported before its place: every flag so far was one for safety."""
    connection = op.get_bind()
    comment = sa.table(
        "comment",
        sa.column("id"), sa.column("state"), sa.column("rank"), sa.column("received_at", sa.DateTime(timezone=True)),
        sa.column("stream"), sa.column("place"), sa.column("since", sa.DateTime(timezone=True)), sa.column("about"),
    )  # fmt: skip
    flag = sa.table("flag", sa.column("id"), sa.column("comment_id"), sa.column("reasons", sa.JSON()))
    rows = connection.execute(
        sa.select(comment.c.id, comment.c.rank, comment.c.received_at, comment.c.state).where(
            comment.c.state.is_not(None)
        ),
    ).all()
    for comment_id, rank, received_at, state in rows:
        reasons = connection.scalar(
            sa.select(flag.c.reasons).where(flag.c.comment_id == comment_id).order_by(flag.c.id.desc()).limit(1),
        )
        connection.execute(
            comment.update()
            .where(comment.c.id == comment_id)
            .values(
                stream="safety" if state == "open" else None,
                place=_place(rank, received_at),
                since=received_at,
                about=_about(reasons),
            ),
        )


def _place(rank: float, since: datetime) -> float:
    # As `service.triage.order.place` was when this step was written.
    aware = since if since.tzinfo else since.replace(tzinfo=UTC)
    return log2(max(rank, 1e-3)) - (aware - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds() / 43200


def _about(reasons: list[dict[str, str]] | None) -> str:
    names = [reason["attribute"] for reason in reasons or [] if reason["attribute"]]
    return f" {' '.join(names)} " if names else ""
