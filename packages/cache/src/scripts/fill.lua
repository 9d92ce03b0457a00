#!lua
-- FILL: stores what was loaded after a READ that answered `life` and `stamp`.
--
-- KEYS  fence, entry...
-- ARGV  life, stamp, then for each entry: its tags (separated by spaces), TTL in ms, payload
-- Reply for each entry: 1 stored, 0 refused (invalidated since the READ), -1 refused (a newer one is there)
--
-- Not flagged `allow-oom`: a Redis without memory refuses the whole script, and nothing is half stored.
local BATCH = 5000

local life, stamp = ARGV[1], tonumber(ARGV[2])
local fence = redis.call('HMGET', KEYS[1], '.life', '.floor')
local count = #KEYS - 1
local reply = {}
if fence[1] ~= life or tonumber(fence[2]) > stamp then
  for i = 1, count do reply[i] = 0 end
  return reply
end

local names, position = {}, {}
for i = 1, count do
  for tag in string.gmatch(ARGV[i * 3], '[^ ]+') do
    if not position[tag] then
      names[#names + 1] = tag
      position[tag] = true
    end
  end
end
local invalidated = {}
for first = 1, #names, BATCH do
  local last = math.min(first + BATCH - 1, #names)
  for i, sequence in ipairs(redis.call('HMGET', KEYS[1], unpack(names, first, last))) do
    if sequence and tonumber(sequence) > stamp then invalidated[names[first + i - 1]] = true end
  end
end

local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 1, count do
  local key, tags, ttl_ms, payload = KEYS[i + 1], ARGV[i * 3], ARGV[i * 3 + 1], ARGV[i * 3 + 2]
  reply[i] = 1
  for tag in string.gmatch(tags, '[^ ]+') do
    if invalidated[tag] then
      reply[i] = 0
      break
    end
  end
  if reply[i] == 1 and redis.call('EXISTS', key) == 1 then
    local there = redis.pcall('GETRANGE', key, 0, 127) -- the header's start is enough; pcall: any type may be there
    if type(there) == 'string' then
      local other_life, other = string.match(there, '^([^ \n]+) (%d+) ')
      if other_life == life and tonumber(other) > stamp then reply[i] = -1 end
    end
  end
  if reply[i] == 1 then
    local soft_expiry = string.format('%.0f', now_ms + tonumber(ttl_ms))
    local header = life .. ' ' .. ARGV[2] .. ' ' .. soft_expiry .. ' ' .. tags .. '\n'
    redis.call('SET', key, header .. payload, 'PX', ttl_ms)
  end
end
return reply
