import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actingAs, migrate, provision, readMigrationFiles, withScratchDatabase } from '@freshet/database'

/** Something in a migration that would stop, or break, whoever uses the database meanwhile. */
export interface LintFinding {
  /** `catalog/0005_products_of_category` */
  readonly migration: string
  /** squawk's name for it. */
  readonly rule: string
  readonly message: string
  readonly help: string | null
}

/** Rules of squawk that don't fit, with the reason. */
const NOT_HERE = {
  'require-lock-timeout': 'migrate sets one for every statement',
  'require-statement-timeout':
    'validating and building concurrently take as long as they take, and stop nobody',
  'prefer-robust-stmts': 'a migration has a transaction, or is made of helpers that bear being run again',
  'ban-char-field': 'an ISO 4217 currency has three letters',
  'prefer-bigint-over-int': 'integers are counts with a check; ids are bigint',
}
/** The oldest that is supported. */
const PG_VERSION = '15.0'

/** Runs each migration in a database for the time of it, and looks at the SQL that it sent. */
export async function lintMigrations(
  services: readonly { name: string; migrations: string }[],
  { serverUrl, signal }: { serverUrl: string; signal?: AbortSignal },
): Promise<LintFinding[]> {
  return withScratchDatabase({ serverUrl, purpose: 'lint', signal }, async (adminUrl) => {
    const findings: LintFinding[] = []
    for (const { name, migrations } of services) {
      await provision({ adminUrl, service: name })
      const statements = new Map<string, string[]>()
      await migrate({
        url: actingAs(name, adminUrl),
        service: name,
        folder: migrations,
        signal,
        onStatement(migration, sql) {
          statements.set(migration, [...(statements.get(migration) ?? []), sql])
        },
      })
      for (const file of await readMigrationFiles(name, migrations)) {
        const { transactional } = await file.load()
        const text = (statements.get(file.name) ?? []).map((sql) => `${sql.trim()};\n`).join('\n')
        for (const finding of await squawk(text, { transactional }))
          findings.push({ migration: `${name}/${file.name}`, ...finding })
      }
    }
    return findings
  })
}

async function squawk(
  text: string,
  { transactional }: { transactional: boolean },
): Promise<Omit<LintFinding, 'migration'>[]> {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-lint-'))
  try {
    const file = join(folder, 'migration.sql')
    await writeFile(file, text)
    const args = ['--reporter', 'json', '--pg-version', PG_VERSION, '--no-error-on-unmatched-pattern']
    if (transactional) args.push('--assume-in-transaction')
    for (const rule of Object.keys(NOT_HERE)) args.push('--exclude', rule)
    const found = JSON.parse((await run([...args, file])) || '[]') as {
      rule_name: string
      message: string
      help: string | null
    }[]
    return found.map(({ rule_name: rule, message, help }) => ({ rule, message, help }))
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Its exit code says whether it found something; so does what it writes. */
function run(args: string[]): Promise<string> {
  const cli = createRequire(import.meta.url).resolve('squawk-cli/js/bin/squawk')
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [cli, ...args], (error, stdout, stderr) => {
      if (error !== null && stdout.trim() === '')
        reject(new Error(`squawk failed: ${stderr.trim() || error.message}`, { cause: error }))
      else resolve(stdout)
    })
  })
}
