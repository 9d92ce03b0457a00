export type { IntegerBounds } from './checks/integer.ts'
export { boundedInt } from './checks/integer.ts'
export type { Money } from './checks/money.ts'
export { currencyInput, maxAmount, moneyInput } from './checks/money.ts'
export type { PageBounds } from './checks/page.ts'
export { pageArguments } from './checks/page.ts'
export type { TextBounds } from './checks/text.ts'
export { boundedText } from './checks/text.ts'
export type { Connection, Edge } from './connection.ts'
export { toConnection } from './connection.ts'
export type {
  ContextInput,
  OperationInput,
  OperationResult,
  Subgraph,
  SubgraphOptions,
} from './create-subgraph.ts'
export { createSubgraph } from './create-subgraph.ts'
export { DateTime, parseDateTime } from './date-time.ts'
export type { AnswerFreshness } from './dependencies/answer-freshness.ts'
export { type CachedLoaderOptions, cachedLoader } from './dependencies/cached-loader.ts'
export {
  type DependsOn,
  type Loader,
  type TrackedLoaderOptions,
  trackedLoader,
} from './dependencies/tracked-loader.ts'
export { badUserInput, forbidden, unauthenticated, unavailable } from './errors.ts'
export { decodeId, encodeId } from './ids.ts'
export type {
  ServiceIdentity,
  ServiceParts,
  ServiceSettings,
  SharedParts,
} from './service/service-parts.ts'
export { openServiceParts } from './service/service-parts.ts'
export type { Service } from './service/start-service.ts'
export { startService } from './service/start-service.ts'
export { type UserErrorRow, userError } from './user-error.ts'
export type { InvalidateOutward, InvalidateOutwardParts } from './writing/invalidate-outward.ts'
export { createInvalidateOutward } from './writing/invalidate-outward.ts'
export type { Invalidation, InvalidationTags } from './writing/invalidations.ts'
export { defineInvalidation, tagsOfEvents } from './writing/invalidations.ts'
export type { SelfInvalidatorParts } from './writing/self-invalidator.ts'
export { createSelfInvalidator } from './writing/self-invalidator.ts'
export type { Write, WriteParts, Written } from './writing/write.ts'
export { createWrite } from './writing/write.ts'
