-- The store's clock, in milliseconds. What a caller has already seen (at_least) is never undercut, so that a failover to a server
-- whose clock is behind can't make a later postback older than an earlier one.
local function clock(at_least)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  return math.max(now, at_least or 0)
end
