"""What replies to a key with `opaque_status` may tell: that its tags were accepted, whatever became of them.

By call_uuid, "there is no such call" and "it ended too long ago" are the very things such a publisher shouldn't learn: it is told that
its tags were accepted, and the postback log says that they were refused.
"""

from ingest.errors import CallNotFound, CallPastCutoff
from schemas.kept_rows import PostbackKeyRow
from shared.errors import Refusal

OPAQUE_STATUS = "tags accepted"
ACCEPTED = "accepted"
"""What stands for every outcome where a reply names outcomes; until when tags wait is then hidden, too."""

_TELLING = (CallNotFound, CallPastCutoff)


def is_hidden(key: PostbackKeyRow, refusal: Refusal) -> bool:
    """Whether this key's publisher is told that the tags were accepted rather than this."""
    return key.opaque_status and isinstance(refusal, _TELLING)
