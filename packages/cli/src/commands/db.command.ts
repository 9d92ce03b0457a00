import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  AuditError,
  type AuditReport,
  audit,
  isAtLeast,
  reportHtml,
  reportJson,
  reportText,
  type Severity,
} from '@freshet/db-audit'
import { externalVariables, layoutOf } from '@freshet/local'
import { Command, InvalidArgumentError, Option } from 'commander'
import { addressOf } from '../part-address.ts'
import { complain, say } from '../say.ts'
import { serviceDatabase } from '../service-database.ts'
import { existingProfileOption } from './profile-option.ts'

type Format = 'text' | 'json' | 'html'

type Options = {
  url?: string
  profile: string
  log?: string
  since: number
  baseline?: string
  saveBaseline?: string
  format: Format
  output?: string
  failOn: Exclude<Severity, 'info'> | 'none'
}

/** `freshet db`. */
export const dbCommand = new Command('db').summary(
  'look into the database: what is slow, missing or in the way',
)

dbCommand
  .command('audit')
  .summary('find what is wrong with the database, and whose it is')
  .description(
    'Reads the statistics, the catalogs and the log, tries missing indexes on copies that do not stay, and changes nothing.\nExits with 1 when it finds something as bad as --fail-on, or worse; with 2 when no audit could be made.',
  )
  .option(
    '--url <url>',
    "a superuser's, or one with pg_monitor, pg_read_all_data and connect (default: the profile's)",
  )
  .addOption(existingProfileOption().conflicts('url'))
  .option('--log <file>', "PostgreSQL's log, stderr or jsonlog (default: the profile's, if it runs here)")
  .addOption(
    new Option('--since <span>', 'how far back the log counts: 30m, 12h, 7d, or all')
      .argParser(secondsOf)
      .default(3_600, '1h'),
  )
  .option('--baseline <file>', 'report plans that have become worse since then')
  .option('--save-baseline <file>', 'keep the plans as they are now')
  .addOption(
    new Option('--format <format>', 'how it is written').choices(['text', 'json', 'html']).default('text'),
  )
  .option('--output <file>', 'write it there instead')
  .addOption(
    new Option('--fail-on <level>', 'from which finding on it fails')
      .choices(['error', 'warning', 'none'])
      .default('error'),
  )
  // An option that is of no use is no finding.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(async (options: Options) => {
    const { since, baseline, saveBaseline, format, output, failOn } = options
    const report = await audit({ ...sourcesOf(options), logSeconds: since, baseline })
    if (saveBaseline !== undefined) await write(saveBaseline, `${JSON.stringify(report.baseline, null, 2)}\n`)
    const written = writers[format](report)
    if (output === undefined) say(written)
    else await write(output, `${written}\n`)
    const bad = report.findings.filter(({ severity }) => failOn !== 'none' && isAtLeast(severity, failOn))
    if (bad.length === 0) return
    complain(`${bad.length} ${bad.length === 1 ? 'finding' : 'findings'} at or above --fail-on ${failOn}`)
    process.exitCode = 1
  })

const writers: Readonly<Record<Format, (report: AuditReport) => string>> = {
  text: reportText,
  json: reportJson,
  html: reportHtml,
}

const secondsOfUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

function secondsOf(text: string): number {
  if (text === 'all') return Number.POSITIVE_INFINITY
  const [, count, unit = ''] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? []
  if (count === undefined)
    throw new InvalidArgumentError('A whole number above 0 and s, m, h or d, such as 30m; or all.')
  return Number(count) * secondsOfUnit[unit]!
}

/** Another server's log is somewhere else. */
function sourcesOf({ url, profile, log }: Options): { url: string; log: string | undefined } {
  if (url !== undefined) return { url, log }
  const isOwn = !process.env[externalVariables.postgres]
  const own = join(layoutOf(profile).logs, 'postgres.log')
  const found = isOwn && existsSync(own) ? own : undefined
  return { url: serviceDatabase(addressOf('postgres', profile)), log: log ?? found }
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new AuditError(
      'OUTPUT_UNWRITABLE',
      `${file} can't be written (${reason}): name a file in a folder that is there`,
      error,
    )
  }
}
