"""`python -m admin`: the admin service until SIGTERM."""

import sys

from admin.app import create_app
from admin.settings import read_admin_settings
from shared.logs import set_up_logs
from shared.serve import EXIT_MISCONFIGURED, serve
from shared.settings import BadSettings


def main() -> None:
    try:
        settings = read_admin_settings()
    except BadSettings as mistakes:
        print(mistakes, file=sys.stderr)  # noqa: T201 - for the operator who starts it by hand
        sys.exit(EXIT_MISCONFIGURED)
    set_up_logs("admin")
    serve(
        lambda: create_app(settings),
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        stop_grace_seconds=settings.stop_grace_seconds,
    )


if __name__ == "__main__":
    main()
