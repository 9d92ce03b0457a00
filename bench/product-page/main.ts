import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { startSystem } from '@freshet/cli'
import { up } from '@freshet/local'
import type { ScaleName } from '@freshet/seed'
import { Command } from 'commander'
import { count, scale } from '../option-values.ts'
import { measure, type Round, summarise } from './measure.ts'
import { toTable } from './table.ts'

const options = new Command('product-page')
  .description(
    'The product page through the gateway, with the field caches on and off: two whole systems with the same data, measured in turns.',
  )
  .option('--rounds <n>', 'turns of each side', count, 5)
  .option('--seconds <n>', 'length of a turn', count, 5)
  .option('--connections <n>', 'requests in flight', count, 8)
  .option('--products <n>', 'different pages asked for', count, 100)
  .option('--scale <scale>', 'how much data', scale, 's')
  .parse()
  .opts<{ rounds: number; seconds: number; connections: number; products: number; scale: ScaleName }>()

const query = readFileSync(new URL('../../e2e/operations/ProductPage.graphql', import.meta.url), 'utf8')
const bodies = Array.from({ length: options.products }, (_, index) =>
  JSON.stringify({ query, variables: { id: Buffer.from(`Product:${index + 1}`).toString('base64url') } }),
)

const sides = { on: 'true', off: 'false' } as const
type Side = keyof typeof sides
type System = Awaited<ReturnType<typeof startSystem>>
const systems = new Map<Side, System>()
const say = (line: string) => process.stderr.write(`${line}\n`)

try {
  const { postgresAdminUrl } = await up({ profile: 'test', report: say })
  for (const [side, enabled] of Object.entries(sides) as [Side, string][]) {
    say(`starting the system with caches ${side} (scale ${options.scale})`)
    systems.set(
      side,
      await startSystem({
        postgresAdminUrl,
        scale: options.scale,
        env: { CACHE_ENABLED: enabled, LOG_LEVEL: 'warn' },
      }),
    )
  }
  const { on, off } = { on: systems.get('on') as System, off: systems.get('off') as System }

  say(`comparing ${bodies.length} answers`)
  for (const body of bodies) {
    // Twice with the caches on: what they return must be equal too.
    const [plain, filled, cached] = [await post(off, body), await post(on, body), await post(on, body)]
    if (!isDeepStrictEqual(plain, filled) || !isDeepStrictEqual(plain, cached))
      throw new Error(`The sides answer differently:\n${JSON.stringify(plain)}\n${JSON.stringify(cached)}`)
  }

  const rounds: Record<Side, Round[]> = { on: [], off: [] }
  // The first turn of each warms the code up and is not counted.
  for (let round = 0; round <= options.rounds; round++) {
    for (const side of ['on', 'off'] as const) {
      const result = await measure(systems.get(side) as System, bodies, options)
      if (round > 0) rounds[side].push(result)
      say(
        `${round === 0 ? 'warm-up' : `round ${round}`}, caches ${side}: ${result.requestsPerSecond.toFixed(0)} requests/s`,
      )
    }
  }
  const figures = { on: summarise(rounds.on), off: summarise(rounds.off) }
  process.stdout.write(`${toTable(figures)}\n`)
  process.stdout.write(
    `${JSON.stringify({ bench: 'product-page', ...options, answersEqual: true, ...figures })}\n`,
  )
} finally {
  for (const system of systems.values()) await system.close()
}

async function post(system: System, body: string): Promise<unknown> {
  const response = await fetch(`${system.gatewayUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  const answer = (await response.json()) as { data: { product: unknown }; errors?: unknown }
  if (answer.errors || !answer.data.product) throw new Error(`Not an answer: ${JSON.stringify(answer)}`)
  return answer
}
