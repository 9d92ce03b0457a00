/** How a test reaches the real parts; every value is set by jest's global set-up. */
export type TestParts = Readonly<{
  /** Superuser's URL of the database `postgres`. */
  postgresAdminUrl: string
  redisUrl: string
  kafkaBrokers: string[]
}>

/** The parts of this test run. Throws when the tests were not started by the workspace's jest configuration. */
export function parts(): TestParts {
  return {
    postgresAdminUrl: required('FRESHET_TEST_POSTGRES_ADMIN_URL'),
    redisUrl: required('FRESHET_TEST_REDIS_URL'),
    kafkaBrokers: required('FRESHET_TEST_KAFKA_BROKERS').split(','),
  }
}

function required(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') {
    throw new Error(
      `${name} is not set: run the tests with \`npm test\` or \`npm run jest -- <path>\` at the root`,
    )
  }
  return value
}
