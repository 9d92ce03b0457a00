import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { type Viewer, viewerSchema } from './viewer.ts'

/**
 * Calls between the gateway and the subgraphs are signed, so that nobody who merely reaches a
 * subgraph's port can name a viewer. The scheme is Stripe's (`t=...,v1=...`), over the time, the
 * viewer, the path and the body's digest. A captured call can be replayed for five minutes, not longer,
 * only where it was sent to, and neither its body nor its viewer can be changed.
 * @see https://docs.stripe.com/webhooks#verify-manually
 */
const VIEWER_HEADER = 'freshet-viewer'
const SIGNATURE_HEADER = 'freshet-signature'

/** How far the two clocks may be apart, and how long a call stays valid. */
const WINDOW_MS = 5 * 60_000

/** Header values longer than this are not ours: refused before anything is computed. */
const LONGEST_HEADER = 4_096

/** What a call is for, unless told otherwise. */
const GRAPHQL_PATH = '/graphql'

/** Why a signature was refused; for logs and tests, the client only learns the message. */
export type SignatureProblem = 'missing' | 'malformed' | 'expired' | 'mismatch' | 'viewer'

/** The call was not signed by somebody who knows the secret, or not just now. Answers 401. */
export class InvalidSignatureError extends Error {
  override readonly name = 'InvalidSignatureError'
  readonly code = 'SIGNATURE_INVALID'
  readonly statusCode = 401
  readonly reason: SignatureProblem

  constructor(reason: SignatureProblem, message: string) {
    super(message)
    this.reason = reason
  }
}

/**
 * The headers that vouch for `viewer` (null: anonymous) on a call with this body.
 *
 * @param call.body exactly the bytes that are sent.
 * @param call.path the route as the subgraph names it (`/internal/x`, without what a proxy puts before it);
 *   `/graphql` unless told otherwise.
 * @param call.nowMs the time of signing, in Unix milliseconds; now unless told otherwise.
 */
export function signCall({
  secret,
  body,
  viewer,
  path = GRAPHQL_PATH,
  nowMs = Date.now(),
}: {
  secret: string
  path?: string
  body: string | Uint8Array
  viewer: Viewer | null
  nowMs?: number
}): Record<string, string> {
  const encoded = viewer === null ? '' : Buffer.from(JSON.stringify(viewer)).toString('base64url')
  const signature = digest({ secret, signedMs: nowMs, encoded, path, body }).toString('hex')
  return {
    ...(encoded !== '' && { [VIEWER_HEADER]: encoded }),
    [SIGNATURE_HEADER]: `t=${nowMs},v1=${signature}`,
  }
}

/** Headers as Node gives them: lower-case names. */
export type CallHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * Who a signed call is made for; null if it is anonymous.
 *
 * @param call.path the route that is called; `/graphql` unless told otherwise.
 * @param call.body exactly the bytes that arrived (`request.rawBody`), not a JSON that was parsed and printed again.
 * @throws {InvalidSignatureError} for whatever is wrong with the headers; nothing else.
 */
export function verifyCall({
  secret,
  headers,
  body,
  path = GRAPHQL_PATH,
  nowMs = Date.now(),
}: {
  secret: string
  path?: string
  headers: CallHeaders
  body: string | Uint8Array
  nowMs?: number
}): Viewer | null {
  const signature = single(headers, SIGNATURE_HEADER)
  if (signature === undefined)
    throw new InvalidSignatureError('missing', `The ${SIGNATURE_HEADER} header is missing.`)
  const parts = /^t=(\d{1,15}),v1=([0-9a-f]{64})$/.exec(signature)
  if (parts === null) throw malformed(SIGNATURE_HEADER)
  const signedMs = Number(parts[1])
  const encoded = single(headers, VIEWER_HEADER) ?? ''
  const expected = digest({ secret, signedMs, encoded, path, body })
  if (!timingSafeEqual(expected, Buffer.from(parts[2]!, 'hex'))) {
    throw new InvalidSignatureError('mismatch', 'The signature does not match the call.')
  }
  if (Math.abs(nowMs - signedMs) > WINDOW_MS) {
    throw new InvalidSignatureError(
      'expired',
      'The signature is older than five minutes, or the clocks differ.',
    )
  }
  return encoded === '' ? null : decodeViewer(encoded)
}

function digest(call: {
  secret: string
  signedMs: number
  encoded: string
  path: string
  body: string | Uint8Array
}): Buffer {
  const bodyDigest = createHash('sha256').update(call.body).digest('hex')
  // The path comes last: only it may have any character in it.
  const signed = `${call.signedMs}.${call.encoded}.${bodyDigest}.${call.path}`
  return createHmac('sha256', call.secret).update(signed).digest()
}

function decodeViewer(encoded: string): Viewer {
  let decoded: unknown
  try {
    decoded = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'))
  } catch {
    throw malformed(VIEWER_HEADER)
  }
  const viewer = viewerSchema.safeParse(decoded)
  if (viewer.success) return viewer.data
  throw new InvalidSignatureError('viewer', `The ${VIEWER_HEADER} header does not describe a viewer.`)
}

function single(headers: CallHeaders, name: string): string | undefined {
  const value = headers[name]
  if (value === undefined) return undefined
  if (typeof value !== 'string' || value.length > LONGEST_HEADER) throw malformed(name)
  return value
}

function malformed(header: string): InvalidSignatureError {
  return new InvalidSignatureError('malformed', `The ${header} header is malformed.`)
}
