#!lua
-- FILL: stores what was loaded after a READ that answered `life` and `stamp`.
--
-- KEYS  fence, entry...
-- ARGV  life, stamp, name of the process if it leases, '1' if the policy is soft, then for each entry:
--       its tags (separated by spaces), TTL in ms, how long it may be served after that in ms, how long it took to
--       load in ms (6 digits) and its codec (1 character), payload
-- Reply for each entry: 1 stored, 0 refused (invalidated since the READ), -1 refused (a newer one is there)
--
-- An entry is: '\2', number of tags (1 byte), life (16 characters), stamp (16 digits), when its TTL ends in ms (13),
-- load in ms (6), codec (1), until when someone refreshes it in ms (13), then for each tag its length (2 bytes, the higher
-- first) and the tag, and the payload. READ is all about reading this fast, so it is no text.
--
-- A soft policy stores also what was invalidated meanwhile: READ tells, and it is newer than what is there.
-- Not flagged `allow-oom`: a Redis without memory refuses the whole script, and nothing is half stored.
local BATCH = 5000
local OPEN_MS = 5000

local call = redis.call
local life, stamp, holder, soft = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4] == '1'
local fence = call('HMGET', KEYS[1], '.life', '.floor')
local floor = tonumber(fence[2])
local lost = fence[1] ~= life or not floor or (not soft and floor > stamp)

local invalidated = {}
if not lost and not soft then
  local names, position = {}, {}
  for i = 5, #ARGV, 5 do
    for tag in string.gmatch(ARGV[i], '[^ ]+') do
      if not position[tag] then
        names[#names + 1] = tag
        position[tag] = true
      end
    end
  end
  for first = 1, #names, BATCH do
    local last = math.min(first + BATCH - 1, #names)
    for i, sequence in ipairs(call('HMGET', KEYS[1], unpack(names, first, last))) do
      if sequence and (tonumber(sequence) or math.huge) > stamp then invalidated[names[first + i - 1]] = true end
    end
  end
end

local time = call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp_16 = string.format('%016.0f', stamp)
local reply = {}
for i = 1, #KEYS - 1 do
  local key, at = KEYS[i + 1], i * 5
  local tags, ttl_ms, stale_ms = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local packed, count = {}, 0
  reply[i] = lost and 0 or 1
  for tag in string.gmatch(tags, '[^ ]+') do
    if invalidated[tag] then reply[i] = 0 end
    count = count + 1
    packed[count] = struct.pack('>Hc0', #tag, tag)
  end
  local there = redis.pcall('GETRANGE', key, 0, 33) -- pcall: any type may be there
  if type(there) ~= 'string' then there = '' end
  if reply[i] == 0 then
    -- Those who wait for it had better load it themselves: writes come faster than loads.
    if holder ~= '' and there == '\3' .. holder then call('SET', key, '\3-', 'PX', OPEN_MS) end
  elseif string.sub(there, 1, 1) == '\2' and string.sub(there, 3, 18) == life
    and (tonumber(string.sub(there, 19, 34)) or 0) > stamp then
    reply[i] = -1
  else
    local soft_expiry = string.format('%013.0f', now_ms + ttl_ms)
    local header = '\2' .. string.char(count) .. life .. stamp_16 .. soft_expiry .. ARGV[at + 3] .. '0000000000000'
    call('SET', key, header .. table.concat(packed) .. ARGV[at + 4], 'PX', string.format('%.0f', ttl_ms + stale_ms))
  end
end
return reply
