-- Waiting tags of one caller: a string of records, oldest first, each three packed values: posted_at, storage duration (both ms) and
-- the postback's tail {publisher_id, postback_key_id, postback_id, apply_once, {name, value, name, value, ...}}. Attribution is written
-- once a postback, not once a tag. A (publisher, name) pair stands in one record at most.

local MAX_TAGS, MAX_BYTES = 500, 65536 -- a caller; names and values together

local PUBLISHER, KEY, POSTBACK, APPLY_ONCE, TAGS = 1, 2, 3, 4, 5

-- The records in `packed` that are alive at `now`. A tag lives up to, not including, the moment it expires.
local function live_records(packed, now)
  local records = {}
  if packed then
    local flat = {cmsgpack.unpack(packed)}
    for i = 1, #flat, 3 do
      if flat[i] + flat[i + 1] > now then
        records[#records + 1] = {posted_at = flat[i], storage = flat[i + 1], tail = flat[i + 2]}
      end
    end
  end
  return records
end

local function read_waiting(key, now) return live_records(redis.call('GET', key), now) end

local function save_waiting(key, records)
  local parts, last_expiry = {}, 0
  for _, record in ipairs(records) do
    if record.packed or #record.tail[TAGS] > 0 then
      parts[#parts + 1] = record.packed or cmsgpack.pack(record.posted_at, record.storage, record.tail)
      last_expiry = math.max(last_expiry, record.posted_at + record.storage)
    end
  end
  if #parts == 0 then
    redis.call('DEL', key)
  else
    redis.call('SET', key, table.concat(parts), 'PXAT', last_expiry)
  end
end

-- Takes the names in `gone` out of a record's tags.
local function strip(tail, gone)
  local left = {}
  for i = 1, #tail[TAGS], 2 do
    local name = tail[TAGS][i]
    if not gone[name] then
      left[#left + 1] = name
      left[#left + 1] = tail[TAGS][i + 1]
    end
  end
  tail[TAGS] = left
end

local function names_of(tail)
  local names = {}
  for i = 1, #tail[TAGS], 2 do names[tail[TAGS][i]] = true end
  return names
end

-- `records` with a new one in its place by time. Of a name that the same publisher wrote more than once only the latest stays.
local function with_record(records, new)
  local publisher, fresh = new.tail[PUBLISHER], names_of(new.tail)
  local kept, added = {}, false
  for _, record in ipairs(records) do
    local own = record.tail[PUBLISHER] == publisher
    if record.posted_at <= new.posted_at then
      if own then strip(record.tail, fresh) end
    else -- the new one was received earlier and arrives late
      if own then strip(new.tail, names_of(record.tail)) end
      if not added then kept[#kept + 1], added = new, true end
    end
    if #record.tail[TAGS] > 0 then kept[#kept + 1] = record end
  end
  if not added then kept[#kept + 1] = new end
  return kept
end

local function fits(records)
  local tags, bytes = 0, 0
  for _, record in ipairs(records) do
    tags = tags + #record.tail[TAGS] / 2
    for _, text in ipairs(record.tail[TAGS]) do bytes = bytes + #text end
  end
  return tags <= MAX_TAGS and bytes <= MAX_BYTES
end

-- What a call would get of these records: a list of {name, value, posted_at, publisher_id, postback_key_id, postback_id}, one a name,
-- the latest live write of it.
local function merge(records)
  local merged, at = {}, {}
  for _, record in ipairs(records) do
    local tail = record.tail
    for i = 1, #tail[TAGS], 2 do
      local name = tail[TAGS][i]
      local place = at[name] or #merged + 1
      at[name] = place
      merged[place] = {name, tail[TAGS][i + 1], record.posted_at, tail[PUBLISHER], tail[KEY], tail[POSTBACK]}
    end
  end
  return merged
end
