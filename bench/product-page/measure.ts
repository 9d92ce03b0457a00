import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { System } from '@freshet/cli'
import { withClient } from '@freshet/testing'
import autocannon from 'autocannon'

/** One turn of one side. */
export interface Round {
  requestsPerSecond: number
  /** Milliseconds, of a closed loop: a comparison, not a promise to users. */
  p50Ms: number
  p99Ms: number
  /** Of the gateway and the three subgraphs, user and system. */
  cpuMsPerRequest: number
  sqlStatementsPerRequest: number
}

/** Loads one system for a while. Throws if any answer was not a 200, for then the figures mean nothing. */
export async function measure(
  system: System,
  bodies: readonly string[],
  { seconds, connections }: { seconds: number; connections: number },
): Promise<Round> {
  const [cpu, statements] = [cpuMs(system), await countStatements(system)]
  const result = await autocannon({
    url: `${system.gatewayUrl}/graphql`,
    connections,
    duration: seconds,
    requests: bodies.map((body) => ({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })),
  })
  const failed = result.errors + result.timeouts + result.non2xx
  if (failed > 0) throw new Error(`${failed} of ${result.requests.total} requests failed`)
  return {
    requestsPerSecond: result.requests.total / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    cpuMsPerRequest: (cpuMs(system) - cpu) / result.requests.total,
    sqlStatementsPerRequest: ((await countStatements(system)) - statements) / result.requests.total,
  }
}

/** The median of each figure. */
export function summarise(rounds: readonly Round[]): Round {
  const median = (figure: keyof Round) => {
    const values = rounds.map((round) => round[figure]).sort((a, b) => a - b)
    const middle = values.length >> 1
    const upper = values[middle] as number
    return values.length % 2 === 1 ? upper : (upper + (values[middle - 1] as number)) / 2
  }
  return {
    requestsPerSecond: median('requestsPerSecond'),
    p50Ms: median('p50Ms'),
    p99Ms: median('p99Ms'),
    cpuMsPerRequest: median('cpuMsPerRequest'),
    sqlStatementsPerRequest: median('sqlStatementsPerRequest'),
  }
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

function cpuMs(system: System): number {
  return Object.values(system.services).reduce((sum, { pid }) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Fields are counted from behind the command's name, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return sum + ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond
  }, 0)
}

/** Of the services' roles, in this system's database, as PostgreSQL has counted them. */
async function countStatements(system: System): Promise<number> {
  return withClient(system.adminUrl, async (client) => {
    const { rows } = await client.query(`
      select coalesce(sum(calls), 0)::float8 as calls from extensions.pg_stat_statements
      where dbid = (select oid from pg_database where datname = current_database())
        and userid <> (select usesysid from pg_user where usename = current_user)`)
    return rows[0].calls
  })
}
