/** Why there is no seeded database now. What was committed before stays, and the same seed goes on from there. */
export class SeedError extends Error {
  readonly code: 'NOT_MIGRATED' | 'NOT_EMPTY' | 'OTHER_SEED_BEGUN' | 'BUSY' | 'SEED_FAILED'
  constructor(code: SeedError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SeedError'
    this.code = code
  }
}
