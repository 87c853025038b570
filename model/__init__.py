"""What a score is and how one is computed: text in, numbers out.

>>> from model import Article, Comment, load_bundle
>>> scorer = load_bundle()
>>> scores = scorer.score(Comment(text="..."), article=Article(title="..."))
"""

from model.bundling.bundle import load_bundle
from model.bundling.manifest import Manifest
from model.errors import BelowlineError, BundleError, InvalidInput, UnknownAttribute, UnknownRecord
from model.reasons.policy import review_reasons
from model.records import Article, Comment, Reason, Scores, Span, Subjects, Unscorable

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
