import type { EventBus } from '../bus.ts'

/** A bus that hands what is published to `publish`, and from which nothing is consumed: for a test of what a service tells. */
export function publishOnlyBus(publish: EventBus['publish']): EventBus {
  return {
    publish,
    subscribe: () => Promise.reject(new Error('nothing is consumed here')),
    lag: async () => [],
    requireTopics: async () => {},
    ping: async () => {},
    close: async () => {},
  }
}
