"""What the merger counts."""

from prometheus_client import Counter

LOOK_UPS = Counter("callstamp_lookups_total", "Look-ups, by what was answered: tags, no_tags or degraded", ["answer"])
CALLS = Counter("callstamp_calls_total", "Call hits, by whether the call had tags", ["tags"])
CALLS_EXPIRED = Counter("callstamp_calls_expired_total", "Calls whose end never came")
