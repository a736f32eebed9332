-- The names of keys, as ingest/redis_keys.py spells them. All share the partition's hash tag, hence its slot.
local function waiting_key(partition, company, caller) return partition .. 'w:' .. company .. ':' .. caller end
local function caller_calls_key(partition, company, caller) return partition .. 'c:' .. company .. ':' .. caller end
local function call_key(partition, company, uuid) return partition .. 'k:' .. company .. ':' .. uuid end
local function call_index_key(partition, company, uuid) return partition .. 'u:' .. company .. ':' .. uuid end
local function parked_events_key(partition, company, uuid) return partition .. 'e:' .. company .. ':' .. uuid end
local function stream_key(partition) return partition .. 's' end
local function deadlines_key(partition) return partition .. 'd' end
local function marker_key(partition, marker) return partition .. 'm:' .. marker end
local function erased_call_key(partition, company, uuid) return partition .. 'y:' .. company .. ':' .. uuid end
local function erased_caller_key(partition, company, caller) return partition .. 'x:' .. company .. ':' ..
  string.sub(redis.sha1hex(company .. ':' .. caller), 1, 32) end
