-- What ingest's script does for a caller who isn't on the phone and hasn't just been: looks, keeps the tags, logs the postback.
-- KEYS: the caller's calls, what waits for the caller, the stream. ARGV: storage duration (ms), tail, log tail (both packed).
redis.call('MGET', KEYS[1], KEYS[2])
local time = redis.call('TIME')
local now, storage = time[1] * 1000 + math.floor(time[2] / 1000), tonumber(ARGV[1])
redis.call('SET', KEYS[2], cmsgpack.pack(now, storage) .. ARGV[2], 'PXAT', now + storage)
redis.call('XADD', KEYS[3], '*', 'e', cmsgpack.pack('p', now, 'stored', now + storage, {}) .. ARGV[2] .. ARGV[3])
return {'stored', now + storage}
