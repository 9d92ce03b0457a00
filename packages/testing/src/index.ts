export { eventually } from './eventually.ts'
export {
  type FaultProxy,
  type FaultProxyCounts,
  type FaultProxyOptions,
  startFaultProxy,
} from './fault-proxy/fault-proxy.ts'
export type { NetworkFault, SlowNetwork } from './fault-proxy/network.ts'
export { formatTrace, type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.ts'
export { parts, type TestParts } from './parts.ts'
export type { Provision } from './provisioning.ts'
export {
  createTestDatabase,
  type Migrate,
  type TestDatabase,
  type TestDatabaseOptions,
} from './test-database.ts'
export { createTopics } from './topics.ts'
export { uniqueName } from './unique-name.ts'
