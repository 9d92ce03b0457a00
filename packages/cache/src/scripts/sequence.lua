#!lua
-- SEQUENCE: how far the domain is. On a connection that is subscribed to the invalidations, the answer comes after all
-- that was published before.
--
-- KEYS  fence
-- ARGV  a word to be published, to see whether it is heard
-- Reply {where invalidations are published, life, seq}; the last two nil when the domain has no life
--
-- Not flagged `no-writes`, although it writes nothing: so a replica (a demoted master, say), which gets the
-- invalidations late or never, refuses it.
local channel = string.gsub(KEYS[1], 'fence$', 'invalidations')
if ARGV[1] then redis.call('PUBLISH', channel, ARGV[1]) end
local fence = redis.call('HMGET', KEYS[1], '.life', '.seq')
return { channel, fence[1], fence[2] }
