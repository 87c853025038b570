"""Which languages the pages can be in."""

from functools import cache
from pathlib import Path

#: In which the pages are written.
ENGLISH = "en"
#: Where there is a catalogue for each other one.
FOLDER = Path(__file__).parents[1] / "translations"


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that pages can be in: English, and each that has a catalogue."""
    return (ENGLISH, *sorted(file.parts[-3] for file in FOLDER.glob("*/LC_MESSAGES/messages.po")))
