import { isBackground as isNotWaitedFor, splitTags } from '@freshet/db-audit'

/** What Freshet's services do whether somebody asks or not: lists made ahead, and events that wait to be told or counted. */
export const isBackground = (sql: string): boolean => isNotWaitedFor(splitTags(sql))
