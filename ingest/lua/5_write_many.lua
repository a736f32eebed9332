-- Many postbacks of one key in one run: a group. What became of its items is one packed text, the same in the answer, in the entry for
-- the log and behind the marker: the time, a letter an item, and {place, time, calls reached} of each item for which these two differ.

local LETTER = {
  stored = 's', stored_for_call = 'c', applied = 'a', not_stored = 'n', caller_full = 'f', call_not_found = 'u', call_past_cutoff = 'p',
}
local ARRAY_OF_3 = '\147'
local MARKED_FOR = 86400000 -- ms: as long as an Idempotency-Key is remembered
local MOST_WORK = 48        -- a run stays under a millisecond; 1 is an item that finds nothing waiting

-- The log's entry of a group; `head` and each item's tail arrive packed (see ingest/tag_buffer.py) and are passed on as they are.
local function log_group(partition, fates, head, items, count)
  local array = string.char(220, math.floor(count / 256), count % 256) -- an array of up to 65535
  redis.call('XADD', stream_key(partition), '*', 'e', '\150' .. cmsgpack.pack('g') .. fates .. head .. array .. table.concat(items))
end

-- The calls of all callers of a group in one look, by place.
local function look_at_calls(company, args)
  local look = {'MGET'}
  for i = 8, #args, 3 do look[#look + 1] = caller_calls_key(args[i], company, args[i + 1]) end
  return redis.call(unpack(look))
end

-- Says in the log that a group which was taken before came again: {postback_id, time, ...} of its items.
local function log_replayed(partition, fates, args)
  local at, letters, odd = cmsgpack.unpack(fates)
  local times, replayed = {}, {}
  for _, item in ipairs(odd) do times[item[1]] = item[2] end
  for place = 0, #letters - 1 do
    local tail = cmsgpack.unpack(args[10 + 3 * place])
    replayed[#replayed + 1] = tail[POSTBACK]
    replayed[#replayed + 1] = times[place] or at
  end
  redis.call('XADD', stream_key(partition), '*', 'e', cmsgpack.pack({'r', replayed}))
end

-- Takes postbacks one after the other until all are done or a run's work is; who asked sends the rest again. With a marker, a group that
-- was taken before is only told of.
-- KEYS: the group's partition. ARGV: company, storage duration (ms), cut-off (ms), also_store, when it was received (ms, '' for now),
-- marker ('' for none), log head (packed), then of each item: its partition, who, tail (packed). Who is a caller number, or a caller
-- ('' when withheld), a space and a call_uuid. Answers what became of the items that were taken.
local function write_many(keys, args)
  local group, company = keys[1], args[1]
  local marker = args[6] ~= '' and marker_key(group, args[6])
  local marked = marker and redis.call('GET', marker)
  if marked then
    log_replayed(group, marked, args)
    return ARRAY_OF_3 .. marked
  end

  local rules = {
    storage = tonumber(args[2]), cutoff = tonumber(args[3]), also_store = args[4] == '1', at = tonumber(args[5]), time = clock(),
  }
  local held, touched = look_at_calls(company, args), {}
  local now = rules.at or rules.time
  local letters, odd, items, work, place = {}, {}, {}, 0, 0
  for i = 8, #args, 3 do
    if work > MOST_WORK then break end
    local partition, who, tail = args[i], args[i + 1], args[i + 2]
    local outcome, posted_at, _, reached
    local space = string.find(who, ' ', 1, true)
    if space then
      local caller = string.sub(who, 1, space - 1)
      outcome, posted_at, _, reached = take_for_call(partition, company, caller, string.sub(who, space + 1), rules, tail)
      touched[caller], work = true, work + 8
    else
      local calls, unpacked = held[place + 1]
      if touched[who] then calls = redis.call('GET', caller_calls_key(partition, company, who)) end
      outcome, posted_at, _, reached, unpacked = take(partition, company, who, rules, calls, tail)
      touched[who] = true
      work = work + 1 + unpacked / 512 + #reached * 8
    end
    place = place + 1
    letters[place] = space and string.upper(LETTER[outcome]) or LETTER[outcome]
    if posted_at ~= now or reached and #reached > 0 then odd[#odd + 1] = {place - 1, posted_at, reached or NO_CALLS} end
    items[2 * place - 1], items[2 * place] = cmsgpack.pack(who), tail
  end

  local fates = cmsgpack.pack(now, table.concat(letters), odd)
  log_group(group, fates, args[7], items, 2 * place)
  if marker then redis.call('SET', marker, fates, 'PX', MARKED_FOR) end
  return ARRAY_OF_3 .. fates
end

redis.register_function('write_many_VERSION', write_many)
