import { setTimeout as sleep } from 'node:timers/promises'
import { createKafkaBus, type IncomingMessage } from '@freshet/events'
import { readManifests } from '@freshet/local'
import { createLogger } from '@freshet/telemetry'
import { uniqueName } from '@freshet/testing'

/** On copies, so that they are not copied again. */
const COPY = 'freshet-test-copy'

/**
 * Publishes every event of the supergraph twice more, later and in another order: what a producer that retries and a
 * consumer that starts again do now and then, all the time.
 */
export async function repeatEvents(brokers: readonly string[], { forMs }: { forMs: number }): Promise<void> {
  const topics = readManifests()
    .flatMap((manifest) => manifest.topics.map(({ name }) => name))
    .filter((name) => !name.endsWith('.dead-letters'))
  const bus = createKafkaBus({
    brokers,
    clientId: 'repeater',
    logger: createLogger('repeater', { level: 'fatal' }),
  })
  const held: IncomingMessage[] = []
  const subscription = await bus.subscribe({
    group: uniqueName('repeater'),
    topics,
    fromBeginning: false,
    async handle({ messages, done }) {
      held.push(...messages.filter(({ headers, value }) => headers[COPY] === undefined && value !== null))
      done(messages.at(-1)!)
    },
  })
  try {
    await subscription.ready()
    const end = performance.now() + forMs
    while (performance.now() < end) {
      await sleep(Math.random() * 400)
      // About half of what is there: the rest is overtaken by what comes meanwhile.
      const copies = shuffled(held.splice(0, Math.ceil(held.length / 2))).flatMap((one) => [one, one])
      await bus.publish(
        copies.map(({ topic, key, value, headers }) => ({
          topic,
          key,
          value,
          headers: { ...headers, [COPY]: '1' },
        })),
      )
    }
  } finally {
    await subscription.close()
    await bus.close()
  }
}

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((one) => ({ one, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)
}
