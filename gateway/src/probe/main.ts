import { loadConfigOrExit } from '@freshet/config'
import { runProcess, shutdownTimes } from '@freshet/http'
import { createLogger } from '@freshet/telemetry'
import { probeEnvironment } from './config.ts'
import { startProbe } from './probe.ts'

const config = loadConfigOrExit(probeEnvironment, process.env)
const logger = createLogger('probe', { level: config.LOG_LEVEL })

// Started by a command (`freshet probe`) that was killed: nobody is left to end it.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))

await runProcess({
  name: 'probe',
  logger,
  shutdown: shutdownTimes(config),
  start: () => startProbe(config, logger),
})
