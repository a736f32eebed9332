"""The scripts of ingest/lua have no undefined, unused or shadowed names, as luacheck sees them joined to one library."""

import re
import shutil
import subprocess

import pytest

from ingest.lua_library import LIBRARY
from tests.house.tree import PROJECT

LUA = PROJECT / "ingest" / "lua"
PROVIDED = ("redis", "cmsgpack")
"""The globals of the store's Lua 5.1 that the scripts use."""


@pytest.fixture(scope="module")
def luacheck() -> str:
    """Where the linter is."""
    if (found := shutil.which("luacheck")) is None:
        pytest.skip("luacheck isn't installed: it is the Debian package lua-check")
    return found


def find_faults(luacheck: str, library: str) -> list[str]:
    """Return what luacheck says, each line with the script's own file and line number."""
    options = ["--std", "lua51", "--read-globals", *PROVIDED, "--no-unused-args", "--max-line-length", "160"]
    command = [luacheck, "-", *options, "--formatter", "plain", "--codes", "--no-color"]
    done = subprocess.run(command, input=library, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1, 2), done.stderr
    return [
        f"{find_place(int(match[1]))}: {match[2]}" for match in re.finditer(r"^stdin:(\d+):\d+: (.*)$", done.stdout, re.MULTILINE)
    ]


def find_place(line: int) -> str:
    """Return the file and line that a line of the library came from; the library begins with a line of its own."""
    line -= 1
    for file in sorted(LUA.glob("*.lua")):
        length = file.read_text().count("\n") + 1
        if line <= length:
            return f"ingest/lua/{file.name}:{line}"
        line -= length
    return f"behind the last script, line {line}"


def test_the_scripts_have_no_faults(luacheck: str) -> None:
    assert find_faults(luacheck, LIBRARY) == []


def test_the_check_finds_an_undefined_and_an_unused_name(luacheck: str) -> None:
    broken = LIBRARY.replace("-- The names of keys", "local unused = nobody_knows\n-- The names of keys", 1)
    faults = find_faults(luacheck, broken)
    assert [fault for fault in faults if "undefined variable 'nobody_knows'" in fault and "1_keys.lua:1:" in fault]
    assert [fault for fault in faults if "unused variable 'unused'" in fault]
