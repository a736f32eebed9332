"""What ingest counts."""

from prometheus_client import Counter, Gauge

POSTBACKS = Counter("callstamp_postbacks_total", "Postbacks accepted, by outcome", ["outcome"])
KEYRING_KEYS = Gauge("callstamp_keyring_keys", "Postback keys in memory", multiprocess_mode="max")
KEYRING_CURRENT = Gauge(
    "callstamp_keyring_current", "1 while keys are in step with PostgreSQL, 0 while it can't be reached", multiprocess_mode="min"
)
