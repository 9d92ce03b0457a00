import type { Viewer } from '@freshet/http'
import type { RequestReport } from './operations/request-report.ts'

/** What belongs to one request. Made once, before the operation is looked at. */
export interface GatewayContext {
  readonly viewer: Viewer | null
  /** True when a token came along but could not be checked: the viewer is unknown, not anonymous by choice. */
  readonly sessionUnverified: boolean
  readonly report: RequestReport
}
