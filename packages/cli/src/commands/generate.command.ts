import { layoutOf, StoppedError, stopOwn, up } from '@freshet/local'
import { Command } from 'commander'
import { generate } from '../checks/generated-code.ts'
import { listenForInterrupts } from '../interrupts.ts'
import { complain, say } from '../say.ts'

/** `freshet generate`. */
export const generateCommand = new Command('generate')
  .summary('write the generated code anew')
  .description(
    'Types from the GraphQL schemas and from the tables that the migrations make, JSON Schemas of the events.\nUses the PostgreSQL of the profile test, and starts it when it does not run. `npm test` fails when the result differs from what is committed.',
  )
  .action(async () => {
    const { signal } = listenForInterrupts()
    try {
      const { postgresAdminUrl } = await up({ profile: 'test', parts: ['postgres'], report: say, signal })
      const { ok, seconds, output } = await generate(postgresAdminUrl, signal)
      if (signal.aborted) throw new StoppedError()
      if (ok) return say(`generated in ${seconds.toFixed(1)} s`)
      complain(output.trimEnd())
      process.exitCode = 1
    } finally {
      await stopOwn(layoutOf('test'))
    }
  })
