-- The reading half: what a look-up answers, and what a call's events do.

-- Answers the tags that a call of this number would get now. KEYS: partition. ARGV: company, caller.
local function look_up(keys, args)
  local calls = read_caller_calls(keys[1], args[1], args[2])
  return cmsgpack.pack(merge(read_waiting(waiting_key(keys[1], args[1], args[2]), clock(calls.last))))
end

-- Says that a uuid is a call of this caller, unless it is known as somebody else's, and hands out what was parked under it.
-- KEYS: the uuid's partition. ARGV: company, call_uuid, caller ('' when withheld), how long to remember (ms).
-- Answers {the caller the uuid belongs to, parked events}.
local function claim(keys, args)
  local index = call_index_key(keys[1], args[1], args[2])
  redis.call('SET', index, args[3], 'NX', 'PX', args[4])
  return {redis.call('GET', index), redis.call('LRANGE', parked_events_key(keys[1], args[1], args[2]), 0, -1)}
end

local PARK_FOR, MOST_PARKED = 3600, 100 -- seconds; a call has a handful of events, more than this is somebody's mistake

-- Parks an event of a call that hasn't been hit, with the time at which it came. KEYS: the uuid's partition.
-- ARGV: company, call_uuid, kind, detail (packed). Answers the parked entry, so that it can be taken back; false: there is no room.
local function park(keys, args)
  local parked = parked_events_key(keys[1], args[1], args[2])
  if redis.call('LLEN', parked) >= MOST_PARKED then return false end
  local event = cmsgpack.pack({args[3], clock(), args[4]})
  redis.call('RPUSH', parked, event)
  redis.call('EXPIRE', parked, PARK_FOR)
  return event
end

-- Removes events that have found their call. KEYS: the uuid's partition. ARGV: company, call_uuid, the entries.
local function unpark(keys, args)
  for i = 3, #args do redis.call('LREM', parked_events_key(keys[1], args[1], args[2]), 1, args[i]) end
  return 1
end

