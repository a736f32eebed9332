"""`python -m ingest.merger`: the engine-facing service."""

from ingest.merger.app import create_app
from ingest.merger.settings import MergerSettings
from shared.door import DoorLimits
from shared.serve import serve
from shared.start import begin

if __name__ == "__main__":
    settings = begin("merger", MergerSettings, "MERGER_")
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
