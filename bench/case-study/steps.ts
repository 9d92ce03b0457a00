/** From the platform as it was to what it is, one thing added to the other. */
export const STEPS = ['twin', 'indexes', 'batching', 'field-cache', 'response-cache'] as const
export type Step = (typeof STEPS)[number]

export const STEP_LABELS: Record<Step, string> = {
  twin: 'as it was',
  indexes: '+ indexes',
  batching: '+ batching',
  'field-cache': '+ field cache',
  'response-cache': '+ response cache',
}
