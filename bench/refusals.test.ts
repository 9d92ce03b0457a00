import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'

/** What a bench says, and how it ends, that is asked for what it can't do. */
function refusal(bench: string, ...args: string[]): Promise<{ code: unknown; said: string }> {
  const main = fileURLToPath(new URL(`${bench}/main.ts`, import.meta.url))
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, said: stdout + stderr }),
    )
  })
}

test.each([
  ['case-study', ['--rates', '1e9'], 'at most 10,000 arrivals in a second are expected'],
  ['case-study', ['--output', '/dev/null/report'], "ENOTDIR: not a directory, mkdir '/dev/null/report'"],
  ['product-page', ['--scale', 'toString'], 'one of xs, s, m, l is expected'],
  ['growth', ['--plot', '/dev/null/plot/growth.svg'], "ENOTDIR: not a directory, mkdir '/dev/null/plot'"],
  ['growth', ['--products', '10_000'], 'at least two databases of different sizes are expected'],
  ['growth', ['--products', 'none'], 'at least two databases of different sizes are expected'],
  ['growth', ['--url', 'http://x'], 'a URL like postgres://user:password@host/database is expected'],
  [
    'growth',
    ['--url', 'postgres://a:b@127.0.0.1:1/c'],
    'no shop can be read at 127.0.0.1:1/c (connection refused): it must run, and be filled by',
  ],
])('%s %j is refused with one line, before anything is made', async (bench, args, message) => {
  const { code, said } = await refusal(bench, ...args)
  expect(code).toBe(1)
  expect(said).toContain(message)
  expect(said.trimEnd().split('\n')).toHaveLength(1)
})
