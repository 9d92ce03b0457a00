import { loadConfigOrExit } from '@freshet/config'
import { runProcess } from '@freshet/http'
import { createLogger } from '@freshet/telemetry'
import { gatewayEnvironment } from './config.ts'
import { startGateway } from './gateway.ts'

const config = loadConfigOrExit(gatewayEnvironment, process.env)
const logger = createLogger('gateway', { level: config.LOG_LEVEL })

await runProcess({
  name: 'gateway',
  logger,
  shutdown: { drainMs: config.SHUTDOWN_DRAIN_MS, graceMs: config.SHUTDOWN_GRACE_MS },
  start: () => startGateway(config, logger),
})
