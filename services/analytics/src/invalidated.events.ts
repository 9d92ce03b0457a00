import { defineInvalidated } from '@freshet/events'

/** For the caches outside: the gateway's. Only of what these go by tags for; statistics they keep by age. */
export const invalidated = defineInvalidated('analytics')
