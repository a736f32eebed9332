"""Settings come from the environment, once, into one frozen Struct a process; a misspelt or impossible one stops the start by name."""

import os
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec

S = TypeVar("S", bound=msgspec.Struct)

Port = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
Workers = Annotated[int, msgspec.Meta(ge=1, le=256)]
Milliseconds = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]

EXIT_MISCONFIGURED = 78  # EX_CONFIG of sysexits.h: starting again won't help


class StartRefused(Exception):
    """The service must not run as it is configured; the text says why."""


class BadSettings(Exception):
    """The environment holds a setting that isn't one, or a value that can't be."""


def read_settings(kind: type[S], prefix: str, environ: Mapping[str, str] = os.environ) -> S:
    """Build `kind` from the variables that start with `prefix`, e.g. INGEST_PORT for its field `port`.

    Raises BadSettings with one line per mistake: an unknown name, or a value of the wrong type.
    """
    fields = {prefix + field.name.upper(): field for field in msgspec.structs.fields(kind)}
    given = {name: value for name, value in environ.items() if name.startswith(prefix)}
    mistakes = [
        f"{name}: there is no such setting; known are {', '.join(sorted(fields))}"
        for name in sorted(given.keys() - fields.keys())
    ]
    values: dict[str, Any] = {}
    for name in sorted(given.keys() & fields.keys()):
        field = fields[name]
        try:
            values[field.name] = msgspec.convert(_split_list(given[name], field.type), field.type, strict=False)
        except msgspec.ValidationError as error:
            mistakes.append(f"{name}: {error}")
    missing = [name for name, field in fields.items() if field.required and name not in given]
    mistakes += [f"{name}: must be set" for name in missing]
    if mistakes:
        raise BadSettings("\n".join(mistakes))
    return kind(**values)


def _split_list(text: str, kind: Any) -> Any:
    """A comma-separated value for a setting that is a tuple."""
    if getattr(kind, "__origin__", None) is tuple:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text
