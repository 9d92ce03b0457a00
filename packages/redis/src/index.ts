export { RedisUrlError } from '@freshet/config'
export { impatient, openRedis, type RedisClient, type RedisSettings } from './open-redis.ts'
export { pingRedis } from './ping-redis.ts'
export type { RedisLogger } from './report-losses.ts'
