"""The scripts in lua/, joined to one Redis function library whose names carry the hash of their text.

Two versions of Callstamp can so share a store while a new one is rolled out, and neither ever calls the other's scripts.
"""

import hashlib
from pathlib import Path

_SOURCE = "\n".join(file.read_text() for file in sorted((Path(__file__).parent / "lua").glob("*.lua")))
VERSION = hashlib.sha256(_SOURCE.encode()).hexdigest()[:12]
LIBRARY = f"#!lua name=callstamp_{VERSION}\n" + _SOURCE.replace("_VERSION'", f"_{VERSION}'")
"""For FUNCTION LOAD; needs Redis 7.0 or Valkey 7.2."""


def function_name(name: str) -> bytes:
    """What a function of the library is called in the store."""
    return f"{name}_{VERSION}".encode()
