"""Readers' reports in words: why, and by whom."""

import re

from flask import Flask

from service.moderation.reports import REASONS
from service.triage.credibility import is_form_reporter
from service.wording.catalogue import gettext as _
from service.wording.sentences import told

#: Ids that programs make, of which nobody knows a person.
_OPAQUE = re.compile(r"(?=[^0-9]*[0-9])[0-9a-f-]{12,}|[0-9]+", re.IGNORECASE)
_SHOWN = 8


def install(app: Flask) -> None:
    """Prepare an app for pages that show reports."""
    app.add_template_filter(in_words)
    app.add_template_filter(reader)


def in_words(reason: str) -> str:
    """Return why a comment was reported, as the form has it; a program's own reason as it is."""
    return told(REASONS[reason]) if reason in REASONS else reason


def reader(reporter: str) -> str:
    """Return how to call whoever reported: by a name, if that is what we have."""
    if is_form_reporter(reporter):
        return _("anonymous reader %(name)s", name=reporter[-4:])
    if reporter.startswith("erased-"):
        return _("erased reader")
    if not _OPAQUE.fullmatch(reporter):
        return reporter
    return _("reader %(name)s", name=reporter[:_SHOWN] + ("…" if len(reporter) > _SHOWN else ""))
