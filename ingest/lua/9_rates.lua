-- Rates: for each limited key and company a leaky bucket (GCRA in the form of ITU-T I.371's "continuous-state leaky bucket"). It holds
-- one second's worth, `rate` items, and leaks that many a second. What is kept: how full it was, and when (the store's clock, µs).
--
-- These functions may run when memory is out: a bucket is a few bytes, there is one a limit, and cancelling tags must go on then.

local SLACK = 1e-6 -- items: what adding up fractions may be off by

local function microseconds()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

-- How full the bucket is now, and whether that was noted at a time to come: then the clock has stepped back since.
local function read_level(key, rate, now)
  local held = redis.call('GET', key)
  if not held then return 0, false end
  local level, at = cmsgpack.unpack(held)
  return math.max(0, level - math.max(0, now - at) * rate / 1000000), at > now
end

local function save_level(key, rate, now, level)
  if level <= SLACK then
    redis.call('DEL', key)
  else
    redis.call('SET', key, cmsgpack.pack(level, now), 'PX', math.ceil(level / rate * 1000) + 1000)
  end
end

-- Takes `wanted` items, or as many as there is room for, if there is room for those `needed`; more than the bucket holds go in once it
-- is empty, or they would be refused for ever. KEYS: the bucket. ARGV: rate (items a second), needed, wanted.
-- Answers {how many were taken, how many there is room for now (less than 0 after more than the bucket holds), 0 or after how many
-- microseconds there is room for those needed}.
local function take_rate(keys, args)
  local rate, needed, wanted = tonumber(args[1]), tonumber(args[2]), tonumber(args[3])
  local now = microseconds()
  local level, stepped_back = read_level(keys[1], rate, now)
  local room = math.floor(rate - level + SLACK)
  local taken
  if needed <= room then
    taken = math.min(wanted, room)
  elseif level <= SLACK then
    taken = needed
  else
    if stepped_back then save_level(keys[1], rate, now, level) end -- or nothing would leak until the clock has caught up
    local too_full = needed > rate and level or level + needed - rate
    return {0, room, math.ceil(too_full / rate * 1000000)}
  end
  save_level(keys[1], rate, now, level + taken)
  return {taken, math.floor(rate - level - taken + SLACK), 0}
end

-- Gives back items that were taken but not used. KEYS: the bucket. ARGV: rate, how many.
local function give_back_rate(keys, args)
  local rate, now = tonumber(args[1]), microseconds()
  save_level(keys[1], rate, now, read_level(keys[1], rate, now) - args[2])
  return 1
end

redis.register_function{function_name = 'take_rate_VERSION', callback = take_rate, flags = {'allow-oom'}}
redis.register_function{function_name = 'give_back_rate_VERSION', callback = give_back_rate, flags = {'allow-oom'}}
