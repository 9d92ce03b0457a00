#!lua flags=allow-oom
-- RELEASE: gives leases back, of loads that failed, or of values that can't be stored.
--
-- KEYS  entry...
-- ARGV  name of the process that holds them, '1' if waiting for these is of no use for a while
local OPEN_MS = 5000

for i = 1, #KEYS do
  local there = redis.pcall('GETRANGE', KEYS[i], 0, 16) -- pcall: any type may be there
  if there == '\3' .. ARGV[1] then
    if ARGV[2] == '1' then
      redis.call('SET', KEYS[i], '\3-', 'PX', OPEN_MS)
    else
      redis.call('DEL', KEYS[i])
    end
  end
end
