import { setTimeout as sleep } from 'node:timers/promises'
import type { ChildSettings, Order, Told } from './messages.ts'
import { openRows } from './rows.ts'
import { SUBJECTS } from './subjects/index.ts'

/**
 * The event path: takes what is in the outbox in any order, invalidates each key twice, and forgets an event only then. So
 * events are late, in disorder and repeated all the time, and what a dead deliverer had begun is done again by the next.
 */
const settings = JSON.parse(process.argv[2]!) as ChildSettings
const subject = SUBJECTS[settings.subject](settings.redisUrl)
const rows = openRows(settings.databaseUrl, { connections: 2 })
let running = true
let delayMs = 0

async function deliver(): Promise<void> {
  while (running) {
    const waitMs = delayMs + 20 + Math.random() * 800
    delayMs = 0
    await sleep(waitMs)
    const events = await rows.pending(2_000)
    const keys = [...new Set(events.map(({ key }) => key))]
    try {
      for (let time = 0; time < 2; time++) await Promise.all(keys.map((key) => subject.invalidate(key)))
      await rows.delivered(events.map(({ seq }) => seq))
    } catch {
      // Redis is away. They are still in the outbox.
    }
  }
}

const work = deliver()
// A Ctrl-C reaches the whole process group. It is the parent that ends this one, or whose end does.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('message', (order: Order) => {
  if (order.type === 'delay') delayMs = order.forMs
  if (order.type === 'end') process.disconnect()
})
async function end(): Promise<void> {
  running = false
  await work
  await subject.close()
  await rows.close()
  process.exit()
}
process.on('disconnect', () => void end())
process.send?.({ type: 'ready' } satisfies Told)
