-- A postback as the other peers take it, in nginx: read, check, pack, one script call over a pooled socket, answer.
local args = ngx.req.get_uri_args(110)
local known = ngx.sha1_bin(args.key or '') == ngx.sha1_bin(os.getenv('POSTBACK_KEY'))
local caller = (args.caller_number or ''):gsub('^[ +]*', '+')
if not known or not caller:find('^%+[1-9]%d%d%d%d%d%d%d+$') or #caller > 16 then return ngx.exit(401) end

-- The tags in the order in which they came, which a Lua table doesn't keep.
local json, flat, count = {}, {}, 0
for name, value in ngx.var.args:gmatch('([^&=]+)=([^&]*)') do
  if name ~= 'key' and name ~= 'caller_number' then
    name, value = ngx.unescape_uri(name), ngx.unescape_uri(value)
    if #name > 128 or #value > 4096 or name:find('%c') or value:find('%c') then return ngx.exit(422) end
    count = count + 1
    json[count] = '"' .. name:gsub('["\\]', '\\%0') .. '":"' .. value:gsub('["\\]', '\\%0') .. '"'
    flat[count] = #name .. ':' .. name .. #value .. ':' .. value
  end
end
if count == 0 or count > 100 then return ngx.exit(400) end

local id = string.format('%08x-%04x-4%03x-%04x-%06x%06x', math.random(0, 0xffffffff), math.random(0, 0xffff), math.random(0, 0xfff),
  math.random(0x8000, 0xbfff), math.random(0, 0xffffff), math.random(0, 0xffffff))
local partition = string.format('{p%03d}', ngx.crc32_short('1:' .. caller) % 256)
local command = {'EVALSHA', ngx.var.script, '3', partition .. 'C:1:' .. caller, partition .. 'W:1:' .. caller, partition .. 'S',
  '172800000', '1:1:' .. id .. table.concat(flat), '1:' .. caller .. ngx.var.remote_addr}
local packed = {'*' .. #command .. '\r\n'}
for _, word in ipairs(command) do packed[#packed + 1] = '$' .. #word .. '\r\n' .. word .. '\r\n' end

local socket = ngx.socket.tcp()
socket:settimeouts(1000, 1000, 1000)
local ok = socket:connect('unix:' .. ngx.var.redis_socket, {pool_size = tonumber(ngx.var.connections)})
if not ok or not socket:send(packed) then return ngx.exit(503) end
local head = socket:receive()
if head ~= '*2' then return ngx.exit(503) end
socket:receive() -- the length of 'stored'
socket:receive()
local expires_at = tonumber(socket:receive():sub(2))
socket:setkeepalive(60000)

local headers = ngx.header
headers['Callstamp-Postback-Id'] = id
headers['Callstamp-Outcome'] = 'stored'
headers['Callstamp-Expires-At'] = os.date('!%Y-%m-%dT%H:%M:%S', expires_at / 1000) .. string.format('.%03dZ', expires_at % 1000)
local body = '{"tag_values":{' .. table.concat(json, ',') .. '},"caller_number":"' .. caller .. '","status":"call not found, tags stored"}'
headers['Content-Length'] = #body
ngx.print(body)
