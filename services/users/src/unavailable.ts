import { unavailable } from '@freshet/subgraph'
import { PasswordQueueFullError } from './account/password.ts'
import { LimitStoreError } from './session/session.limits.ts'
import { SessionStoreError } from './session/session.store.ts'

/** What a part being away means to a client: nothing was decided, and trying again later makes sense. */
export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof SessionStoreError || error instanceof LimitStoreError) {
      throw unavailable('Signing in and out is not possible right now. Try again in a moment.', {
        cause: error,
      })
    }
    if (error instanceof PasswordQueueFullError) {
      throw unavailable('Too many are signing in right now. Try again in a moment.', { cause: error })
    }
    throw error
  }
}
