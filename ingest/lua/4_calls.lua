-- A call is one packed map; its tags are a list as merge() makes it. The calls of a caller are one packed list
-- {last, ended_uuid, ended_at, {uuid, deadline, uuid, deadline, ...}}: the latest time this caller has seen, the call that ended last,
-- and those in progress with the time at which each ends by itself.

local KEEP_ENDED = 8 * 86400000 -- ms: the longest cut-off and the time for a late end (7 days each), and a day to spare

local function read_call(partition, company, uuid)
  local packed = redis.call('GET', call_key(partition, company, uuid))
  return packed and cmsgpack.unpack(packed)
end

-- Writes the call and answers it as written.
local function save_call(partition, company, call)
  local packed = cmsgpack.pack(call)
  redis.call('SET', call_key(partition, company, call.call_uuid), packed, 'PXAT', (call.ended_at or call.deadline) + KEEP_ENDED)
  return packed
end

local function unpack_caller_calls(packed)
  if not packed then return {last = 0, ended_uuid = '', ended_at = 0, open = {}} end
  local flat = cmsgpack.unpack(packed)
  return {last = flat[1], ended_uuid = flat[2], ended_at = flat[3], open = flat[4]}
end

local function read_caller_calls(partition, company, caller)
  return unpack_caller_calls(caller ~= '' and redis.call('GET', caller_calls_key(partition, company, caller)))
end

local function save_caller_calls(partition, company, caller, calls, now)
  if caller == '' then return end
  local keep_until = math.max(calls.ended_at, now)
  for i = 2, #calls.open, 2 do keep_until = math.max(keep_until, calls.open[i]) end
  redis.call('SET', caller_calls_key(partition, company, caller),
    cmsgpack.pack({now, calls.ended_uuid, calls.ended_at, calls.open}), 'PXAT', keep_until + KEEP_ENDED)
end

local function deadline_member(company, caller, uuid) return company .. ':' .. caller .. ':' .. uuid end

-- Puts tags on a call: adds or replaces, never removes. The value posted last stays; of two posted in the same millisecond a postback
-- that has just arrived beats what is there (or_equal), and what waits does not.
local function stamp(call, tags, or_equal)
  local at, changed = {}, false
  for place, tag in ipairs(call.tags) do at[tag[1]] = place end
  for _, tag in ipairs(tags) do
    local place = at[tag[1]]
    local held = place and call.tags[place]
    if not held then
      call.tags[#call.tags + 1] = tag
      at[tag[1]] = #call.tags
      changed = true
    elseif held[3] < tag[3] or (or_equal and held[3] == tag[3]) then
      call.tags[place] = tag
      changed = true
    end
  end
  return changed
end

local function call_fits(call)
  local bytes = 0
  for _, tag in ipairs(call.tags) do bytes = bytes + #tag[1] + #tag[2] end
  return #call.tags <= MAX_TAGS and bytes <= MAX_BYTES
end

-- Ends a call at `ended_at`: it leaves the calls in progress, and if none ended later, it is the one that ended last.
local function close(partition, company, caller, calls, call, status, ended_at)
  call.status, call.ended_at = status, ended_at
  redis.call('ZREM', deadlines_key(partition), deadline_member(company, caller, call.call_uuid))
  local open = {}
  for i = 1, #calls.open, 2 do
    if calls.open[i] ~= call.call_uuid then
      open[#open + 1] = calls.open[i]
      open[#open + 1] = calls.open[i + 1]
    end
  end
  calls.open = open
  if ended_at >= calls.ended_at then calls.ended_uuid, calls.ended_at = call.call_uuid, ended_at end
end

-- Ends the call by itself if its time is over; the moment is its deadline, however late anybody looks.
local function expire_if_due(partition, company, caller, calls, call, now)
  if call.ended_at or call.deadline > now then return false end
  call.revision = call.revision + 1
  close(partition, company, caller, calls, call, 'expired', call.deadline)
  save_call(partition, company, call)
  log_event(partition, call.deadline, company, caller, call, 'expire', {})
  return true
end

-- Brings the calls of a caller to how they stand now, and answers that time, which never runs backwards for a caller. `time` is the
-- clock's, where many callers share one look at it.
local function settle_calls(partition, company, caller, calls, time)
  local now = time and math.max(time, calls.last) or clock(calls.last)
  local seen = calls.open
  for i = 1, #seen, 2 do
    if seen[i + 1] <= now then
      local call = read_call(partition, company, seen[i])
      if call then
        expire_if_due(partition, company, caller, calls, call, now)
      else -- erased meanwhile
        close(partition, company, caller, calls, {call_uuid = seen[i]}, 'expired', seen[i + 1])
      end
    end
  end
  if calls.open ~= seen then save_caller_calls(partition, company, caller, calls, now) end
  return now
end

local function settle(partition, company, caller)
  local calls = read_caller_calls(partition, company, caller)
  return calls, settle_calls(partition, company, caller, calls)
end
