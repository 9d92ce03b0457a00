export { ConfigError, type ConfigProblem } from './config-error.ts'
export { serviceEnvironment, subgraphEnvironment } from './environments.ts'
export { crossCheck, type Environment, loadConfig, loadConfigOrExit } from './load-config.ts'
export { sensitive } from './mask.ts'
export {
  parseRedisUrl,
  type RedisAddress,
  type RedisLogin,
  type RedisTarget,
  RedisUrlError,
} from './redis-url.ts'
export { telemetryEnvironment } from './telemetry-environment.ts'
export {
  brokers,
  flag,
  httpUrl,
  json,
  milliseconds,
  port,
  postgresUrl,
  redisUrl,
  secret,
  wholeNumber,
} from './values.ts'
