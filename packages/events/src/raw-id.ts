import { z } from 'zod'

/** A row's id in an event: decimal digits as the databases count them, positive, and safely within a bigint. */
export const rawId = z.string().regex(/^[1-9]\d{0,17}$/)
