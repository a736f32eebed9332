"""The rules of the house that no linter knows: who imports whom, how long a file may be, which words aren't used."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, PROJECT, list_files, list_sources, read_table

MOST_LINES = 300
LONG_FOR_A_REASON = {
    "tests/integration/test_call_events.py": "a test for each event, alone, twice and in every order",
    "tests/integration/admin/test_reading.py": "a test for each filter and page of both logs, which share what they need",
}
"""Files that may be longer, and why."""

MEAN_SOMETHING_ELSE = {
    "attribute": "AttributeError",
    "cache": "functools.cache",
    "event": "what an engine reports of a call",
    "grace": "of a secret that is rotated, of a stop",
    "label": "of a metric",
    "line": "of text",
    "member": "of a gzip stream",
    "phone": "the library phonenumbers, and the thing that rings",
    "result": "of a future",
    "session": "of processes",
    "source": "where a request came from, where a text stands",
    "state": "of a part that the doctor looks at",
    "token": "an API token",
    "version": "of a row, of a library, of a server",
    "window": "of a zstd frame",
}
"""Words that the glossary doesn't want for its own things, but that have another meaning in code."""

LEFTOVERS = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
REGISTRIES = ["py" + "pi.org", "python" + "hosted.org", "registry." + "npmjs.org"]
MACHINES = ["/" + "home/", "/" + "work/", "/" + "Users/"]


# --- who imports whom


def run_contracts(config: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"]
    return subprocess.run(
        [*command, "--config", str(config), "--no-cache"], cwd=PROJECT, capture_output=True, text=True, check=False
    )


def test_the_import_contracts_hold() -> None:
    done = run_contracts(PROJECT / "pyproject.toml")
    assert done.returncode == 0, done.stdout


def test_a_broken_import_contract_is_found(tmp_path: Path) -> None:
    config = tmp_path / "contracts.toml"
    config.write_text(
        f"""
        [tool.importlinter]
        root_packages = {list(PACKAGES)}
        [[tool.importlinter.contracts]]
        name = "made up"
        type = "forbidden"
        source_modules = ["ingest"]
        forbidden_modules = ["shared"]
        """
    )
    done = run_contracts(config)
    assert done.returncode == 1
    assert "made up BROKEN" in done.stdout


# --- lengths


def find_long(files: list[Path], most: int = MOST_LINES) -> set[str]:
    return {str(path.relative_to(PROJECT)) for path in files if len(path.read_text().splitlines()) > most}


def test_no_file_is_long_without_a_reason() -> None:
    assert find_long(list_files(".py", ".lua")) == LONG_FOR_A_REASON.keys()


def test_a_long_file_is_found() -> None:
    assert "run.py" in find_long([PROJECT / "run.py"], most=10)


# --- words


def forbidden_words() -> set[str]:
    """What the glossary says never to call a thing, where it has no other meaning."""
    rows = [row for row in read_table((PROJECT / "docs" / "glossary.md").read_text()) if len(row) == 4]
    words = {word.strip() for row in rows for word in row[3].split(",") if word.strip()}
    assert words >= MEAN_SOMETHING_ELSE.keys(), "a word that the glossary doesn't forbid needs no excuse"
    return words - MEAN_SOMETHING_ELSE.keys()


def words_of_names(source: str) -> Iterator[str]:
    """The words that the names in a Python file are made of."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME:
            yield from re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", token.string)


def used_forbidden(source: str) -> set[str]:
    used = {word.lower() for word in words_of_names(source)}
    return (used | {word.removesuffix("s") for word in used}) & forbidden_words()


def columns_and_tables(sql: str) -> str:
    """SQL without comments and texts, as something whose names can be read."""
    return re.sub(r"--.*|'[^']*'", "", sql)


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_is_called_by_a_forbidden_word(package: str) -> None:
    for path in list_files(".py", under=PROJECT / package):
        assert used_forbidden(path.read_text()) == set(), path
    for path in list_files(".sql", ".lua", under=PROJECT / package):
        names = set(re.findall(r"[a-z]+", columns_and_tables(path.read_text())))
        assert (names | {name.removesuffix("s") for name in names}) & forbidden_words() == set(), path


def test_a_forbidden_word_is_found() -> None:
    assert used_forbidden("def find_affiliates(tenant_id): ...") == {"affiliate", "tenant"}


def test_no_module_is_a_drawer() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager"}
    assert [path for path in list_sources() if path.stem in drawers] == []


# --- leftovers


def find_leftovers(text: str) -> list[str]:
    words = [word for word in LEFTOVERS if re.search(rf"\b{word}\b", text)]
    return words + [part for part in REGISTRIES + MACHINES if part in text]


def test_nothing_unfinished_and_no_place_of_this_world_is_in_the_tree() -> None:
    for path in list_files():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        assert find_leftovers(text) == [], path


def test_leftovers_are_found() -> None:
    assert find_leftovers("# " + "TO" + "DO: see /" + "home/me and py" + "pi.org") == [
        "TO" + "DO",
        "py" + "pi.org",
        "/" + "home/",
    ]


# --- comments for an exception


def bare_exceptions(source: str) -> list[str]:
    """The `noqa` and `type: ignore` that give no reason."""
    comments = [
        token.string for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type == tokenize.COMMENT
    ]
    return [
        comment for comment in comments if re.fullmatch(r"#\s*(noqa(: *[A-Z0-9, ]+)?|type: *ignore(\[[^\]]*\])?)\s*", comment)
    ]


def test_every_exception_to_a_rule_has_its_reason_beside_it() -> None:
    for path in list_sources():
        assert bare_exceptions(path.read_text()) == [], path


def test_an_exception_without_a_reason_is_found() -> None:
    assert bare_exceptions("x = 1  # noqa: S101\ny = 2  # noqa: S101 - because\n") == ["# noqa: S101"]


# --- docstrings


def without_docstring(path: Path) -> bool:
    return ast.get_docstring(ast.parse(path.read_text())) is None


def test_every_module_says_what_lives_in_it() -> None:
    assert [path for path in list_sources() if without_docstring(path)] == []
