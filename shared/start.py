"""How each service's `__main__` begins: logs, settings, and a word for the operator when a setting is wrong."""

import sys
from typing import TypeVar

import msgspec

from shared.logs import set_up_logs
from shared.settings import EXIT_MISCONFIGURED, BadSettings, read_settings

S = TypeVar("S", bound=msgspec.Struct)


def begin(service: str, settings_type: type[S], prefix: str) -> S:
    """Set up logs for `service` and read its settings; exits with 78 and one line a mistake when they can't be used."""
    set_up_logs(service)
    try:
        return read_settings(settings_type, prefix)
    except BadSettings as error:
        print(error, file=sys.stderr)  # noqa: T201 - for the operator, before there is anything to log
        sys.exit(EXIT_MISCONFIGURED)
