import { meter, SECONDS } from '@freshet/telemetry'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { OnFetch } from '../execution/subgraph-source.ts'
import type { RequestReport } from './request-report.ts'

/** Names are the clients' to choose: a metric must not grow with them. */
const MOST_NAMES = 200

/** Writes the log line and the metrics of every operation, and the metrics of every fetch. */
export function createOperationMetrics(parts: {
  slowMs: number
  /** The subgraphs' names: what `service` may be in a metric, beside `gateway`. */
  services: readonly string[]
}): {
  readonly operationEnded: (request: FastifyRequest, reply: FastifyReply, report: RequestReport) => void
  readonly fetchEnded: OnFetch
  readonly sessionLookedUp: (state: string) => void
} {
  const { slowMs } = parts
  const services = new Set(parts.services)
  const instruments = meter('@freshet/gateway')
  const durations = instruments.createHistogram('freshet.gateway.operation.duration', {
    ...SECONDS,
    description: 'From the request to the last byte of the answer, by operation name',
  })
  const errors = instruments.createCounter('freshet.gateway.errors', {
    description: 'Errors in answers, by code and by the service that they are about',
  })
  const fetches = instruments.createHistogram('freshet.gateway.subgraph.fetch.duration', {
    ...SECONDS,
    description: 'Fetches from subgraphs, by subgraph and outcome',
  })
  const sessions = instruments.createCounter('freshet.gateway.session.lookups', {
    description: 'Tokens looked up, by what was found',
  })
  const nameLabel = boundedNames(MOST_NAMES)
  const codeLabel = boundedNames(MOST_NAMES)

  return {
    operationEnded(request, reply, report) {
      const { operationName, operationType, answer } = report
      const ms = Math.round(reply.elapsedTime * 10) / 10
      const outcome = report.errors.length === 0 && reply.statusCode < 400 ? 'ok' : 'error'
      const operation = operationType === undefined ? 'refused' : nameLabel(operationName ?? 'anonymous')
      const type = operationType ?? 'unknown'
      durations.record(reply.elapsedTime / 1000, { operation, type, outcome, answer })
      for (const { code, service = 'gateway' } of report.errors)
        errors.add(1, { code: codeLabel(code), service: services.has(service) ? service : 'gateway' })
      const line = {
        operation: operationName ?? null,
        type: operationType ?? null,
        status: reply.statusCode,
        ms,
        answer,
        ...(report.errors.length > 0 && { errors: [...new Set(report.errors.map(({ code }) => code))] }),
      }
      if (ms > slowMs) request.log.warn({ ...line, slowMs }, 'slow operation')
      else request.log.info(line, 'operation')
    },
    fetchEnded({ service, outcome, seconds }) {
      fetches.record(seconds, { subgraph: service, outcome })
    },
    sessionLookedUp(state) {
      sessions.add(1, { state })
    },
  }
}

/** The first names stand for themselves, all later ones are `other`. */
function boundedNames(most: number): (name: string) => string {
  const known = new Set<string>()
  return (name) => {
    if (!known.has(name) && known.size < most) known.add(name)
    return known.has(name) ? name : 'other'
  }
}
