import { readFileSync } from 'node:fs'
import { encodeGlobalId } from './ids.ts'

/** The system that e2e/global-setup.ts started; every scenario that breaks nothing shares it. */
export interface SharedSystem {
  gatewayUrl: string
  /** A second door, that keeps nothing. */
  uncachedGatewayUrl: string
  /** Superuser's URL of its database. */
  adminUrl: string
  redisUrl: string
  kafkaBrokers: string[]
  /** Where every finished span is appended: for `readTraceFile`. */
  traceFile: string
}

/** For services of tests: only what a test breaks may fail, not what a busy machine leaves waiting. */
export const patience = { SUBGRAPH_TIMEOUT_MS: '30000', SESSION_TIMEOUT_MS: '30000' }

export const SHARED_SYSTEM = 'FRESHET_E2E_SYSTEM'

export function sharedSystem(): SharedSystem {
  const json = process.env[SHARED_SYSTEM]
  if (!json) throw new Error('Run end-to-end tests with `npm test`: they share a system that jest starts.')
  return JSON.parse(json)
}

export interface Answer<Data> {
  status: number
  headers: Headers
  data: Data
  errors:
    | {
        message: string
        path?: (string | number)[]
        extensions: Record<string, unknown> & { code: string }
      }[]
    | undefined
}

export interface AskOptions {
  /** Of a session: sent as a bearer token. */
  token?: string | null
  headers?: Record<string, string>
  gatewayUrl?: string
}

/** Sends an operation of e2e/operations by its name, or any text, as a client would. */
// biome-ignore lint/suspicious/noExplicitAny: a scenario reads the answer that it asked for
export async function ask<Data = any>(
  operation: string,
  variables: Record<string, unknown> = {},
  { token, headers = {}, gatewayUrl = sharedSystem().gatewayUrl }: AskOptions = {},
): Promise<Answer<Data>> {
  const response = await fetch(`${gatewayUrl}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify({ query: readOperation(operation), variables }),
  })
  const { data, errors } = (await response.json()) as Pick<Answer<Data>, 'data' | 'errors'>
  return { status: response.status, headers: response.headers, data, errors }
}

/** Whether the gateway had the whole answer in its cache. */
export const isHit = ({ headers }: Pick<Answer<unknown>, 'headers'>) =>
  /freshet-answers; hit/.test(headers.get('cache-status') ?? '')

/** The text of an operation file, or the text itself. */
export function readOperation(operation: string): string {
  if (/\W/.test(operation)) return operation
  return readFileSync(new URL(`./operations/${operation}.graphql`, import.meta.url), 'utf8')
}

/** A session of a seeded account: `demo`, `seller`, `admin`. */
export async function signIn(handle: string, options: AskOptions = {}): Promise<string> {
  const { data } = await ask(
    'SignIn',
    { input: { email: `${handle}@freshet.example`, password: 'freshet-demo-1' } },
    options,
  )
  if (!data?.signIn?.token) throw new Error(`Could not sign in as ${handle}: ${JSON.stringify(data)}`)
  return data.signIn.token
}

export const productId = (id: number | string) => encodeGlobalId('Product', id)
export const userId = (id: number | string) => encodeGlobalId('User', id)
export const categoryId = (id: number | string) => encodeGlobalId('Category', id)
