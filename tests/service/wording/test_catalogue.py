"""The catalogues are in step with the pages: `make strings`, and a translation for each string, keep them so."""

import ast
import re
import tomllib
from functools import cache
from itertools import zip_longest
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

import service
from service.staffing.languages import ENGLISH, languages

ROOT = Path(service.__file__).parent
MAPPINGS = tomllib.loads((ROOT.parent / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
OTHERS = [name for name in languages() if name != ENGLISH]
#: A value that is put in, or a tag of HTML.
PLACES = re.compile(r"%\(\w+\)[rs]|%%|</?\w+[^>]*>")

#: Names, and an example of an address.
UNTRANSLATED = {"Belowline", "· Belowline", "https://cms.paper.example/hooks"}

Key = tuple[str, str | tuple[str, ...]]


@cache
def written() -> set[Key]:
    """Return the strings that stand in pages and code, each with its context."""
    method_map = [(mapping["pattern"], mapping["method"]) for mapping in MAPPINGS]
    options = {mapping["pattern"]: {"trimmed": "true", "silent": "false"} for mapping in MAPPINGS}
    keywords = {**DEFAULT_KEYWORDS, **{name: None for mapping in MAPPINGS for name in mapping.get("keywords", ())}}
    found = extract_from_dir(ROOT.parent, method_map, options, keywords, directory_filter=inside)
    return {(context or "", message) for _, _, message, _, context in found}


def inside(folder: str) -> bool:
    return Path(folder) == ROOT or ROOT in Path(folder).parents


def catalogue(language: str) -> Catalog:
    with (ROOT / f"translations/{language}/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale=language)


def messages(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def forms(message: Message) -> list[tuple[str, str]]:
    """Return each form of a translation beside the English one that it stands for."""
    english = [message.id] if isinstance(message.id, str) else list(message.id)
    translated = [message.string] if isinstance(message.string, str) else list(message.string or ())
    # A language may have more forms than English has.
    return list(zip_longest(english[: len(translated)], translated, fillvalue=english[-1]))


def places(message: Message, said: str) -> set[str]:
    """Return the values and tags in a string; the form for one may say "a" instead of the number."""
    found = set(PLACES.findall(said))
    return found if isinstance(message.id, str) else found - {"%(num)s"}


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_every_string_and_no_other(language: str) -> None:
    assert {(message.context or "", message.id) for message in messages(language)} == written(), "run make strings"


@pytest.mark.parametrize("language", OTHERS)
def test_every_string_is_translated_and_none_is_a_guess(language: str) -> None:
    lacking = [message.id for message in messages(language) if not all(form for _, form in forms(message))]
    guessed = [message.id for message in messages(language) if message.fuzzy]

    assert (lacking, guessed) == ([], [])


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_puts_in_the_same_values_and_tags(language: str) -> None:
    differing = {
        said: translated
        for message in messages(language)
        for said, translated in forms(message)
        if places(message, said) != places(message, translated)
    }

    assert differing == {}


@pytest.mark.parametrize("language", OTHERS)
def test_no_obsolete_string_is_kept(language: str) -> None:
    assert list(catalogue(language).obsolete) == []


def test_no_string_hides_from_the_extraction() -> None:
    """Within an f-string Babel finds none."""
    hidden = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in ROOT.rglob("*.py")
        for formatted in ast.walk(ast.parse(path.read_text()))
        if isinstance(formatted, ast.JoinedStr)
        for call in ast.walk(formatted)
        if isinstance(call, ast.Call) and ast.unparse(call.func) in {"_", "gettext", "ngettext"}
    ]

    assert hidden == []


def test_no_page_holds_words_that_are_not_in_the_catalogue() -> None:
    """What stands between tags, or is read out, is put in by Jinja, so that it can be translated."""
    found = {
        f"{path.relative_to(ROOT)}: {words}"
        for path in (ROOT / "templates").rglob("*.html")
        # The API's own page is for programmers.
        if path.name != "docs.html"
        for words in bare_words(path.read_text())
    }

    assert found == set()


def bare_words(template: str) -> set[str]:
    put_in = re.compile(
        r"{% block main_class %}.*?{% endblock %}|{% trans.*?endtrans %}|{{.*?}}|{%.*?%}|{#.*?#}|<(kbd|code).*?</\1>",
        re.DOTALL,
    )
    rest = put_in.sub("", template)
    read_out = re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', rest)
    texts = re.sub(r"<[^>]*>", "|", rest).split("|")
    return {text.strip() for text in (*texts, *read_out) if re.search("[A-Za-z]{2}", text)} - UNTRANSLATED
