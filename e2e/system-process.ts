import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startSystem } from '@freshet/cli'
import { layoutOf } from '@freshet/local'
import { createTraceFile, startOtlpReceiver } from '@freshet/telemetry/otlp-receiver'
import { patience, type SharedSystem } from './supergraph.ts'

/**
 * The shared system, as a process of its own: it tells its parent where everything is, and ends with it. (jest runs
 * a global set-up as CommonJS, which can't import migrations.)
 */
const traceFile = join(layoutOf('test').folder, `traces-${process.pid}.jsonl`)
const receiver = await startOtlpReceiver({ onSpans: createTraceFile(traceFile).append })
const { gatewayUrl, gatewayUrls, adminUrl, redisUrl, kafkaBrokers, close } = await startSystem({
  postgresAdminUrl: process.env.FRESHET_TEST_POSTGRES_ADMIN_URL ?? '',
  gateways: 2,
  serviceEnv: { 'gateway-2': { CACHE_ENABLED: 'false' } },
  env: {
    ...patience,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    // Spans of a scenario must be there when it looks, not five seconds later.
    OTEL_BSP_SCHEDULE_DELAY: '100',
  },
})
process.send?.({
  gatewayUrl,
  uncachedGatewayUrl: gatewayUrls[1]!,
  adminUrl,
  redisUrl,
  kafkaBrokers,
  traceFile,
} satisfies SharedSystem)

// The parent ends it by closing the channel, which also happens when the parent is killed. A Ctrl-C reaches the whole
// process group: this process must outlive it for as long as it takes to stop what it started.
await new Promise<void>((resolve) => {
  for (const event of ['disconnect', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(event, () => resolve())
})
await close()
await receiver.close()
await rm(traceFile, { force: true })
