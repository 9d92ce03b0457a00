#!lua flags=allow-oom
-- READ: which of these entries may be served, and the stamp that a load of the others may carry.
--
-- KEYS  fence, entry...
-- ARGV  name for a new life, run id of this Redis as the caller knows it
-- Reply {life, seq, carried, entry | nil, ...}; no entries when a life begins here: then nothing is a hit.
--       `carried` is what INVALIDATE was told of other domains: 'catalog 17 users 4'
--
-- Not flagged `no-writes`, although it rarely writes: so a replica (a demoted master, say) refuses
-- it instead of answering from tags that lag behind.
local BATCH = 5000 -- unpack() is limited by Lua's C stack (about 8,000)

local function read_fields(key, fields)
  if #fields <= BATCH then return redis.call('HMGET', key, unpack(fields)) end
  local values = {}
  for first = 1, #fields, BATCH do
    local last = math.min(first + BATCH - 1, #fields)
    for _, value in ipairs(redis.call('HMGET', key, unpack(fields, first, last))) do
      values[#values + 1] = value
    end
  end
  return values
end

local entries = redis.call('MGET', unpack(KEYS, 2))
local stamps, tags_of, fields, position = {}, {}, { '.life', '.seq', '.floor', '.carried' }, {}
for i = 1, #entries do
  local life, stamp, tags
  if entries[i] then life, stamp, tags = string.match(entries[i], '^([^ \n]+) (%d+) %d+ ([^\n]+)\n') end
  if tags then
    stamps[i] = { life, tonumber(stamp) }
    tags_of[i] = {}
    for tag in string.gmatch(tags, '[^ ]+') do
      if not position[tag] then
        fields[#fields + 1] = tag
        position[tag] = #fields
      end
      tags_of[i][#tags_of[i] + 1] = position[tag]
    end
  end
end

local fence = read_fields(KEYS[1], fields)
local life = fence[1]
if not life then
  local time = redis.call('TIME')
  local now = string.format('%.0f', time[1] * 1000000 + time[2])
  redis.call('HSET', KEYS[1], '.life', ARGV[1], '.seq', now, '.floor', now, '.run', ARGV[2])
  return { ARGV[1], now, '' }
end

local floor = tonumber(fence[3])
local reply = { life, fence[2], fence[4] or '' }
for i = 1, #entries do
  local hit = stamps[i] ~= nil and stamps[i][1] == life and floor <= stamps[i][2]
  if hit then
    for _, tag in ipairs(tags_of[i]) do
      if fence[tag] and tonumber(fence[tag]) > stamps[i][2] then
        hit = false
        break
      end
    end
  end
  reply[i + 3] = hit and entries[i]
end
return reply
