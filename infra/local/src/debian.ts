import { existsSync } from 'node:fs'
import { InvalidSetupError, PartError } from './errors.ts'
import type { PartName } from './external.ts'
import { javaVersion } from './java.ts'
import { kafkaJarsAreCached } from './kafka-jars.ts'
import { run } from './run.ts'

/**
 * Installs the system packages that the parts need and the PATH lacks, all in one go, when this is Debian and we are
 * root. Otherwise does nothing: see {@link requirePrograms}. (Debian may start its own Redis on 6379 on
 * installation; it is neither used nor touched.)
 */
export async function installMissingPackages(
  parts: readonly PartName[],
  options: { report: (line: string) => void; signal?: AbortSignal },
): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  const packages = (await missingPrograms(parts, process.env)).map((program) => program.debian)
  if (packages.length === 0) return
  options.report(`installing ${packages.join(', ')} with apt-get`)
  const install = () =>
    run(
      'apt-get',
      ['install', '-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...packages],
      {
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
        signal: options.signal,
      },
    )
  if ((await install()).code === 0) return
  // A fresh machine or image has no package lists yet.
  await run('apt-get', ['update', '-q'], { signal: options.signal })
  const result = await install()
  if (result.code === 0) return
  throw new PartError('system packages', `apt-get could not install ${packages.join(', ')}`, {
    logTail: result.output.trim().split('\n').slice(-8),
    advice:
      'Install them yourself, or set FRESHET_REDIS_URL and FRESHET_KAFKA_BROKERS to parts that run elsewhere.',
  })
}

/** Throws with every program that the parts need and the PATH lacks: nobody wants to hear of them one at a time. */
export async function requirePrograms(parts: readonly PartName[], env = process.env): Promise<void> {
  const missing = await missingPrograms(parts, env)
  if (missing.length === 0) return
  throw new InvalidSetupError('Programs are missing; nothing was started', [
    ...missing.map(({ what, install }) => `${what}: ${install}`),
    `all of them on Debian or Ubuntu: apt-get install ${missing.map(({ debian }) => debian).join(' ')}`,
  ])
}

type Program = { what: string; debian: string; install: string }

async function missingPrograms(parts: readonly PartName[], env: NodeJS.ProcessEnv): Promise<Program[]> {
  const [redis, java, maven] = await Promise.all([
    parts.includes('redis') ? isRunnable('redis-server', env) : true,
    // What JAVA_HOME names is looked at when Kafka is started.
    parts.includes('kafka') && !env.JAVA_HOME
      ? javaVersion('java', env).then((version) => version !== null)
      : true,
    parts.includes('kafka') && !kafkaJarsAreCached() ? isRunnable('mvn', env) : true,
  ])
  return [
    ...(redis ? [] : [programs.redis]),
    ...(java ? [] : [programs.java]),
    ...(maven ? [] : [programs.maven]),
  ]
}

const programs = {
  redis: {
    what: 'redis-server (7 or newer)',
    debian: 'redis-server',
    install: 'brew install redis, dnf install valkey-compat-redis, or set FRESHET_REDIS_URL',
  },
  java: {
    what: 'java (17 or newer)',
    debian: 'default-jre-headless',
    install: 'brew install openjdk, dnf install java-21-openjdk-headless, or set FRESHET_KAFKA_BROKERS',
  },
  maven: {
    what: 'mvn (once, to fetch Kafka)',
    debian: 'maven',
    install: 'brew install maven, dnf install maven, or set FRESHET_KAFKA_BROKERS',
  },
} satisfies Record<string, Program>

async function isRunnable(command: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  return (await run(command, ['--version'], { env })).code !== null
}
