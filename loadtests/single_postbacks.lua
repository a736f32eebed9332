-- wrk's requests: a postback of three tags each, about a random one of ten million callers; then its figures as one line of JSON.
-- POSTBACK_KEY is in the environment.
local key = os.getenv('POSTBACK_KEY')
local path = '/data_writing?key=' .. key .. '&caller_number=+1555%07d&prequalified=true&source=search&zip=94110'

function init(args) math.randomseed(os.time()) end

function request() return wrk.format('GET', string.format(path, math.random(0, 9999999))) end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('{"requests":%d,"seconds":%f,"p50_ms":%f,"p99_ms":%f,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
