import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { javaProgram } from '../src/java.ts'
import { keptClasses } from '../src/kafka-classes.ts'
import { kafkaJars } from '../src/kafka-jars.ts'
import { run } from '../src/run.ts'

let java: string
let jars: string
beforeAll(async () => {
  java = await javaProgram()
  jars = mkdtempSync(join(tmpdir(), 'freshet-jars-'))
  const folder = await kafkaJars({ report: () => {} })
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.jar')) symlinkSync(join(folder, name), join(jars, name))
  }
})
afterAll(() => rmSync(jars, { recursive: true, force: true }))

const archives = () => readdirSync(jars).filter((name) => name.includes('.jsa'))
/** A program of Kafka's that ends by itself. */
const kafka = (args: readonly string[]) =>
  run(java, [...args, '-XX:+UseSerialGC', '-cp', `${jars}/*`, 'kafka.tools.StorageTool', 'random-uuid'])

test('the classes of a process that ended are used by the next, those half written or of something else by none', async () => {
  const { use: none, keep } = await keptClasses({ java, jars })
  expect(none).toEqual([])
  expect(await kafka(keep)).toMatchObject({ code: 0 })
  const [written] = archives()
  const archive = written!.replace(/\.[^.]+$/, '')
  writeFileSync(join(jars, `${archive}.half`), 'half of it')

  const { use, keep: nothing } = await keptClasses({ java, jars })
  expect(nothing).toEqual([])
  expect(archives()).toEqual([archive])
  const { output } = await kafka([...use, '-Xlog:class+load'])
  expect(output).toMatch(/kafka\.tools\.StorageTool source: shared objects file \(top\)/)

  writeFileSync(join(jars, archive), 'something else')
  expect(await kafka(use)).toMatchObject({ code: 0 })
})
