-- Entries for PostgreSQL: one packed array each, in the stream of the partition, for the drain.

-- A postback. `tail` and `log_tail` arrive packed (see ingest/tag_buffer.py) and are passed on as they are.
local function log_postback(partition, now, outcome, expires_at, call_uuids, tail, log_tail)
  redis.call('XADD', stream_key(partition), '*', 'e',
    '\151' .. cmsgpack.pack('p', now, outcome, expires_at, call_uuids) .. tail .. log_tail) -- \151: an array of seven
end

-- A call's event; the call itself is read by the drain when it gets here, so many changes cost one row.
local function log_event(partition, now, company, caller, call, kind, detail)
  redis.call('XADD', stream_key(partition), '*', 'e',
    cmsgpack.pack({'c', now, tonumber(company), caller, call.call_uuid, kind, call.revision, detail}))
end
