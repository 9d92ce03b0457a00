import type { Logger } from '@freshet/telemetry'
import { Kafka, logLevel, type RetryOptions } from 'kafkajs'
import { kafkaLogCreator } from './kafka-logs.ts'

/** How to reach Kafka. */
export interface KafkaClientOptions {
  /** `host:port` of some brokers. */
  readonly brokers: readonly string[]
  /** Shown in the brokers' logs and quotas: the service's name. */
  readonly clientId: string
  readonly logger: Logger
  /** How kafkajs tries again. Default: {@link patientRetry}. */
  readonly retry?: RetryOptions
}

/** Retries for some 6 s in all; then the caller is told, and does its own, longer, backoff. */
export const patientRetry = {
  initialRetryTime: 100,
  multiplier: 2,
  factor: 0.2,
  maxRetryTime: 2000,
  retries: 5,
} as const satisfies RetryOptions

/** A kafkajs client with our time-outs and our log. Nothing is connected yet. */
export function createKafkaClient(options: KafkaClientOptions): Kafka {
  const { brokers, clientId, logger, retry = patientRetry } = options
  return new Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: 3000,
    requestTimeout: 15_000,
    retry,
    logLevel: logLevel.INFO,
    logCreator: kafkaLogCreator(logger),
  })
}
