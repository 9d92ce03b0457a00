import { setTimeout as sleep } from 'node:timers/promises'
import { type ChildSettings, clockMs, type Order, type Told } from './messages.ts'
import { openRows } from './rows.ts'
import { SUBJECTS } from './subjects/index.ts'

/** One process that reads and writes through a cache. Its parent judges; this only remembers what it saw. */
const settings = JSON.parse(process.argv[2]!) as ChildSettings
const subject = SUBJECTS[settings.subject](settings.redisUrl)
const rows = openRows(settings.databaseUrl, { connections: 8 })
const keys = Array.from({ length: settings.keys }, (_, key) => key)
const tell = (told: Told) => process.send?.(told)

let running = true
let dying = false
let reads: number[] = []
let acknowledged: number[] = []
let [loads, failedReads, lateWrites] = [0, 0, 0]
let [read, written] = [0, 0]

async function load(wanted: readonly number[]): Promise<number[]> {
  loads += wanted.length
  return rows.load(wanted)
}

async function reader(): Promise<void> {
  while (running) {
    const batch = someKeys()
    const beganMs = clockMs()
    try {
      const versions = await subject.getMany(batch, load)
      read += batch.length
      for (const [i, key] of batch.entries()) reads.push(key, beganMs, versions[i]!)
    } catch {
      // Of a library that lets its callers feel that Redis is away.
      failedReads += batch.length
      await sleep(5)
    }
  }
}

async function writer(): Promise<void> {
  while (running) {
    await sleep(1 + Math.random() * settings.writePauseMs)
    if (written * settings.readsPerWrite > read) continue
    written++
    const key = Math.floor(Math.random() * settings.keys)
    const version = await rows.write(key)
    if (dying) process.kill(process.pid, 'SIGKILL')
    try {
      await subject.invalidate(key)
      acknowledged.push(key, clockMs(), version)
    } catch {
      lateWrites++
    }
  }
}

function someKeys(): number[] {
  const first = Math.floor(Math.random() * settings.keys)
  return Array.from({ length: settings.batch }, (_, i) => (first + i * 7) % settings.keys)
}

function report(): void {
  // Taken before the arrays: what is pushed from now on is told the next time.
  const untilMs = clockMs()
  const records = { reads: Float64Array.from(reads), acknowledged: Float64Array.from(acknowledged) }
  tell({ type: 'records', ...records, untilMs, loads, failedReads, lateWrites })
  reads = []
  acknowledged = []
  ;[loads, failedReads, lateWrites] = [0, 0, 0]
}

const timer = setInterval(report, 100)
const work = Promise.all([
  ...Array.from({ length: settings.readers }, reader),
  ...Array.from({ length: settings.writers }, writer),
])

async function stop(): Promise<void> {
  running = false
  await work
  clearInterval(timer)
}

async function obey(order: Order): Promise<void> {
  if (order.type === 'die') dying = true
  if (order.type === 'stop') {
    await stop()
    report()
    tell({ type: 'stopped' })
  }
  if (order.type === 'look') {
    const versions = await subject.getMany(keys, load).catch(() => keys.map(() => null))
    tell({ type: 'seen', versions })
  }
  if (order.type === 'end') process.disconnect()
}

/** The parent has ended it, or has ended. */
async function end(): Promise<void> {
  await stop()
  await subject.close()
  await rows.close()
  process.exit()
}

// A Ctrl-C reaches the whole process group. It is the parent that ends this one, or whose end does.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('message', (order: Order) => void obey(order))
process.on('disconnect', () => void end())
tell({ type: 'ready' })
