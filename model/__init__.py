"""What a score is and how one is computed: text in, numbers out.

Imports neither `training` nor `service`, and no web, database or network.

>>> from model import Article, Comment, load_bundle
>>> scorer = load_bundle()
>>> scores = scorer.score(Comment(text="..."), article=Article(title="..."))
"""

from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from model.bundling.manifest import Manifest
from model.errors import BelowlineError, BundleError, InvalidInput, UnknownAttribute, UnknownRecord
from model.reasons.policy import review_reasons
from model.records import Article, Comment, Reason, Scores, Span, Subjects, Unscorable

if TYPE_CHECKING:
    from model.scoring.loading import load_bundle

__all__ = [
    "Article",
    "BelowlineError",
    "BundleError",
    "Comment",
    "InvalidInput",
    "Manifest",
    "Reason",
    "Scores",
    "Span",
    "Subjects",
    "UnknownAttribute",
    "UnknownRecord",
    "Unscorable",
    "load_bundle",
    "review_reasons",
]


def __getattr__(name: str) -> Any:
    """Import `load_bundle` once somebody wants it: a scorer is slow to import, and `--help` must not wait for it."""
    if name == "load_bundle":
        return resolve_name("model.scoring.loading:load_bundle")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
