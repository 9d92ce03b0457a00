import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { workspaceRoot } from '@freshet/local'
import { type CheckResult, runCheck } from './run-script.ts'

const folders = ['docs', 'gateway', 'packages', 'services']

/**
 * Generates what is generated (types from schemas and tables, event schemas) and compares it with what is in the
 * clone. Where they differ the new text stays: it only has to be committed.
 */
export async function checkGeneratedCode(
  postgresAdminUrl: string,
  signal: AbortSignal,
): Promise<CheckResult> {
  const before = fingerprints()
  const result = await generate(postgresAdminUrl, signal)
  const after = fingerprints()
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (file) => before.get(file) !== after.get(file),
  )
  if (!result.ok || changed.length === 0) return result
  const list = changed.map((file) => `  ${file}`).join('\n')
  return {
    ...result,
    ok: false,
    output: `These were out of date and have been generated anew; commit them:\n${list}\n`,
  }
}

/** Runs every package's `generate`; they make databases of their own on the server. */
export function generate(postgresAdminUrl: string, signal: AbortSignal): Promise<CheckResult> {
  const env = { POSTGRES_ADMIN_URL: postgresAdminUrl }
  return runCheck('generate', 'turbo run generate --output-logs=errors-only', { signal, env })
}

function fingerprints(): Map<string, string> {
  const found = new Map<string, string>()
  for (const folder of folders) collect(join(workspaceRoot, folder), found)
  return found
}

function collect(folder: string, found: Map<string, string>): void {
  let entries: ReturnType<typeof list>
  try {
    entries = list(folder)
  } catch {
    // Not every clone has every folder.
    return
  }
  for (const entry of entries) {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) collect(path, found)
    else
      found.set(relative(workspaceRoot, path), createHash('sha256').update(readFileSync(path)).digest('hex'))
  }
}

function list(folder: string) {
  return readdirSync(folder, { withFileTypes: true })
}
