-- Keeps rows for workers that start while PostgreSQL is down, each behind its version in 20 digits; an older version of a row never
-- replaces a newer one. KEYS: the snapshot. ARGV: id, version, row, id, version, row, ...
local function remember(keys, args)
  for i = 1, #args, 3 do
    local held = redis.call('HGET', keys[1], args[i])
    if not held or tonumber(string.sub(held, 1, 20)) <= tonumber(args[i + 1]) then
      redis.call('HSET', keys[1], args[i], string.format('%020d', args[i + 1]) .. args[i + 2])
    end
  end
  return 1
end

-- Answers the rows that were kept. KEYS: the snapshot.
local function recall(keys, args)
  local rows = redis.call('HVALS', keys[1])
  for i, row in ipairs(rows) do rows[i] = string.sub(row, 21) end
  return rows
end

-- Answers how many rows are kept. KEYS: the snapshot.
local function count_remembered(keys, args) return redis.call('HLEN', keys[1]) end

redis.register_function{function_name = 'count_remembered_VERSION', callback = count_remembered, flags = {'no-writes'}}
redis.register_function('remember_VERSION', remember)
redis.register_function{function_name = 'recall_VERSION', callback = recall, flags = {'no-writes'}}
