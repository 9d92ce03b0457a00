import { signCall, type Viewer } from '@freshet/http'
import { Pool } from 'undici'
import { SubgraphError } from './subgraph-error.ts'

/** One call to a subgraph, signed in the viewer's name. */
interface SubgraphCall {
  readonly body: string
  readonly viewer: Viewer | null
  /** From sending to the answer's last byte. */
  readonly timeoutMs: number
  /** Only what changes nothing is sent again when the connection breaks. */
  readonly idempotent: boolean
  /** Another route of the subgraph than its GraphQL endpoint: `/internal/...`, beside that one. */
  readonly path?: string
  /** `freshet-sequence`: an older copy within a process of the subgraph must not answer. */
  readonly sequence?: string
}

/** Speaks to one subgraph over kept-alive connections. */
export interface SubgraphClient {
  readonly name: string
  readonly url: string
  /** @throws {SubgraphError} unless there is a complete answer with a status below 500. */
  post(call: SubgraphCall): Promise<{ status: number; body: string }>
  /** Cuts off what is still under way: to be called when nobody waits for an answer any more. */
  close(): Promise<void>
}

/** undici's Pool.request: the gateway's stock client takes half of its CPU time, undici's fetch little less. */
export function createSubgraphClient(parts: {
  name: string
  url: string
  secret: string
  connections: number
  answerLimitBytes: number
}): SubgraphClient {
  const { name, url, secret, answerLimitBytes } = parts
  const { origin, pathname, search } = new URL(url)
  const base = pathname.replace(/\/graphql\/?$/, '')
  // The call's own deadline covers connecting, headers and body; more clocks would only blur it. An attempt to
  // connect outlives its call, though: the next one may find it done.
  const pool = new Pool(origin, {
    connections: parts.connections,
    connect: { timeout: 10_000 },
    headersTimeout: 0,
    bodyTimeout: 0,
  })

  async function send(call: SubgraphCall, signal: AbortSignal): Promise<{ status: number; body: string }> {
    const answer = await pool.request({
      method: 'POST',
      path: call.path === undefined ? pathname + search : base + call.path,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(call.sequence !== undefined && { 'freshet-sequence': call.sequence }),
        ...signCall({
          secret,
          body: call.body,
          viewer: call.viewer,
          ...(call.path !== undefined && { path: call.path }),
        }),
      },
      body: call.body,
      signal,
    })
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > answerLimitBytes) {
        throw new SubgraphError(
          name,
          'too-large',
          `answered with more than ${answerLimitBytes} bytes; ask for less.`,
        )
      }
      chunks.push(chunk)
    }
    if (answer.statusCode >= 500) {
      throw new SubgraphError(name, 'status', `answered with HTTP status ${answer.statusCode}.`)
    }
    return { status: answer.statusCode, body: Buffer.concat(chunks).toString('utf8') }
  }

  return {
    name,
    url,
    async post(call) {
      const abort = new AbortController()
      const timer = setTimeout(() => abort.abort(), call.timeoutMs)
      const explain = (error: unknown) =>
        subgraphError(name, error, abort.signal.aborted ? call.timeoutMs : undefined)
      try {
        return await send(call, abort.signal)
      } catch (error) {
        const failed = explain(error)
        // A kept-alive connection that the subgraph closed just now looks like this: nothing is wrong with it.
        if (failed.failure !== 'reset' || !call.idempotent) throw failed
        try {
          return await send(call, abort.signal)
        } catch (again) {
          throw explain(again)
        }
      } finally {
        clearTimeout(timer)
      }
    },
    // Not pool.close(): that would wait for a connection that is still being attempted.
    close: () => pool.destroy(),
  }
}

const RESET = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

function subgraphError(name: string, cause: unknown, timedOutAfterMs: number | undefined): SubgraphError {
  if (cause instanceof SubgraphError) return cause
  if (timedOutAfterMs !== undefined) {
    return new SubgraphError(name, 'timeout', `did not answer within ${timedOutAfterMs} ms.`, { cause })
  }
  const code = (cause as { code?: unknown }).code
  return RESET.has(String(code))
    ? new SubgraphError(name, 'reset', 'broke the connection off.', { cause })
    : new SubgraphError(name, 'refused', "can't be reached.", { cause })
}
