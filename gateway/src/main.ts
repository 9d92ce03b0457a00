import { loadConfigOrExit } from '@freshet/config'
import { runProcess, shutdownTimes } from '@freshet/http'
import { createLogger } from '@freshet/telemetry'
import { gatewayEnvironment } from './config.ts'
import { startGateway } from './gateway.ts'

const config = loadConfigOrExit(gatewayEnvironment, process.env)
const logger = createLogger('gateway', { level: config.LOG_LEVEL })

await runProcess({
  name: 'gateway',
  logger,
  shutdown: shutdownTimes(config),
  start: () => startGateway(config, logger),
})
