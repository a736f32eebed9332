-- Callers that were erased: a marker says until when what was received of one is forgotten. Only a postback that comes late, out of a
-- spool, is held against it; whoever posts now pays nothing for it.

local LATEST_REPLAY = 97 * 86400000             -- ms: the longest storage duration (90 days) and cut-off (7 days); nothing older has an effect
local MARK_ERASED_FOR = LATEST_REPLAY + 86400000 -- ms: so no replay that still has an effect outlives the marker

-- Whether a postback received at `posted_at` comes too late to have an effect: its caller was erased since, or it is older than anything
-- could wait.
local function comes_too_late(partition, company, caller, posted_at, now)
  if now - posted_at > LATEST_REPLAY then return true end
  local erased_at = caller ~= '' and redis.call('GET', erased_caller_key(partition, company, caller))
  return erased_at and posted_at <= tonumber(erased_at)
end
