import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { PartError } from './errors.ts'
import { workspaceRoot } from './layout.ts'
import { run } from './run.ts'

const pom = join(workspaceRoot, 'infra', 'kafka', 'pom.xml')

/** The folder of Kafka's jars: resolved by Maven once per user and version, whatever the number of clones. */
export async function kafkaJars(options: {
  report: (line: string) => void
  signal?: AbortSignal
}): Promise<string> {
  const folder = jarsFolder()
  if (isComplete(folder)) return folder
  options.report('kafka: fetching Apache Kafka by Maven (43 MB, once per user)')
  const unfinished = `${folder}.${process.pid}`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  try {
    await resolveInto(unfinished, options.signal)
    // Renamed only when it is whole: an interrupted download never looks like a finished one.
    rmSync(folder, { recursive: true, force: true })
    renameSync(unfinished, folder)
  } catch (error) {
    // Another clone may have finished first; its jars are the same.
    if (!isComplete(folder)) throw error
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return folder
}

/** Whether Maven is needed at all. */
export function kafkaJarsAreCached(): boolean {
  return isComplete(jarsFolder())
}

async function resolveInto(folder: string, signal?: AbortSignal): Promise<void> {
  const result = await run(
    'mvn',
    [
      '-q',
      '-B',
      '-ntp',
      '-f',
      pom,
      // By its full name: the error of a short one that cannot be looked up does not mention the network.
      'org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies',
      '-Dstyle.color=never',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${folder}`,
    ],
    { cwd: folder, signal },
  )
  if (result.code === null) {
    throw new PartError('kafka', 'Maven (mvn) is not on the PATH', {
      advice:
        'Install it (Debian, Ubuntu: apt-get install maven; macOS: brew install maven) or set FRESHET_KAFKA_BROKERS.',
    })
  }
  if (result.code !== 0) {
    throw new PartError('kafka', 'Maven could not fetch Apache Kafka', {
      logTail: result.output
        .split('\n')
        .filter((line) => line.includes('[ERROR] '))
        .slice(0, 1)
        // Maven's own start script colours even where Maven does not.
        .map((line) => line.slice(line.indexOf('[ERROR] '))),
      advice:
        'Check the network (or the proxy and mirrors in ~/.m2/settings.xml) and run it again, or set FRESHET_KAFKA_BROKERS.',
    })
  }
  const jars = readdirSync(folder).filter((name) => name.endsWith('.jar'))
  const sizes = Object.fromEntries(jars.map((name) => [name, statSync(join(folder, name)).size]))
  writeFileSync(join(folder, 'complete.json'), JSON.stringify(sizes))
}

function jarsFolder(): string {
  const text = readFileSync(pom, 'utf8')
  const version = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([^<]+)</.exec(text)?.[1] ?? 'unknown'
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8)
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return join(cache, 'freshet', `kafka-${version}-${digest}`)
}

function isComplete(folder: string): boolean {
  const marker = join(folder, 'complete.json')
  if (!existsSync(marker)) return false
  const sizes = JSON.parse(readFileSync(marker, 'utf8')) as Record<string, number>
  return Object.entries(sizes).every(([name, size]) => {
    const jar = join(folder, name)
    return existsSync(jar) && statSync(jar).size === size
  })
}
