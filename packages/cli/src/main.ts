import { explain, StoppedError } from '@freshet/local'
import { Command } from 'commander'
import { benchCommand } from './commands/bench.command.ts'
import { downCommand } from './commands/down.command.ts'
import { eventsCommand } from './commands/events.command.ts'
import { logsCommand } from './commands/logs.command.ts'
import { migrateCommand } from './commands/migrate.command.ts'
import { seedCommand } from './commands/seed.command.ts'
import { startCommand } from './commands/start.command.ts'
import { statusCommand } from './commands/status.command.ts'
import { testCommand } from './commands/test.command.ts'
import { upCommand } from './commands/up.command.ts'
import { complain } from './say.ts'

const commands = [
  startCommand,
  upCommand,
  downCommand,
  statusCommand,
  logsCommand,
  migrateCommand,
  seedCommand,
  eventsCommand,
  testCommand,
  benchCommand,
]

const program = new Command('freshet')
  .description('Runs a federated supergraph, and what it stands on, on one machine.')
  .enablePositionalOptions()
  .showHelpAfterError('(--help says more)')
for (const command of commands) program.addCommand(command)

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof StoppedError)) complain(explain(error))
  process.exitCode = error instanceof StoppedError ? 130 : 1
}
