-- A postback: decides its case and puts its tags where they belong, all or nothing. `write` takes one, `write_many` many.

local NO_CALLS = {}

-- Takes a postback by caller number. `rules`: storage duration and cut-off (ms), also_store, `at`, when it was received if that was
-- before now, and `time`, the clock's if it was asked already. Answers outcome, the time it counts from, whether it waits, the calls
-- reached, and how many bytes had to be unpacked; or 'caller_full', and has changed nothing.
local function take(partition, company, caller, rules, held_calls, tail_packed)
  if rules.at and comes_too_late(partition, company, caller, rules.at, rules.time) then
    return 'not_stored', rules.at, false, NO_CALLS, 0
  end
  local waiting = waiting_key(partition, company, caller)
  if not held_calls and rules.storage > 0 and #tail_packed <= MAX_BYTES then -- the usual case: nothing is known of the caller
    local now = rules.time or clock()
    local posted_at = rules.at and math.min(rules.at, now) or now
    local record = cmsgpack.pack(posted_at, rules.storage) .. tail_packed
    if redis.call('SET', waiting, record, 'NX', 'PXAT', posted_at + rules.storage) then
      return 'stored', posted_at, true, NO_CALLS, 0
    end
  end

  local calls = unpack_caller_calls(held_calls)
  local now = settle_calls(partition, company, caller, calls, rules.time)
  local posted_at = rules.at and math.min(rules.at, now) or now

  local storage = rules.storage
  local outcome, reached = storage > 0 and 'stored' or 'not_stored', {}
  for i = 1, #calls.open, 2 do reached[#reached + 1] = read_call(partition, company, calls.open[i]) end
  if #reached > 0 then
    outcome = 'stored_for_call'
  elseif rules.cutoff > 0 and calls.ended_uuid ~= '' and posted_at <= calls.ended_at + rules.cutoff then
    reached[1] = read_call(partition, company, calls.ended_uuid)
    if reached[1] then
      outcome = 'applied'
      if not rules.also_store then storage = 0 end
    end
  end

  local records
  local held = storage > 0 and redis.call('GET', waiting)
  if storage > 0 then
    records = live_records(held, now)
    if #records > 0 and not rules.at then posted_at = math.max(posted_at, records[#records].posted_at) end
    records = with_record(records, {posted_at = posted_at, storage = storage, tail = cmsgpack.unpack(tail_packed)})
    if not fits(records) then return 'caller_full', now, false, NO_CALLS, held and #held or 0 end
  end

  local reached_uuids = {}
  if #reached > 0 then
    local tags = merge({{posted_at = posted_at, tail = cmsgpack.unpack(tail_packed)}})
    for i, call in ipairs(reached) do
      stamp(call, tags, true)
      if not call_fits(call) then return 'caller_full', now, false, NO_CALLS, held and #held or 0 end
      reached_uuids[i] = call.call_uuid
    end
    for _, call in ipairs(reached) do
      call.revision = call.revision + 1
      save_call(partition, company, call)
    end
    save_caller_calls(partition, company, caller, calls, now)
  end
  if records then save_waiting(waiting, records) end
  return outcome, posted_at, records ~= nil, reached_uuids, held and #held or 0
end

-- Takes a postback by call_uuid: on that call alone, or nowhere. `caller` is '' when it was withheld. Answers as `take` does, or
-- 'call_not_found', 'call_past_cutoff', 'caller_full', and has changed nothing.
local function take_for_call(partition, company, caller, uuid, rules, tail_packed)
  local calls, now = settle(partition, company, caller)
  local posted_at = rules.at and math.min(rules.at, now) or now
  local call = read_call(partition, company, uuid)
  if not call or rules.at and comes_too_late(partition, company, caller, rules.at, now) then return 'call_not_found', now end
  expire_if_due(partition, company, caller, calls, call, now)
  local outcome = 'stored_for_call'
  if call.ended_at then
    if rules.cutoff == 0 or posted_at > call.ended_at + rules.cutoff then return 'call_past_cutoff', now end
    outcome = 'applied'
  end
  stamp(call, merge({{posted_at = posted_at, tail = cmsgpack.unpack(tail_packed)}}), true)
  if not call_fits(call) then return 'caller_full', now end
  call.revision = call.revision + 1
  save_call(partition, company, call)
  save_caller_calls(partition, company, caller, calls, now)
  return outcome, posted_at, false, {uuid}
end

local REFUSED = {caller_full = true, call_not_found = true, call_past_cutoff = true}

-- Takes a postback by caller number and logs it. KEYS: partition. ARGV: company, storage duration (ms), cut-off (ms), also_store,
-- caller, tail, log tail (both packed). Answers {outcome, expires_at or 0}, or {'caller_full'} and has changed nothing.
local function write(keys, args)
  local partition, company, caller = keys[1], args[1], args[5]
  local rules = {storage = tonumber(args[2]), cutoff = tonumber(args[3]), also_store = args[4] == '1'}
  local calls = redis.call('GET', caller_calls_key(partition, company, caller))
  local outcome, posted_at, waits, reached = take(partition, company, caller, rules, calls, args[6])
  if REFUSED[outcome] then return {outcome} end
  local expires_at = waits and posted_at + rules.storage or 0
  log_postback(partition, posted_at, outcome, expires_at, reached, args[6], args[7])
  return {outcome, expires_at}
end

-- Takes a postback by call_uuid and logs it. KEYS: the caller's partition. ARGV: company, caller ('' when withheld), call_uuid,
-- cut-off (ms), tail, log tail. Answers {outcome, 0}, or {'call_not_found'}, {'call_past_cutoff'}, {'caller_full'}.
local function write_to_call(keys, args)
  local rules = {cutoff = tonumber(args[4])}
  local outcome, posted_at, _, reached = take_for_call(keys[1], args[1], args[2], args[3], rules, args[5])
  if REFUSED[outcome] then return {outcome} end
  log_postback(keys[1], posted_at, outcome, 0, reached, args[5], args[6])
  return {outcome, 0}
end

-- Answers whose call a uuid is, or false. KEYS: the uuid's partition. ARGV: company, call_uuid.
local function find_caller(keys, args) return redis.call('GET', call_index_key(keys[1], args[1], args[2])) end

-- Logs a postback that was refused before it got here. KEYS: partition. ARGV: tail, log tail, when it was received (ms, '' for now),
-- or how long ago (ms).
local function log_refused(keys, args)
  log_postback(keys[1], tonumber(args[3]) or clock() - tonumber(args[4]), 'refused', 0, {}, args[1], args[2])
  return 1
end

redis.register_function('write_VERSION', write)
redis.register_function('write_to_call_VERSION', write_to_call)
redis.register_function{function_name = 'find_caller_VERSION', callback = find_caller, flags = {'no-writes'}}
redis.register_function('log_refused_VERSION', log_refused)
