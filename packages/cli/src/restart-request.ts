import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Layout } from '@freshet/local'

/** Says to the launcher that a service ends because it was asked to, and is wanted again. */
export function requestRestart(layout: Layout, service: string): void {
  writeFileSync(fileOf(layout, service), '')
}

/** Whether that was said; it is forgotten with the question. */
export function takeRestartRequest(layout: Layout, service: string): boolean {
  const file = fileOf(layout, service)
  const wanted = existsSync(file)
  rmSync(file, { force: true })
  return wanted
}

function fileOf(layout: Layout, service: string): string {
  return join(layout.folder, `restart-${service}`)
}
