"""What the drain counts."""

from prometheus_client import Counter, Gauge

DRAINED = Counter("callstamp_drain_entries_total", "Stream entries written to PostgreSQL")
DRAIN_BACKLOG = Gauge("callstamp_drain_backlog_entries", "Stream entries that aren't in PostgreSQL yet")
DRAIN_LAG = Gauge("callstamp_drain_lag_seconds", "Age of the oldest stream entry that isn't in PostgreSQL yet")
SET_ASIDE = Counter("callstamp_drain_set_aside_total", "Stream entries that couldn't be written and were set aside")
