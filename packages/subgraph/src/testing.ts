export type { Answered } from './testing/answered.ts'
export { answersTo, changed, leaks, missedChanges } from './testing/answered.ts'
export type { FieldQuery, FieldQueryOptions } from './testing/field-queries.ts'
export { fieldQueries } from './testing/field-queries.ts'
