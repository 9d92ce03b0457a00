import { down, isAlive, layoutOf, lockHolder, readState, removeProfile, startLock, up } from '@freshet/local'
import { eventually } from '@freshet/testing'
import { afterAll, expect, test } from '@jest/globals'
import { type Run, runFreshet } from './run-freshet.ts'

const profile = `start-${process.pid}`
const layout = layoutOf(profile)

afterAll(() => removeProfile(profile))

async function ask(url: string, query: string): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  return response.json()
}

function start(): Run {
  return runFreshet(['start', '--scale', 'xs', '--profile', profile])
}

test('start answers a federated query, refuses a second start, and Ctrl-C ends what it started and nothing else', async () => {
  const { started } = await up({ profile, parts: ['redis'], env: {} })
  expect(started).toEqual(['redis'])

  const run = start()
  const url = await run.printed(/GraphQL +(\S+)/)
  expect(
    await ask(url, '{ products(first: 1) { nodes { title seller { handle } stats { views } } } }'),
  ).toMatchObject({
    data: { products: { nodes: [{ title: expect.any(String), seller: { handle: expect.any(String) } }] } },
  })

  const second = start()
  expect(await second.ended).toBe(1)
  expect(second.output()).toContain(`Freshet runs at ${new URL(url).origin}/ already`)

  const before = readState(layout).processes
  expect(before.filter(isAlive)).toHaveLength(7)
  run.child.kill('SIGINT')
  expect(await run.ended).toBe(0)
  // The processes themselves, not only what the state file says of them.
  expect(before.filter(isAlive).map(({ name }) => name)).toEqual(['redis'])
  expect(readState(layout).processes.map(({ name }) => name)).toEqual(['redis'])
  expect(run.output()).toContain('stopping: Ctrl-C (SIGINT)\n')
  expect(run.output().trimEnd().split('\n').at(-1)).toMatch(
    /redis ran before and still runs: `npx freshet down -p start-\d+` ends them$/,
  )
})

test('a service that dies is reported and started again, as is one that is asked to; after kill -9 of the launcher, down leaves no process', async () => {
  const run = start()
  const url = await run.printed(/GraphQL +(\S+)/)
  const analytics = readState(layout).processes.find(({ name }) => name === 'analytics')!
  process.kill(analytics.pid, 'SIGKILL')
  await run.printed(/analytics was ended by SIGKILL; it is started again in 1 s/)
  await run.printed(/analytics runs again/)

  const catalog = readState(layout).processes.find(({ name }) => name === 'catalog')!
  const restart = runFreshet(['restart', 'catalog', '--profile', profile])
  expect({ code: await restart.ended, output: restart.output() }).toMatchObject({
    code: 0,
    output: expect.stringMatching(/catalog runs again/),
  })
  expect(isAlive(catalog)).toBe(false)
  expect(run.output()).not.toMatch(/catalog ended with/)
  expect(readState(layout).ended).toEqual([])
  await eventually(async () => {
    const answer = await ask(url, '{ products(first: 1) { nodes { title } } }')
    expect(answer).toMatchObject({ data: { products: { nodes: [{ title: expect.any(String) }] } } })
  })

  process.kill(lockHolder(startLock(layout))!.pid, 'SIGKILL')
  await run.ended
  const orphans = readState(layout).processes
  const names = orphans.map(({ name }) => name).sort()
  expect(names).toEqual(['analytics', 'catalog', 'gateway', 'kafka', 'postgres', 'redis', 'users'])
  const options = ['--profile', profile]
  // It waits two seconds for each: one that is busy is not ready for once.
  const shown = await eventually(async () => {
    const status = runFreshet(['status', ...options])
    expect(await status.ended).toBe(1)
    expect(status.output()).toMatch(/catalog .* ready, ABANDONED$/m)
    expect(status.output()).toMatch(/postgres .* ready$/m)
    return status
  })
  const refused = runFreshet(['restart', 'catalog', ...options])
  expect(await refused.ended).toBe(1)
  expect(refused.output()).toMatch(/^catalog \(process \d+\) is abandoned/)
  for (const { output } of [shown, refused]) expect(output()).toContain('`npm start` ends them')
  expect(orphans.filter(isAlive)).toHaveLength(names.length)

  await down({ profile })
  expect(readState(layout).processes).toEqual([])
  expect(orphans.filter(isAlive)).toEqual([])
})
