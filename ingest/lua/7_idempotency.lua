-- A request with an Idempotency-Key: a hash of its fingerprint, the id its postbacks are numbered from, the end of the lease of whoever
-- works on it, and the answer once there is one.

local REMEMBERED_FOR = 86400000 -- ms

-- Begins a request, or says what became of it. KEYS: the record. ARGV: fingerprint, a new batch id, the lease (ms).
-- Answers {'begun', batch id}, {'answered', batch id, answer}, {'in_flight', ms left of the lease} or {'mismatch'}.
local function begin_once(keys, args)
  local held = redis.call('HMGET', keys[1], 'fingerprint', 'batch', 'lease', 'answer')
  local now = clock()
  if held[1] and held[1] ~= args[1] then return {'mismatch'} end
  if held[4] then return {'answered', held[2], held[4]} end
  if held[3] and tonumber(held[3]) > now then return {'in_flight', held[3] - now} end
  local batch = held[2] or args[2]
  redis.call('HSET', keys[1], 'fingerprint', args[1], 'batch', batch, 'lease', now + tonumber(args[3]))
  if not held[1] then redis.call('PEXPIRE', keys[1], REMEMBERED_FOR) end
  return {'begun', batch}
end

-- Keeps the answer for repeats. KEYS: the record. ARGV: batch id, answer.
local function finish_once(keys, args)
  if redis.call('HGET', keys[1], 'batch') ~= args[1] then return 0 end -- forgotten meanwhile
  redis.call('HSET', keys[1], 'answer', args[2])
  redis.call('HDEL', keys[1], 'lease')
  return 1
end

-- Lets the next attempt begin at once; forgets the request altogether if it had no effect. KEYS: the record. ARGV: batch id, forget.
local function leave_once(keys, args)
  if redis.call('HGET', keys[1], 'batch') ~= args[1] then return 0 end
  if args[2] == '1' then
    redis.call('DEL', keys[1])
  else
    redis.call('HDEL', keys[1], 'lease')
  end
  return 1
end

redis.register_function('begin_once_VERSION', begin_once)
redis.register_function('finish_once_VERSION', finish_once)
redis.register_function{function_name = 'leave_once_VERSION', callback = leave_once, flags = {'allow-oom'}}
