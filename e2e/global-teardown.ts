import { once } from 'node:events'

// biome-ignore lint/style/noDefaultExport: jest takes nothing else
export default async function globalTeardown(): Promise<void> {
  const child = globalThis.sharedSystemProcess
  if (!child || child.exitCode !== null) return
  child.disconnect()
  await once(child, 'exit')
}
