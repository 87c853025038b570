"""Which language a page is in, and its strings in that language."""

from functools import cache
from io import BytesIO
from typing import Any

import flask_babel
from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, g, has_request_context, request

from service.staffing.choices import BROWSERS
from service.staffing.languages import ENGLISH, FOLDER, languages
from service.web.current import current_choices

#: As HTML and HTTP name the language.
_TAGS = {ENGLISH: "en-GB"}


class _Catalogues(flask_babel.Domain):
    """Each catalogue as translators write it: none is compiled beforehand, so none is out of step."""

    def get_translations(self) -> NullTranslations:
        """Return the strings of the request's language."""
        return _translations(language())


class _Babel(flask_babel.Babel):
    """Flask-Babel, with the catalogues of this package."""

    domain_instance = _Catalogues()


def install(app: Flask) -> None:
    """Prepare an app for pages in each reader's language."""
    _Babel(app, locale_selector=language)
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.globals["tag"] = tag
    app.after_request(_tell_language)


def language() -> str:
    """Return the language of this request's pages; English where there is no request."""
    if not has_request_context():
        return ENGLISH
    if "language" not in g:
        chosen = current_choices().language
        newsrooms = None if chosen == BROWSERS else chosen
        # Readers choose their own; moderators have what the newsroom chose, if it did, or what they chose (`speak`).
        own = newsrooms is None or request.path.startswith("/report/")
        g.language = (_asked() if own else None) or newsrooms or ENGLISH
    found: str = g.language
    return found


def speak(own: str | None) -> None:
    """Show this request's pages in the language that somebody chose for themselves, if they did."""
    g.pop("language", None)
    if own in languages():
        g.language = own


def tag() -> str:
    """Return the language of this request's pages as HTML names it."""
    return _TAGS.get(language(), language().replace("_", "-"))


def name_of_language(name: str) -> str:
    """Return a language's name in that language, by which whoever speaks it finds it."""
    return Locale.parse(name).get_display_name(name) or name


def locale() -> Locale:
    """Return what writes dates and numbers in the language of this request's pages."""
    return Locale.parse(language())


def gettext(message: str, **values: object) -> str:
    """Return a string in the language of this request's pages, with the values that it names put in."""
    found: str = flask_babel.gettext(message, **values)
    return found


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """Return the form of a string that fits a number, which it names as `num`."""
    found: str = flask_babel.ngettext(one, many, num, **values)
    return found


def lazy_gettext(message: str) -> Any:
    """Return a string that is translated only when it is shown: for tables, which are made before any request."""
    return flask_babel.lazy_gettext(message)


def _asked() -> str | None:
    """Return the language that the browser would like best of those we have."""
    ours = {name.lower().replace("_", "-"): name for name in languages()}
    # Not werkzeug's best match: for it `en-US, de;q=0.5` is German.
    for named, quality in request.accept_languages:
        wanted = named.lower()
        if quality and (found := ours.get(wanted) or ours.get(wanted.partition("-")[0])):
            return found
    return None


def _tell_language(response: Response) -> Response:
    """Say in an answer's headers which language a page is in."""
    if "language" in g and response.mimetype == "text/html":
        response.headers["Content-Language"] = tag()
        response.vary.add("Accept-Language")
    return response


@cache
def _translations(name: str) -> NullTranslations:
    """Load a language's catalogue."""
    if name == ENGLISH:
        return NullTranslations()
    compiled = BytesIO()
    with (FOLDER / name / "LC_MESSAGES/messages.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=name))
    compiled.seek(0)
    return Translations(compiled)
