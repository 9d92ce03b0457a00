import { existsSync } from 'node:fs'
import { PartError } from './errors.ts'
import type { PartName } from './external.ts'
import { javaVersion } from './java.ts'
import { kafkaJarsAreCached } from './kafka-jars.ts'
import { run } from './run.ts'

/**
 * Installs the system packages that the parts need and the PATH lacks, all in one go, when this is Debian and we are
 * root. Otherwise does nothing: each part says itself what it misses. (Debian may start its own Redis on 6379 on
 * installation; it is neither used nor touched.)
 */
export async function installMissingPackages(
  parts: readonly PartName[],
  options: { report: (line: string) => void; signal?: AbortSignal },
): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  const [redis, java, maven] = await Promise.all([
    parts.includes('redis') ? isRunnable('redis-server', ['--version']) : true,
    parts.includes('kafka') ? javaVersion('java').then((version) => version !== null) : true,
    parts.includes('kafka') && !kafkaJarsAreCached() ? isRunnable('mvn', ['--version']) : true,
  ])
  const packages = [
    ...(redis ? [] : ['redis-server']),
    ...(java || process.env.JAVA_HOME ? [] : ['default-jre-headless']),
    ...(maven ? [] : ['maven']),
  ]
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

async function isRunnable(command: string, args: string[]): Promise<boolean> {
  return (await run(command, args)).code !== null
}
