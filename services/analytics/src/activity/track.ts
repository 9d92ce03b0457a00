import { badUserInput, boundedInt, decodeId } from '@freshet/subgraph'
import { z } from 'zod'
import type { ActivityInput } from '../generated/graphql.ts'
import { type Activity, MAX_AGE_MS } from './activity.events.ts'

const MAX_EVENTS = 100
/** A client's clock may run ahead a little. */
const MAX_AHEAD_MS = 60_000

const uuid = z.uuid()

/**
 * The activities that a client reports, checked.
 * @throws GraphQLError `BAD_USER_INPUT` naming the field: `input.events[3].quantity`
 */
export function readActivities(
  events: readonly ActivityInput[],
  { userId, now }: { userId: string | null; now: Date },
): Activity[] {
  if (events.length < 1 || events.length > MAX_EVENTS)
    throw badUserInput(
      'input.events',
      `\`input.events\` must have 1 to ${MAX_EVENTS} events, not ${events.length}`,
    )
  return events.map((event, index) => {
    const argument = `input.events[${index}]`
    if (!uuid.safeParse(event.id).success)
      throw badUserInput(`${argument}.id`, `\`${argument}.id\` must be a UUID`)
    return {
      activityId: event.id.toLowerCase(),
      kind: event.kind,
      productId: decodeId('Product', event.productId, `${argument}.productId`),
      userId,
      quantity: boundedInt(event.quantity ?? 1, { argument: `${argument}.quantity`, min: 1, max: 1_000 }),
      occurredAt: readTime(event.occurredAt, now, `${argument}.occurredAt`),
    }
  })
}

function readTime(occurredAt: Date | null | undefined, now: Date, argument: string): string {
  if (!occurredAt) return now.toISOString()
  const age = now.getTime() - occurredAt.getTime()
  if (age < -MAX_AHEAD_MS) throw badUserInput(argument, `\`${argument}\` must not be in the future`)
  if (age > MAX_AGE_MS) throw badUserInput(argument, `\`${argument}\` must be at most 7 days ago`)
  // What is counted has happened: a clock that runs ahead is set right.
  return new Date(Math.min(occurredAt.getTime(), now.getTime())).toISOString()
}
