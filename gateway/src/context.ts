import type { Viewer } from '@freshet/http'
import type { RequestReport } from './operations/request-report.ts'
import type { AnswerFreshness } from './response-cache/answer-freshness.ts'

/** What belongs to one request. Made once, before the operation is looked at. */
export interface GatewayContext {
  readonly viewer: Viewer | null
  /** True when a token came along but could not be checked: the viewer is unknown, not anonymous by choice. */
  readonly sessionUnverified: boolean
  readonly report: RequestReport
  /** Whose private answers this request may see. */
  readonly audience: string
  /** Every fetch notes in it what the answer depends on. */
  readonly freshness: AnswerFreshness
}
