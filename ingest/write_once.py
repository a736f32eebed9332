"""A single postback with an Idempotency-Key: a group of one, whose marker stands beside its tags."""

import contextlib

import msgspec

from ingest.bulk_writer import find_refusal, to_outcome
from ingest.errors import CallNotFound
from ingest.idempotency import Idempotency
from ingest.opaque_status import is_hidden
from ingest.postback_id import BatchIds
from ingest.read_postback import Postback
from ingest.redis_keys import partition_of
from ingest.refused_postbacks import RefusedPostbacks
from ingest.tag_buffer import Group, Outcome, Receipt, TagBuffer, pack_group_head, pack_tail
from schemas.kept_rows import PostbackKeyRow
from shared.errors import Refusal, Unavailable
from shared.idempotency import fingerprint

_pack_receipt = msgspec.msgpack.Encoder().encode
_read_receipt = msgspec.msgpack.Decoder(Receipt).decode


class WriteOnce:
    """Writes a postback so that its repeat has the effect of one."""

    def __init__(self, buffer: TagBuffer, idempotency: Idempotency, refused: RefusedPostbacks) -> None:
        self._buffer = buffer
        self._idempotency = idempotency
        self._refused = refused

    async def write(self, key: PostbackKeyRow, postback: Postback, source_ip: str | None, name: str) -> tuple[Receipt, bool]:
        """The receipt, and whether it is one given before. Raises what TagBuffer.write does, IdempotencyMismatch, IdempotencyInFlight."""
        said = [postback.caller_number or "", postback.call_uuid or ""]
        for pair in postback.tag_values.items():
            said += pair
        attempt = await self._idempotency.begin(key, name, fingerprint(*(text.encode() for text in said)))
        if attempt.answer is not None:
            receipt = _read_receipt(attempt.answer)
            if receipt.outcome == Outcome.REFUSED:  # in secret: a repeat mustn't apply what the log says was refused
                return receipt, True
            with contextlib.suppress(Refusal):  # the answer is known; that the log learns of the repeat is second to it
                await self.take(key, postback, source_ip, attempt.ids)
            return receipt, True
        try:
            receipt = await self._take_in_secret(key, postback, source_ip, attempt.ids)
            await attempt.finish(_pack_receipt(receipt))
        except Unavailable:
            await attempt.leave()
            raise
        except Refusal:
            await attempt.forget()
            raise
        return receipt, False

    async def _take_in_secret(self, key: PostbackKeyRow, postback: Postback, source_ip: str | None, ids: BatchIds) -> Receipt:
        """The same as `take`, but a refusal that the publisher isn't told has a receipt, too: repeats must look alike."""
        try:
            return await self.take(key, postback, source_ip, ids)
        except Refusal as refusal:
            if not is_hidden(key, refusal):
                raise
            caller = postback.caller_number or ""
            self._refused.add(refusal.code, key, caller, postback.tag_values, source_ip, ids.kept(0))
            return Receipt(ids.text(0), Outcome.REFUSED, 0)

    async def take(
        self, key: PostbackKeyRow, postback: Postback, source_ip: str | None, ids: BatchIds, received_at_ms: int | None = None
    ) -> Receipt:
        """Write it under these ids; one that was written under them before isn't again. Raises what TagBuffer.write does."""
        who = caller = postback.caller_number or ""
        if postback.call_uuid is not None:
            found = await self._buffer.find_caller(key.company_id, postback.call_uuid)
            if found is None:
                raise CallNotFound
            caller, who = found or postback.call_uuid, f"{found} {postback.call_uuid}"
        group = Group()
        group.add(0, partition_of(key.company_id, caller), who, pack_tail(key, ids.kept(0), postback.tag_values), postback)
        fates = await self._buffer.write_many(key, group, pack_group_head(key, source_ip), ids.batch, received_at_ms)
        if refusal := find_refusal(fates.letters):
            raise refusal
        return Receipt(ids.text(0), to_outcome(fates.letters), fates.expiries(key)[0])
