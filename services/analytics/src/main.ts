import { loadConfigOrExit } from '@freshet/config'
import { runProcess, shutdownTimes } from '@freshet/http'
import { startService } from '@freshet/subgraph'
import { createLogger } from '@freshet/telemetry'
import { environment } from './config.ts'
import type { DB } from './generated/db.ts'
import { createAnalytics } from './service.ts'

const service = 'analytics'
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
      createAnalytics({ ...parts, secret, shutdown, retentionMonths: config.ACTIVITY_RETENTION_MONTHS }),
    ),
})
