"""`python -m ingest`: the publisher-facing service."""

from ingest.app import create_app
from ingest.settings import IngestSettings
from shared.door import DoorLimits
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
        limits=DoorLimits(
            max_connections=settings.max_connections,
            max_in_flight=settings.max_in_flight,
            slow_client_seconds=settings.slow_client_seconds,
        ),
    )
