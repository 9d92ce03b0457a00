import { layoutOf, readState, removeProfile, up } from '@freshet/local'
import { eventually } from '@freshet/testing'
import { afterAll, afterEach, expect, test } from '@jest/globals'
import { watchParts } from '../src/watch-parts.ts'
import { runFreshet } from './run-freshet.ts'

const profile = `watch-${process.pid}`
const layout = layoutOf(profile)
let watch: { close: () => void }

afterEach(() => watch.close())
afterAll(() => removeProfile(profile))

function endRedis(signal: NodeJS.Signals): string[] {
  const said: string[] = []
  watch = watchParts(layout, { complain: (line) => said.push(line), shown: (log) => log, everyMs: 20 })
  process.kill(readState(layout).processes[0]!.pid, signal)
  return said
}

test('tells the signal that has ended a part, where its log is, and how to start it again', async () => {
  await up({ profile, parts: ['redis'], env: {} })
  const said = endRedis('SIGKILL')
  await eventually(() => expect(said.at(-1)).toMatch(/freshet up/))
  expect(said[0]).toMatch(/^redis was ended by SIGKILL; its log: .*redis\.log/)
})

test('tells the exit code of a part that ended without a signal, and what it said', async () => {
  await up({ profile, parts: ['redis'], env: {} })
  const said = endRedis('SIGTERM')
  await eventually(() => expect(said.at(-1)).toMatch(/freshet up/))
  expect(said[0]).toMatch(/^redis ended with exit code 0; its log: .*redis\.log\. Its last lines:$/)
  expect(said.join('\n')).toMatch(/ready to exit/)
})

test('says that it does not know how a part ended that another command had started', async () => {
  await runFreshet(['up', 'redis', '-p', profile]).ended
  const said = endRedis('SIGKILL')
  await eventually(() => expect(said[0]).toMatch(/^redis has ended \(another command had started it/))
})
