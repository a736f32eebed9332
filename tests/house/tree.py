"""The house as text: its files, and what stands in its code and in its papers."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("schemas", "shared", "ingest", "admin", "callstamp")
_NOT_OURS = {".git", ".venv", "var", "node_modules", "__pycache__", "build", "dist"}


def list_files(*suffixes: str, under: Path = PROJECT) -> list[Path]:
    """Every file of ours with one of these suffixes, or all; caches and what is installed aside."""
    return [path for path in _walk(under) if not suffixes or path.suffix in suffixes]


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in _NOT_OURS or path.name.endswith((".egg-info", "_cache")) or path.name == ".hypothesis":
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


def list_sources() -> list[Path]:
    """The Python files of the packages that run in production."""
    return [path for package in PACKAGES for path in list_files(".py", under=PROJECT / package)]


def read_all(paths: Iterable[Path]) -> list[str]:
    return [path.read_text() for path in paths]


def find_calls(source: str) -> Iterator[ast.Call]:
    """Every call in a Python file."""
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))


def first_text(call: ast.Call) -> str | None:
    """The first argument, if it is a literal text."""
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def read_section(page: str, heading: str) -> str:
    """What stands under a heading of a Markdown page, up to the next one of the same level or above."""
    level = heading.split(" ")[0]
    lines = iter(page.split("\n"))
    assert heading in page.split("\n"), f"there is no section {heading!r}"
    while next(lines) != heading:
        pass
    section = []
    for line in lines:
        if re.match(r"#+ ", line) and len(line.split(" ")[0]) <= len(level):
            break
        section.append(line)
    return "\n".join(section)


def read_table(section: str) -> list[list[str]]:
    """The rows of all tables of a section, without their heads."""
    rows: list[list[str]] = []
    for line in section.split("\n"):
        if not line.startswith("|"):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if set("".join(cells)) <= set("-| :"):
            rows.pop()  # what came before was the head
        else:
            rows.append(cells)
    return rows


def ticked(text: str) -> list[str]:
    """What stands in back-ticks."""
    return re.findall(r"`([^`]+)`", text)
