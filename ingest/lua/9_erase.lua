-- A caller's file: what Redis holds of one number, and its erasure. An erasure has an instant, by the clock that has received all of the
-- caller's postbacks; what was received up to it is gone, and what comes later is new.

-- Answers {waiting tags (packed, as 8_read_back.lua has them), and each call that is known of the caller (packed)}.
-- KEYS: the caller's partition. ARGV: company, caller.
local function look_at_caller(keys, args)
  local partition, company, caller = keys[1], args[1], args[2]
  local calls = read_caller_calls(partition, company, caller)
  local answer = {cmsgpack.pack(waiting_tags(partition, company, caller, clock(calls.last)))}
  local uuids = calls.ended_uuid ~= '' and {calls.ended_uuid} or {}
  for i = 1, #calls.open, 2 do uuids[#uuids + 1] = calls.open[i] end
  for _, uuid in ipairs(uuids) do answer[#answer + 1] = redis.call('GET', call_key(partition, company, uuid)) or nil end
  return answer
end

-- Takes off a call what says who it is of; tags that were posted later stay.
local function blank(partition, company, call, erased_at)
  local kept = {}
  for _, tag in ipairs(call.tags) do
    if tag[3] > erased_at then kept[#kept + 1] = tag end
  end
  call.tags, call.caller_number, call.recording_url = kept, nil, nil
  save_call(partition, company, call)
end

-- Erases what waits, blanks the calls in progress, which go on, and forgets which call ended last, so that no cut-off leads to it.
-- KEYS: the caller's partition. ARGV: company, caller. Answers {the instant, waiting tags, calls in progress, the call that ended last
-- if any}; the calls by their uuids.
local function erase_caller(keys, args)
  local partition, company, caller = keys[1], args[1], args[2]
  local calls, now = settle(partition, company, caller)
  local waiting = waiting_tags(partition, company, caller, now)
  redis.call('DEL', waiting_key(partition, company, caller))

  local open = {}
  for i = 1, #calls.open, 2 do
    open[#open + 1] = calls.open[i]
    local call = read_call(partition, company, calls.open[i])
    if call then blank(partition, company, call, now) end
  end
  local ended = calls.ended_uuid ~= '' and {calls.ended_uuid} or {}
  calls.ended_uuid, calls.ended_at = '', 0
  if #open > 0 then
    save_caller_calls(partition, company, caller, calls, now)
  else
    redis.call('DEL', caller_calls_key(partition, company, caller))
  end
  redis.call('SET', erased_caller_key(partition, company, caller), now, 'PX', MARK_ERASED_FOR)
  return {now, #waiting, open, ended}
end

-- Blanks a call of an erased caller that had ended by then; it stays, as the drain may not have read it yet. KEYS: the caller's partition.
-- ARGV: company, call_uuid, the instant. Answers 1 if nothing needs to know any more whose call it was.
local function blank_call(keys, args)
  local call, erased_at = read_call(keys[1], args[1], args[2]), tonumber(args[3])
  if not call then return 1 end
  if call.hit_at > erased_at or not call.ended_at or call.ended_at > erased_at then return 0 end
  blank(keys[1], args[1], call, erased_at)
  return 1
end

-- Forgets whose call a uuid was if it has ended (1), and remembers that it was erased, for postbacks that come late by its uuid.
-- KEYS: the uuid's partition. ARGV: company, call_uuid, caller, the instant, whether it has ended.
local function forget_whose_call(keys, args)
  local index = call_index_key(keys[1], args[1], args[2])
  if redis.call('GET', index) ~= args[3] then return 0 end
  if args[5] == '1' then redis.call('DEL', index) end
  redis.call('SET', erased_call_key(keys[1], args[1], args[2]), args[4], 'PX', MARK_ERASED_FOR)
  return 1
end

-- Answers when the caller of a call was erased, or false. KEYS: the uuid's partition. ARGV: company, call_uuid.
local function find_erasure(keys, args) return redis.call('GET', erased_call_key(keys[1], args[1], args[2])) end

redis.register_function{function_name = 'look_at_caller_VERSION', callback = look_at_caller, flags = {'no-writes'}}
redis.register_function{function_name = 'erase_caller_VERSION', callback = erase_caller, flags = {'allow-oom'}}
redis.register_function{function_name = 'blank_call_VERSION', callback = blank_call, flags = {'allow-oom'}}
redis.register_function{function_name = 'forget_whose_call_VERSION', callback = forget_whose_call, flags = {'allow-oom'}}
redis.register_function{function_name = 'find_erasure_VERSION', callback = find_erasure, flags = {'no-writes'}}
