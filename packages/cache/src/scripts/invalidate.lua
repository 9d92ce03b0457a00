#!lua flags=allow-oom
-- INVALIDATE: from here on no entry that depends on one of these tags, and no load begun before, is served.
--
-- KEYS  fence
-- ARGV  name for a new life, reign of this Redis, retention in µs, carried, tag...
-- Reply {sequence of this invalidation, life}
--
-- `carried` are the last sequences of other domains: 'catalog 17 users 4', or ''. The highest of each is kept, in the
-- same step as the tags: whoever reads these tags reads it too.
--
-- Flagged `allow-oom`: a Redis without memory must still take invalidations. Costs O(tags).
-- Also forgets tags that were last invalidated longer ago than any entry lives. `floor` rises to each forgotten
-- sequence, so forgetting can only end entries early, never revive one, whatever the clock did.
local BATCH = 2000
-- Two fields are looked at for each that is added, so that about half of them at most are older than they need to be. For
-- few, one time in so many and then for all of those: HSCAN takes a multiple of the rest of this script.
local SWEPT_FOR_EACH, SWEEP_ONE_IN = 2, 16

local call = redis.call
local fence = call('HMGET', KEYS[1], '.life', '.seq', '.floor', '.sweep', '.carried')
local time = call('TIME')
local now = time[1] * 1000000 + time[2]
local sequence = math.max(now, (tonumber(fence[2]) or 0) + 1)
-- Lua would print 1.7e+15: 14 digits are its default.
local q = string.format('%016.0f', sequence)

local fields, count = { '.seq', q }, 2
if not (fence[1] and tonumber(fence[2]) and tonumber(fence[3])) then
  -- There is no life, or the fence is damaged: one begins, as in begin-life.lua.
  fence = { ARGV[1], false, q, false, fence[5] }
  call('UNLINK', KEYS[1])
  call('HSET', KEYS[1], '.life', ARGV[1], '.floor', q, '.run', ARGV[2])
  if fence[5] then call('HSET', KEYS[1], '.carried', fence[5]) end
end
local added = 0
for i = 5, #ARGV do
  fields[count + 1], fields[count + 2] = ARGV[i], q
  count = count + 2
  if count >= BATCH then
    added = added + call('HSET', KEYS[1], unpack(fields))
    fields, count = {}, 0
  end
end
if count > 0 then added = added + call('HSET', KEYS[1], unpack(fields)) end

if ARGV[4] ~= '' then
  local highest = {}
  for domain, told in string.gmatch((fence[5] or '') .. ' ' .. ARGV[4], '(%S+) (%d+)') do
    if not highest[domain] or tonumber(told) > tonumber(highest[domain]) then highest[domain] = told end
  end
  local carried = {}
  for domain, told in pairs(highest) do carried[#carried + 1] = domain .. ' ' .. told end
  call('HSET', KEYS[1], '.carried', table.concat(carried, ' '))
end

local swept = 0
if added >= SWEEP_ONE_IN then
  swept = SWEPT_FOR_EACH * added
elseif sequence % SWEEP_ONE_IN == 0 then
  swept = SWEPT_FOR_EACH * SWEEP_ONE_IN * added
end
if swept > 0 then
  local cutoff = now - tonumber(ARGV[3])
  local floor = tonumber(fence[3])
  local scan = call('HSCAN', KEYS[1], string.match(fence[4] or '', '^%d+$') or '0', 'COUNT', swept)
  for i = 1, #scan[2], 2 do
    local field = scan[2][i]
    if string.sub(field, 1, 1) ~= '.' then
      local last = tonumber(scan[2][i + 1])
      -- One that is damaged may have been any up to now.
      if not last or last < cutoff then
        call('HDEL', KEYS[1], field)
        floor = math.max(floor, last or sequence)
      end
    end
  end
  call('HSET', KEYS[1], '.sweep', scan[1], '.floor', string.format('%016.0f', floor))
end

-- Those who are subscribed when this runs get it before the answer of any script that they run later.
-- With the sequence before: so that they notice if there was one that was not published.
local message = fence[1] .. ' ' .. (fence[2] or '0') .. ' ' .. q
if #ARGV > 4 then message = message .. ' ' .. table.concat(ARGV, ' ', 5) end
call('PUBLISH', string.gsub(KEYS[1], 'fence$', 'invalidations'), message)
return { q, fence[1] }