-- Puts what waits on the call; a hit takes the tags that go to one call only with it.
local function merge_waiting(partition, company, caller, call, now, is_hit)
  if caller == '' then return false end
  local key = waiting_key(partition, company, caller)
  local records = read_waiting(key, now)
  local changed = stamp(call, merge(records), false)
  if is_hit then
    local kept = {}
    for _, record in ipairs(records) do
      if record.tail[APPLY_ONCE] == 0 then kept[#kept + 1] = record end
    end
    if #kept < #records then save_waiting(key, kept) end
  end
  return changed
end

-- Replaces the call's fields by those that the event names. Answers whether anything is new.
local function fill_in(call, detail)
  local changed = false
  for name, value in pairs(detail) do
    if call[name] ~= value then
      call[name] = value
      changed = true
    end
  end
  return changed
end

-- What each event does to a call; answers whether the call is any different for it. An event that says nothing new leaves no trace,
-- so that one delivered twice counts once.
local apply = {}

function apply.route(partition, company, caller, calls, call, now, at, detail)
  if call.ended_at then
    return call.routed_to == nil and fill_in(call, detail)
  end
  local merged = merge_waiting(partition, company, caller, call, now, false)
  local decision = 'route:' .. (detail.routed_to or '')
  local repeated = call.last_event == decision
  call.last_event = decision
  fill_in(call, detail)
  return merged or not repeated
end

-- Fills in what an event says of an ended or answered call. Another buyer comes with its own price, or none.
local function fill_in_with_buyer(call, detail)
  if detail.answered_by and detail.answered_by ~= call.answered_by then call.price_cents = nil end
  return fill_in(call, detail)
end

-- What an answered call earns and costs when no end said so. A later event that names another buyer, or an amount, replaces it.
local function set_default_money(call, detail)
  local answered = call.answered_by or call.answered_at or call.disposition == 'answered'
  if detail.revenue_cents then call.revenue_by_default = nil end
  if detail.payout_cents then call.payout_by_default = nil end
  if call.answered_by and (call.revenue_by_default or not call.revenue_cents) then
    call.revenue_cents, call.revenue_by_default = call.price_cents, true
  end
  if answered and not call.payout_cents then
    call.payout_cents, call.payout_by_default = call.campaign_payout_cents, true
  end
end

function apply.answer(partition, company, caller, calls, call, now, at, detail)
  call.last_event = 'answer'
  local changed = not call.answered_at
  if changed then call.answered_at = call.ended_at and math.min(at, call.ended_at) or at end
  if not (call.ended_at and call.answered_by) then -- else what the end said of the buyer stands
    changed = fill_in_with_buyer(call, detail) or changed
  end
  if call.ended_at then set_default_money(call, {}) end
  return changed
end

apply['end'] = function(partition, company, caller, calls, call, now, at, detail)
  local first = not call.ended_at
  if first then
    merge_waiting(partition, company, caller, call, now, false)
    close(partition, company, caller, calls, call, 'completed', at)
  end
  local changed = fill_in_with_buyer(call, detail)
  set_default_money(call, detail)
  if call.status == 'expired' then call.status, changed = 'completed', true end -- its end did come, late; nothing starts again
  return first or changed
end

local function apply_event(partition, company, caller, calls, call, kind, now, at, detail)
  if apply[kind](partition, company, caller, calls, call, now, at, detail) then
    call.revision = call.revision + 1
    log_event(partition, at, company, caller, call, kind, detail)
    return true
  end
  return false
end

-- A call hit. KEYS: the caller's partition. ARGV: company, caller ('' when withheld), call_uuid, longest call (ms), what the engine
-- said (a packed map of call fields), then the events parked for it.
-- Answers {'created' or 'known', the call (packed)}.
local function hit(keys, args)
  local partition, company, caller, uuid = keys[1], args[1], args[2], args[3]
  local calls, now = settle(partition, company, caller)
  local call = read_call(partition, company, uuid)
  if call then
    if expire_if_due(partition, company, caller, calls, call, now) then
      save_caller_calls(partition, company, caller, calls, now)
    end
    return {'known', cmsgpack.pack(call)}
  end

  call = {call_uuid = uuid, status = 'in_progress', hit_at = now, deadline = now + tonumber(args[4]), revision = 1, tags = {}}
  if caller ~= '' then call.caller_number = caller end
  local said = cmsgpack.unpack(args[5])
  fill_in(call, said)
  merge_waiting(partition, company, caller, call, now, true)
  calls.open[#calls.open + 1] = uuid
  calls.open[#calls.open + 1] = call.deadline
  redis.call('ZADD', deadlines_key(partition), call.deadline, deadline_member(company, caller, uuid))
  log_event(partition, now, company, caller, call, 'hit', said)
  for i = 6, #args do
    local parked = cmsgpack.unpack(args[i])
    apply_event(partition, company, caller, calls, call, parked[1], now, parked[2], cmsgpack.unpack(parked[3]))
  end
  save_caller_calls(partition, company, caller, calls, now)
  return {'created', save_call(partition, company, call)}
end

-- Applies events to a call, each {kind, when it came (ms), detail (packed)}. Answers {'known', the call (packed)}, or {'unknown'} and
-- has changed nothing.
local function apply_events(partition, company, caller, uuid, calls, now, events)
  local call = read_call(partition, company, uuid)
  if not call then return {'unknown'} end
  local expired, changed = expire_if_due(partition, company, caller, calls, call, now), false
  for _, e in ipairs(events) do
    changed = apply_event(partition, company, caller, calls, call, e[1], now, e[2], cmsgpack.unpack(e[3])) or changed
  end
  if changed then save_call(partition, company, call) end
  if changed or expired then save_caller_calls(partition, company, caller, calls, now) end
  return {'known', cmsgpack.pack(call)}
end

-- A route, answer or end. KEYS: the caller's partition. ARGV: company, caller ('' when withheld), call_uuid, kind, detail (packed).
local function event(keys, args)
  local calls, now = settle(keys[1], args[1], args[2])
  return apply_events(keys[1], args[1], args[2], args[3], calls, now, {{args[4], now, args[5]}})
end

-- Events that were parked while their call was being made. KEYS: the caller's partition. ARGV: company, caller, call_uuid, the entries.
local function apply_parked(keys, args)
  local calls, now = settle(keys[1], args[1], args[2])
  local events = {}
  for i = 4, #args do events[#events + 1] = cmsgpack.unpack(args[i]) end
  return apply_events(keys[1], args[1], args[2], args[3], calls, now, events)
end

-- Answers a call as known now (packed), or false. KEYS: the caller's partition. ARGV: company, call_uuid.
local function show(keys, args) return redis.call('GET', call_key(keys[1], args[1], args[2])) end

-- Ends the calls of a partition whose end never came, a few at a time. KEYS: partition. ARGV: how many at most. Answers how many.
local function expire(keys, args)
  local partition = keys[1]
  local due = redis.call('ZRANGEBYSCORE', deadlines_key(partition), '-inf', clock(), 'LIMIT', 0, args[1])
  for _, member in ipairs(due) do
    local company, caller, uuid = string.match(member, '^(%d+):([^:]*):(.*)$')
    local calls, now = settle(partition, company, caller)
    local call = read_call(partition, company, uuid)
    if call then expire_if_due(partition, company, caller, calls, call, now) end
    redis.call('ZREM', deadlines_key(partition), member)
  end
  return #due
end

redis.register_function{function_name = 'look_up_VERSION', callback = look_up, flags = {'no-writes'}}
redis.register_function('claim_VERSION', claim)
redis.register_function('park_VERSION', park)
redis.register_function{function_name = 'unpark_VERSION', callback = unpark, flags = {'allow-oom'}}
redis.register_function('hit_VERSION', hit)
redis.register_function('event_VERSION', event)
redis.register_function('apply_parked_VERSION', apply_parked)
redis.register_function{function_name = 'show_VERSION', callback = show, flags = {'no-writes'}}
redis.register_function('expire_VERSION', expire)
