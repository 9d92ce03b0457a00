import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { keepMigrationHashes } from '../src/codegen/migration-hashes.ts'

let path: string
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'freshet-hashes-'))
  await mkdir(join(path, 'migrations'))
})
afterEach(() => rm(path, { recursive: true }))

const write = (name: string, text: string) => writeFile(join(path, 'migrations', name), text)
const keep = () => keepMigrationHashes({ service: 'shop', folder: pathToFileURL(`${path}/`) })

test('writes down what is new, as sha256sum does', async () => {
  await write('0001_a.ts', 'export const up = () => undefined')
  await keep()
  await write('0002_b.ts', 'export const up = () => null')
  await keep()
  await keep()
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  expect(await readFile(join(path, 'migrations.sha256'), 'utf8')).toBe(
    `${sha256('export const up = () => undefined')}  migrations/0001_a.ts\n` +
      `${sha256('export const up = () => null')}  migrations/0002_b.ts\n`,
  )
})

test('refuses what was edited, or is missing, and leaves what is written down', async () => {
  await write('0001_a.ts', 'export const up = () => undefined')
  await keep()
  const kept = await readFile(join(path, 'migrations.sha256'), 'utf8')
  await write('0001_a.ts', 'export const up = () => 1')
  await expect(keep()).rejects.toThrow('shop: migration 0001_a: it was edited; undo the edit')
  await rm(join(path, 'migrations', '0001_a.ts'))
  await expect(keep()).rejects.toThrow('shop: migration 0001_a: its file is missing; bring it back')
  expect(await readFile(join(path, 'migrations.sha256'), 'utf8')).toBe(kept)
})
