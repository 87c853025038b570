"""Whom an escalation asks, and what answered it.

Revision 0018.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add the table; what is escalated now asks any lead."""
    op.create_table(
        "escalation",
        sa.Column("decision_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("comment_id", sa.String(length=255), nullable=False),
        sa.Column("asked_by", sa.String(length=255), nullable=False),
        sa.Column("asked_to", sa.String(length=255), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name="fk_escalation_decision_id"),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name="fk_escalation_comment_id"),
        sa.ForeignKeyConstraint(["answer_id"], ["decision.id"], name="fk_escalation_answer_id"),
        sa.PrimaryKeyConstraint("decision_id", name="pk_escalation"),
    )
    op.create_index("ix_escalation_comment_id", "escalation", ["comment_id"])
    op.create_index("ix_escalation_answer_id", "escalation", ["answer_id"])
    op.create_index("ix_escalation_asked_by", "escalation", ["asked_by", "heard_at"])
    op.execute(
        "INSERT INTO escalation (decision_id, comment_id, asked_by, asked_at) "
        "SELECT d.id, d.comment_id, d.moderator, d.decided_at FROM decision d WHERE d.id IN ("
        "SELECT MAX(e.id) FROM decision e JOIN comment c ON c.id = e.comment_id "
        "WHERE c.state = 'escalated' AND e.verdict = 'escalate' "
        "AND NOT EXISTS (SELECT 1 FROM decision u WHERE u.undoes = e.id) GROUP BY e.comment_id)"
    )
