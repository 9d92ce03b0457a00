import type { Window } from '../measure/window.ts'

/** As many digits as can be meant: 0.042, 3.1, 250. */
export function digits(value: number): string {
  if (Number.isNaN(value)) return '-'
  if (value === 0) return '0'
  if (value < 0.1) return value.toFixed(3)
  if (value < 10) return value.toFixed(value < 1 ? 2 : 1)
  return Math.round(value).toLocaleString('en')
}

export const percent = (share: number | null): string =>
  share === null ? '-' : `${(share * 100).toFixed(share > 0.99 ? 1 : 0)} %`

export const ratioOf = (was: number, is: number): string => (is > 0 ? `${digits(was / is)} x` : '-')

/** Of all that takes part but for who sends the requests. */
export function cpuMsPerRequest({ cpuMsPerRequest: { services, postgres, redis, kafka } }: Window): number {
  return services + postgres + redis + kafka
}
