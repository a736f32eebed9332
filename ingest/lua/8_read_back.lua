-- What a publisher may see and take back of its own: what it has waiting for a caller.

-- Answers one publisher's waiting tags (packed): a list of {name, value, posted_at, expires_at, postback_key_id, postback_id}.
-- KEYS: the caller's partition. ARGV: company, caller, publisher.
local function read_back(keys, args)
  local calls, publisher = read_caller_calls(keys[1], args[1], args[2]), tonumber(args[3])
  local found = {}
  for _, record in ipairs(read_waiting(waiting_key(keys[1], args[1], args[2]), clock(calls.last))) do
    local tail = record.tail
    if tail[PUBLISHER] == publisher then
      for i = 1, #tail[TAGS], 2 do
        found[#found + 1] =
          {tail[TAGS][i], tail[TAGS][i + 1], record.posted_at, record.posted_at + record.storage, tail[KEY], tail[POSTBACK]}
      end
    end
  end
  return cmsgpack.pack(found)
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
