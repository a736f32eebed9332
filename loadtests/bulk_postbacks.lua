-- wrk: one bulk request after another, each of BULK_ITEMS callers that nobody posted about in this round. wrk -s bulk_postbacks.lua
local key, items = os.getenv('POSTBACK_KEY'), tonumber(os.getenv('BULK_ITEMS'))
local first, number, bodies = tonumber(os.getenv('BULK_FIRST_CALLER')), 0, {}

local function body(from)
  local lines = {}
  for caller = from, from + items - 1 do
    lines[#lines + 1] = string.format(
      '{"caller_number":"+1%010d","tag_values":{"prequalified":"true","source":"search","zip":"94110"}}', caller)
  end
  return table.concat(lines, '\n')
end

function init()
  wrk.method, wrk.path = 'POST', '/v1/postbacks'
  wrk.headers['Authorization'], wrk.headers['Content-Type'] = 'Bearer ' .. key, 'application/x-ndjson'
  for place = 0, tonumber(os.getenv('BULK_BODIES')) - 1 do bodies[place] = wrk.format(nil, nil, nil, body(first + place * items)) end
end

function request()
  number = number + 1
  return bodies[(number - 1) % #bodies]
end

function done(summary, latency)
  io.write(string.format('{"requests":%d,"seconds":%f,"p50_ms":%f,"p99_ms":%f,"refused":%d,"broken":%d}\n', summary.requests,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
