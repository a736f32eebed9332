"""`python -m tests.faults.hasty_ingest`: an ingest that is broken on purpose, for checkers to be tried on."""

from aiohttp import web

from ingest.app import create_app
from ingest.rooms import TAG_BUFFER
from ingest.settings import IngestSettings
from shared.serve import serve
from shared.start import begin
from tests.faults.test_store_killed import HastyTagBuffer


def create_hasty_app(settings: IngestSettings) -> web.Application:
    """It acknowledges first and writes later."""
    app = create_app(settings)
    app[TAG_BUFFER].__class__ = HastyTagBuffer
    return app


if __name__ == "__main__":
    settings = begin("ingest", IngestSettings, "INGEST_")
    serve(
        lambda: create_hasty_app(settings), host=settings.host, port=settings.port, workers=settings.workers, stop_grace_seconds=0
    )
