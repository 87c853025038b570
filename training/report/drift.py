"""Drift as a table."""

from model.watching.drift import Signal
from training.report.table import Table

_NAMES = {
    "scores": "scores",
    "words": "unknown words",
    "removed": "removed",
    "agreement": "flags that moderators agreed with",
}


def drift_table(signals: tuple[Signal, ...]) -> Table:
    """Show the signals: then, now, how far apart, and what that is called."""
    return Table(
        "Drift",
        "Scores: mean then and now, and the population stability index. Shares: of words that the bundle does not "
        "know, of decisions that removed, of flags that moderators agreed with; and the factor between the odds.",
        ("what", "then", "now", "distance", "level"),
        tuple(
            (
                s.attribute or _NAMES[s.subject],
                f"{s.reference:.3f}",
                f"{s.current:.3f}",
                "–" if s.level == "too few" else f"{s.distance:.3f}",
                s.level,
            )
            for s in signals
        ),
    )
