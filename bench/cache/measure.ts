import type { RedisNode } from '@freshet/testing'

/** One way to do something: a call of `run` does it `perCall` times. */
export interface Side {
  readonly run: () => unknown
  readonly perCall?: number
}

/** One turn of one side. */
export interface Round {
  perSecond: number
  /** µs for each, in this process and in Redis together: less of a machine's other work is in it than in the time. */
  cpuUs: number
}

/** Does it for a while, with so many calls in flight. */
export async function measure(
  redis: RedisNode,
  { run, perCall = 1 }: Side,
  { ms, inFlight }: { ms: number; inFlight: number },
): Promise<Round> {
  let calls = 0
  const redisCpuUs = await cpuUsOf(redis)
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()]
  const end = startedAt + ms
  async function one(): Promise<void> {
    while (performance.now() < end) {
      await run()
      calls++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, one))
  const [tookMs, used] = [performance.now() - startedAt, process.cpuUsage(cpu)]
  const count = calls * perCall
  return {
    perSecond: (count / tookMs) * 1_000,
    cpuUs: (used.user + used.system + (await cpuUsOf(redis)) - redisCpuUs) / count,
  }
}

/** What its process has used so far, user and system. */
async function cpuUsOf({ admin }: RedisNode): Promise<number> {
  const info = await admin.info('cpu')
  const seconds = (name: string) => Number(new RegExp(`^used_cpu_${name}:(.+)$`, 'm').exec(info)![1])
  return (seconds('sys') + seconds('user')) * 1e6
}

/** The median of each figure. */
export function summarise(rounds: readonly Round[]): Round {
  return {
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    cpuUs: median(rounds.map(({ cpuUs }) => cpuUs)),
  }
}

/**
 * How many times as much the first has: the median of the rounds' ratios, for whatever else a machine does while it measures
 * hits both turns of a round alike.
 */
export function ratioOf(figure: keyof Round, ours: readonly Round[], plain: readonly Round[]): number {
  return median(ours.map((round, i) => round[figure] / plain[i]![figure]))
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle]!
  return sorted.length % 2 === 1 ? upper : (upper + sorted[middle - 1]!) / 2
}
