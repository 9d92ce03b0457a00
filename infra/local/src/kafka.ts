import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Admin } from 'kafkajs'
import { PartError } from './errors.ts'
import { javaProgram } from './java.ts'
import { type KeptClasses, keptClasses } from './kafka-classes.ts'
import { kafkaJars } from './kafka-jars.ts'
import { type Launched, launch, untilReady } from './launch.ts'
import { workspaceRoot } from './layout.ts'
import { partPort } from './part-port.ts'
import { answers, freePort } from './ports.ts'
import type { StartOptions } from './postgres.ts'
import { run } from './run.ts'
import { stopProcess } from './stop.ts'

/** Starts Apache Kafka (KRaft: broker and controller in one JVM); resolves when it has described its cluster. */
export async function startKafka(options: StartOptions): Promise<Launched> {
  const { layout, report, signal } = options
  const [java, jars] = await Promise.all([javaProgram(), kafkaJars({ report, signal })])
  const classes = await keptClasses({ java, jars })
  const folder = join(layout.folder, 'kafka')
  // Test topics are made by the hundred and nobody needs them a second time.
  if (layout.profile !== 'dev') rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const clusterId = clusterIdOf(folder)
  const usual = layout.profile === 'dev' ? 59092 : null

  for (let attempt = 1; ; attempt++) {
    const port = await partPort(layout, 'kafka', usual)
    const controllerPort = await freePort(usual === null ? null : usual + 1, new Set([port]))
    const data = join(folder, 'data')
    const settings = join(folder, 'server.properties')
    writeFileSync(settings, kafkaSettings({ data, port, controllerPort }))
    const jvm = { java, jars, classes, folder }
    if (!existsSync(data)) await format({ ...jvm, data, settings, clusterId })
    const launched = launch(layout, {
      name: 'kafka',
      kind: 'part',
      command: java,
      args: [...classes.keep, ...jvmArguments(jvm), 'kafka.Kafka', settings],
      cwd: folder,
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
      url: `127.0.0.1:${port}`,
      logName: 'kafka',
    })
    try {
      const probe = async () => {
        if (!(await answers('127.0.0.1', port))) throw new Error(`nothing listens on port ${port} yet`)
        await pingKafka([`127.0.0.1:${port}`], { clusterId })
      }
      await untilReady(launched, { probe, deadlineMs: 90_000, signal })
      return launched
    } catch (error) {
      await stopProcess(launched.record, 'SIGKILL', 5_000)
      const raced =
        error instanceof PartError && error.logTail.some((line) => line.includes('Address already in use'))
      if (!raced || attempt === 3) throw error
    }
  }
}

/** Runs `use` with a connected admin client and closes it. kafkajs itself says nothing: what counts is thrown. */
export async function withKafkaAdmin<T>(
  brokers: readonly string[],
  use: (admin: Admin) => Promise<T>,
): Promise<T> {
  // Loaded when it is needed: most commands, and most tests, have nothing to do with Kafka.
  const { Kafka, logLevel } = await import('kafkajs')
  const kafka = new Kafka({
    clientId: 'freshet-local',
    brokers: [...brokers],
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    retry: { retries: 2, initialRetryTime: 50 },
    logLevel: logLevel.NOTHING,
  })
  const admin = kafka.admin()
  try {
    await admin.connect()
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

/** Describes the cluster and, when given, compares its id: another clone's broker may have taken the port. */
export async function pingKafka(
  brokers: readonly string[],
  options: { clusterId?: string } = {},
): Promise<void> {
  const cluster = await withKafkaAdmin(brokers, (admin) => admin.describeCluster())
  if (cluster.brokers.length === 0) throw new Error('the cluster has no broker yet')
  if (options.clusterId !== undefined && cluster.clusterId !== options.clusterId) {
    throw new Error(`another Kafka answers (cluster ${cluster.clusterId})`)
  }
}

type Jvm = { java: string; jars: string; classes: KeptClasses; folder: string }

function jvmArguments({ jars, classes }: Jvm): string[] {
  return [
    ...classes.use,
    // Small and quick to start rather than fast in the long run: it shares a developer's machine with the rest.
    '-Xms128m',
    '-Xmx256m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Djava.awt.headless=true',
    '-Djava.net.preferIPv4Stack=true',
    `-Dlog4j2.configurationFile=${join(workspaceRoot, 'infra', 'kafka', 'log4j2.xml')}`,
    '-cp',
    `${jars}/*`,
  ]
}

// Formatted aside and renamed: a killed format leaves nothing that looks formatted.
async function format(options: Jvm & { data: string; settings: string; clusterId: string }): Promise<void> {
  const unfinished = `${options.data}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  const settings = join(options.folder, 'format.properties')
  writeFileSync(
    settings,
    readFileSync(options.settings, 'utf8').replace(/^log\.dirs=.*$/m, `log.dirs=${unfinished}`),
  )
  const result = await run(options.java, [
    ...jvmArguments(options),
    'kafka.tools.StorageTool',
    'format',
    '-t',
    options.clusterId,
    '-c',
    settings,
  ])
  if (result.code !== 0) {
    throw new PartError('kafka', 'its data folder could not be formatted', {
      logTail: result.output.trim().split('\n').slice(-8),
      advice: `Is there room under ${options.folder}?`,
    })
  }
  renameSync(unfinished, options.data)
}

function clusterIdOf(folder: string): string {
  const file = join(folder, 'cluster-id')
  if (existsSync(file)) return readFileSync(file, 'utf8').trim()
  // Kafka refuses an id that begins with a dash: its own tools would read it as an option.
  const id = randomBytes(16).toString('base64url').replace(/^-/, 'f')
  writeFileSync(file, `${id}\n`)
  return id
}

function kafkaSettings(options: { data: string; port: number; controllerPort: number }): string {
  return [
    '# Written by infra/local at each start: changes here are lost.',
    'process.roles=broker,controller',
    'node.id=1',
    // Static, not kept in the log: the ports may differ from start to start.
    `controller.quorum.voters=1@127.0.0.1:${options.controllerPort}`,
    `listeners=PLAINTEXT://127.0.0.1:${options.port},CONTROLLER://127.0.0.1:${options.controllerPort}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${options.port}`,
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=PLAINTEXT',
    `log.dirs=${options.data}`,
    // A topic exists because a service declares it, with its partitions and retention, or not at all.
    'auto.create.topics.enable=false',
    'default.replication.factor=1',
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=4',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=4',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'share.coordinator.state.topic.num.partitions=1',
    'group.initial.rebalance.delay.ms=0',
    'num.network.threads=2',
    'num.io.threads=2',
    'background.threads=2',
    'log.cleaner.dedupe.buffer.size=16777216',
    'log.index.size.max.bytes=1048576',
    '',
  ].join('\n')
}
