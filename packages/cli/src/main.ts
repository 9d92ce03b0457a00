import { readFileSync } from 'node:fs'
import { explain, StoppedError } from '@freshet/local'
import { Command } from 'commander'
import { complain, endQuietlyWithoutReader } from './say.ts'

// Each is loaded when it is asked for: loading all of them takes longer than most of them run.
const commands: Record<string, () => Promise<Command>> = {
  start: async () => (await import('./commands/start.command.ts')).startCommand,
  up: async () => (await import('./commands/up.command.ts')).upCommand,
  down: async () => (await import('./commands/down.command.ts')).downCommand,
  restart: async () => (await import('./commands/restart.command.ts')).restartCommand,
  status: async () => (await import('./commands/status.command.ts')).statusCommand,
  url: async () => (await import('./commands/url.command.ts')).urlCommand,
  logs: async () => (await import('./commands/logs.command.ts')).logsCommand,
  migrate: async () => (await import('./commands/migrate.command.ts')).migrateCommand,
  seed: async () => (await import('./commands/seed.command.ts')).seedCommand,
  trace: async () => (await import('./commands/trace.command.ts')).traceCommand,
  cache: async () => (await import('./commands/cache.command.ts')).cacheCommand,
  db: async () => (await import('./commands/db.command.ts')).dbCommand,
  probe: async () => (await import('./commands/probe.command.ts')).probeCommand,
  events: async () => (await import('./commands/events.command.ts')).eventsCommand,
  generate: async () => (await import('./commands/generate.command.ts')).generateCommand,
  test: async () => (await import('./commands/test.command.ts')).testCommand,
  bench: async () => (await import('./commands/bench.command.ts')).benchCommand,
}

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

endQuietlyWithoutReader()

const program = new Command('freshet')
  .description('Runs a federated supergraph, and what it stands on, on one machine.')
  .version(version, '-V, --version')
  .enablePositionalOptions()
  .showHelpAfterError('(--help says more)')

try {
  const asked = Object.entries(commands).filter(([name]) => name === process.argv[2])
  const loaders = asked.length === 0 ? Object.entries(commands) : asked
  for (const [, load] of loaders) program.addCommand(await load())
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof StoppedError)) complain(explain(error))
  process.exitCode = error instanceof StoppedError ? 130 : exitCodeOf(error)
}

/** Of an error that names none, what each command fails with. */
function exitCodeOf(error: unknown): number {
  const { exitCode } = (error ?? {}) as { exitCode?: unknown }
  return typeof exitCode === 'number' ? exitCode : 1
}
