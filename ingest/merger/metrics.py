"""What the merger and the drain count."""

from prometheus_client import Counter, Gauge

LOOK_UPS = Counter("callstamp_lookups_total", "Look-ups, by what was answered: tags, no_tags or degraded", ["answer"])
CALLS = Counter("callstamp_calls_total", "Call hits, by whether the call had tags", ["tags"])
CALLS_EXPIRED = Counter("callstamp_calls_expired_total", "Calls whose end never came")

DRAINED = Counter("callstamp_drain_entries_total", "Stream entries written to PostgreSQL")
DRAIN_BACKLOG = Gauge("callstamp_drain_backlog_entries", "Stream entries that aren't in PostgreSQL yet")
DRAIN_LAG = Gauge("callstamp_drain_lag_seconds", "Age of the oldest stream entry that isn't in PostgreSQL yet")
SET_ASIDE = Counter("callstamp_drain_set_aside_total", "Stream entries that couldn't be written and were set aside")
