import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { findBreaks } from './check.ts'
import { discoverEvents } from './discover.ts'
import { eventContracts } from './documents.ts'

/**
 * Writes the event contracts: `node packages/events/src/contracts/generate.ts [--allow-breaking]`. Refuses a change
 * that breaks readers; `--allow-breaking` is for types that were never released.
 */
const root = resolve(import.meta.dirname, '../../../..')
const { definitions } = await discoverEvents(root)
const breaks = await findBreaks(root, definitions)
if (breaks.length > 0 && !process.argv.includes('--allow-breaking')) {
  process.stderr.write(
    `These changes break readers; declare a new version of the type instead:\n  ${breaks.join('\n  ')}\n`,
  )
  process.exitCode = 1
} else {
  for (const [file, text] of Object.entries(eventContracts(definitions))) {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), text)
  }
}
