/*
 * What must happen in one piece, as Redis scripts. Keys, all in one hash slot:
 *
 *   {users}:session:<id>          HASH userId, createdAt, expiresAt (ms)
 *   {users}:sessions-of:<userId>  ZSET id -> createdAt
 *   {users}:sessions-ending       ZSET id -> expiresAt
 */

const forget = `
local function forget(id)
  local key = '{users}:session:' .. id
  local userId = redis.call('HGET', key, 'userId')
  if userId then redis.call('ZREM', '{users}:sessions-of:' .. userId, id) end
  redis.call('ZREM', '{users}:sessions-ending', id)
  return redis.call('DEL', key)
end`

/**
 * KEYS: the session's. ARGV: id, userId, now, expiresAt, most sessions of an account.
 * Sweeps before it adds: each sign-in removes up to 20 sessions that are over, so they can't pile up.
 */
export const openSession = `${forget}
local id, userId, now, expiresAt, most = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
for _, ended in ipairs(redis.call('ZRANGEBYSCORE', '{users}:sessions-ending', '-inf', now, 'LIMIT', 0, 20)) do
  forget(ended)
end
redis.call('HSET', KEYS[1], 'userId', userId, 'createdAt', now, 'expiresAt', expiresAt)
redis.call('ZADD', '{users}:sessions-of:' .. userId, now, id)
redis.call('ZADD', '{users}:sessions-ending', expiresAt, id)
for _, oldest in ipairs(redis.call('ZRANGE', '{users}:sessions-of:' .. userId, 0, -(most + 1))) do
  forget(oldest)
end
return 1`

/** KEYS: the session's. ARGV: id. 1 if it was there. */
export const closeSession = `${forget}
return forget(ARGV[1])`

/** KEYS: the account's index. Rows of id, userId, createdAt, expiresAt, the newest first. */
export const listSessions = `
local sessions = {}
for _, id in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, -1)) do
  local session = redis.call('HMGET', '{users}:session:' .. id, 'userId', 'createdAt', 'expiresAt')
  table.insert(sessions, { id, session[1], session[2], session[3] })
end
return sessions`
