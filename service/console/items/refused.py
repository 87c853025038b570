"""What the start page tells leads of other programs' calls that were refused: most such programs publish regardless."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from service.web.current import counters
from service.wording.catalogue import lazy_gettext

#: A fault older than that has been mended, or nobody calls any more.
_SHOWN_FOR = timedelta(days=1)
#: By API and reason, what was wrong and what mends it; what is no fault of anybody's set-up is not told.
_WORDS = {
    ("perspective", "key"): (
        lazy_gettext("sent no key, or one that is not known"),
        lazy_gettext("Create one with python -m service create-key, and enter it in the program."),
    ),
    ("perspective", "scope"): (
        lazy_gettext("sent a key that lacks the scope"),
        lazy_gettext("Create a key with the scopes score and ingest."),
    ),
    ("perspective", "address"): (
        lazy_gettext("went to an address that does not exist"),
        lazy_gettext("The endpoint ends in /v1alpha1, without comments:analyze."),
    ),
    ("perspective", "attribute"): (
        lazy_gettext("asked for an attribute that nothing here scores"),
        lazy_gettext("In Coral, the model is TOXICITY; elsewhere, see BELOWLINE_DROP_UNSUPPORTED_ATTRIBUTES."),
    ),
    ("coral", "signature"): (
        lazy_gettext("came from Coral with a wrong signature"),
        lazy_gettext("Enter the secret that Coral shows in BELOWLINE_CORAL_SECRETS."),
    ),
    ("coral", "unconnected"): (
        lazy_gettext("came from Coral, which is not connected"),
        lazy_gettext("Enter the secret that Coral shows in BELOWLINE_CORAL_SECRETS."),
    ),
}


@dataclass(frozen=True, slots=True)
class Warned:
    """Calls refused for one reason: how many since the service started, when the last, what was wrong, what to do."""

    count: int
    last_at: datetime
    wrong: str
    cure: str


def warnings() -> Sequence[Warned]:
    """Return what other programs' calls were refused for within a day, because they are set up wrongly."""
    since = datetime.now(UTC) - _SHOWN_FOR
    return [
        Warned(one.count, one.last_at, *map(str, _WORDS[one.api, one.reason]))
        for one in counters().refused_calls()
        if (one.api, one.reason) in _WORDS and one.last_at > since
    ]
