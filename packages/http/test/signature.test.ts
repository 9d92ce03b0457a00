import { expect, test } from '@jest/globals'
import { InvalidSignatureError, signCall, type Viewer, verifyCall } from '../src/index.ts'

const secret = 'a-secret-of-24-characters'
const body = '{"query":"{ me { id } }"}'
const viewer: Viewer = { id: '42', roles: ['CUSTOMER', 'SELLER'], sessionId: 's-1' }
const nowMs = 1_800_000_000_000

function reasonFor(
  headers: Record<string, string | string[] | undefined>,
  over: Partial<{ body: string; nowMs: number; path: string; secret: string }> = {},
) {
  try {
    verifyCall({ secret, headers, body, nowMs, ...over })
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidSignatureError)
    expect(error).toMatchObject({ code: 'SIGNATURE_INVALID', statusCode: 401 })
    return (error as InvalidSignatureError).reason
  }
  return 'accepted'
}

test('a signed call carries its viewer', () => {
  const headers = signCall({ secret, body, viewer, nowMs })
  expect(verifyCall({ secret, headers, body, nowMs })).toEqual(viewer)
})

test('an anonymous call has no viewer header and verifies as null', () => {
  const headers = signCall({ secret, body, viewer: null, nowMs })
  expect(Object.keys(headers)).toEqual(['freshet-signature'])
  expect(verifyCall({ secret, headers, body, nowMs })).toBeNull()
})

test('the signature is the one that the protocol describes', () => {
  // Computed with openssl: t.viewer.sha256(body).path, HMAC-SHA256.
  expect(signCall({ secret: 'k'.repeat(16), body: '', viewer: null, nowMs: 1 })).toEqual({
    'freshet-signature': 't=1,v1=a346646df238832f61dcbfccf7db9ad7fb0141623be58041f1de55bfa2682bbb',
  })
})

test('signs bodies as bytes, whatever they hold', () => {
  const bytes = new TextEncoder().encode('{"q":"Füße 日本"}')
  const headers = signCall({ secret, body: '{"q":"Füße 日本"}', viewer, nowMs })
  expect(verifyCall({ secret, headers, body: bytes, nowMs })).toEqual(viewer)
})

test('a call for one route is refused at another', () => {
  const headers = signCall({ secret, body, viewer, nowMs })
  expect(reasonFor(headers, { path: '/graphql' })).toBe('accepted')
  expect(reasonFor(headers, { path: '/internal/x' })).toBe('mismatch')
  const internal = signCall({ secret, body, viewer, path: '/internal/x', nowMs })
  expect(reasonFor(internal, { path: '/internal/x' })).toBe('accepted')
  expect(reasonFor(internal)).toBe('mismatch')
})

test('a changed body, viewer, time or secret is refused', () => {
  const headers = signCall({ secret, body, viewer, nowMs })
  const other = signCall({ secret, body, viewer: { ...viewer, id: '1' }, nowMs })
  expect(reasonFor(headers, { body: `${body} ` })).toBe('mismatch')
  expect(reasonFor(headers, { secret: 'another-secret-of-29-characters' })).toBe('mismatch')
  expect(reasonFor({ ...headers, 'freshet-viewer': other['freshet-viewer'] })).toBe('mismatch')
  expect(reasonFor({ ...headers, 'freshet-viewer': undefined })).toBe('mismatch')
  expect(
    reasonFor({ 'freshet-signature': headers['freshet-signature']!.replace(`t=${nowMs}`, `t=${nowMs + 1}`) }),
  ).toBe('mismatch')
})

test('a call is valid for five minutes before and after its signing', () => {
  const headers = signCall({ secret, body, viewer, nowMs })
  expect(reasonFor(headers, { nowMs: nowMs + 300_000 })).toBe('accepted')
  expect(reasonFor(headers, { nowMs: nowMs - 300_000 })).toBe('accepted')
  expect(reasonFor(headers, { nowMs: nowMs + 300_001 })).toBe('expired')
  expect(reasonFor(headers, { nowMs: nowMs - 300_001 })).toBe('expired')
})

test.each([
  ['', 'malformed'],
  ['t=1', 'malformed'],
  ['v1=ab,t=1', 'malformed'],
  [`t=abc,v1=${'a'.repeat(64)}`, 'malformed'],
  [`t=1,v1=${'a'.repeat(63)}`, 'malformed'],
  [`t=1,v1=${'A'.repeat(64)}`, 'malformed'],
  [`t=1,v1=${'g'.repeat(64)}`, 'malformed'],
  [`t=-1,v1=${'a'.repeat(64)}`, 'malformed'],
  [`t=${'9'.repeat(400)},v1=${'a'.repeat(64)}`, 'malformed'],
  [`t=1,v1=${'a'.repeat(64)}`, 'mismatch'],
  ['x'.repeat(100_000), 'malformed'],
])('a signature of %.30j is %s', (signature, reason) => {
  expect(reasonFor({ 'freshet-signature': signature })).toBe(reason)
})

test('a missing or repeated signature is refused', () => {
  expect(reasonFor({})).toBe('missing')
  expect(reasonFor({ 'freshet-signature': ['t=1', 't=2'] })).toBe('malformed')
})

test.each([
  ['no id', { roles: [], sessionId: 's' }],
  ['an id that is not digits', { id: '1 OR 1=1', roles: [], sessionId: 's' }],
  ['id 0', { id: '0', roles: [], sessionId: 's' }],
  ['an id too large for a bigint', { id: '9'.repeat(19), roles: [], sessionId: 's' }],
  ['an unknown role', { id: '1', roles: ['ROOT'], sessionId: 's' }],
  ['an empty session', { id: '1', roles: [], sessionId: '' }],
  ['a number', 7],
])('a well-signed viewer with %s is refused', (_what, wrong) => {
  const headers = signCall({ secret, body, viewer: wrong as Viewer, nowMs })
  expect(reasonFor(headers)).toBe('viewer')
})
