import { loadConfigOrExit } from '@freshet/config'
import { runProcess, shutdownTimes } from '@freshet/http'
import { startService } from '@freshet/subgraph'
import { createLogger } from '@freshet/telemetry'
import { environment } from './config.ts'
import type { DB } from './generated/db.ts'
import { createUsers } from './service.ts'
import { sessionRedisOptions } from './session/session.redis.ts'

const service = 'users'
const config = loadConfigOrExit(environment, process.env)
const logger = createLogger(service, { level: config.LOG_LEVEL })
const { SUBGRAPH_SECRET: secret } = config
const shutdown = shutdownTimes(config)

await runProcess({
  name: service,
  logger,
  shutdown,
  start: () =>
    startService<DB>(config, { service, logger }, (parts) =>
      createUsers({
        ...parts,
        secret,
        shutdown,
        sessionRedis: parts.openRedis(config.SESSION_REDIS_URL ?? config.REDIS_URL, {
          connectionName: 'users-sessions',
          ...sessionRedisOptions,
        }),
        passwords: { memoryKib: config.PASSWORD_MEMORY_KIB, passes: config.PASSWORD_PASSES },
        sessions: {
          lifetimeSeconds: config.SESSION_LIFETIME_SECONDS,
          perAccount: config.SESSIONS_PER_ACCOUNT,
        },
        limits: {
          triesPerAccount: config.SIGN_IN_TRIES,
          windowSeconds: config.SIGN_IN_WINDOW_SECONDS,
          triesPerMinute: config.PASSWORD_TRIES_PER_MINUTE,
        },
      }),
    ),
})
