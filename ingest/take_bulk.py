"""Takes the items of a bulk request: each is checked, its call found if it names one, and handed to the buffer, or refused alone."""

import asyncio
import contextlib
from collections.abc import Sequence

import msgspec

from ingest.bulk_writer import BulkWriter, Fate, Room
from ingest.errors import CallNotFound
from ingest.postback_id import BatchIds
from ingest.read_bulk import Items, SentItem, slices
from ingest.read_postback import Postback, check_item
from ingest.refused_postbacks import RefusedPostbacks
from ingest.tag_buffer import TagBuffer
from schemas.kept_rows import PostbackKeyRow
from shared.errors import Refusal, Unavailable

SLICE = 100
"""Items worked on before other requests get their turn."""


class Bulk(msgspec.Struct):
    """What a bulk request asks for."""

    key: PostbackKeyRow
    items: Items
    source_ip: str | None
    is_repeat: bool = False
    """Whether it was answered before: everything is marked then, and only the log learns of it."""


class BulkIntake:
    """The way of bulk requests into the buffer. `items_in_flight` bounds what the store has before it, over all requests."""

    def __init__(self, buffer: TagBuffer, refused: RefusedPostbacks, items_in_flight: int) -> None:
        self._buffer = buffer
        self._refused = refused
        self._room = Room(items_in_flight)

    async def take(self, bulk: Bulk, ids: BatchIds, *, marked: bool) -> list[Fate]:
        """What became of each item. Raises Unavailable when some may not have been written; a repeat is safe."""
        writer = BulkWriter(self._buffer, self._room, bulk.key, ids, bulk.source_ip, marked=marked)
        try:
            for start, sent in slices(bulk.items, SLICE):
                await self._take_slice(bulk, writer, start, sent)
                await asyncio.sleep(0)
            await writer.finish()
        except Unavailable:
            with contextlib.suppress(Unavailable):
                await writer.settle()  # nothing of this request is on its way once it was answered
            raise
        if not bulk.is_repeat:
            self._log_refused(bulk, ids, writer)
        return [writer.fates[index] for index in range(len(bulk.items))]

    async def _take_slice(self, bulk: Bulk, writer: BulkWriter, start: int, sent: Sequence[SentItem | Refusal]) -> None:
        checked = self._check(bulk.key.region, writer, start, sent)
        callers = await self._find_callers(bulk.key.company_id, checked)
        for index, postback in checked:
            full = None
            if postback.caller_number is not None:
                full = writer.add(index, postback)
            elif (caller := callers[index]) is not None:
                full = writer.add_to_call(index, postback, caller)
            else:
                writer.refuse(index, CallNotFound(), postback)
            if full is not None:
                await writer.send(full)

    def _check(
        self, region: str, writer: BulkWriter, start: int, sent: Sequence[SentItem | Refusal]
    ) -> list[tuple[int, Postback]]:
        """The items that can be written, each with its index."""
        checked = []
        for index, item in enumerate(sent, start):
            if isinstance(item, Refusal):
                writer.refuse(index, item, Postback({}))
                continue
            try:
                checked.append((index, check_item(item.call_uuid, item.caller_number, item.tag_values, region)))
            except Refusal as refusal:
                writer.refuse(index, refusal, Postback(item.tag_values, item.caller_number))
        return checked

    async def _find_callers(self, company_id: int, checked: list[tuple[int, Postback]]) -> dict[int, str | None]:
        """Whose calls the items by call_uuid are for."""
        asked = [(index, postback.call_uuid) for index, postback in checked if postback.call_uuid is not None]
        found = await asyncio.gather(*(self._buffer.find_caller(company_id, call_uuid) for _, call_uuid in asked))
        return {index: caller for (index, _), caller in zip(asked, found, strict=True)}

    def _log_refused(self, bulk: Bulk, ids: BatchIds, writer: BulkWriter) -> None:
        """Put the refused items into the postback log, under the ids that their publisher may have been told."""
        for index, refusal, postback in writer.refused:
            spelling = postback.caller_number or ""
            self._refused.add(refusal.code, bulk.key, spelling, postback.tag_values, bulk.source_ip, ids.kept(index))
