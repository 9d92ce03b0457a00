import type { Logger } from '@freshet/telemetry'
import pg from 'pg'
import { BusUnavailableError, type EventBus, MessageRefusedError, UndeclaredTopicError } from './bus.ts'
import { createEventMetrics } from './metrics.ts'
import { createOutageLog } from './outage-log.ts'
import { cloudEventHeaders } from './publish.ts'
import { type OutboxRow, type OutboxState, openRelaySession, type RelaySession } from './relay-session.ts'
import { contextOf, sendTraced } from './trace.ts'
import { backoff, settledWithin, wait } from './wait.ts'

/** How old the gauges of the outbox may grow. */
const REPORT_MS = 5_000

/** Publishes what the service's outbox holds. */
export interface OutboxRelay {
  /** Begins in the background; a database or a Kafka that is away is waited for. */
  start(): void
  /** Call it after a commit that stored events: they are sent at once rather than at the next poll. Cheap. */
  wake(): void
  /** True while this process is the one that publishes. */
  leads(): boolean
  /** Resolves when no row waits any more (parked ones don't count). Throws after `timeoutMs` (default 10 s). */
  drained(options?: { timeoutMs?: number }): Promise<void>
  /** Finishes the send under way, bounded, and gives up the leadership. */
  close(): Promise<void>
}

/** Settings of a relay; all but the first four have defaults. */
export interface OutboxRelayOptions {
  /** The service's own database URL: its role's search_path finds the outbox. */
  readonly url: string
  readonly service: string
  readonly bus: EventBus
  readonly logger: Logger
  /** Rows a round. Default 500. */
  readonly batchSize?: number
  /** How often it looks without being woken. Default 200 ms. */
  readonly pollMs?: number
  /** How often a process that doesn't publish tries to take over. Default 500 ms. */
  readonly standbyMs?: number
  /** How often Kafka may refuse a row before it is parked. Default 5. */
  readonly maxAttempts?: number
  /** Wait after the first refusal; doubles with each. Default 1000 ms. */
  readonly retryMs?: number
}

/**
 * Half of a record batch's usual limit (`message.max.bytes`, 1 MiB): all rows for one partition travel in one batch,
 * which Kafka refuses as a whole when it is larger, however small each row is.
 */
const maxSendBytes = 512 * 1024

/**
 * Creates the relay of a service's outbox. Every process of the service runs one; one of them publishes.
 *
 * **Order.** Rows of one key must reach Kafka in the order of `seq`. If every relay claimed rows with
 * `FOR UPDATE SKIP LOCKED`, relay B would skip the row that A holds and send the next row of the same key before A
 * has sent the first. Claims per key would repair that, at the price of locks held during a send, for throughput
 * that one sender with batches doesn't lack. So an advisory lock elects one relay per schema; the others stand by
 * and take over within `standbyMs` when the leader's connection ends. No row is ever locked, and no transaction is
 * open during a send, so a slow Kafka doesn't hold back a vacuum.
 *
 * **Split brain.** A leader that lost its connection may still have one send under way while its successor sends the
 * same rows. Both send in the order of `seq` from the same first row, so the first copy of each event still arrives
 * in order; the second copies are duplicates, which at-least-once delivery has anyway. It can't delete anything.
 *
 * **Loss.** A row is deleted after all in-sync replicas have acknowledged it, never before.
 *
 * **Wake-ups.** A NOTIFY inside the transaction would take a lock on the whole database at commit, one commit at a
 * time. So `wake` is called after the commit, and a NOTIFY is sent, at most one in 10 ms, only if another process
 * leads. The poll is the safety net.
 */
