"""`python -m admin`: the account manager's service."""

import os

from admin.app import DEFAULT_INGEST_PUBLIC_URL, create_app
from admin.settings import AdminSettings
from shared.door import DoorLimits
from shared.serve import serve
from shared.start import begin

if __name__ == "__main__":
    settings = begin("admin", AdminSettings, "ADMIN_")
    ingest_public_url = os.environ.get("INGEST_PUBLIC_URL") or DEFAULT_INGEST_PUBLIC_URL  # ingest's setting, shared by both
    serve(
        lambda: create_app(settings, ingest_public_url=ingest_public_url),
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        stop_grace_seconds=settings.stop_grace_seconds,
        limits=DoorLimits(
            max_connections=settings.max_connections,
            slow_client_seconds=settings.slow_client_seconds,
        ),
    )
