"""`python -m ingest`: the publisher-facing service."""

import sys

from ingest.app import create_app
from ingest.settings import IngestSettings
from shared.logs import set_up_logs
from shared.serve import EXIT_MISCONFIGURED, serve
from shared.settings import BadSettings, read_settings


def main() -> None:
    set_up_logs("ingest")
    try:
        settings = read_settings(IngestSettings, "INGEST_")
    except BadSettings as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_MISCONFIGURED)
    serve(
        lambda: create_app(settings),
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        stop_grace_seconds=settings.stop_grace_seconds,
    )


if __name__ == "__main__":
    main()
