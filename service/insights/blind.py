"""The blind sample: whether people decide differently if they do not see the scores first (`service.insights.work`)."""

import hashlib
import hmac


def is_blind(comment_id: str, *, secret: str, share: float) -> bool:
    """Return whether a comment's scores are hidden until the decision.

    It follows from the comment's id and a secret: the same at every reload,
    and not to be foreseen by anybody.
    """
    digest = hmac.new(secret.encode(), f"blind {comment_id}".encode("utf-8", "replace"), hashlib.sha256).digest()
    return int.from_bytes(digest[:8]) < share * 2**64
