-- Takes a postback by caller number: decides its case, puts the tags where they belong and logs it, all or nothing.
-- KEYS: partition. ARGV: company, storage duration (ms), cut-off (ms), also_store, caller, tail, log tail (both packed).
-- Answers {outcome, expires_at or 0}, or {'caller_full'} and has changed nothing.
local function write(keys, args)
  local partition, company, caller = keys[1], args[1], args[5]
  local storage, cutoff, also_store = tonumber(args[2]), tonumber(args[3]), args[4] == '1'
  local tail_packed, log_tail = args[6], args[7]
  local key = waiting_key(partition, company, caller)
  local held = redis.call('MGET', caller_calls_key(partition, company, caller), key) -- one look: this runs for every postback
  local calls = unpack_caller_calls(held[1])
  local now = settle_calls(partition, company, caller, calls)

  local outcome, reached = storage > 0 and 'stored' or 'not_stored', {}
  for i = 1, #calls.open, 2 do reached[#reached + 1] = read_call(partition, company, calls.open[i]) end
  if #reached > 0 then
    outcome = 'stored_for_call'
  elseif cutoff > 0 and calls.ended_uuid ~= '' and now <= calls.ended_at + cutoff then
    reached[1] = read_call(partition, company, calls.ended_uuid)
    if reached[1] then
      outcome = 'applied'
      if not also_store then storage = 0 end
    end
  end

  local records
  if storage > 0 then
    records = live_records(held[2], now)
    if #records > 0 or #tail_packed > MAX_BYTES then
      if #records > 0 then now = math.max(now, records[#records].posted_at) end
      local tail = cmsgpack.unpack(tail_packed)
      records = without_superseded(records, tail[PUBLISHER], tail[TAGS])
      records[#records + 1] = {posted_at = now, storage = storage, tail = tail}
      if not fits(records) then return {'caller_full'} end
    else -- the usual case: nothing waits yet, so nothing needs to be unpacked
      records = {{posted_at = now, storage = storage, packed = cmsgpack.pack(now, storage) .. tail_packed}}
    end
  end

  local reached_uuids = {}
  if #reached > 0 then
    local tags = merge({{posted_at = now, tail = cmsgpack.unpack(tail_packed)}})
    for i, call in ipairs(reached) do
      stamp(call, tags, true)
      if not call_fits(call) then return {'caller_full'} end
      reached_uuids[i] = call.call_uuid
    end
    for _, call in ipairs(reached) do
      call.revision = call.revision + 1
      save_call(partition, company, call)
    end
    save_caller_calls(partition, company, caller, calls, now)
  end
  if records then save_waiting(key, records) end
  local expires_at = records and now + storage or 0
  log_postback(partition, now, outcome, expires_at, reached_uuids, tail_packed, log_tail)
  return {outcome, expires_at}
end

-- Takes a postback by call_uuid: on that call alone, or nowhere.
-- KEYS: the caller's partition. ARGV: company, caller ('' when withheld), call_uuid, cut-off (ms), tail, log tail.
-- Answers {outcome, 0}, or {'call_not_found'}, {'call_past_cutoff'}, {'caller_full'} and has changed nothing.
local function write_to_call(keys, args)
  local partition, company, caller, uuid, cutoff = keys[1], args[1], args[2], args[3], tonumber(args[4])
  local tail_packed, log_tail = args[5], args[6]
  local calls, now = settle(partition, company, caller)
  local call = read_call(partition, company, uuid)
  if not call then return {'call_not_found'} end
  expire_if_due(partition, company, caller, calls, call, now)
  local outcome = 'stored_for_call'
  if call.ended_at then
    if cutoff == 0 or now > call.ended_at + cutoff then return {'call_past_cutoff'} end
    outcome = 'applied'
  end
  stamp(call, merge({{posted_at = now, tail = cmsgpack.unpack(tail_packed)}}), true)
  if not call_fits(call) then return {'caller_full'} end
  call.revision = call.revision + 1
  save_call(partition, company, call)
  save_caller_calls(partition, company, caller, calls, now)
  log_postback(partition, now, outcome, 0, {uuid}, tail_packed, log_tail)
  return {outcome, 0}
end

-- Answers whose call a uuid is, or false. KEYS: the uuid's partition. ARGV: company, call_uuid.
local function find_caller(keys, args) return redis.call('GET', call_index_key(keys[1], args[1], args[2])) end

-- Logs a postback that was refused before it got here. KEYS: partition. ARGV: tail, log tail.
local function log_refused(keys, args)
  log_postback(keys[1], clock(), 'refused', 0, {}, args[1], args[2])
  return 1
end

redis.register_function('write_VERSION', write)
redis.register_function('write_to_call_VERSION', write_to_call)
redis.register_function{function_name = 'find_caller_VERSION', callback = find_caller, flags = {'no-writes'}}
redis.register_function('log_refused_VERSION', log_refused)
