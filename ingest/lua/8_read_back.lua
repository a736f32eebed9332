-- What a publisher may see and take back of its own: what it has waiting for a caller.

-- The tags that wait for a caller, of one publisher or of all:
-- a list of {name, value, posted_at, expires_at, postback_key_id, postback_id, publisher_id}.
local function waiting_tags(partition, company, caller, now, publisher)
  local found = {}
  for _, record in ipairs(read_waiting(waiting_key(partition, company, caller), now)) do
    local tail = record.tail
    if not publisher or tail[PUBLISHER] == publisher then
      for i = 1, #tail[TAGS], 2 do
        found[#found + 1] = {
          tail[TAGS][i], tail[TAGS][i + 1], record.posted_at, record.posted_at + record.storage, tail[KEY], tail[POSTBACK],
          tail[PUBLISHER],
        }
      end
    end
  end
  return found
end

-- Answers one publisher's waiting tags (packed). KEYS: the caller's partition. ARGV: company, caller, publisher.
local function read_back(keys, args)
  local calls = read_caller_calls(keys[1], args[1], args[2])
  return cmsgpack.pack(waiting_tags(keys[1], args[1], args[2], clock(calls.last), tonumber(args[3])))
end

-- Takes one publisher's waiting tags back, whichever key posted them; those of others stay. Answers how many there were.
-- KEYS: the caller's partition. ARGV: company, caller, publisher. It may run when memory is out: it makes room.
local function cancel_waiting(keys, args)
  local calls, publisher = read_caller_calls(keys[1], args[1], args[2]), tonumber(args[3])
  local key = waiting_key(keys[1], args[1], args[2])
  local kept, cancelled = {}, 0
  for _, record in ipairs(read_waiting(key, clock(calls.last))) do
    if record.tail[PUBLISHER] == publisher then
      cancelled = cancelled + #record.tail[TAGS] / 2
    else
      kept[#kept + 1] = record
    end
  end
  if cancelled > 0 then save_waiting(key, kept) end
  return cancelled
end

redis.register_function{function_name = 'read_back_VERSION', callback = read_back, flags = {'no-writes'}}
redis.register_function{function_name = 'cancel_waiting_VERSION', callback = cancel_waiting, flags = {'allow-oom'}}
