#!lua flags=allow-oom
-- READ: which of these entries may be served, and the stamp that a load of the others may carry.
--
-- KEYS  fence, entry...
-- ARGV  name of the reader's process, if misses are to be leased to it, and for how many ms; and for some:
--       'time', 'age' or 'soft'; beta of the early refresh; a random number from 0 to 1
-- Reply {life, seq, carried, time in ms | nil, slot...}; {nil} when the domain has no life, or its fence is damaged:
--       the caller begins one.
--       slot  entry           a hit
--             {entry, flags}  may be served: 1 it is the caller's to refresh, 2 its TTL has ended, 4 it was invalidated
--             nil             a miss: the caller is to load it
--             1               a miss: another process is loading it
--
-- What an entry looks like: see fill.lua. Where there is none, or a dead one, a lease may lie: '\3' and who holds it, so
-- leases need no keys of their own. '\3-' says that waiting is of no use, for what is loaded there can't be stored.
--
-- Not flagged `no-writes`, and not only for the leases: so a replica (a demoted master, say) refuses it instead of
-- answering from tags that lag behind.
local BATCH = 5000 -- unpack() is limited by Lua's C stack (about 8,000)
local REFRESH_MS = 5000 -- so long nobody else tries
local ENTRY, LEASE = 2, 3 -- an entry's first byte
-- From its stamp to its tags. What does not begin so, or ends before its tags do, is damaged: a miss, which the next FILL replaces.
local NUMBERS = '^' .. string.rep('%d', 35) .. '.' .. string.rep('%d', 13)

local call, byte, sub, find = redis.call, string.byte, string.sub, string.find
local holder, lease_ms, mode = ARGV[1], ARGV[2], ARGV[3]

local entries = call('MGET', unpack(KEYS, 2))
local fields, position, count = { '.life', '.seq', '.floor', '.carried' }, {}, 4
local headers, formats = {}, {}
for i = 1, #entries do
  local entry = entries[i]
  if entry and byte(entry) == ENTRY and find(entry, NUMBERS, 19) then
    local tags = byte(entry, 2)
    local format = formats[tags]
    if not format then
      format = '>c16c16c33' .. string.rep('Hc0', tags)
      formats[tags] = format
    end
    -- true, life, stamp, the rest of the header, each tag; here each tag becomes its position in `fields`
    local header = { pcall(struct.unpack, format, entry, 3) }
    if header[1] then
      for j = 5, 4 + tags do
        local tag = header[j]
        local at = position[tag]
        if not at then
          at = count + 1
          count = at
          fields[at] = tag
          position[tag] = at
        end
        header[j] = at
      end
      headers[i] = header
    end
  end
end

local fence
if count <= BATCH then
  fence = call('HMGET', KEYS[1], unpack(fields))
else
  fence = {}
  for first = 1, count, BATCH do
    local some = call('HMGET', KEYS[1], unpack(fields, first, math.min(first + BATCH - 1, count)))
    for i = 1, #some do fence[first + i - 1] = some[i] end
  end
end
local life, floor = fence[1], tonumber(fence[3])
if not life or #life ~= 16 or not floor or not tonumber(fence[2]) then return { false } end

local now = false
if mode then
  local time = call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

-- What may be served although it is due: with `flags`, and to one reader at a time with the order to refresh it.
local function due(i, flags)
  if tonumber(sub(entries[i], 55, 67)) < now then
    call('SETRANGE', KEYS[i + 1], 54, string.format('%013.0f', now + REFRESH_MS))
    flags = flags + 1
  end
  return { entries[i], flags }
end

local reply = { life, fence[2], fence[4] or '', now }
for i = 1, #entries do
  local entry, header = entries[i], headers[i]
  local hit, dead = false, true
  if header and header[2] == life then
    local stamp = tonumber(header[3])
    dead = floor > stamp
    if not dead then
      for j = 5, #header - 1 do
        local last = fence[header[j]]
        -- What is no number may have been any.
        if last and (tonumber(last) or math.huge) > stamp then
          dead = true
          break
        end
      end
    end
    if not dead then
      hit = entry
      if mode == 'age' or mode == 'soft' then
        local left = tonumber(sub(entry, 35, 47)) - now
        -- XFetch (Vattani, Chierichetti, Lowenstein 2015), the random number spread over the keys
        local spread = 1 - (ARGV[5] + i * 0.6180339887) % 1
        if left <= 0 then
          hit = due(i, 2)
        elseif left <= -math.log(spread) * ARGV[4] * tonumber(sub(entry, 48, 53)) then
          hit = due(i, 0)
        end
      end
    elseif mode == 'soft' then
      hit = due(i, 4)
    end
  end
  if not hit and holder ~= '' then
    if entry and byte(entry) == LEASE then
      local other = sub(entry, 2)
      if other ~= holder and other ~= '-' then hit = 1 end
    else
      call('SET', KEYS[i + 1], '\3' .. holder, 'PX', lease_ms)
    end
  end
  reply[i + 4] = hit
end
return reply
