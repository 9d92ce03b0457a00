import { type AnswerFreshness, createAnswerFreshness } from './answer-freshness.ts'
import { digest } from './digest.ts'
import type { GatewayCache, StoredAnswer } from './gateway-cache.ts'
import type { KnownOperation } from './known-operations.ts'

/** One operation as one viewer asks for it. */
export interface AnswerRequest {
  readonly operation: KnownOperation
  readonly variables: Readonly<Record<string, unknown>>
  readonly audience: string
}

/** An answer, and where it came from. */
export type Answered<Executed> =
  | { readonly from: 'cache'; readonly stored: StoredAnswer }
  | { readonly from: 'execution'; readonly executed: Executed; readonly stored: boolean }

/** Keeps whole answers, for equal operations with equal variables. */
export interface AnswerCache {
  /**
   * The answer, from the cache or from `execute`, which notes in the freshness that it is given what the answer depends on.
   *
   * @param execute `body` is undefined of an answer that must not be stored whatever its parts say: one with errors.
   * @throws whatever `execute` throws
   */
  answer<Executed extends { body: string | undefined }>(
    request: AnswerRequest,
    execute: (freshness: AnswerFreshness) => Promise<Executed>,
  ): Promise<Answered<Executed>>
}

/** @param parts.cache both levels of the gateway are ended by the same invalidations. */
export function createAnswerCache({ cache }: { cache: Pick<GatewayCache, 'answers'> }): AnswerCache {
  return {
    async answer<Executed extends { body: string | undefined }>(
      request: AnswerRequest,
      execute: (freshness: AnswerFreshness) => Promise<Executed>,
    ): Promise<Answered<Executed>> {
      type Run = { executed: Executed; stored: StoredAnswer }
      const { operation, audience } = request
      const owner = operation.isPrivate ? audience : 'public'

      async function run(): Promise<Run> {
        const freshness = createAnswerFreshness()
        const executed = await execute(freshness)
        const whole = executed.body === undefined ? undefined : freshness.whole()
        if (executed.body !== undefined) {
          operation.isStorable = whole !== undefined
          operation.isPrivate ||= whole != null && whole.audience !== null
        }
        const isMisplaced = whole?.audience != null && owner === 'public'
        return {
          executed,
          stored: {
            ...(whole ?? { expiresAt: 0, audience, tags: [] }),
            body: executed.body ?? '',
            reusable: whole !== undefined && !isMisplaced,
          },
        }
      }

      if (!operation.isStorable) {
        const { executed } = await run()
        return { from: 'execution', executed, stored: false }
      }
      let own: Run | undefined
      const stored = await cache.answers.get(
        `${operation.id}:${owner}:${variablesKey(request)}`,
        async () => {
          own = await run()
          return own.stored
        },
      )
      // TypeScript does not see that the loader has set it.
      const led = own as Run | undefined
      if (led !== undefined) return { from: 'execution', executed: led.executed, stored: led.stored.reusable }
      if (stored !== null && mayUse(stored, audience)) return { from: 'cache', stored }
      // Another request was executing the same just now, and its answer is its viewer's alone, or not to be used twice.
      const { executed } = await run()
      return { from: 'execution', executed, stored: false }
    },
  }
}

/** The last door before another viewer's answer: it holds whatever the key was made of. */
function mayUse({ reusable, audience }: StoredAnswer, of: string): boolean {
  return reusable && (audience === null || audience === of)
}

function variablesKey({ operation, variables }: AnswerRequest): string {
  return digest(
    operation.variables.flatMap((name) => (Object.hasOwn(variables, name) ? [[name, variables[name]]] : [])),
  )
}
