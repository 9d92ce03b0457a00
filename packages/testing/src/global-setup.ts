import { explain, up } from '@freshet/local'
import { dropLeftovers } from './leftovers.ts'

/**
 * jest's globalSetup: starts the parts of the profile `test`, or reuses them when they run, and tells every worker
 * where they are. They stay up for the next run; `freshet test` (npm test) and `freshet down` stop them.
 */
// biome-ignore lint/style/noDefaultExport: jest takes nothing else
export default async function globalSetup(): Promise<void> {
  try {
    const parts = await up({ profile: 'test', report: (line) => process.stderr.write(`${line}\n`) })
    if (parts.started.includes('postgres')) await dropLeftovers(parts.postgresAdminUrl)
    process.env.FRESHET_TEST_POSTGRES_ADMIN_URL = parts.postgresAdminUrl
    process.env.FRESHET_TEST_REDIS_URL = parts.redisUrl
    process.env.FRESHET_TEST_KAFKA_BROKERS = parts.kafkaBrokers
  } catch (error) {
    // jest prints a stack of its own insides for what is thrown here: a person needs the reason.
    throw new Error(explain(error), { cause: error })
  }
}
