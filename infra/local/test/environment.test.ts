import { expect, test } from '@jest/globals'
import { inherited } from '../src/environment.ts'
import { readManifests, requireUsableEnvironment } from '../src/index.ts'

async function problemsOf(env: NodeJS.ProcessEnv): Promise<string[]> {
  return requireUsableEnvironment(['postgres', 'redis', 'kafka'], env).then(
    () => [],
    (error: { code: string; problems: string[] }) => {
      expect(error.code).toBe('LOCAL_SETUP_INVALID')
      return error.problems
    },
  )
}

test('every problem of every service, the gateway, telemetry and the replaced parts is told at once, and once', async () => {
  const bad: NodeJS.ProcessEnv = {
    LOG_LEVEL: 'loud',
    SHUTDOWN_GRACE_MS: '10s',
    MAX_DEPTH: 'deep',
    SIGN_IN_TRIES: '0',
    DATABASE_POOL_SIZE: '-1',
    ALLOWED_ORIGINS: '*',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_TRACES_SAMPLER: 'sometimes',
    OTEL_TRACES_SAMPLER_ARG: '2',
    OTEL_TRACES_EXPORTER: 'jaeger',
    OTEL_BSP_SCHEDULE_DELAY: '5s',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '4096',
    FRESHET_KAFKA_BROKERS: 'localhost',
    FRESHET_POSTGRESS_URL: 'postgres://localhost/x',
  }
  const problems = await problemsOf(bad)
  const names = problems.map((problem) => problem.split(' ')[0])
  expect(new Set(names)).toEqual(new Set(Object.keys(bad)))
  expect(names).toHaveLength(Object.keys(bad).length)
  expect(problems).toEqual(
    expect.arrayContaining([
      'LOG_LEVEL "loud" is refused; expected fatal, error, warn, info, debug, trace or silent',
      'OTEL_EXPORTER_OTLP_PROTOCOL "grpc" is refused; expected http/protobuf',
      'OTEL_TRACES_SAMPLER_ARG "2" is out of range; expected a number from 0 to 1',
    ]),
  )
})

test('an environment without problems, and one that has nothing to do with us, pass', async () => {
  expect(await problemsOf({})).toEqual([])
  const good = {
    LOG_LEVEL: 'debug',
    PORT: 'what another program listens on',
    DATABASE_URL: 'mysql://elsewhere',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic abc==,x-tenant=1',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_PROPAGATORS: 'tracecontext,baggage',
    OTEL_BSP_MAX_QUEUE_SIZE: '4096',
    OTEL_LOG_LEVEL: '',
  }
  expect(await problemsOf(good)).toEqual([])
})

test('a service gets what it declares, and no address of the shell', async () => {
  const users = readManifests().find(({ name }) => name === 'users')!
  const env = {
    PATH: '/bin',
    LOG_LEVEL: 'warn',
    SIGN_IN_TRIES: '3',
    MAX_DEPTH: '4',
    PORT: '1',
    SESSION_REDIS_URL: 'redis://elsewhere',
    OTEL_TRACES_SAMPLER: 'always_off',
    EDITOR: 'vi',
  }
  expect(await inherited(users, env)).toEqual({
    PATH: '/bin',
    LOG_LEVEL: 'warn',
    SIGN_IN_TRIES: '3',
    OTEL_TRACES_SAMPLER: 'always_off',
  })
})
