"""The database's tables, by subject; the migrations make them.

May import nothing of ours.
"""

# Whoever has one of them has all: what compares them with the database must not miss one.
from service.storage.tables import accounts, audit, comments, newsroom, programs

__all__ = ["accounts", "audit", "comments", "newsroom", "programs"]
