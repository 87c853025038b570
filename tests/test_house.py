"""The house shows itself: small folders that say what they hold, small modules, and a map that is right."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROGRAMS = ("model", "training", "service")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
#: May hold more than twelve modules: a step of the database's history stays, so that any older one finds its way.
HISTORY = "service/storage/migrations/versions"
#: What tools leave behind, and git ignores.
LEFT_BEHIND = {"__pycache__", "node_modules", ".cache", ".installed"}


def named(path: Path) -> str:
    """Return a path as seen from the root."""
    return path.relative_to(ROOT).as_posix()


def folders(*within: str) -> Iterator[Path]:
    """Yield the named folders and those below them that hold anything of ours."""
    for name in within:
        for folder in (ROOT / name, *(ROOT / name).rglob("*/")):
            if not LEFT_BEHIND & set(folder.parts) and {file.name for file in folder.iterdir()} - LEFT_BEHIND:
                yield folder


PACKAGES = sorted(named(folder) for folder in folders(*PROGRAMS) if (folder / "__init__.py").exists())
MODULES = sorted(
    named(file) for folder in folders(*PROGRAMS, "docs", "tests") for file in folder.glob("*.py") if file.is_file()
)
#: Below a folder without modules (templates, style sheets) stands nothing that the map must name.
FOLDERS = {
    *(named(folder) for folder in folders(*PROGRAMS) if named(folder.parent) in {".", *PACKAGES}),
    *(named(folder) for folder in folders("docs", "tests") if len(folder.relative_to(ROOT).parts) <= 2),
} - {f"tests/{program}" for program in PROGRAMS}


@cache
def functions(module: str) -> list[ast.FunctionDef]:
    """Return the functions of a module, and those within others."""
    nodes = ast.walk(ast.parse((ROOT / module).read_text()))
    return [node for node in nodes if isinstance(node, ast.FunctionDef)]


def said_of(package: str) -> list[str]:
    """Return the paragraphs of a package's docstring."""
    docstring = ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text()))
    return (docstring or "").split("\n\n")


def test_no_folder_holds_more_than_twelve_modules() -> None:
    held = Counter(str(Path(name).parent) for name in MODULES if Path(name).stem not in {"__init__", "__main__"})

    assert {folder: count for folder, count in held.items() if count > 12}.keys() == {HISTORY}


def test_no_module_has_more_than_300_lines() -> None:
    lines = {name: (ROOT / name).read_text().count("\n") for name in MODULES if not name.startswith("tests/")}

    assert {name: count for name, count in lines.items() if count > 300} == {}


def test_no_function_has_more_than_60_lines() -> None:
    lines = {
        f"{name}: {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for name in MODULES
        for function in functions(name)
    }

    assert {name: count for name, count in lines.items() if count > 60} == {}


def test_docstrings_say_what_a_function_does() -> None:
    # A property is named like what it holds.
    other = re.compile(r"(Give|Tell|Gives|Tells|Returns|The|A|An|How|Whether|Which|What)\b")
    said = {
        f"{name}: {function.name}": ast.get_docstring(function) or ""
        for name in MODULES
        for function in functions(name)
        if not function.name.startswith("test_")
        and not any("property" in ast.unparse(decorator) for decorator in function.decorator_list)
    }

    assert {name: words.partition("\n")[0] for name, words in said.items() if other.match(words)} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_what_it_holds_and_what_it_may_import(package: str) -> None:
    holds, imports, *_ = said_of(package)

    assert re.fullmatch(r"[^.]+(?:v1\.[^.]+)?\.", holds), "one sentence"
    assert re.search(r"\bimports?\b", imports, re.IGNORECASE)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_names_only_rooms_that_exist(package: str) -> None:
    within = [package, *map(str, Path(package).parents)]
    homes = {
        name: [str(Path(home, name.replace(".", "/"))) for home in within]
        for name in re.findall(r"`([a-z_.]+)`", said_of(package)[1])
    }

    lost = [
        name for name, paths in homes.items() if not any(path in PACKAGES or f"{path}.py" in MODULES for path in paths)
    ]
    assert set(lost) <= {"datasets", "flask"}


def test_the_map_has_a_row_for_each_folder() -> None:
    rows = re.findall(r"^\| (`[^|]*/`) \|", CONTRIBUTING, re.MULTILINE)
    mapped = [path.rstrip("/") for row in rows for path in re.findall(r"`([^`]+)`", row)]

    assert sorted(mapped) == sorted(FOLDERS)


def test_the_layers_that_are_drawn_are_those_that_are_enforced() -> None:
    layers = re.compile(r"^(model|service|training):\s(.*?)\n\s*\n", re.MULTILINE | re.DOTALL)
    drawn = {
        program: [sorted(re.findall(r"\w+", layer)) for layer in rooms.split(">")]
        for program, rooms in layers.findall(CONTRIBUTING.replace("```", "\n\n"))
    }
    enforced = {
        contract["containers"][0]: [
            sorted(re.findall(r"\w+", layer)) for layer in contract["layers"] if layer != "__main__"
        ]
        for contract in CONTRACTS
        if "containers" in contract
    }

    assert drawn == enforced


#: Run by targets of their own: what moves elsewhere must not break them unseen.
RUN_ELSEWHERE = sorted(
    named(file)
    for name in ("browser", "chaos", "clients", "deploy", "fuzz", "load")
    for file in (ROOT / "tests" / name).glob("*.py")
    if file.stem != "__main__"
)


@pytest.mark.parametrize("module", RUN_ELSEWHERE)
def test_what_a_target_of_its_own_runs_can_be_imported(module: str) -> None:
    import_module(module.removesuffix(".py").replace("/", "."))
