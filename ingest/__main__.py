"""`python -m ingest`: the publisher-facing service."""

from ingest.app import create_app
from ingest.settings import IngestSettings
from shared.serve import serve
from shared.start import begin

if __name__ == "__main__":
    settings = begin("ingest", IngestSettings, "INGEST_")
    serve(
        lambda: create_app(settings),
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        stop_grace_seconds=settings.stop_grace_seconds,
    )
