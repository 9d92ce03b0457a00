import { parseRedisUrl, redisUrl } from '@freshet/config'
import { expect, test } from '@jest/globals'

test.each([
  'redis://host',
  'redis://host:6379',
  'redis://user:pass@host:6379/5',
  'rediss://:p%40ss@host:6380/0?family=6',
  'redis://[::1]:6379/',
])('takes %s for one server, and leaves it to the client as it is', (url) => {
  expect(parseRedisUrl(url)).toEqual({ kind: 'single', url })
})

test('reads the nodes of a cluster, 6379 where no port is given', () => {
  expect(parseRedisUrl('redis+cluster://a:7000,b.example,[::1]:7002')).toEqual({
    kind: 'cluster',
    nodes: [
      { host: 'a', port: 7000 },
      { host: 'b.example', port: 6379 },
      { host: '::1', port: 7002 },
    ],
    login: {},
    tls: false,
  })
  expect(parseRedisUrl('rediss+cluster://shop:p%40ss%2Fw%3Ard@a:7000/0')).toMatchObject({
    login: { username: 'shop', password: 'p@ss/w:rd' },
    tls: true,
  })
})

test('reads the Sentinels, the name of their master, the database and both passwords', () => {
  expect(parseRedisUrl('redis+sentinel://a:5000,b/shop')).toEqual({
    kind: 'sentinel',
    sentinels: [
      { host: 'a', port: 5000 },
      { host: 'b', port: 26379 },
    ],
    master: 'shop',
    database: 0,
    login: {},
    sentinelLogin: {},
    tls: false,
  })
  expect(parseRedisUrl('rediss+sentinel://:secret@a/shop/3?sentinelPassword=other')).toMatchObject({
    master: 'shop',
    database: 3,
    login: { password: 'secret' },
    sentinelLogin: { password: 'other' },
    tls: true,
  })
})

test.each([
  ['', /not a URL/],
  ['nowhere', /not a URL/],
  ['redis://', /not a URL/],
  ['redis://:hunter2@', /not a URL/],
  ['redis://host:99999', /not a URL/],
  ['http://host', /starts with none of redis:/],
  ['redi://:hunter2@host', /starts with none of redis:/],
  ['redis+clusters://a', /starts with none of redis:/],
  ['redis://a:1,b:2', /several hosts.*redis\+cluster/],
  ['redis://a/hunter2', /not the number of a database/],
  ['redis+cluster://a/1', /has only one/],
  ['redis+cluster://a,', /not host:port/],
  ['redis+cluster://a:0', /not host:port/],
  ['redis+cluster://a:hunter2', /not host:port/],
  ['redis+cluster://a?db=hunter2', /parameters that nothing reads; it may have none/],
  ['redis+cluster://%hunter2@a', /write it as %25/],
  ['redis+sentinel://a:1,b:2', /does not name the master/],
  ['redis+sentinel://a/', /does not name the master/],
  ['redis+sentinel://a/shop/hunter2', /does not name the master/],
  ['redis+sentinel://a/shop?password=hunter2', /it may have sentinelUsername, sentinelPassword/],
])('refuses %j, says why, and quotes nothing of it', (url, reason) => {
  expect(() => parseRedisUrl(url)).toThrow(reason)
  expect(redisUrl.safeParse(url).error?.issues[0]?.message).toMatch(reason)
  expect(JSON.stringify(redisUrl.safeParse(url).error?.issues.map(({ message }) => message))).not.toContain(
    'hunter2',
  )
})
