"""The callers and names of what `record.py` lets happen, as the tests find them in every recording."""

WAITING = "+12025550101"
"""Has tags that wait, from two postbacks of one publisher."""
ONCE = "+12025550102"
"""Has a tag that goes to the first call alone."""
ON_THE_PHONE = "+12025550103"
"""Is in the call `in-progress`."""
HUNG_UP = "+12025550104"
"""Was in the call `ended`, whose cut-off is far away."""
REPEATED = "+12025550105"
"""Was posted about with an Idempotency-Key."""
SPOOLED = "+12025550106"
"""Was posted about while the store was away."""
DRAINED = "+12025550107"
"""Was posted about, and in the call `drained`, before the drain ran."""

SINGLE, BULK = "order-1", "bulk-1"
"""Idempotency-Keys."""

PATHS = (
    "",
    "publishers",
    "buyers",
    "campaigns",
    "numbers",
    "postback-keys",
    "engine-keys",
    "api-tokens",
    "collaborators",
    "permissions",
    "calls",
    "postback-log",
    "audit-log",
)
"""What the admin API is asked, under the company."""
