import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PartError } from './errors.ts'
import { run } from './run.ts'

const advice =
  'Install Java 17 or newer (Debian, Ubuntu: apt-get install default-jre-headless; macOS: brew install openjdk), set JAVA_HOME, or set FRESHET_KAFKA_BROKERS.'

/** The java of JAVA_HOME, else of the PATH, when it is new enough for Kafka 4 (17). */
export async function javaProgram(): Promise<string> {
  const home = process.env.JAVA_HOME
  const program = home ? join(home, 'bin', 'java') : 'java'
  if (home && !existsSync(program))
    throw new PartError('kafka', `JAVA_HOME is ${home}, and there is no bin/java in it`, {
      advice: 'Correct JAVA_HOME, or unset it to use the java of the PATH.',
    })
  const version = await javaVersion(program)
  if (version === null) throw new PartError('kafka', 'no java on the PATH', { advice })
  if (version < 17)
    throw new PartError('kafka', `Java 17 or newer is needed, ${program} is ${version}`, { advice })
  return program
}

/** The major version; null when the program does not run. */
export async function javaVersion(program: string, env = process.env): Promise<number | null> {
  const { output } = await run(program, ['-version'], { env })
  const version = /version "(\d+)(?:\.(\d+))?/.exec(output)
  if (version === null) return null
  // Java 8 calls itself 1.8.
  return Number(version[1] === '1' ? version[2] : version[1])
}
