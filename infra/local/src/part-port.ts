import { PartError } from './errors.ts'
import type { Layout } from './layout.ts'
import { freePort, isFree } from './ports.ts'
import { changeState, readState } from './state.ts'

// A server that was killed leaves the port to its last children for a moment.
const waitMs = 3_000

/**
 * Where a part is to listen: where it did before, else at its usual port, else anywhere. Throws when services still
 * use the last one and somebody else has it: elsewhere they would never find the part, and there they talk to a stranger.
 */
export async function partPort(layout: Layout, part: string, usual: number | null): Promise<number> {
  const { ports, processes } = readState(layout)
  const last = ports[part]
  if (last === undefined) return freePort(usual)
  const services = processes.filter(({ kind }) => kind !== 'part').map(({ name }) => name)
  const deadline = Date.now() + (services.length === 0 ? 0 : waitMs)
  for (;;) {
    if (await isFree(last)) return last
    if (Date.now() >= deadline) break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  if (services.length === 0) return freePort(usual)
  const { profile } = layout
  const start = profile === 'dev' ? 'npm start' : `npx freshet start -p ${profile}`
  throw new PartError(
    part,
    `its port ${last} is taken by another program, and services of this clone use it (${services.join(', ')})`,
    { advice: `Stop them with \`npx freshet down -p ${profile}\`, then start all of it with \`${start}\`.` },
  )
}

/** For {@link partPort}, the next time. */
export function rememberPort(layout: Layout, part: string, address: string): void {
  const port = Number(/:(\d+)(?:\/|$)/.exec(address)?.[1])
  changeState(layout, (state) => ({ ...state, ports: { ...state.ports, [part]: port } }))
}
