import { expect, test } from '@jest/globals'
import { redisStatement } from '../src/redis-statement.ts'

test.each([
  ['get', ['{users}:session:ab'], 'get {users}:session:ab'],
  ['set', ['key', 'secret value', 'EX', 10], 'set key [3 more arguments]'],
  ['hset', ['key', 'field', 'secret'], 'hset key [2 more arguments]'],
  ['mget', ['a', 'b'], 'mget a b'],
  [
    'evalsha',
    ['0123456789abcdef', 2, 'k1', Buffer.from('k2'), 'secret'],
    'evalsha 01234567 k1 k2 [1 more arguments]',
  ],
  ['EVAL', ['return 1', '0', 'secret'], 'EVAL <script> [1 more arguments]'],
  ['eval', ['return 1', 'nonsense', 'secret'], 'eval <script> [1 more arguments]'],
  ['evalsha', ['sha', -5, 'secret'], 'evalsha sha [1 more arguments]'],
  ['evalsha', ['sha', 99, 'k'], 'evalsha sha k'],
  ['evalsha', [], 'evalsha'],
  ['fcall', ['my_function', 1, 'k'], 'fcall my_function k'],
  ['auth', ['user', 'secret'], 'auth'],
  ['HELLO', ['3', 'AUTH', 'user', 'secret'], 'HELLO'],
  ['ping', [], 'ping'],
])('%s %j is shown as %j', (name, parameters, shown) => {
  expect(redisStatement(name, parameters)).toBe(shown)
})

test('many or long keys are cut', () => {
  expect(
    redisStatement(
      'del',
      Array.from({ length: 10 }, (_, i) => `k${i}`),
    ),
  ).toBe('del k0 k1 k2 k3 k4 k5 k6 k7 [2 more keys]')
  expect(redisStatement('get', ['x'.repeat(10_000)])).toHaveLength(84)
})
