#!lua flags=allow-oom
-- BEGIN LIFE: ends every entry and every load in flight, if the history since them may be incomplete.
--
-- KEYS  fence
-- ARGV  name for a new life, reign of this Redis, '1' to begin one in any case
-- Reply {life, sequence, 1 if a new life began}
--
-- A Redis of another reign (run id and replication id) than the fence remembers was restarted or took over from another: what
-- it holds may miss acknowledged invalidations. The name, not the clock, tells the lives apart: the new clock
-- may well be behind the old one. What was carried is kept: it may lack something, but asks for nothing wrong.
local fence = redis.call('HMGET', KEYS[1], '.life', '.seq', '.run', '.carried', '.floor')
-- What is damaged may have been anything.
local whole = fence[1] and #fence[1] == 16 and tonumber(fence[2]) and tonumber(fence[5])
if whole and fence[3] == ARGV[2] and ARGV[3] ~= '1' then return { fence[1], fence[2], 0 } end

local time = redis.call('TIME')
local sequence = math.max(time[1] * 1000000 + time[2], (tonumber(fence[2]) or 0) + 1)
local q = string.format('%016.0f', sequence)
redis.call('UNLINK', KEYS[1])
redis.call('HSET', KEYS[1], '.life', ARGV[1], '.seq', q, '.floor', q, '.run', ARGV[2])
if fence[4] then redis.call('HSET', KEYS[1], '.carried', fence[4]) end
redis.call('PUBLISH', string.gsub(KEYS[1], 'fence$', 'invalidations'), ARGV[1] .. ' 0 ' .. q)
return { ARGV[1], q, 1 }
