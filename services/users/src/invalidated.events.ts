import { defineInvalidated } from '@freshet/events'

/** For the caches outside: the gateway's. */
export const invalidated = defineInvalidated('users')