export function createOutboxRelay(options: OutboxRelayOptions): OutboxRelay {
  const {
    service,
    bus,
    batchSize = 500,
    pollMs = 200,
    standbyMs = 500,
    maxAttempts = 5,
    retryMs = 1000,
  } = options
  const logger = options.logger.child({ part: 'outbox-relay' })
  const metrics = createEventMetrics()
  const closing = new AbortController()
  let session: RelaySession | null = null
  let leading = false
  let state: OutboxState | null = null
  let stateAt = 0
  let finished: Promise<void> = Promise.resolve()
  let alarm = new AbortController()
  let woken = false
  let notifyTimer: NodeJS.Timeout | undefined

  const ring = () => {
    woken = true
    alarm.abort()
  }

  /** Sleeps until the time is over, somebody rings, or the relay closes. A ring during the work is not lost. */
  async function idle(ms: number): Promise<void> {
    if (!woken) await wait(ms, AbortSignal.any([alarm.signal, closing.signal]))
    woken = false
    alarm = new AbortController()
  }

  // Only the leader reports: the others would report the same rows again.
  const removeGauges = [
    metrics.gauge('freshet_outbox_pending', 'Stored events that wait to be published', () => read('pending')),
    metrics.gauge('freshet_outbox_oldest_seconds', 'Age of the oldest waiting event', () =>
      read('oldestMs', 1000),
    ),
    metrics.gauge('freshet_outbox_parked_rows', 'Events that Kafka refused for good', () => read('parked')),
  ]
  const read = (name: keyof OutboxState, divisor = 1) =>
    leading && state ? [{ value: state[name] / divisor, attributes: { service } }] : []

  const databaseOutage = createOutageLog(logger)
  const kafkaOutage = createOutageLog(logger)

  async function run(): Promise<void> {
    for (let failures = 0; !closing.signal.aborted; ) {
      let reporting: NodeJS.Timeout | undefined
      try {
        session = await openRelaySession({ url: options.url, service, onWake: ring })
        failures = 0
        databaseOutage.over('the outbox relay has its database again')
        const current = session
        // Also while Kafka is waited for: it is then that the outbox grows.
        reporting = setInterval(() => {
          if (leading) void report(current).catch(() => {})
        }, REPORT_MS)
        await serve(current)
      } catch (error) {
        failures++
        databaseOutage.failed('the outbox relay lost its database', error)
      } finally {
        clearInterval(reporting)
        leading = false
        const ended = session
        session = null
        // A connection that is already broken can't be ended properly: nothing is lost with it.
        await ended?.close().catch(() => {})
      }
      if (!closing.signal.aborted) await wait(backoff(failures + 1, 100, 5000), closing.signal)
    }
  }

  async function serve(current: RelaySession): Promise<void> {
    let unavailable = 0
    while (!closing.signal.aborted) {
      if (current.lost()) throw new Error('the connection ended')
      if (!leading) {
        leading = await current.tryToLead()
        if (!leading) {
          await idle(standbyMs)
          continue
        }
        logger.info('this process publishes the outbox')
      }
      try {
        const more = await publishRound(current)
        if (unavailable > 0) kafkaOutage.over('Kafka takes events again')
        unavailable = 0
        await report(current)
        if (!more) await idle(pollMs)
      } catch (error) {
        if (!(error instanceof BusUnavailableError)) throw error
        unavailable++
        metrics.publishFailures.add(1, { reason: 'unavailable' })
        kafkaOutage.failed('Kafka takes no events; they stay in the outbox', error)
        await report(current)
        // Not `idle`: every commit rings, and a Kafka that is away must not be asked at that rate.
        await wait(backoff(unavailable, 100, 5000), closing.signal)
      }
    }
  }

  /** True when there may be more to send at once. */
  async function publishRound(current: RelaySession): Promise<boolean> {
    const rows = await current.pending(batchSize)
    for (const chunk of chunks(rows)) {
      if (closing.signal.aborted) return false
      const error = await send(current, chunk)
      if (error) await sendOneByOne(current, chunk)
    }
    return rows.length === batchSize
  }

  /** Sends and deletes; what Kafka refuses is returned, an outage is thrown. */
  async function send(
    current: RelaySession,
    rows: readonly OutboxRow[],
  ): Promise<MessageRefusedError | UndeclaredTopicError | null> {
    const keepAlive = setInterval(() => void current.keepAlive().catch(ring), 10_000)
    try {
      await sendTraced(rows.map(causedBy), (messages) => bus.publish(messages))
    } catch (error) {
      if (error instanceof MessageRefusedError || error instanceof UndeclaredTopicError) return error
      if (error instanceof BusUnavailableError) throw error
      throw new BusUnavailableError(error instanceof Error ? error.message : String(error), { cause: error })
    } finally {
      clearInterval(keepAlive)
    }
    await current.published(rows)
    const now = Date.now()
    for (const row of rows) {
      metrics.published.add(1, { topic: row.topic })
      metrics.publishDelay.record(Math.max(0, now - row.created_at.getTime()) / 1000, { topic: row.topic })
    }
    return null
  }

  /** Finds the rows that Kafka refuses. The rest of the batch goes out; later rows of a refused row's key wait for it. */
  async function sendOneByOne(current: RelaySession, rows: readonly OutboxRow[]): Promise<void> {
    const held = new Set<string>()
    for (const row of rows) {
      const key = `${row.topic}\n${row.key}`
      if (held.has(key)) continue
      const error = await send(current, [row])
      if (!error) continue
      held.add(key)
      await setAside(current, row, error)
    }
  }

  async function setAside(current: RelaySession, row: OutboxRow, error: Error): Promise<void> {
    const reason = error instanceof UndeclaredTopicError ? 'undeclared' : 'refused'
    metrics.publishFailures.add(1, { reason })
    const parked = await current.refused(
      row,
      error.message,
      backoff(row.attempts + 1, retryMs, 60_000),
      maxAttempts,
    )
    const about = { seq: row.seq, topic: row.topic, key: row.key, attempts: row.attempts + 1, err: error }
    if (!parked) return logger.warn(about, 'Kafka refused an event; it will be tried again')
    metrics.parked.add(1, { topic: row.topic })
    logger.error(about, 'an event is parked: see `freshet events parked`')
  }

  /** At most every 5 s: counting a large backlog is not free. */
  async function report(current: RelaySession): Promise<void> {
    if (Date.now() - stateAt < REPORT_MS) return
    stateAt = Date.now()
    state = await current.state()
  }

  return {
    start() {
      finished = run()
    },
    wake() {
      if (leading || !session) return ring()
      notifyTimer ??= setTimeout(() => {
        // The leader polls anyway: a lost wake-up costs `pollMs`, and so does one that comes while another is sent.
        const notified = session?.notify().catch(() => {}) ?? Promise.resolve()
        void notified.then(() => {
          notifyTimer = undefined
        })
      }, 10)
    },
    leads: () => leading,
    async drained({ timeoutMs = 10_000 } = {}) {
      const client = new pg.Client({ connectionString: options.url })
      await client.connect()
      try {
        for (const deadline = Date.now() + timeoutMs; ; ) {
          const { rows } = await client.query('select 1 from outbox where parked_at is null limit 1')
          if (rows.length === 0) return
          if (Date.now() > deadline)
            throw new Error(`The outbox of ${service} is not empty after ${timeoutMs} ms`)
          this.wake()
          await wait(20)
        }
      } finally {
        await client.end()
      }
    },
    async close() {
      closing.abort()
      clearTimeout(notifyTimer)
      for (const remove of removeGauges) remove()
      if (await settledWithin(finished, 5000)) return
      logger.warn('the outbox relay did not stop in time; what it was sending may be sent again')
      await session?.close().catch(() => {}) // The process ends anyway.
    },
  }
}

const causedBy = (row: OutboxRow) => ({
  cause: contextOf(row.traceparent ? { traceparent: row.traceparent } : {}),
  message: { topic: row.topic, key: row.key, value: row.payload, headers: cloudEventHeaders },
})

function* chunks(rows: readonly OutboxRow[]): Generator<OutboxRow[]> {
  let chunk: OutboxRow[] = []
  let bytes = 0
  for (const row of rows) {
    const size = Buffer.byteLength(row.payload) + 200
    if (chunk.length > 0 && bytes + size > maxSendBytes) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(row)
    bytes += size
  }
  if (chunk.length > 0) yield chunk
}
