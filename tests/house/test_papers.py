"""What the other papers name is there: error codes, functions, tests, links, commands. Each check is shown to find a made-up name."""

import importlib
import inspect
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import pytest

from callstamp.__main__ import main as command_line
from shared.errors import Refusal
from tests.house.tree import PROJECT, list_files, list_sources, read_all, read_section, read_table, ticked

DOCS = PROJECT / "docs"


# --- error codes

PAGES = {name: (DOCS / f"{name}-api.md").read_text() for name in ("publisher", "engine", "admin")}
SAID_IN = {
    "ingest.errors": ("publisher",),
    "ingest.merger.errors": ("engine",),
    "admin.errors": ("admin",),
    "shared.errors": ("publisher", "engine", "admin"),
    "shared.http": ("publisher", "engine", "admin"),
}


def codes_in_code(module: Any) -> set[str]:
    return {
        kind.code
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, Refusal) and kind.__module__ == module.__name__ and hasattr(kind, "code")
    }


def codes_in_paper(page: str) -> set[str]:
    """What the table of refusals gives as codes."""
    cells = [row[1] for row in read_table(read_section(page, "## Refusals"))]
    return {word for cell in cells for word in ticked(cell) if re.fullmatch(r"[a-z]+(_[a-z]+)+|unavailable", word)}


def all_codes() -> set[str]:
    return set().union(*(codes_in_code(importlib.import_module(module)) for module in SAID_IN))


@pytest.mark.parametrize("module", SAID_IN)
def test_each_error_code_is_documented(module: str) -> None:
    said = set().union(*(codes_in_paper(PAGES[page]) for page in SAID_IN[module]))
    assert codes_in_code(importlib.import_module(module)) <= said


@pytest.mark.parametrize("page", PAGES)
def test_no_error_code_is_documented_that_is_none(page: str) -> None:
    assert codes_in_paper(PAGES[page]) <= all_codes()


def test_errors_are_in_the_modules_that_are_looked_at() -> None:
    named = r"status, code = \d+, \"(\w+)\""
    assert {code for source in read_all(list_sources()) for code in re.findall(named, source)} == all_codes()


def test_the_check_of_codes_sees_a_made_up_one() -> None:
    row = "| 409 | `call_mismatch`"
    assert "made_up" in codes_in_paper(PAGES["engine"].replace(row, f"| 409 | `made_up` | never |\n{row}"))
    assert "made_up" not in all_codes()


# --- what pages name

PAPERS = list_files(".md")


def names_in(page: str) -> set[str]:
    """Identifiers that a page gives, the parts of a dotted one each for itself."""
    shown = {
        word for word in ticked(page) if re.fullmatch(r"[A-Za-z_][\w.]*", word) and not word.endswith((".md", ".py", ".lua"))
    }
    return {part for word in shown for part in word.split(".") if part}


def names_in_code(sources: Iterable[str]) -> set[str]:
    return {word for source in sources for word in re.findall(r"\w+", source)}


def test_every_name_on_the_path_of_a_postback_is_in_the_code() -> None:
    code = names_in_code(read_all(list_sources() + list_files(".lua", ".sql", under=PROJECT)))
    assert names_in((DOCS / "postback-path.md").read_text()) - code == set()


def test_the_check_of_names_sees_a_made_up_one() -> None:
    assert names_in("`TagBuffer.made_up` and `write_tags`") == {"TagBuffer", "made_up", "write_tags"}


def names_of_tests_in(page: str) -> set[str]:
    return set(re.findall(r"`(test_\w+)`", page))


def names_of_tests() -> set[str]:
    sources = read_all(list_files(".py", under=PROJECT / "tests"))
    return {name for source in sources for name in re.findall(r"def (test_\w+)\(", source)}


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(PROJECT)))
def test_every_test_that_a_page_names_is_there(paper: Path) -> None:
    assert names_of_tests_in(paper.read_text()) - names_of_tests() == set()


def test_the_check_of_tests_sees_a_made_up_one() -> None:
    assert names_of_tests_in("shown by `test_made_up`") == {"test_made_up"}
    assert "test_made_up" not in names_of_tests()


# --- links


def broken_links(paper: Path, page: str) -> list[str]:
    """The relative links of a page that lead nowhere, to a file or to a heading."""
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page):
        if link.startswith(("https:", "http:", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (paper.parent / name).resolve() if name else paper
        if not target.exists() or (anchor and anchor not in _anchors(target.read_text())):
            broken.append(link)
    return broken


def _anchors(page: str) -> set[str]:
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", page, re.MULTILINE)}


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(PROJECT)))
def test_links_lead_somewhere(paper: Path) -> None:
    assert broken_links(paper, paper.read_text()) == []


def test_the_check_of_links_sees_broken_ones() -> None:
    page = (
        "[a](docs/made-up.md) [b](docs/operating.md#made-up) [c](docs/operating.md#what-is-in-redis) [d](https://example.com/x)"
    )
    assert broken_links(PROJECT / "README.md", page) == ["docs/made-up.md", "docs/operating.md#made-up"]


def test_every_decision_is_in_the_list_of_decisions() -> None:
    decisions = DOCS / "adr"
    listed = re.findall(r"\]\((\d{4}-[^)]+)\)", (decisions / "README.md").read_text())
    assert listed == [path.name for path in sorted(decisions.glob("[0-9]*.md"))]
    assert [name[:4] for name in listed] == [f"{number:04}" for number in range(1, len(listed) + 1)]


# --- commands

OF_RUN_PY = {"test", "check"}


def unknown_commands(page: str) -> set[str]:
    """What a page tells to type that isn't a command of ours, a module or a file."""
    assert isinstance(command_line, click.Group)
    known = set(command_line.commands) | OF_RUN_PY
    typed = set(re.findall(r"python3 run\.py ([a-z][a-z-]*)", page)) | set(re.findall(r"`callstamp ([a-z][a-z-]*)`", page))
    unknown = typed - known
    for module in re.findall(r"python3? -m ([a-z_.]+[a-z_])", page):
        path = PROJECT / module.replace(".", "/")
        if not (path.with_suffix(".py").exists() or (path / "__main__.py").exists()):
            unknown.add(module)
    for file in re.findall(r"\b((?:tests|requirements|docs|ingest|admin|shared|schemas)/[\w./-]+\w)", page):
        if not (PROJECT / file).exists() and "NNNN" not in file:
            unknown.add(file)
    return unknown


@pytest.mark.parametrize("paper", ["README.md", "CONTRIBUTING.md", "docs/operating.md"])
def test_what_a_page_tells_to_type_is_there(paper: str) -> None:
    assert unknown_commands((PROJECT / paper).read_text()) == set()


def test_the_check_of_commands_sees_made_up_ones() -> None:
    page = (
        "`python3 run.py sing`, `callstamp dance`, `python -m admin.made_up`, tests/unit/test_made_up.py, `python3 run.py demo`"
    )
    assert unknown_commands(page) == {"sing", "dance", "admin.made_up", "tests/unit/test_made_up.py"}
