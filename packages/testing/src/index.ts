export { eventually } from './eventually.ts'
export {
  type FaultProxy,
  type FaultProxyCounts,
  type FaultProxyOptions,
  startFaultProxy,
} from './fault-proxy/fault-proxy.ts'
export type { NetworkFault, SlowNetwork } from './fault-proxy/network.ts'
export { hitLevel, UNCACHED } from './freshness/cache-status.ts'
export { checkFreshness, type Fault, type FreshnessOptions } from './freshness/check-freshness.ts'
export type { Observation, ReadAnswer, ReadShape, Violation, ViolationKind } from './freshness/judge.ts'
export type { FreshnessReport, Tally } from './freshness/report.ts'
export { createVersionHistory, type Staleness, type VersionHistory } from './freshness/version-history.ts'
export type { WriteOutcome } from './freshness/writes.ts'
export { formatTrace, type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.ts'
export { parts, type TestParts } from './parts.ts'
export type { Provision } from './provisioning.ts'
export { type RedisCluster, startRedisCluster } from './redis/redis-cluster.ts'
export { type RedisNode, startRedisNode } from './redis/redis-node.ts'
export { startWatchedRedis, type WatchedRedis } from './redis/redis-sentinels.ts'
export {
  createTestDatabase,
  type Migrate,
  type TestDatabase,
  type TestDatabaseOptions,
} from './test-database.ts'
export { createTopics } from './topics.ts'
export { uniqueName } from './unique-name.ts'
export { vacuumAnalyze } from './vacuum-analyze.ts'
export { withClient } from './with-client.ts'
