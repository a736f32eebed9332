"""What ingest counts."""

from prometheus_client import Counter, Gauge

POSTBACKS = Counter("callstamp_postbacks_total", "Postbacks accepted, by outcome", ["outcome"])
KEYRING_KEYS = Gauge("callstamp_keyring_keys", "Postback keys in memory", multiprocess_mode="max")
KEYRING_CURRENT = Gauge(
    "callstamp_keyring_current", "1 while keys are in step with PostgreSQL, 0 while it can't be reached", multiprocess_mode="min"
)
SPOOL_ROWS = Gauge("callstamp_spool_rows", "Postbacks in the spool", multiprocess_mode="livesum")
SPOOL_BYTES = Gauge("callstamp_spool_bytes", "Disk that the spool uses", multiprocess_mode="livesum")
SPOOL_OLDEST_SECONDS = Gauge(
    "callstamp_spool_oldest_seconds", "Age of the oldest postback in the spool", multiprocess_mode="livemax"
)
SPOOL_REPLAYED = Counter(
    "callstamp_spool_replayed_total", "Postbacks brought from the spool to the store, by outcome", ["outcome"]
)
BACKLOG_BYTES = Gauge(
    "callstamp_backlog_bytes", "Memory of the store that waits to be brought to PostgreSQL", multiprocess_mode="livemax"
)
BACKLOG_SHARE = Gauge(
    "callstamp_backlog_share", "The same as a share of its bound; at 1 postbacks are refused", multiprocess_mode="livemax"
)
